// Distributions of all columns of a table in one pass of the server: counts of values in bins, and of NULLs.
import type { Catalog } from '../../model/index.ts'
import { type Client, quoteIdentifier, type Row } from '../../postgres/index.ts'
import { numericColumns } from '../scan.ts'
import type { Distribution } from './stored.ts'

/** Bins of a column: no comparison by them is off by more than the share of one. */
const bins = 256

/** Columns whose values are measurements; names and numbers of objects, files and rows are none. */
export function measuredColumns(catalog: Catalog): string[] {
  return numericColumns(catalog).filter((name) => {
    const { ucd = '', source } = catalog.columns[name]!
    const filled = typeof source === 'string' || !['file', 'row', 'server'].includes(source.kind)
    return filled && !ucd.startsWith('meta.') && !catalog.key.includes(name)
  })
}

/**
 * Edges that cut each column into bins of as many values, by its quantiles. A value that fills a bin by itself gets one of
 * its own, so that a column of one value is told from another such.
 * @param from  FROM clause of the rows
 */
export async function quantileEdges(
  client: Client,
  from: string,
  columns: readonly string[],
): Promise<Map<string, number[]>> {
  if (columns.length === 0) return new Map()
  const fractions = Array.from({ length: bins + 1 }, (_, i) => i / bins)
  const list = columns.map(
    (name, i) =>
      `percentile_disc('{${fractions}}'::float8[]) WITHIN GROUP (ORDER BY ${quoteIdentifier(name)}::float8)::text AS e${i}`,
  )
  const { rows } = await client.query<Row & Record<string, string | null>>(
    `SELECT ${list.join(', ')} ${from}`,
  )
  return new Map(columns.map((name, i) => [name, edgesOf(rows[0]![`e${i}`] ?? '{}')]))
}

function edgesOf(array: string): number[] {
  const values = array.slice(1, -1).split(',').map(Number).filter(Number.isFinite)
  const edges = values.flatMap((value, i) => {
    const alone = value === values[i - 1] || i === values.length - 1
    return alone ? [value, nextAbove(value)] : [value]
  })
  return [...new Set(edges)].sort((a, b) => a - b)
}

/** The least double above a finite number. */
function nextAbove(value: number): number {
  if (value === 0) return Number.MIN_VALUE
  const [number, bits] = [Float64Array.of(value), new BigInt64Array(1)]
  bits[0] = new BigInt64Array(number.buffer)[0]! + (value > 0 ? 1n : -1n)
  return new Float64Array(bits.buffer)[0]!
}

/** Counts all columns in their bins; a column without edges is counted for its NULLs alone. */
export async function distributions(
  client: Client,
  from: string,
  edges: ReadonlyMap<string, readonly number[]>,
): Promise<{ sql: string; found: Map<string, Distribution> }> {
  const names = [...edges.keys()]
  const bucket = (name: string) => {
    const [column, cuts] = [quoteIdentifier(name), edges.get(name)!]
    return cuts.length === 0
      ? `CASE WHEN ${column} IS NOT NULL THEN 0 END`
      : `width_bucket(${column}::float8, '{${cuts}}'::float8[])`
  }
  const which = names.map((_, i) => `WHEN grouping(b${i}) = 0 THEN ${i}`).join(' ')
  const list = names.map((name, i) => `${bucket(name)} AS b${i}`).join(', ')
  const bare = names.map((_, i) => `b${i}`)
  const sql = `SELECT CASE ${which} END AS place, coalesce(${bare.join(', ')}) AS bin, count(*)::float8 AS n
FROM (SELECT ${list} ${from}) AS binned GROUP BY GROUPING SETS (${bare.map((each) => `(${each})`).join(', ')})`
  const { rows } = await client.query<Row & { place: number; bin: number | null; n: number }>(sql)
  const found = new Map(
    names.map((name, i) => {
      const own = rows.filter(({ place }) => place === i)
      const counts = new Array<number>(edges.get(name)!.length + 1).fill(0)
      for (const { bin, n } of own) if (bin !== null) counts[bin] = n
      return [name, { nulls: own.find(({ bin }) => bin === null)?.n ?? 0, edges: edges.get(name)!, counts }]
    }),
  )
  return { sql, found }
}
