// All checks of the galaxies of DESI DR1 against one scan that reads the same columns, and what one fault among all rows
// comes to; writes its section of docs/benchmarks.md.
//   npm run bench:checks -- [--galaxies 6445927] [--runs 3] [--dry]
// The rows come from the mock's files without the columns that nothing reads: 870 MB for the release's number of galaxies.
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import desi, { fastspecfit } from '../catalogs/desi-dr1/index.ts'
import { writeMock } from '../src/cli/write-mock.ts'
import { loadFiles } from '../src/load/index.ts'
import type { Catalog, Expectations } from '../src/model/index.ts'
import { connect, quoteIdentifier, quoteQualified } from '../src/postgres/index.ts'
import { loadCheckKinds, makeProfile, runChecks, storeProfile, tableFacts } from '../src/quality/index.ts'
import { narrowMock } from '../test/quality/narrow-mock.ts'
import { loneFaults } from './checks-faults.ts'
import { benchServer } from './load-server.ts'
import { cores, writeSection } from './page.ts'

const { values: given } = parseArgs({
  options: {
    galaxies: { type: 'string', default: '6445927' },
    runs: { type: 'string', default: '3' },
    dry: { type: 'boolean', default: false },
  },
})
const declared = fastspecfit as unknown as Catalog
const catalog = { ...declared, quality: { ...declared.quality, expect: ofMock(declared.quality!.expect!) } }

const server = await benchServer([desi])
// As many connections as the command has unless told otherwise.
const other = await connect(server.url)
try {
  const { files } = await writeMock(narrowMock(desi), join(server.folder, 'mock'), {
    galaxies: Number(given.galaxies),
    seed: 1,
  })
  const galaxies = files.filter((path) => path.includes('fastspec-'))
  const { rowsLoaded } = await loadFiles(server.url, [desi], galaxies, { jobs: 2 })
  await server.client.query(`VACUUM (ANALYZE) ${quoteQualified(catalog.name)}`)
  const kinds = await loadCheckKinds()
  const facts = (await tableFacts(server.client, catalog))!
  const profiled = await timed(async () => {
    const profile = await makeProfile(server.client, catalog, facts, { name: 'reference', version: 'bench' })
    await storeProfile(server.client, profile)
  })
  const seconds: { scan: number; checks: number }[] = []
  let told = ''
  // The first round warms the cache and does not count.
  for (let run = 0; run <= Number(given.runs); run++) {
    const scan = await timed(() => server.client.query(scanOfTheSameColumns()))
    const checks = await timed(async () => {
      const { totals } = await runChecks(server.client, kinds, [{ survey: desi, catalog }], {
        others: [other],
      })
      if (totals.fail + totals.error + totals.warn > 0)
        throw new Error(`clean rows: ${JSON.stringify(totals)}`)
      told = `${totals.pass} checks pass, ${totals.skipped} skipped`
    })
    console.log(`scan ${scan.toFixed(2)} s, all checks ${checks.toFixed(2)} s: ${(checks / scan).toFixed(2)}`)
    if (run > 0) seconds.push({ scan, checks })
  }
  const faults = await loneFaults(server.client, kinds)
  const text = [report(rowsLoaded, seconds, told, profiled), faults].join('\n\n')
  console.log(text)
  if (!given.dry) writeSection('checks', 'Checks', [text])
} finally {
  await other.end()
  await server.stop()
}

/** The relations of the release, asked of the mock's rows, which follow others: so that they are computed. */
function ofMock(expected: Expectations): Expectations {
  const relations = expected['scaling-relation']!.map(({ release, slope, correlation, ...relation }) => ({
    ...relation,
    correlation: { value: 0, tolerance: 1, source: 'any' },
  }))
  return { ...expected, 'scaling-relation': relations }
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

function report(
  rows: number,
  seconds: readonly { scan: number; checks: number }[],
  told: string,
  profiled: number,
): string {
  const best = (of: 'scan' | 'checks') => Math.min(...seconds.map((each) => each[of]))
  const ratios = seconds.map(({ scan, checks }) => (checks / scan).toFixed(2))
  return [
    `Measured on ${cores()}, the embedded PostgreSQL, by \`npm run bench:checks\`:`,
    `${rows.toLocaleString('en')} rows of \`${catalog.name}\`, in memory, scan and checks in turns. ${told}.`,
    'The scan asks for the number of rows and, for each column, its least and greatest value and how many there are; the server gives it',
    'parallel workers. The checks have two connections. Key uniqueness comes from the valid primary key, the round trip from a sample of',
    `some 4,000 rows, drift from one of 100,000 against a profile of all rows (which took ${profiled.toFixed(0)} s). The relations of the release`,
    "are computed over the mock's rows.",
    '',
    '| | seconds (best) | ratio to the scan, each round |',
    '| --- | --- | --- |',
    `| one scan of the same columns | ${best('scan').toFixed(2)} | 1 |`,
    `| all checks | ${best('checks').toFixed(2)} | ${ratios.join(', ')} |`,
    '',
    'One fault at a time among these rows, on one connection:',
  ].join('\n')
}
