// What is asked of positions beyond regions: nearest neighbours, pairs by separation, density per pixel.
import { AlmagestError, type Catalog, type Columns, type RowOf } from '../model/index.ts'
import type { Client } from '../postgres/index.ts'
import type { Position } from './angle.ts'
import type { CatalogQuery, QuerySource } from './catalog-query.ts'
import { requireSkyIndex } from './index-check.ts'
import type { Parameter } from './predicate.ts'
import { checkedCentre, cone, radiusFault } from './region.ts'

export interface NearestOptions {
  /** ICRS, degrees. */
  readonly to: Position
  /** So many rows at most. */
  readonly count: number
  /** Only rows closer than this, in degrees; without it the whole sky. */
  readonly within?: number
  /** Search even where a large table has no sky index. */
  readonly force?: boolean
}

/**
 * The rows nearest to a position, the nearest first, each with its `separation` in degrees; of rows equally near the
 * one with the smaller key comes first. Cones grow from a guess until one holds enough rows.
 *
 * @throws AlmagestError `REGION_POSITION`, `REGION_RADIUS`, `NEAREST_COUNT` for a count that is no positive whole
 *   number, `SKY_ABSENT`, `SKY_INDEX_MISSING`
 */
export async function nearest<C extends Columns, K extends string, P extends keyof C & string>(
  query: CatalogQuery<C, K, P>,
  client: Client,
  { to, count, within = 180, force = false }: NearestOptions,
): Promise<(Pick<RowOf<Catalog<C, K>>, P & keyof RowOf<Catalog<C, K>>> & { separation: number })[]> {
  checkedCentre(to.ra, to.dec)
  if (!(within >= 0 && within <= 180)) throw radiusFault('greatest distance of a neighbour', within)
  if (!(Number.isInteger(count) && count > 0)) {
    throw new AlmagestError(
      'NEAREST_COUNT',
      'usage',
      `${count} is no number of neighbours`,
      'Ask for a whole number of rows, 1 or more.',
      { value: String(count) },
    )
  }
  const source = query.source()
  await requireSkyIndex(client, source.catalog, source.index, { force })
  type Answer = Pick<RowOf<Catalog<C, K>>, P & keyof RowOf<Catalog<C, K>>> & { separation: number }
  for (let radius = await firstRadius(client, source, count); ; radius *= 4) {
    // an exact cone holds all that is nearer than its rim; the last one is the limit, or the whole sky with its antipode
    const last = radius >= within
    const region = last && within === 180 ? undefined : cone({ ...to, radius: Math.min(radius, within) })
    const rows = await closest<Answer>(client, query.source(4, region), to, count)
    if (rows.length === count || last) return rows
  }
}

async function closest<Answer>(
  client: Client,
  { columns, key, position, table, where, parameters, index }: QuerySource,
  to: Position,
  count: number,
): Promise<Answer[]> {
  const distance = index.distance(position, { ra: '$1::float8', dec: '$2::float8' })
  const order = ['separation', ...key].join(', ')
  const { rows } = await client.query(
    `SELECT ${columns.join(', ')}, separation FROM (
       SELECT *, ${distance} AS separation FROM ${table} WHERE ${index.expression(position)} IS NOT NULL${where && ` AND ${where}`}
     ) AS near ORDER BY ${order} LIMIT $3`,
    [to.ra, to.dec, count, ...parameters],
  )
  return rows as Answer[]
}

/**
 * A cone that would hold twice the rows asked for if they lay evenly over the sky. Nobody knows the rows of a view, or of a
 * table before its first ANALYZE: a guess that is too high costs a few small cones.
 */
async function firstRadius(client: Client, { table }: QuerySource, count: number): Promise<number> {
  const { rows } = await client.query<{ rows: number }>(
    `SELECT coalesce(sum(reltuples) FILTER (WHERE reltuples > 0), 1e6)::float8 AS rows FROM pg_class
     WHERE oid = $1::regclass OR oid IN (SELECT relid FROM pg_partition_tree($1::regclass))`,
    [table],
  )
  const part = Math.min(1, (2 * count) / (rows[0]?.rows ?? 1))
  return (2 * Math.asin(Math.sqrt(part)) * 180) / Math.PI
}

/** Pairs with a separation from `from` to below `to`, in degrees. */
export interface PairBin {
  readonly from: number
  readonly to: number
  readonly pairs: bigint
}

/**
 * Numbers of pairs by separation, counted on the server by the index: pairs within one query, each once, or between two.
 *
 * @param edges  of the bins, degrees, ascending: [0, 0.1, 1] are the bins 0 to 0.1 and 0.1 to 1
 * @param other  the second query; its table's index is used
 * @throws AlmagestError `PAIR_BINS` for less than two edges or edges not ascending from 0 to 90, `SKY_INDEX_MISSING`
 */
export async function pairCounts(
  query: Asked,
  client: Client,
  edges: readonly number[],
  { with: other, force = false }: { with?: Asked; force?: boolean } = {},
): Promise<PairBin[]> {
  if (
    edges.length < 2 ||
    edges.some((each, i) => !(each >= 0 && each <= 90) || (i > 0 && each <= edges[i - 1]!))
  ) {
    throw new AlmagestError(
      'PAIR_BINS',
      'usage',
      `the edges ${edges.join(', ')} are none of bins`,
      'Give two or more separations in degrees, ascending, from 0 to 90.',
    )
  }
  const left = query.source(3)
  const right = (other ?? query).source(3 + left.parameters.length)
  await query.checkIndex(client, { force })
  await requireSkyIndex(client, right.catalog, right.index, { force })
  const left0 = { ra: 'o.ra', dec: 'o.dec' }
  const once = other ? '' : `(${left.key.map((_, i) => `o.k${i}`).join(', ')}) < (${right.key.join(', ')})`
  const conditions = [once, right.where].filter((each) => each !== '')
  // OFFSET 0 keeps the planner from filtering first and comparing every pair
  const text = `SELECT width_bucket(d, $1::float8[]) AS bin, count(*) AS pairs FROM (
      SELECT m.separation_ AS d
      FROM (SELECT ${left.position.ra} AS ra, ${left.position.dec} AS dec${left.key.map((each, i) => `, ${each} AS k${i}`).join('')}
            FROM ${left.table} WHERE ${left.index.expression(left.position)} IS NOT NULL${left.where && ` AND ${left.where}`} OFFSET 0) AS o
      CROSS JOIN LATERAL (
        SELECT * FROM (
          SELECT *, ${right.index.distance(left0, right.position)} AS separation_ FROM ${right.table} AS s
          WHERE ${right.index.matches(left0, { ra: `s.${right.position.ra}`, dec: `s.${right.position.dec}` }, '$2::float8')} OFFSET 0
        ) AS s${conditions.length ? ` WHERE ${conditions.join(' AND ')}` : ''}
      ) AS m
    ) AS p GROUP BY bin`
  const parameters: Parameter[] = [edges, edges.at(-1)!, ...left.parameters, ...right.parameters]
  const { rows } = await client.query<{ bin: number; pairs: bigint }>(text, parameters)
  const counted = new Map(rows.map(({ bin, pairs }) => [bin, pairs]))
  return edges.slice(1).map((to, i) => ({ from: edges[i]!, to, pairs: counted.get(i + 1) ?? 0n }))
}

type Asked = Pick<CatalogQuery<Columns, string, string>, 'source' | 'checkIndex'>

/** A HEALPix pixel (nested) and the rows in it. */
export interface DensityPixel {
  readonly pixel: bigint
  readonly rows: bigint
}

/**
 * Rows per HEALPix pixel of an order, nested, ascending; pixels without rows are left out. A pixel of order k has
 * 41252.96 / (12 * 4^k) square degrees.
 * @throws AlmagestError `SKY_ABSENT`, `SKY_INDEX_MISSING` where the query has a region; the server refuses an order that is
 *   not from 0 to 29
 */
export async function densityMap(
  query: Asked,
  client: Client,
  order: number,
  { force = false }: { force?: boolean } = {},
): Promise<DensityPixel[]> {
  await query.checkIndex(client, { force })
  const { position, table, where, parameters } = query.source(2)
  const { rows } = await client.query<{ pixel: bigint; rows: bigint }>(
    `SELECT pixel, count(*) AS rows FROM (
       SELECT public.healpix_nest($1::int4, ${position.ra}, ${position.dec}) AS pixel FROM ${table}${where && ` WHERE ${where}`}
     ) AS p WHERE pixel IS NOT NULL GROUP BY pixel ORDER BY pixel`,
    [order, ...parameters],
  )
  return rows
}
