// The drift table for ourselves, migra and pg-delta: which out-of-band changes each finds, and which it names.
import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { connect, differences, inspectSchema } from '../src/postgres/index.ts'
import { everything, other, reader, table } from '../test/postgres/drift-table.ts'

const run = promisify(execFile)

/** Peers from npm, installed beside the benchmark's data; exact versions, so that the table can be made again. */
const peers = { '@pgkit/migra': '0.6.1', '@supabase/pg-delta': '1.0.0-alpha.34' }

type Verdict = 'named' | 'found' | 'missed' | 'failed'

/** @returns the section's text; needs the npm registry for the peers */
export async function driftTable(url: string, scratch: string): Promise<string> {
  const bin = await installPeers(scratch)
  await using server = await connect(url)
  await server.query(`CREATE ROLE ${reader}; CREATE ROLE ${other}`)
  await server.query('CREATE DATABASE drift_before TEMPLATE template0')
  const before = at(url, 'drift_before')
  {
    await using client = await connect(before)
    await client.query(everything)
  }
  const results: { sql: string; ours: Verdict; migra: Verdict; delta: Verdict }[] = []
  const notes = new Map<string, string>()
  for (const [sql, ...objects] of table) {
    await server.query('CREATE DATABASE drift_after TEMPLATE drift_before')
    const after = at(url, 'drift_after')
    const names = objects.map(
      (object) =>
        object
          .replace(/ to .*$/, '')
          .split(/[ .]/)
          .at(-1)!,
    )
    {
      await using client = await connect(after)
      await client.query(sql)
    }
    const verdict = async (tool: 'migra' | 'delta', work: () => Promise<string>): Promise<Verdict> => {
      try {
        return judged(await work(), names)
      } catch (error) {
        notes.set(tool, String((error as Error).message).split(/\n|\s+at /)[0]!)
        return 'failed'
      }
    }
    results.push({
      sql,
      ours: await ours(before, after, objects),
      migra: await verdict('migra', () =>
        tool(join(bin, 'migra'), [before, after, '--unsafe', '--with-privileges']),
      ),
      delta: await verdict('delta', () =>
        tool(join(bin, 'pgdelta'), ['diff', '--source', before, '--desired', after]),
      ),
    })
    await server.query('DROP DATABASE drift_after WITH (FORCE)')
  }
  await server.query('DROP DATABASE drift_before WITH (FORCE)')
  await server.query(`DROP ROLE ${reader}; DROP ROLE ${other}`)
  return text(results, notes)
}

function at(url: string, database: string): string {
  const there = new URL(url)
  there.pathname = `/${database}`
  return there.href
}

async function installPeers(scratch: string): Promise<string> {
  const folder = join(scratch, 'peers')
  if (!existsSync(folder)) {
    mkdirSync(folder, { recursive: true })
    writeFileSync(join(folder, 'package.json'), JSON.stringify({ private: true, dependencies: peers }))
    await run('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund'], { cwd: folder })
  }
  return join(folder, 'node_modules/.bin')
}

async function tool(command: string, args: readonly string[]): Promise<string> {
  const { stdout } = await run(command, [...args], { timeout: 120_000, maxBuffer: 1e8 }).catch(
    (error: Error & { stdout?: string; code?: number; stderr?: string }) => {
      // Both may end with a code of their own when there is a difference, which they have printed.
      if (error.stdout?.trim()) return { stdout: error.stdout }
      throw new Error(error.stderr || error.message)
    },
  )
  return stdout
}

async function ours(before: string, after: string, objects: readonly string[]): Promise<Verdict> {
  await using a = await connect(before)
  await using b = await connect(after)
  const found = differences(await inspectSchema(a, 'survey'), await inspectSchema(b, 'survey'))
  const names = found.map(({ object }) => object)
  if (objects.every((object) => names.some((name) => name === object || object.includes('%USER%'))))
    return 'named'
  return found.length ? 'found' : 'missed'
}

/** An output that says nothing of a difference misses it; one that has the object's name in it names it. */
function judged(output: string, names: readonly string[]): Verdict {
  const lines = output.trim()
  if (lines === '' || /no (differences|changes)|0 (changes|deltas)|identical/i.test(lines)) return 'missed'
  return names.some((name) => lines.includes(name)) ? 'named' : 'found'
}

function text(
  results: readonly { sql: string; ours: Verdict; migra: Verdict; delta: Verdict }[],
  notes: Map<string, string>,
): string {
  const count = (who: 'ours' | 'migra' | 'delta', verdict: Verdict) =>
    results.filter((each) => each[who] === verdict).length
  const row = (name: string, who: 'ours' | 'migra' | 'delta') =>
    `| ${name} | ${count(who, 'named')} | ${count(who, 'found')} | ${count(who, 'missed')} | ${count(who, 'failed')} |`
  const missed = results.filter(({ migra, delta }) => migra !== 'named' || delta !== 'named')
  return [
    '### Drift',
    '',
    `${results.length} out-of-band changes (\`test/postgres/drift-table.ts\`), one at a time, on a schema with something of every kind. *Named*: the output has the changed object's name; *found*: it says that something differs; *failed*: the tool ended with an error.`,
    '',
    '| tool | named | found | missed | failed |',
    '| --- | ---: | ---: | ---: | ---: |',
    row('Almagest', 'ours'),
    row(`@pgkit/migra ${peers['@pgkit/migra']}, with privileges`, 'migra'),
    row(`@supabase/pg-delta ${peers['@supabase/pg-delta']}`, 'delta'),
    '',
    ...[...notes].map(
      ([name, note]) => `What ${name} said when it failed last: \`${note.replaceAll('`', "'")}\``,
    ),
    ...(notes.size ? [''] : []),
    '<details><summary>Changes that migra or pg-delta do not name</summary>',
    '',
    '| change | migra | pg-delta |',
    '| --- | --- | --- |',
    ...missed.map(
      ({ sql, migra, delta }) =>
        `| \`${sql.replaceAll('|', '\\|').replaceAll(String(process.pid), 'N')}\` | ${migra} | ${delta} |`,
    ),
    '',
    '</details>',
  ].join('\n')
}
