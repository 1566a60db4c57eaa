// Loading against psql's \copy, the roads of pandas and STILTS, its memory, its reader; writes its section of docs/benchmarks.md.
//   npm run bench:load -- [--files FOLDER | --galaxies 1000000] [--runs 2] [--only copy,wide,peers,growth,reader]
//     [--growth 100000,1000000,10000000] [--dry]
// Needs psql and, of Debian: python3-astropy, python3-pandas, python3-psycopg2, python3-sqlalchemy, python3-fitsio, stilts,
// libpostgresql-jdbc-java; what is missing is told. Takes some 10 minutes and 10 GB on two cores.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { againstCopy } from './load-copy.ts'
import { growth } from './load-growth.ts'
import { peers, reader } from './load-peers.ts'
import { wide } from './load-wide.ts'
import { cores, writeSection } from './page.ts'

const parts = { copy: againstCopy, wide, peers, growth, reader }
const { values: given } = parseArgs({
  options: {
    galaxies: { type: 'string', default: '1000000' },
    files: { type: 'string' },
    runs: { type: 'string', default: '2' },
    only: { type: 'string', default: Object.keys(parts).join(',') },
    growth: { type: 'string', default: '100000,1000000,10000000' },
    dry: { type: 'boolean', default: false },
  },
})
const names = given.only.split(',') as (keyof typeof parts)[]
const unknown = names.find((name) => !(name in parts))
if (unknown) throw new Error(`there is no part ${unknown}; parts are ${Object.keys(parts).join(', ')}`)
/** Some parts alone would drop the others from the page. */
const dry = given.dry || names.length < Object.keys(parts).length
const busy = loadavg()[0]!
const begun = performance.now()
const scratch = mkdtempSync(join(tmpdir(), 'almagest-bench-files-'))
process.once('exit', () => rmSync(scratch, { recursive: true, force: true }))

const folder = given.files ?? mockFiles()
const files = readdirSync(folder)
  .filter((name) => name.startsWith('fastspec-'))
  .map((name) => join(folder, name))
  .sort((a, b) => statSync(b).size - statSync(a).size)
const runs = Number(given.runs)
const growthRows = given.growth.split(',').map(Number)
const pictures = dry ? scratch : fileURLToPath(new URL('../docs/benchmarks', import.meta.url))
const input = { files, runs, scratch, growthRows, pictures }
const sections: string[] = []
for (const name of names) {
  const started = performance.now()
  sections.push(await parts[name](input))
  console.log(`${sections.at(-1)}\n\n(${name}: ${minutesSince(started)} minutes)\n`)
}
if (dry) console.log('docs/benchmarks.md is left as it is: a run of all parts without --dry writes it')
else write(sections, runs)

function minutesSince(started: number): string {
  return ((performance.now() - started) / 60_000).toFixed(1)
}

function mockFiles(): string {
  const out = join(scratch, 'mock')
  const almagest = fileURLToPath(new URL('../bin/almagest.js', import.meta.url))
  execFileSync(process.execPath, [almagest, 'mock', 'desi-dr1', '--galaxies', given.galaxies, '--out', out], {
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  return out
}

function write(sections: readonly string[], runs: number): void {
  const about =
    `Measured on ${cores()}, Node ${process.versions.node}, the embedded PostgreSQL, ` +
    `Debian's psql, best of ${runs} runs taken in turns, by \`npm run bench:load\` in ${minutesSince(begun)} minutes. ` +
    `The load average was ${busy.toFixed(1)} before. Times are those of one machine at one time: the ratios are what counts.`
  writeSection('load', 'Loading', [about, ...sections])
}
