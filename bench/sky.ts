// The sky: cones, Q3C in plain SQL, cross-matches and the lab's queries; writes its section of docs/benchmarks.md.
//   npm run bench:sky -- [--runs 2] [--only cones,q3c-sql,match,lab] [--quick] [--dry]
// Debian's PostgreSQL with the Q3C extension is started for it and deleted afterwards.
import { mkdirSync } from 'node:fs'
import { cpus, totalmem } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { connect } from '../src/postgres/index.ts'
import { debianQ3cBin } from '../test/postgres/debian.ts'
import {
  clearLeftovers,
  endClusters,
  endClustersAfterMe,
  makeScratchFolder,
  startForeignServer,
} from '../test/postgres/scratch-servers.ts'
import { writeSection } from './page.ts'
import { coneBench } from './sky-cones.ts'
import { labBench } from './sky-lab.ts'
import { crossMatchBench } from './sky-match.ts'
import { q3cSqlBench } from './sky-q3c-sql.ts'

const parts = { cones: coneBench, 'q3c-sql': q3cSqlBench, match: crossMatchBench, lab: labBench }
const { values: given } = parseArgs({
  options: {
    runs: { type: 'string', default: '2' },
    only: { type: 'string', default: Object.keys(parts).join(',') },
    quick: { type: 'boolean', default: false },
    dry: { type: 'boolean', default: false },
  },
})
if (!debianQ3cBin)
  throw new Error('install postgresql-15 and postgresql-15-q3c (or -17): the peer is missing')

await clearLeftovers()
const folder = makeScratchFolder()
endClustersAfterMe(folder)
try {
  const url = await startForeignServer(folder, debianQ3cBin, {
    fsync: 'off',
    // the planner of short queries shall not compile them
    jit: 'off',
  })
  const pictures = given.dry
    ? join(folder, 'pictures')
    : fileURLToPath(new URL('../docs/benchmarks', import.meta.url))
  mkdirSync(pictures, { recursive: true })
  const sections: string[] = []
  for (const name of given.only.split(',') as (keyof typeof parts)[]) {
    const started = performance.now()
    const input = { url: await database(url, name), runs: Number(given.runs), pictures, quick: given.quick }
    sections.push(await parts[name](input))
    console.log(`${sections.at(-1)}\n\n(${((performance.now() - started) / 1000).toFixed(0)} s)\n`)
    await drop(url, name)
  }
  if (!given.dry) writeSection('sky', 'The sky', [await about(url), ...sections])
} finally {
  await endClusters(folder)
}

function databaseName(part: string): string {
  return `"bench ${part}"`
}

async function database(server: string, part: string): Promise<string> {
  await using client = await connect(server)
  await client.query(`CREATE DATABASE ${databaseName(part)}`)
  const url = new URL(server)
  url.pathname = `/bench ${part}`
  return url.href
}

async function drop(server: string, part: string): Promise<void> {
  await using client = await connect(server)
  await client.query(`DROP DATABASE ${databaseName(part)} WITH (FORCE)`)
}

async function about(server: string): Promise<string> {
  await using client = await connect(server)
  const { rows } = await client.query<{ version: string }>(
    `SELECT split_part(current_setting('server_version'), ' ', 1) AS version`,
  )
  return (
    `Measured on ${cpus().length} cores (${cpus()[0]?.model.trim()}), ${Math.round(totalmem() / 2 ** 30)} GB, ` +
    `Node ${process.versions.node}, Debian's PostgreSQL ${rows[0]!.version} with Q3C 2.0.0, fsync off, ` +
    'by `npm run bench:sky`. Times are those of one machine at one time, which other work may share: the ratios, ' +
    'measured in turns, are what counts.'
  )
}
