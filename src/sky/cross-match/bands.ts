// Bands of declination that bound the memory of a cross-match: each is read with a margin and matched alone.
import { type Client, quoteIdentifier, quoteQualified } from '../../postgres/index.ts'
import type { CrossMatch, MatchTable } from './declaration.ts'
import type { Band } from './read-positions.ts'

export interface MatchBand {
  /** Declinations of the rows of a that this band reports; undefined where it is the whole sky. */
  readonly own: Band | undefined
  readonly readA: Band | undefined
  readonly readB: Band | undefined
}

const wholeSky: MatchBand = { own: undefined, readA: undefined, readB: undefined }
/** Steps of a tenth of a degree, in which the rows are counted. */
const steps = 1800

/**
 * Bands that hold about `rowsInMemory` rows of both tables each; one where all fit.
 * @param rows  rows of both tables together, about
 */
export async function bandsOf(
  client: Client,
  match: CrossMatch,
  rows: number,
  rowsInMemory: number,
): Promise<MatchBand[]> {
  const parts = Math.ceil(rows / rowsInMemory)
  if (parts <= 1) return [wholeSky]
  const counts = await rowsByStep(client, match.a)
  if (!match.self) {
    const others = await rowsByStep(client, match.b)
    for (let step = 0; step < steps; step++) counts[step]! += others[step]!
  }
  const margin = await marginOf(client, match)
  const edges = [-90, ...cuts(counts, parts), 91]
  return edges.slice(1).map((high, i) => {
    const own = { low: edges[i]!, high }
    const widened = (by: number) => ({ low: own.low - by, high: own.high + by })
    // Whether a match is mutual depends on all rows of a about the row of b.
    return { own, readA: match.keep === 'symmetric' ? widened(2 * margin) : own, readB: widened(margin) }
  })
}

async function rowsByStep(client: Client, { table, dec }: MatchTable): Promise<Float64Array> {
  const counts = new Float64Array(steps)
  const column = quoteIdentifier(dec)
  const { rows } = await client.query<{ step: number; rows: number }>(
    `SELECT least(floor((${column} + 90) * 10), ${steps - 1})::integer AS step, count(*)::float8 AS rows
     FROM ${quoteQualified(table)} WHERE ${column} BETWEEN -90 AND 90 GROUP BY 1`,
  )
  for (const { step, rows: number } of rows) counts[step] = number
  return counts
}

/** The largest radius, and a little for rounding. */
async function marginOf(client: Client, { a, radius }: CrossMatch): Promise<number> {
  if (typeof radius === 'number') return radius + 1e-9
  const value = `${quoteIdentifier(radius.column)}::float8 * ${radius.degrees}::float8`
  const { rows } = await client.query<{ most: number | null }>(
    `SELECT max(${value}) FILTER (WHERE ${value} < 'Infinity') AS most FROM ${quoteQualified(a.table)}`,
  )
  return Math.min(180, Math.max(0, rows[0]!.most ?? 0)) + 1e-9
}

/** Declinations between which about the same number of rows lie. */
function cuts(counts: Float64Array, parts: number): number[] {
  const total = counts.reduce((sum, each) => sum + each, 0)
  const found: number[] = []
  let sum = 0
  for (let step = 0; step < steps - 1 && found.length < parts - 1; step++) {
    sum += counts[step]!
    if (sum >= (total * (found.length + 1)) / parts) found.push((step + 1) / 10 - 90)
  }
  return found
}
