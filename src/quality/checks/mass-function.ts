// Whether values are distributed over bins as expected: mass functions and the like.
import type { Aggregate, CheckKind, ScanCheck } from '../check.ts'
import { ofRelease } from '../release-files.ts'

export const kind: CheckKind = {
  finds: 'fractions of rows by bin (e.g. of mass) that differ from the expected ones',
  limits:
    'needs `expect.mass-function`; fractions of the rows within the bins, not densities; with `release`, skipped unless all of its files are loaded',
  derive: (subject) =>
    (subject.catalog.quality?.expect?.['mass-function'] ?? []).map((expected): ScanCheck => {
      const { name, value, where, edges, fractions, tolerance, source } = expected
      const inBin = (i: number) =>
        `${where === undefined ? '' : `(${where}) AND `}(${value}) >= ${edges[i]} AND (${value}) < ${edges[i + 1]}`
      const aggregates: Readonly<Record<string, Aggregate>> = Object.fromEntries(
        fractions.map((_, i) => [`bin${i}`, { sql: `count(*) FILTER (WHERE ${inBin(i)})`, merge: 'sum' }]),
      )
      return {
        name: `mass-function:${name}`,
        about: `${value} is distributed as expected (${source})`,
        columns: Object.keys(subject.catalog.columns).filter((column) =>
          new RegExp(`\\b${column}\\b`).test(value),
        ),
        ...ofRelease(subject, expected.release, aggregates, (total) => {
          const counts = fractions.map((_, i) => total[`bin${i}`] ?? 0)
          const n = counts.reduce((sum, each) => sum + each, 0)
          if (n < 50) return { state: 'skipped', message: `only ${n} rows in the bins` }
          const wrong = fractions.flatMap((fraction, i) => {
            const found = counts[i]! / n
            if (Math.abs(found - fraction) <= tolerance) return []
            return [
              `${found.toPrecision(3)} in [${edges[i]}, ${edges[i + 1]}), expected ${fraction.toPrecision(3)} ± ${tolerance}`,
            ]
          })
          const numbers = Object.fromEntries(
            counts.map((count, i) => [`${edges[i]} to ${edges[i + 1]}`, count]),
          )
          const found = counts.map((count) => count / n)
          const figure = { label: value, edges, expected: fractions, found, tolerance }
          if (wrong.length > 0) return { state: 'fail', message: wrong.join('; '), numbers, figure }
          return { state: 'pass', message: `${n} rows in ${fractions.length} bins`, numbers, figure }
        }),
      }
    }),
}
