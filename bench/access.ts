// What audit and row policies cost, on against off; writes its section of docs/benchmarks.md. About
// a minute and a half.
//   npm run bench:access -- [--rows 200000] [--rounds 3] [--dry]
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { ingestAudit, verifyAudit } from '../src/audit/index.ts'
import { type Client, connect } from '../src/postgres/index.ts'
import { type GuardedServer, guardedServer } from './access-server.ts'
import { cores, writeSection } from './page.ts'

const { values: given } = parseArgs({
  options: {
    rows: { type: 'string', default: '200000' },
    rounds: { type: 'string', default: '3' },
    dry: { type: 'boolean', default: false },
  },
})
const rows = Number(given.rows)
if (!(Number.isInteger(rows) && rows >= 20_000)) {
  console.error(
    `--rows takes a whole number from 20,000, not ${given.rows}: a load of 20,000 rows refers to the table's rows`,
  )
  process.exit(2)
}
const rounds = Number(given.rounds)

/** What is on: pgAudit by its role, the embargo by row security. */
const sides: Record<string, { audit: boolean; policies: boolean }> = {
  neither: { audit: false, policies: false },
  audit: { audit: true, policies: false },
  policies: { audit: false, policies: true },
  both: { audit: true, policies: true },
}

const scratch = mkdtempSync(join(tmpdir(), 'almagest-bench-scripts-'))
const server = await guardedServer(rows)
try {
  const texts = [await overhead(server), await ledger(server)]
  console.log(texts.join('\n\n'))
  if (!given.dry) write(texts)
} finally {
  await server.stop()
  rmSync(scratch, { recursive: true, force: true })
}

async function turn(
  client: Client,
  { audit, policies }: { audit: boolean; policies: boolean },
): Promise<void> {
  await client.query(`ALTER DATABASE postgres SET pgaudit.role = '${audit ? 'lab_audited' : ''}'`)
  await client.query(`ALTER DATABASE postgres SET pgaudit.log = '${audit ? 'ddl, role, misc_set' : 'none'}'`)
  await client.query(`ALTER TABLE bench.targets ${policies ? 'ENABLE' : 'DISABLE'} ROW LEVEL SECURITY`)
}

/** Every kind of work on every side, in turns; the medians, as ratios to the side where nothing is on. */
async function overhead({ bin, url, client }: GuardedServer): Promise<string> {
  const works: [name: string, run: (session: Client) => Promise<number>][] = [
    [
      `scan of ${rows.toLocaleString('en-US')} rows`,
      (session) =>
        timed(session, 'SET ROLE lab_analyst; SELECT count(*), avg(z), avg(mass) FROM bench.targets'),
    ],
    ['a point read by the key (pgbench, prepared, 2 clients)', async () => pointRead(bin, url)],
    [
      'load of 100,000 rows by the loader’s role (INSERT from a stage)',
      async (session) => {
        await session.query(`CREATE TEMP TABLE stage AS SELECT ${rows} + i AS targetid, 'main' AS survey, random() AS z, random() AS mass, 'n' AS note, 1 AS source_file
          FROM generate_series(1, 100000) i; GRANT SELECT ON stage TO lab_ingest`)
        return await timed(session, 'SET ROLE lab_ingest; INSERT INTO bench.targets SELECT * FROM stage')
      },
    ],
    [
      'load of 100,000 rows by the owner (COPY)',
      async (session) => {
        const text = Array.from(
          { length: 100_000 },
          (_, i) => `${rows + 1 + i}\tmain\t0.5\t10.5\tn\t1\n`,
        ).join('')
        const started = performance.now()
        const copy = await session.copyIn('COPY bench.targets FROM STDIN')
        await copy.write(Buffer.from(text))
        await copy.finish()
        return performance.now() - started
      },
    ],
    [
      'load of 20,000 rows that refer to the audited table',
      (session) => timed(session, 'INSERT INTO bench.lines SELECT i, i, 1 FROM generate_series(1, 20000) i'),
    ],
  ]
  const times = new Map<string, number[]>()
  for (let round = 0; round < rounds; round++) {
    for (const [side, on] of Object.entries(sides)) {
      await turn(client, on)
      for (const [name, run] of works) {
        // A session takes the settings of the database when it begins.
        await using session = await connect(url)
        const spent = await run(session)
        times.set(`${name}\0${side}`, [...(times.get(`${name}\0${side}`) ?? []), spent])
        await session.query('RESET ROLE')
        // Empty first: each deleted target would look through all lines.
        await session.query(`TRUNCATE bench.lines; DELETE FROM bench.targets WHERE targetid > ${rows}`)
        await session.query('VACUUM bench.targets')
      }
    }
  }
  await turn(client, sides.both!)
  await client.query('ALTER DATABASE postgres RESET pgaudit.role')
  await client.query('ALTER DATABASE postgres RESET pgaudit.log')
  const body = works.map(([name]) => {
    const of = (side: string) => median(times.get(`${name}\0${side}`)!)
    const base = of('neither')
    const ratios = ['audit', 'policies', 'both'].map((side) => (of(side) / base).toFixed(2))
    return `| ${name} | ${base < 1 ? base.toFixed(3) : base.toFixed(1)} ms | ${ratios.join(' | ')} |`
  })
  return [
    '### Audit and row policies, on against off',
    '',
    `Time over the time with neither, medians of ${rounds} rounds, all sides in turns in one run.`,
    '',
    '| work | neither | audit | policies | both |',
    '| --- | ---: | ---: | ---: | ---: |',
    ...body,
  ].join('\n')
}

/** Milliseconds of one execution. */
function pointRead(bin: string, url: string): number {
  const script = join(scratch, 'point.sql')
  writeFileSync(
    script,
    `\\set id random(1, ${rows})\nSELECT z, mass FROM bench.targets WHERE targetid = :id;\n`,
  )
  const out = execFileSync(
    join(bin, 'pgbench'),
    ['-n', '-M', 'prepared', '-c', '2', '-T', '1', '-f', script, url],
    {
      encoding: 'utf8',
      env: { ...process.env, PGOPTIONS: '-c role=lab_analyst' },
      stdio: ['ignore', 'pipe', 'ignore'],
    },
  )
  return 1000 / Number(/^tps = ([\d.]+)/m.exec(out)![1])
}

async function timed(session: Client, sql: string): Promise<number> {
  const parts = sql.split('; ')
  for (const each of parts.slice(0, -1)) await session.query(each)
  const started = performance.now()
  await session.query(parts.at(-1)!)
  return performance.now() - started
}

/** The ledger itself: definitions with and without it, many writers, log lines taken over, entries verified. */
async function ledger({ client, url }: GuardedServer): Promise<string> {
  const define = async (session: Client, tag: string, times: number) => {
    for (let i = 0; i < times; i++) await session.query(`CREATE TABLE public.d_${tag}_${i} (x int)`)
  }
  const events = (state: string) =>
    client.query(
      `ALTER EVENT TRIGGER almagest_audit_ddl ${state}; ALTER EVENT TRIGGER almagest_audit_drop ${state}`,
    )
  const lap = async (work: () => Promise<unknown>) => {
    const started = performance.now()
    await work()
    return performance.now() - started
  }
  const spent: Record<string, number[]> = { on: [], off: [], onMany: [], offMany: [] }
  const sessions = await Promise.all(Array.from({ length: 8 }, () => connect(url)))
  for (let round = 0; round < rounds; round++) {
    for (const side of ['off', 'on']) {
      await events(side === 'on' ? 'ENABLE ALWAYS' : 'DISABLE')
      spent[side]!.push((await lap(() => define(client, `${side}${round}`, 100))) / 100)
      const many = () => Promise.all(sessions.map((each, i) => define(each, `${side}${round}_${i}`, 25)))
      spent[`${side}Many`]!.push((await lap(many)) / 200)
    }
  }
  for (const session of sessions) await session.end()
  const takeOver = await lap(() => ingestAudit(client))
  const { entries } = await verifyAudit(client)
  const verifying = await lap(() => verifyAudit(client))
  const line = (name: string, off: number, on: number) =>
    `| ${name} | ${off.toFixed(2)} ms | ${on.toFixed(2)} ms | ${(on / off).toFixed(2)} |`
  return [
    '### The ledger',
    '',
    '| work | without event triggers | with | ratio |',
    '| --- | ---: | ---: | ---: |',
    line('one `CREATE TABLE` and its commit', median(spent.off!), median(spent.on!)),
    line('the same by 8 sessions at once, time for each', median(spent.offMany!), median(spent.onMany!)),
    '',
    `\`audit ingest\` took over ${entries.toLocaleString('en-US')} entries in ${(takeOver / 1000).toFixed(1)} s (${Math.round((entries / takeOver) * 1000).toLocaleString('en-US')} a second); ` +
      `\`audit verify\` read and hashed them in ${(verifying / 1000).toFixed(2)} s (${Math.round((entries / verifying) * 1000).toLocaleString('en-US')} a second).`,
  ].join('\n')
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  return (sorted[(sorted.length - 1) >> 1]! + sorted[sorted.length >> 1]!) / 2
}

function write(texts: readonly string[]): void {
  const about =
    `Measured on ${cores()}, Node ${process.versions.node}, Debian's PostgreSQL with pgAudit, by \`npm run bench:access\`. ` +
    'Times are those of one machine at one time, which other work may share: the ratios are what counts.'
  writeSection('access', 'Access and audit', [about, ...texts])
}
