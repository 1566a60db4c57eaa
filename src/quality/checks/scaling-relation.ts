// Whether measurements follow the relations that they are known to follow.
import type { Expected, ScalingRelation } from '../../model/index.ts'
import type { Row } from '../../postgres/index.ts'
import type {
  Aggregate,
  CheckKind,
  Measures,
  RelationFigure,
  RunContext,
  ScanCheck,
  Verdict,
} from '../check.ts'
import { ofRelease, releaseFiles } from '../release-files.ts'
import { fewRowsSql } from '../scan.ts'

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
      return {
        name: `scaling-relation:${name}`,
        about: `${y} follows ${x} as expected`,
        columns,
        ...ofRelease(subject, relation.release, moments(relation), (total) => verdict(relation, total)),
        illustrate: (context, judged) => withPoints(context, relation, judged),
      }
    }),
}

const mentions = (sql: string, column: string) => new RegExp(`\\b${column}\\b`).test(sql)

/**
 * Sums about zero, so that those of the files add up. The server computes all of its regr_ functions of a pair from one
 * state, about the mean, and their arguments only of rows that the filter lets through.
 */
function moments({ x, y, where }: ScalingRelation): Record<string, Aggregate> {
  const filter = where === undefined ? '' : ` FILTER (WHERE ${where})`
  const of = (name: string) => `regr_${name}((${y})::float8, (${x})::float8)${filter}`
  const [n, meanX, meanY] = [of('count'), of('avgx'), of('avgy')]
  const sum = (sql: string): Aggregate => ({ sql, merge: 'sum' })
  return {
    n: sum(n),
    x: sum(`${n} * ${meanX}`),
    y: sum(`${n} * ${meanY}`),
    xx: sum(`${of('sxx')} + ${n} * ${meanX} * ${meanX}`),
    xy: sum(`${of('sxy')} + ${n} * ${meanX} * ${meanY}`),
    yy: sum(`${of('syy')} + ${n} * ${meanY} * ${meanY}`),
  }
}

function verdict(relation: ScalingRelation, total: Measures): Verdict {
  const { slope, at, correlation } = relation
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
  const figure = { relation: figureOf(relation, { x, y, slope: found.slope }) }
  if (wrong.length > 0) return { state: 'fail', message: wrong.join('; '), numbers, ...figure }
  return { state: 'pass', message: `slope ${found.slope.toPrecision(4)} over ${n} rows`, numbers, ...figure }
}

/** The fitted line and the expected one: where no value is expected, that goes through the middle of the rows, too. */
function figureOf({ x, y, slope, at }: ScalingRelation, found: RelationFigure['found']): RelationFigure {
  const expected = {
    x: at?.x ?? found.x,
    y: at?.value ?? found.y,
    slope: slope?.value ?? found.slope,
    slopeTolerance: slope?.tolerance ?? 0,
    tolerance: at?.tolerance ?? 0,
  }
  return { x, y, points: [], found, ...(slope || at ? { expected } : {}) }
}

/** Most points of a figure: enough to see a relation, few enough for a page of many figures. */
const mostPoints = 400

async function withPoints(
  context: RunContext,
  relation: ScalingRelation,
  verdict: Verdict,
): Promise<Verdict> {
  if (!verdict.relation) return verdict
  const { x, y, where = 'true' } = relation
  const fileIds = relation.release && releaseFiles(context, relation.release).loaded.map(({ id }) => id)
  const values = `CASE WHEN ${where} THEN (${x})::float8 END AS x, CASE WHEN ${where} THEN (${y})::float8 END AS y`
  const sql = `SELECT x, y FROM (SELECT ${values} ${fewRowsSql(context, Number(verdict.numbers?.rows), mostPoints, fileIds || undefined)}) AS drawn
WHERE x IS NOT NULL AND y IS NOT NULL LIMIT ${mostPoints}`
  const { rows } = await context.client.query<Row & { x: number; y: number }>(sql)
  const short = (value: number) => Number(value.toPrecision(5))
  const points = rows.map((row) => [short(row.x), short(row.y)] as const)
  return { ...verdict, relation: { ...verdict.relation, points } }
}

/** Nothing, or how a number differs from the expected one. */
export function compare(what: string, found: number, expected: Expected | undefined): string[] {
  if (!expected) return []
  const { value, tolerance = 0, source } = expected
  if (Math.abs(found - value) <= tolerance) return []
  return [`${what} is ${Number(found.toPrecision(5))}, expected ${value} ± ${tolerance} (${source})`]
}
