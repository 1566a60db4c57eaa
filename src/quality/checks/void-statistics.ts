// Whether void catalogues have the numbers and sizes of voids that they were published with.
import { quoteIdentifier, quoteQualified, type Row } from '../../postgres/index.ts'
import type { CheckKind, RunContext } from '../check.ts'
import { releaseFiles } from '../release-files.ts'
import { compare } from './scaling-relation.ts'

export const kind: CheckKind = {
  finds: 'numbers of voids, mean and median radii and ratios between finders that are not the expected ones',
  limits: 'needs `expect.void-statistics`; with `release`, skipped unless all of its files are loaded',
  derive: (subject) => {
    const { catalog, facts } = subject
    const expected = catalog.quality?.expect?.['void-statistics']
    if (!expected) return []
    const { finder, radius, counts = {}, meanRadius = {}, medianRadius = {}, ratios = [] } = expected
    const [by, size] = [quoteIdentifier(finder), quoteIdentifier(radius)]
    const release = expected.release === undefined ? undefined : releaseFiles(subject, expected.release)
    const fileIds = release?.loaded.map(({ id }) => id).join(', ') || 'NULL'
    const only =
      release && facts.fileColumn ? ` WHERE ${quoteIdentifier(facts.fileColumn)} IN (${fileIds})` : ''
    const sql = `SELECT ${by}::text AS finder, count(*)::float8 AS n, avg(${size})::float8 AS mean,
  percentile_cont(0.5) WITHIN GROUP (ORDER BY ${size})::float8 AS median FROM ${quoteQualified(catalog.name)}${only} GROUP BY 1`
    return [
      {
        name: 'void-statistics',
        about: 'numbers and radii of voids by finder are as published',
        columns: [finder, radius],
        sql,
        run: async ({ client }: RunContext) => {
          if (release?.lacks !== undefined) return { state: 'skipped', message: release.lacks }
          const { rows } = await client.query<
            Row & { finder: string; n: number; mean: number; median: number }
          >(sql)
          if (rows.length === 0) return { state: 'skipped', message: 'there are no voids' }
          const of = (name: string) => rows.find((row) => row.finder === name)
          const wrong = [
            ...Object.entries(counts).flatMap(([name, e]) =>
              compare(`the number of ${name}`, of(name)?.n ?? 0, e),
            ),
            ...Object.entries(meanRadius).flatMap(([name, e]) =>
              compare(`the mean radius of ${name}`, of(name)?.mean ?? Number.NaN, e),
            ),
            ...Object.entries(medianRadius).flatMap(([name, e]) =>
              compare(`the median radius of ${name}`, of(name)?.median ?? Number.NaN, e),
            ),
            ...ratios.flatMap((ratio) =>
              compare(`${ratio.of} over ${ratio.to}`, (of(ratio.of)?.n ?? 0) / (of(ratio.to)?.n ?? 0), ratio),
            ),
          ]
          const numbers = Object.fromEntries(
            rows.map((row) => [row.finder, `${row.n} voids, mean ${row.mean}, median ${row.median}`]),
          )
          if (wrong.length > 0) return { state: 'fail', message: wrong.join('; '), numbers }
          return { state: 'pass', message: `${rows.length} finders as expected`, numbers }
        },
      },
    ]
  },
}
