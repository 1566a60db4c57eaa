// One side of a cross-match in SQL: its position at the epoch of the match, its keys, which of its rows take part.
import type { CrossMatch, MatchTable, RowRadius } from '../../model/index.ts'
import { quoteIdentifier, quoteQualified } from '../../postgres/index.ts'
import type { PositionSql } from '../predicate.ts'
import type { ErrorSql } from './position-errors.ts'
import type { KeyType } from './table-facts.ts'

/** Radians of a milliarcsecond. */
const mas = Math.PI / 180 / 3_600_000

const column = (alias: string, name: string): string => `${alias}.${quoteIdentifier(name)}`

/** Position as the table has it. */
export const storedPosition = (alias: string, { ra, dec }: MatchTable): PositionSql => ({
  ra: `${column(alias, ra)}::float8`,
  dec: `${column(alias, dec)}::float8`,
})

/**
 * Position at an epoch (Julian years): the stored one, or where a straight line at constant speed leads (ESA SP-1200,
 * volume 1, 1.5.5, without parallax). Rows without proper motion or epoch stay where they are.
 */
export function positionAt(alias: string, table: MatchTable, epoch: number | undefined): PositionSql {
  const stored = storedPosition(alias, table)
  if (!table.motion || epoch === undefined) return stored
  const { pmra, pmdec } = table.motion
  const shift = (name: string) =>
    `coalesce(nullif(${yearsSql(alias, table, epoch)} * ${column(alias, name)}::float8 * ${mas}::float8, 'NaN'), 0)`
  const [a, d, east, north] = [`radians(${stored.ra})`, `radians(${stored.dec})`, shift(pmra), shift(pmdec)]
  const x = `(cos(${d}) * cos(${a}) - ${east} * sin(${a}) - ${north} * sin(${d}) * cos(${a}))`
  const y = `(cos(${d}) * sin(${a}) + ${east} * cos(${a}) - ${north} * sin(${d}) * sin(${a}))`
  const z = `(sin(${d}) + ${north} * cos(${d}))`
  // The angles of NaN and infinity are an error of the server: such rows are out before.
  const where = (angle: string) => `CASE WHEN ${onSphere(alias, table)} THEN degrees(${angle}) END`
  return { ra: where(`atan2(${y}, ${x})`), dec: where(`atan2(${z}, sqrt(${x} * ${x} + ${y} * ${y}))`) }
}

function yearsSql(alias: string, { motion }: MatchTable, epoch: number): string {
  const from = typeof motion!.epoch === 'number' ? `${motion!.epoch}` : column(alias, motion!.epoch)
  return `(${epoch}::float8 - ${from}::float8)`
}

/** The longest way in degrees that a row of the table moves; NULL for an empty table. */
export function longestWaySql(table: MatchTable, epoch: number): string {
  const { pmra, pmdec } = table.motion!
  const way = `${yearsSql('t', table, epoch)} * sqrt(power(${column('t', pmra)}::float8, 2) + power(${column('t', pmdec)}::float8, 2)) * ${1 / 3_600_000}::float8`
  return `(SELECT max(abs(${way})) FILTER (WHERE abs(${way}) < 'Infinity') FROM ${quoteQualified(table.table)} t)`
}

const onSphere = (alias: string, { ra, dec }: MatchTable): string =>
  // As float8: an integer column has no infinities to compare with.
  `${column(alias, dec)} BETWEEN -90 AND 90 AND ${column(alias, ra)}::float8 > '-Infinity' AND ${column(alias, ra)}::float8 < 'Infinity'`

/** Condition by which every road leaves rows out: no position on the sphere, or NULL in the key. */
export const validSql = (alias: string, table: MatchTable): string =>
  [onSphere(alias, table), ...table.key.map((name) => `${column(alias, name)} IS NOT NULL`)].join(' AND ')

export const keysSql = (alias: string, { key }: MatchTable, types: readonly KeyType[]): string[] =>
  key.map((name, i) => {
    const cast = `${column(alias, name)}::${types[i]}`
    return types[i] === 'text' ? `${cast} COLLATE "C"` : cast
  })

/** Radius of a row of a, in degrees. */
export const rowRadiusSql = (alias: string, { column: name, degrees }: RowRadius): string =>
  `(${column(alias, name)}::float8 * ${degrees}::float8)`

/** Half axes and position angle of a row's error, degrees; zeros for a table whose positions are exact. */
export function errorsSql(
  alias: string,
  { errors }: MatchTable,
): Pick<ErrorSql, 'major' | 'minor' | 'angle'> {
  if (!errors) return { major: '0::float8', minor: '0::float8', angle: '0::float8' }
  const axis = (name: string) => `(${column(alias, name)}::float8 * ${errors.degrees}::float8)`
  return {
    major: axis(errors.major),
    minor: axis(errors.minor ?? errors.major),
    angle: errors.angle === undefined ? '0::float8' : `${column(alias, errors.angle)}::float8`,
  }
}

/** Condition: the row has an error ellipse. NaN is above infinity in PostgreSQL. */
export function hasErrorsSql(alias: string, table: MatchTable): string {
  if (!table.errors) return 'true'
  const { major, minor, angle } = errorsSql(alias, table)
  return `(${major} >= 0 AND ${major} < 'Infinity' AND ${minor} >= 0 AND ${minor} < 'Infinity' AND ${angle} > '-Infinity' AND ${angle} < 'Infinity')`
}

/** The largest half axis of any row's error in degrees; NULL for a table without. */
export function largestErrorSql(table: MatchTable): string {
  const { major, minor } = errorsSql('t', table)
  return `(SELECT max(greatest(${major}, ${minor})) FROM ${quoteQualified(table.table)} t WHERE ${hasErrorsSql('t', table)})`
}

/** The largest radius of any row, degrees. */
export function largestRadiusSql({ a, radius, deviation }: CrossMatch, otherError: string): string {
  if (deviation !== undefined)
    return `least(180, ${deviation}::float8 * sqrt(power(coalesce(${largestErrorSql(a)}, 0), 2) + power(coalesce(${otherError}, 0), 2)))`
  if (typeof radius === 'number') return `${radius}::float8`
  const value = rowRadiusSql('t', radius)
  return `least(180, greatest(0, coalesce((SELECT max(${value}) FILTER (WHERE ${value} < 'Infinity') FROM ${quoteQualified(a.table)} t), 0)))`
}
