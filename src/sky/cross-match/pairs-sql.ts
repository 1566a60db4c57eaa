// The cross-match as one statement on the server: a nested loop over the sky index of the second table.
import { quoteIdentifier, quoteQualified } from '../../postgres/index.ts'
import type { PositionSql } from '../predicate.ts'
import type { SkyIndex } from '../sky-index.ts'
import type { CrossMatch, MatchTable, RowRadius } from './declaration.ts'
import type { KeyType, TableFacts } from './table-facts.ts'

/** Columns of a result: keys of both tables under these names, then `separation` and `rank`. */
export function keyColumns(match: CrossMatch): { a: string[]; b: string[] } {
  const named = (side: string, { key }: MatchTable) => key.map((column) => `${side}_${column}`)
  return { a: named('a', match.a), b: match.keep === 'unmatched' ? [] : named('b', match.b) }
}

/**
 * SELECT that gives the keys of both tables, the separation in degrees and the rank (only the keys of a for
 * unmatched rows), as the zone merge does.
 */
export function pairsSql(match: CrossMatch, sky: SkyIndex, a: TableFacts, b: TableFacts): string {
  const names = keyColumns(match)
  const left = side('a', match.a, a.keyTypes)
  const right = side('b', match.b, b.keyTypes)
  const given = typeof match.radius === 'number' ? `${match.radius}` : radiusOf(match.radius)
  const near = sky.matches(left.position, right.position, given)
  const other = match.self ? ` AND ${tuple(left.keys)} <> ${tuple(right.keys)}` : ''
  const inner = (list: string, limit = '') =>
    `LATERAL (SELECT ${list} FROM ${right.table} b WHERE ${near} AND ${right.valid}${other}${limit} OFFSET 0) b`
  // Fenced, so that a position or radius which the index must not meet is gone before the join.
  const outer = `(SELECT * FROM ${left.table} a WHERE ${left.valid} AND ${hasRadius(match.radius)} OFFSET 0) a`
  const aKeys = left.keys.map((key, i) => `${key} AS ${quoteIdentifier(names.a[i]!)}`)
  if (match.keep === 'unmatched') {
    const all = `(SELECT * FROM ${left.table} a WHERE ${left.valid} OFFSET 0) a`
    return `SELECT ${aKeys.join(', ')} FROM ${all} LEFT JOIN ${inner('1 AS found', ' LIMIT 1')} ON ${hasRadius(match.radius)} WHERE b.found IS NULL`
  }
  const distance = sky.distance(left.position, right.position)
  const bKeys = right.keys.map((key, i) => `${key} AS ${quoteIdentifier(names.b[i]!)}`)
  const found = inner([...bKeys, `${distance} AS separation`].join(', '))
  const pairs = `SELECT ${[...aKeys, ...names.b.map((name) => `b.${quoteIdentifier(name)}`)].join(', ')}, b.separation FROM ${outer} CROSS JOIN ${found}`
  return rankedSql(match, pairs, names)
}

function rankedSql({ keep, self }: CrossMatch, pairs: string, names: { a: string[]; b: string[] }): string {
  const [a, b] = [names.a, names.b].map((list) => list.map((name) => quoteIdentifier(name)))
  const once = self ? `${tuple(a!)} < ${tuple(b!)}` : 'true'
  const list = [...a!, ...b!, 'separation', 'rank'].join(', ')
  const rank = (by: string[], ties: string[]) =>
    `row_number() OVER (PARTITION BY ${by.join(', ')} ORDER BY separation, ${ties.join(', ')})::integer`
  const ranked = `${rank(a!, b!)} AS rank`
  if (keep === 'all') return `SELECT *, ${ranked} FROM (${pairs}) p WHERE ${once}`
  if (keep === 'best') return `SELECT ${list} FROM (SELECT *, ${ranked} FROM (${pairs}) p) r WHERE rank = 1`
  return `SELECT ${list} FROM (SELECT *, ${ranked}, ${rank(b!, a!)} AS back FROM (${pairs}) p) r WHERE rank = 1 AND back = 1 AND ${once}`
}

const radiusOf = ({ column, degrees }: RowRadius): string =>
  `least(a.${quoteIdentifier(column)}::float8 * ${degrees}::float8, 180)`

/** Condition: the row has a radius. NaN is above infinity in PostgreSQL. */
function hasRadius(radius: number | RowRadius): string {
  if (typeof radius === 'number') return 'true'
  const value = `a.${quoteIdentifier(radius.column)}::float8`
  return `(${value} * ${radius.degrees}::float8 > 0 AND ${value} < 'Infinity')`
}

const tuple = (columns: readonly string[]): string => `(${columns.join(', ')})`

interface Side {
  readonly table: string
  readonly position: PositionSql
  readonly keys: string[]
  /** Condition: the position lies on the sphere, and the key is known. */
  readonly valid: string
}

function side(alias: string, { table, ra, dec, key }: MatchTable, types: readonly KeyType[]): Side {
  const column = (name: string) => `${alias}.${quoteIdentifier(name)}`
  const keys = key.map((name, i) =>
    types[i] === 'text' ? `${column(name)}::text COLLATE "C"` : `${column(name)}::${types[i]}`,
  )
  return {
    table: quoteQualified(table),
    position: { ra: column(ra), dec: column(dec) },
    keys,
    valid: validSql(alias, { table, ra, dec, key }),
  }
}

/** Condition by which both roads leave rows out: no position on the sphere, or NULL in the key. */
export function validSql(alias: string, { ra, dec, key }: MatchTable): string {
  const column = (name: string) => `${alias}.${quoteIdentifier(name)}`
  return [
    `${column(dec)} BETWEEN -90 AND 90`,
    // As float8: an integer column has no infinities to compare with.
    `${column(ra)}::float8 > '-Infinity' AND ${column(ra)}::float8 < 'Infinity'`,
    ...key.map((name) => `${column(name)} IS NOT NULL`),
  ].join(' AND ')
}
