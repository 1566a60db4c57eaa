// The cross-match as one statement on the server: a nested loop over the sky index of the second table.
import { type CrossMatch, matchKeys, type RowRadius } from '../../model/index.ts'
import { quoteIdentifier, quoteQualified } from '../../postgres/index.ts'
import type { PositionSql } from '../predicate.ts'
import type { SkyIndex } from '../sky-index.ts'
import { deviationSql } from './position-errors.ts'
import type { Band } from './read-positions.ts'
import {
  errorsSql,
  hasErrorsSql,
  keysSql,
  largestErrorSql,
  longestWaySql,
  positionAt,
  rowRadiusSql,
  storedPosition,
  validSql,
} from './side-sql.ts'
import type { TableFacts } from './table-facts.ts'

/** A part of the match: rows of a of the declinations `read` take part, those of `own` are reported. */
export interface Partition {
  readonly own: Band
  readonly read: Band
}

/** Where a row of a looks, beside its own columns: names that neither a table nor a file's staged rows have. */
const place = { ra: '" match: ra"', dec: '" match: dec"', reach: '" match: reach"' }

const within = (dec: string, { low, high }: Band): string => `${dec} >= ${low} AND ${dec} < ${high}`

/**
 * SELECT that gives the keys of both tables, the separation in degrees and the rank (only the keys of a for
 * unmatched rows), as the zone merge does.
 */
export function pairsSql(
  match: CrossMatch,
  sky: SkyIndex,
  a: TableFacts,
  b: TableFacts,
  partition?: Partition,
): string {
  const names = matchKeys(match)
  const { radius, deviation, epoch } = match
  const [aKeys, bKeys] = [keysSql('a', match.a, a.keyTypes), keysSql('b', match.b, b.keyTypes)]
  const left: PositionSql = { ra: `a.${place.ra}`, dec: `a.${place.dec}` }
  const right = positionAt('b', match.b, epoch)
  const near = nearSql(match, sky, left, right)
  const other = match.self ? ` AND ${tuple(aKeys)} <> ${tuple(bKeys)}` : ''
  const valid = `${validSql('b', match.b)} AND ${hasErrorsSql('b', match.b)}`
  const found = `FROM ${quoteQualified(match.b.table)} b WHERE ${near} AND ${valid}${other}`
  // Fenced, so that a position or radius which the index must not meet is gone before the join.
  const at = positionAt('a', match.a, epoch)
  const reach = reachSql(match)
  const outer = (condition: string) =>
    `(SELECT a.*, ${at.ra} AS ${place.ra}, ${at.dec} AS ${place.dec}${reach === undefined ? '' : `, ${reach} AS ${place.reach}`} FROM ${quoteQualified(match.a.table)} a WHERE ${condition}${partition ? ` AND ${within(at.dec, partition.read)}` : ''} OFFSET 0) a`
  const able = typeof radius === 'number' ? hasErrorsSql('a', match.a) : hasRadius(radius)
  const aNamed = aKeys.map((key, i) => `${key} AS ${quoteIdentifier(names.a[i]!)}`)
  if (match.keep === 'unmatched') {
    return `SELECT ${aNamed.join(', ')} FROM ${outer(validSql('a', match.a))} LEFT JOIN LATERAL (SELECT 1 AS found ${found} LIMIT 1 OFFSET 0) b ON ${able} WHERE b.found IS NULL`
  }
  const separation = sky.distance(left, right)
  const list = [
    ...bKeys.map((key, i) => `${key} AS ${quoteIdentifier(names.b[i]!)}`),
    `${separation} AS separation`,
    `${deviation === undefined ? '0::float8' : deviationOfPair(match, left, right, separation)} AS deviation`,
  ]
  const keys = [...aNamed, ...names.b.map((name) => `b.${quoteIdentifier(name)}`)]
  const pairs = `SELECT ${keys.join(', ')}, b.separation, b.deviation, a.${place.dec} FROM ${outer(`${validSql('a', match.a)} AND ${able}`)} CROSS JOIN LATERAL (SELECT ${list.join(', ')} ${found} OFFSET 0) b`
  return rankedSql(match, pairs, names, partition)
}

/** Condition: the rows are near enough. */
function nearSql(match: CrossMatch, sky: SkyIndex, left: PositionSql, right: PositionSql): string {
  const { b, deviation } = match
  const conditions = [
    sky.matches(
      left,
      storedPosition('b', b),
      reachSql(match) === undefined ? radiusSql(match) : `a.${place.reach}`,
    ),
  ]
  if (deviation !== undefined)
    conditions.push(
      `${deviationOfPair(match, left, right, sky.distance(left, right))} < ${deviation ** 2}::float8`,
    )
  else if (b.motion) conditions.push(`${sky.distance(left, right)} < ${radiusSql(match)}`)
  return conditions.join(' AND ')
}

const radiusSql = ({ radius }: CrossMatch): string =>
  typeof radius === 'number' ? `${radius}` : `least(${rowRadiusSql('a', radius)}, 180)`

/**
 * Radius of the look-up for a row of a where it is more than the radius of the match: the index knows positions as
 * they are stored, so that ways and errors of b widen it. Rounded up, as the exact condition decides. Undefined where
 * nothing does.
 */
function reachSql(match: CrossMatch): string | undefined {
  const { a, b, deviation, epoch } = match
  if (deviation === undefined && !b.motion) return undefined
  const { major, minor } = errorsSql('a', a)
  const error = `sqrt(power(greatest(${major}, ${minor}), 2) + power(coalesce(${largestErrorSql(b)}, 0), 2))`
  const radius = deviation === undefined ? radiusSql(match) : `${deviation}::float8 * ${error}`
  const way = b.motion ? `coalesce(${longestWaySql(b, epoch!)}, 0)` : '0'
  return `least((${radius} + ${way}) * 1.000000001::float8 + 1e-9::float8, 180)`
}

const deviationOfPair = (match: CrossMatch, a: PositionSql, b: PositionSql, separation: string): string =>
  deviationSql({ ...a, ...errorsSql('a', match.a) }, { ...b, ...errorsSql('b', match.b) }, separation)

function rankedSql(
  { keep, self }: CrossMatch,
  pairs: string,
  names: { a: string[]; b: string[] },
  partition?: Partition,
): string {
  const [a, b] = [names.a, names.b].map((list) => list.map((name) => quoteIdentifier(name)))
  const once = self ? `${tuple(a!)} < ${tuple(b!)}` : 'true'
  const list = [...a!, ...b!, 'separation', 'rank'].join(', ')
  const rank = (by: string[], ties: string[]) =>
    `row_number() OVER (PARTITION BY ${by.join(', ')} ORDER BY deviation, separation, ${ties.join(', ')})::integer`
  const ranked = `${rank(a!, b!)} AS rank`
  if (keep === 'all')
    return `SELECT ${list.replace(/, rank$/, '')}, ${ranked} FROM (${pairs}) p WHERE ${once}`
  if (keep === 'best') return `SELECT ${list} FROM (SELECT *, ${ranked} FROM (${pairs}) p) r WHERE rank = 1`
  return `SELECT ${list} FROM (SELECT *, ${ranked}, ${rank(b!, a!)} AS back FROM (${pairs}) p) r WHERE rank = 1 AND back = 1 AND ${once}${partition ? ` AND ${within(place.dec, partition.own)}` : ''}`
}

/** Condition: the row has a radius. NaN is above infinity in PostgreSQL. */
function hasRadius(radius: RowRadius): string {
  const value = rowRadiusSql('a', radius)
  return `(${value} > 0 AND ${value} < 'Infinity')`
}

const tuple = (columns: readonly string[]): string => `(${columns.join(', ')})`
