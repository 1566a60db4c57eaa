// All 1,068 columns of FastSpecFit's files into one wide table, against psql's \copy of the same rows.
import { rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { loadFiles } from '../src/load/index.ts'
import type { BenchInput } from './load-copy.ts'
import { benchServer, empty, psql, psqlTogether, smallStatistics } from './load-server.ts'
import { wideSurvey } from './load-wide-survey.ts'

/** Two files of this size have some 140,000 rows: more take minutes on either side, and tell the same. */
const mostBytes = 400e6
/** Two connections keep both cores busy: whatever else the machine does shows in a single run. */
const leastRuns = 4

export async function wide({ files, runs, scratch }: BenchInput): Promise<string> {
  const few = files.filter((each) => statSync(each).size <= mostBytes)
  const two = (few.length < 2 ? files : few).slice(0, 2)
  const { survey, table, columns } = await wideSurvey(two[0]!)
  const server = await benchServer([survey])
  const { url } = server
  const rounds = Math.max(leastRuns, runs)
  const binaries = [0, 1].map((half) => join(scratch, `wide-${half}.bin`))
  const copies = binaries.map((path) => `\\copy ${table.name} FROM '${path}' (FORMAT binary)`)
  try {
    await smallStatistics(server)
    const best = [
      [Infinity, Infinity],
      [Infinity, Infinity],
    ] as [number, number][]
    let rows = 0
    for (let run = 0; run < rounds; run++) {
      for (const [i, times] of best.entries()) {
        await empty(server, survey, table.name)
        const report = await loadFiles(url, [survey], two, { jobs: i + 1 })
        rows = report.rowsLoaded
        times[0] = Math.min(times[0], report.seconds)
        if (run === 0 && i === 0) {
          const ids = report.files.map(({ fileId }) => fileId)
          for (const [half, path] of binaries.entries()) {
            const query = `SELECT * FROM ${table.name} WHERE source_file = ${ids[half]}`
            psql(url, `\\copy (${query}) TO '${path}' (FORMAT binary)`)
          }
        }
        await empty(server, survey, table.name)
        const copied = await psqlTogether(url, i === 0 ? [copies] : copies.map((each) => [each]))
        times[1] = Math.min(times[1], copied + psql(url, `ANALYZE ${table.name}`))
      }
    }
    const lines = best.map(([mine, psqls], i) => {
      const gain = i === 0 ? '' : (best[0]![0] / mine).toFixed(2)
      return `| ${i + 1} | ${mine.toFixed(2)} s | ${psqls.toFixed(2)} s | ${(psqls / mine).toFixed(2)} | ${gain} |`
    })
    const megabytes = two.reduce((sum, path) => sum + statSync(path).size, 0) / 1e6
    return `### Full width

All ${columns.toLocaleString('en')} columns of two files (${megabytes.toFixed(0)} MB, ${rows.toLocaleString('en')} rows) into one table with a key, best of ${rounds} runs. The loader's time has its digests, its counts and its ledger in it. Both end with ANALYZE, of a sample of 300 rows: PostgreSQL's usual sample takes a minute for so many columns, on either side.

| connections | \`almagest load\` | \`psql \\copy\` | psql's time over ours | gain by the second connection |
| ---: | ---: | ---: | ---: | ---: |
${lines.join('\n')}`
  } finally {
    await server.stop()
    for (const path of binaries) rmSync(path, { force: true })
  }
}
