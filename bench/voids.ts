// Mapping galaxies to voids: exact on the reference data, beside cKDTree, VAST's way and plain COPY, and its growth;
// writes its section of docs/benchmarks.md.
//   npm run bench:voids -- [--galaxies 6445927] [--runs 2] [--mock-runs 1] [--reference FOLDER]
//     [--only reference,mock,growth] [--dry]
// By default the mock has DESI DR1's size: 6,445,927 galaxies, 101,863 holes, 10,754 voids, and takes 6 GB of disk.
// Without the reference data or scipy their part is left out, saying so.
import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { type Client, connect, startEmbedded, stopEmbedded } from '../src/postgres/index.ts'
import { q3cExtensionFiles } from '../src/sky/index.ts'
import { cores, writeSection } from './page.ts'
import { copyPart } from './voids-copy.ts'
import { growthPart } from './voids-growth.ts'
import { loadMock, truthLine } from './voids-mock.ts'
import { referencePart } from './voids-reference.ts'

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url))
const { values: given } = parseArgs({
  options: {
    galaxies: { type: 'string', default: '6445927' },
    runs: { type: 'string', default: '2' },
    'mock-runs': { type: 'string', default: '1' },
    reference: { type: 'string', default: here('../../shared/data/vast-sdss-dr7') },
    only: { type: 'string', default: 'reference,mock,growth' },
    dry: { type: 'boolean', default: false },
  },
})
const runs = Number(given.runs)
const scratch = mkdtempSync(join(tmpdir(), 'almagest-bench-'))
// As root the server runs as another user, who must get to its folder.
chmodSync(scratch, 0o755)
const home = join(scratch, 'home')

const parts: Record<string, (client: Client, url: string) => Promise<string>> = {
  reference: (client, url) => referencePart(client, url, given.reference, runs),
  async mock(client, url) {
    const truth = await loadMock(client, url, join(scratch, 'mock'), Number(given.galaxies))
    const copied = await copyPart(client, url, scratch, Number(given['mock-runs']))
    return `${copied}\n\n${await truthLine(client, truth)}`
  },
  async growth() {
    const pictures = given.dry ? scratch : here('../docs/benchmarks')
    mkdirSync(pictures, { recursive: true })
    return growthPart(runs, join(pictures, 'voids-growth.svg'))
  },
}

const started = performance.now()
try {
  const { connectionUrl } = await startEmbedded({ home, extensionFiles: q3cExtensionFiles() })
  await using client = await connect(connectionUrl)
  const texts: string[] = []
  for (const name of given.only.split(',')) {
    texts.push(await parts[name]!(client, connectionUrl))
    console.log(`${texts.at(-1)}\n`)
  }
  if (!given.dry) write(texts)
} finally {
  await stopEmbedded({ home })
  rmSync(scratch, { recursive: true, force: true })
}

function write(texts: readonly string[]): void {
  const minutes = ((performance.now() - started) / 60_000).toFixed(1)
  const about =
    `Measured on ${cores()}, Node ${process.versions.node}, the embedded PostgreSQL, ` +
    `by \`npm run bench:voids\` in ${minutes} minutes, best of ${given.runs} runs taken in turns (of ${given['mock-runs']} with the mock). ` +
    'Times are those of one machine at one time, which other work may share: the ratios are what counts.'
  writeSection('voids', 'Galaxies and voids', [about, ...texts])
}
