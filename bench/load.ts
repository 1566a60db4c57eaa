// Loading against psql's \copy, the roads of pandas and STILTS, its memory, its reader; writes its section of docs/benchmarks.md.
//   npm run bench:load -- [--files FOLDER | --galaxies 1000000] [--runs 2] [--only copy,wide,peers,growth,reader]
//     [--growth 100000,1000000,10000000] [--dry]
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { againstCopy } from './load-copy.ts'
import { growth } from './load-growth.ts'
import { peers, reader } from './load-peers.ts'
import { wide } from './load-wide.ts'
import { writeSection } from './page.ts'

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
const scratch = mkdtempSync(join(tmpdir(), 'almagest-bench-files-'))

try {
  const folder = given.files ?? mockFiles()
  const files = readdirSync(folder)
    .filter((name) => name.startsWith('fastspec-'))
    .map((name) => join(folder, name))
    .sort((a, b) => statSync(b).size - statSync(a).size)
  const runs = Number(given.runs)
  const growthRows = given.growth.split(',').map(Number)
  const pictures = given.dry ? scratch : fileURLToPath(new URL('../docs/benchmarks', import.meta.url))
  const input = { files, runs, scratch, growthRows, pictures }
  const sections: string[] = []
  for (const name of given.only.split(',') as (keyof typeof parts)[]) {
    sections.push(await parts[name](input))
    console.log(`${sections.at(-1)}\n`)
  }
  if (!given.dry) write(sections, runs)
} finally {
  rmSync(scratch, { recursive: true, force: true })
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
    `Measured on ${cpus().length} cores (${cpus()[0]?.model.trim()}), Node ${process.versions.node}, the embedded PostgreSQL, ` +
    `Debian's psql, best of ${runs} runs taken in turns, by \`npm run bench:load\`. Times are those of one machine ` +
    'at one time, which other work may share: the ratios are what counts.'
  writeSection('load', 'Loading', [about, ...sections])
}
