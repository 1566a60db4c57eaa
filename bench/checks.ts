// All checks of the galaxies of DESI DR1 against one scan that reads the same columns; writes its section of docs/benchmarks.md.
//   npm run bench:checks -- [--galaxies 6445927] [--runs 3] [--dry]
// The rows come from the mock's files without the columns that nothing reads: 870 MB for the release's number of galaxies.
import { cpus } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import desi, { fastspecfit } from '../catalogs/desi-dr1/index.ts'
import { writeMock } from '../src/cli/write-mock.ts'
import { loadFiles } from '../src/load/index.ts'
import type { Catalog } from '../src/model/index.ts'
import { quoteIdentifier, quoteQualified } from '../src/postgres/index.ts'
import { loadCheckKinds, runChecks } from '../src/quality/index.ts'
import { narrowMock } from '../test/quality/narrow-mock.ts'
import { benchServer } from './load-server.ts'
import { writeSection } from './page.ts'

const { values: given } = parseArgs({
  options: {
    galaxies: { type: 'string', default: '6445927' },
    runs: { type: 'string', default: '3' },
    dry: { type: 'boolean', default: false },
  },
})
const catalog = fastspecfit as unknown as Catalog

const server = await benchServer([desi])
try {
  const { files } = await writeMock(narrowMock(desi), join(server.folder, 'mock'), {
    galaxies: Number(given.galaxies),
    seed: 1,
  })
  const galaxies = files.filter((path) => path.includes('fastspec-'))
  const { rowsLoaded } = await loadFiles(server.url, [desi], galaxies, { jobs: 2 })
  await server.client.query(`VACUUM (ANALYZE) ${quoteQualified(catalog.name)}`)
  const kinds = await loadCheckKinds()
  const seconds: { scan: number; checks: number }[] = []
  let told = ''
  // The first round warms the cache and does not count.
  for (let run = 0; run <= Number(given.runs); run++) {
    const scan = await timed(() => server.client.query(scanOfTheSameColumns()))
    const checks = await timed(async () => {
      const { totals } = await runChecks(server.client, kinds, [{ survey: desi, catalog }])
      if (totals.fail + totals.error + totals.warn > 0)
        throw new Error(`clean rows: ${JSON.stringify(totals)}`)
      told = `${totals.pass} checks pass, ${totals.skipped} are skipped`
    })
    console.log(`scan ${scan.toFixed(2)} s, all checks ${checks.toFixed(2)} s: ${(checks / scan).toFixed(2)}`)
    if (run > 0) seconds.push({ scan, checks })
  }
  const text = report(rowsLoaded, seconds, told)
  console.log(text)
  if (!given.dry) writeSection('checks', 'Checks', [text])
} finally {
  await server.stop()
}

/** Number of rows; least, greatest and number of values of every column that the checks read. */
function scanOfTheSameColumns(): string {
  const numeric = ['bigint', 'integer', 'smallint', 'double precision', 'real']
  const columns = Object.entries(catalog.columns).map(([name, { type }]) => {
    const column = quoteIdentifier(name)
    // The extremes of words cost more than those of numbers, and no check asks for them.
    return numeric.includes(type) ? `min(${column}), max(${column}), count(${column})` : `count(${column})`
  })
  return `SELECT count(*), ${columns.join(', ')} FROM ${quoteQualified(catalog.name)}`
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now()
  await work()
  return (performance.now() - started) / 1000
}

function report(rows: number, seconds: readonly { scan: number; checks: number }[], told: string): string {
  const best = (of: 'scan' | 'checks') => Math.min(...seconds.map((each) => each[of]))
  const ratios = seconds.map(({ scan, checks }) => (checks / scan).toFixed(2))
  return [
    `Measured on ${cpus().length} cores (${cpus()[0]?.model.trim()}), the embedded PostgreSQL, by \`npm run bench:checks\`:`,
    `${rows.toLocaleString('en')} rows of \`${catalog.name}\`, in memory, scan and checks in turns. ${told}.`,
    'The scan asks for the number of rows and, for each column, its least and greatest value and how many there are.',
    'Key uniqueness comes from the valid primary key, the round trip from a sample of some 4,000 rows.',
    '',
    '| | seconds (best) | ratio to the scan, each round |',
    '| --- | --- | --- |',
    `| one scan of the same columns | ${best('scan').toFixed(2)} | 1 |`,
    `| all checks | ${best('checks').toFixed(2)} | ${ratios.join(', ')} |`,
  ].join('\n')
}
