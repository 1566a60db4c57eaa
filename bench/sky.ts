// The sky: cones, Q3C in plain SQL, cross-matches and the lab's queries; writes its section of docs/benchmarks.md, but
// for a part alone, a quick or a dry run.
//   npm run bench:sky -- [--runs 2] [--only cones,q3c-sql,match,roads,growth,lab] [--quick] [--dry]
//     [--pictures FOLDER]
// Debian's PostgreSQL with the Q3C extension is started for it and deleted afterwards.
import { mkdirSync } from 'node:fs'
import { totalmem } from 'node:os'
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
import { cores, writeSection } from './page.ts'
import { coneBench } from './sky-cones.ts'
import { labBench } from './sky-lab.ts'
import { crossMatchBench } from './sky-match.ts'
import { matchGrowthBench } from './sky-match-growth.ts'
import { q3cSqlBench } from './sky-q3c-sql.ts'
import { matchRoadBench } from './sky-roads.ts'

const parts = {
  cones: coneBench,
  'q3c-sql': q3cSqlBench,
  match: crossMatchBench,
  roads: matchRoadBench,
  growth: matchGrowthBench,
  lab: labBench,
}
const { values: given } = parseArgs({
  options: {
    runs: { type: 'string', default: '2' },
    only: { type: 'string' },
    quick: { type: 'boolean', default: false },
    dry: { type: 'boolean', default: false },
    pictures: { type: 'string' },
  },
})
const chosen = (given.only?.split(',') ?? Object.keys(parts)) as (keyof typeof parts)[]
const dry = given.dry || given.quick || given.only !== undefined
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
  const pagePictures = fileURLToPath(new URL('../docs/benchmarks', import.meta.url))
  const pictures = given.pictures ?? (dry ? join(folder, 'pictures') : pagePictures)
  mkdirSync(pictures, { recursive: true })
  const sections: string[] = []
  for (const name of chosen) {
    const started = performance.now()
    const input = { url: await database(url, name), runs: Number(given.runs), pictures, quick: given.quick }
    sections.push(await parts[name](input))
    console.log(`${sections.at(-1)}\n\n(${((performance.now() - started) / 1000).toFixed(0)} s)\n`)
    await drop(url, name)
  }
  if (!dry) writeSection('sky', 'The sky', [await about(url), ...sections])
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
    `Measured on ${cores()}, ${Math.round(totalmem() / 2 ** 30)} GB, ` +
    `Node ${process.versions.node}, Debian's PostgreSQL ${rows[0]!.version} with Q3C 2.0.0, fsync off, ` +
    'by `npm run bench:sky`. Times are those of one machine at one time, which other work may share: the ratios, ' +
    'measured in turns, are what counts.'
  )
}
