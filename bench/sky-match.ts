// A cross-match from database to database against the hand-written q3c_join and STILTS, pair by pair.
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { type Client, connect } from '../src/postgres/index.ts'
import { arcsec } from '../src/sky/index.ts'
import { ours, pairOfTables, type Told } from './sky-match-run.ts'
import { type SkyBench, seconds } from './sky-tables.ts'

const jdbc = '/usr/share/java/postgresql.jar'
const radius = `${arcsec(1)}::float8`

const byHand = `CREATE TABLE public.hand AS SELECT a.id AS a_id, b.id AS b_id, q3c_dist(a.ra, a.dec, b.ra, b.dec) AS separation
  FROM public.a a, public.b b WHERE q3c_join(a.ra, a.dec, b.ra, b.dec, ${radius})`

export async function crossMatchBench({ url, runs, quick }: SkyBench): Promise<string> {
  await using client = await connect(url)
  await client.query('CREATE EXTENSION IF NOT EXISTS q3c')
  const missing = stiltsMissing()
  if (missing) console.error(`STILTS is not measured: ${missing}`)
  const rows = quick ? 20_000 : 1_000_000
  const lines: string[] = []
  for (const footprint of [false, true]) {
    await pairOfTables(client, rows, footprint)
    const times = { hand: [] as number[], ours: [] as Told[], stilts: new Map<string, number>() }
    for (let run = 0; run < Math.max(5, runs); run++) {
      await client.query('DROP TABLE IF EXISTS public.hand; CHECKPOINT')
      times.hand.push(await seconds(() => client.query(byHand)))
      await client.query('CHECKPOINT')
      times.ours.push(ours(url))
    }
    await expectSamePairs(client)
    const pairs = times.ours[0]!.rows
    // Once each: they take several times as long as everything else.
    if (!footprint && !missing)
      for (const task of ['tskymatch2', 'tmatch2'] as const)
        times.stilts.set(task, await stilts(client, url, task, pairs))
    const hand = Math.min(...times.hand)
    const fastest = times.ours.reduce((best, each) => (each.seconds < best.seconds ? each : best))
    const memory = Math.max(...times.ours.map((each) => each.memory))
    const whole = Math.min(...times.ours.map((each) => each.whole))
    const ratios = times.hand.map((each, i) => each / times.ours[i]!.seconds)
    const line = (road: string, time: number, ratio: string, note = '') =>
      `| ${road} | ${time.toFixed(2)} s | ${ratio} | ${note} |`
    lines.push(
      `**${footprint ? "DESI's footprint" : 'All sky'}**: ${pairs.toLocaleString('en')} pairs, the same by every road that is listed.`,
      '',
      '| road | time | times ours | memory of the process |',
      '| --- | ---: | ---: | ---: |',
      line(`\`storeMatch\`, by the ${fastest.road}`, fastest.seconds, '1.00', `${memory.toFixed(0)} MB`),
      line(
        'hand-written `q3c_join` into a table',
        hand,
        `**${(hand / fastest.seconds).toFixed(2)}** (runs: ${ratios.map((each) => each.toFixed(2)).join(', ')})`,
      ),
      line('the same match as a process, its start included', whole, '1.00'),
      ...[...times.stilts].map(([task, time]) =>
        line(`STILTS \`${task}\`, JDBC in, CSV through \`psql\` back in`, time, (time / whole).toFixed(1)),
      ),
      '',
    )
  }
  return `### Cross-match, ${rows.toLocaleString('en')} rows with as many at 1 arcsec

From database to database: all pairs with their separations (and, by \`storeMatch\`, ranks, comments and a record) in a new table. Both tables lie in the order of the sky and have the sky index; the hand-written statement is a nested loop over it with Q3C's C functions. Runs in turns, a checkpoint before each, the best of each road. Ratios to STILTS are between whole processes; its own way of writing (\`omode=tosql\`) is slower than the one it is given here.${missing ? `\n\n**Not measured: STILTS** (${missing}).` : ''}

${lines.join('\n')}`
}

/** What STILTS needs and this machine lacks. */
function stiltsMissing(): string | undefined {
  if (!existsSync(jdbc)) return `${jdbc} is missing: install libpostgresql-jdbc-java`
  const there = spawnSync('stilts', ['-version'], { stdio: 'ignore' }).error === undefined
  return there ? undefined : 'no command stilts: install stilts'
}

async function expectSamePairs(client: Client): Promise<void> {
  const { rows } = await client.query<{ different: bigint }>(
    `SELECT count(*) AS different FROM public.hand h FULL JOIN public.ours o USING (a_id, b_id)
     WHERE h.separation IS NULL OR o.separation IS NULL OR abs(h.separation - o.separation) > 1e-9`,
  )
  if (rows[0]!.different !== 0n)
    throw new Error(`${rows[0]!.different} pairs differ from the hand-written join`)
}

/** Seconds of STILTS from the database to a table of it. */
async function stilts(
  client: Client,
  url: string,
  task: 'tskymatch2' | 'tmatch2',
  pairs: number,
): Promise<number> {
  const { username, password, host, pathname } = new URL(url)
  const source = (table: string) =>
    `jdbc:postgresql://${host}${pathname}?user=${username}&password=${password}#SELECT id AS ${table}_id, ra, dec FROM public.${table}`
  const how =
    task === 'tskymatch2'
      ? ['ra1=ra', 'dec1=dec', 'ra2=ra', 'dec2=dec', 'error=1']
      : ['matcher=sky', 'params=1', 'values1=ra dec', 'values2=ra dec']
  const out = ['ofmt=csv-noheader', 'out=-']
  const words = [
    ...['-classpath', jdbc, '-Djdbc.drivers=org.postgresql.Driver', task],
    ...[`in1=${source('a')}`, `in2=${source('b')}`, 'join=1and2', 'find=all', ...how, ...out],
  ]
  await client.query('DROP TABLE IF EXISTS public.stilts')
  await client.query('CREATE TABLE public.stilts (a_id int8, b_id int8, separation float8)')
  // Keys and separation; tskymatch2 itself can't choose columns.
  const copy = `cut -d, -f1,4,7 | psql -qX "$0" -c '\\copy public.stilts from stdin (format csv)'`
  const time = await seconds(async () => {
    execFileSync('bash', ['-c', `set -o pipefail; stilts "$@" | ${copy}`, url, ...words], {
      stdio: ['ignore', 'ignore', 'ignore'],
    })
  })
  const { rows } = await client.query<{ count: bigint }>('SELECT count(*) FROM public.stilts')
  // STILTS keeps pairs at exactly the radius.
  if (Math.abs(Number(rows[0]!.count) - pairs) > 2)
    throw new Error(`STILTS finds ${rows[0]!.count} pairs, ${pairs} were expected`)
  return time
}
