// Whether measurements follow the relations that they are known to follow.
import type { Expected, ScalingRelation } from '../../model/index.ts'
import type { Aggregate, CheckKind, Measures, ScanCheck, Verdict } from '../check.ts'
import { ofRelease } from '../release-files.ts'

export const kind: CheckKind = {
  finds:
    'slopes, values and correlations of relations (main sequence, mass and redshift) that are not the expected ones',
  limits:
    'needs `expect.scaling-relation`; least squares over all rows, so a few bad rows move nothing; with `release`, skipped unless all of its files are loaded',
  derive: (subject) =>
    (subject.catalog.quality?.expect?.['scaling-relation'] ?? []).map((relation): ScanCheck => {
      const { name, x, y } = relation
      const columns = Object.keys(subject.catalog.columns).filter((column) =>
        mentions(`${x} ${y} ${relation.where ?? ''}`, column),
      )
      const aggregates = moments(relation)
      return {
        name: `scaling-relation:${name}`,
        about: `${y} follows ${x} as expected`,
        columns,
        aggregates,
        judge: ofRelease(subject, relation.release, aggregates, (total) => verdict(relation, total)),
      }
    }),
}

const mentions = (sql: string, column: string) => new RegExp(`\\b${column}\\b`).test(sql)

/** Sums about a fixed point, so that those of the files add up without loss. */
function moments({ x, y, where }: ScalingRelation): Record<string, Aggregate> {
  const both = `(${x}) IS NOT NULL AND (${y}) IS NOT NULL`
  const rows = where === undefined ? both : `CASE WHEN ${where} THEN ${both} END`
  const guarded = (sql: string) =>
    where === undefined ? `(${sql})` : `(CASE WHEN ${where} THEN (${sql}) END)`
  const [a, b] = [`${guarded(x)}::float8`, `${guarded(y)}::float8`]
  const sum = (sql: string): Aggregate => ({ sql: `sum(${sql}) FILTER (WHERE ${rows})`, merge: 'sum' })
  return {
    n: { sql: `count(*) FILTER (WHERE ${rows})`, merge: 'sum' },
    x: sum(a),
    y: sum(b),
    xx: sum(`${a} * ${a}`),
    xy: sum(`${a} * ${b}`),
    yy: sum(`${b} * ${b}`),
  }
}

function verdict({ slope, at, correlation }: ScalingRelation, total: Measures): Verdict {
  const n = total.n ?? 0
  if (n < 20) return { state: 'skipped', message: `only ${n} rows to fit` }
  const [x, y] = [total.x! / n, total.y! / n]
  const [xx, xy, yy] = [total.xx! / n - x * x, total.xy! / n - x * y, total.yy! / n - y * y]
  const found = {
    slope: xy / xx,
    correlation: xy / Math.sqrt(xx * yy),
    value: at ? y + (xy / xx) * (at.x - x) : null,
  }
  const wrong = [
    ...compare('the slope', found.slope, slope),
    ...compare(`the value at ${at?.x}`, found.value ?? Number.NaN, at),
    ...compare('the correlation', found.correlation, correlation),
  ]
  const numbers = { rows: n, ...found }
  if (wrong.length > 0) return { state: 'fail', message: wrong.join('; '), numbers }
  return { state: 'pass', message: `slope ${found.slope.toPrecision(4)} over ${n} rows`, numbers }
}

/** Nothing, or how a number differs from the expected one. */
export function compare(what: string, found: number, expected: Expected | undefined): string[] {
  if (!expected) return []
  const { value, tolerance = 0, source } = expected
  if (Math.abs(found - value) <= tolerance) return []
  return [`${what} is ${Number(found.toPrecision(5))}, expected ${value} ± ${tolerance} (${source})`]
}
