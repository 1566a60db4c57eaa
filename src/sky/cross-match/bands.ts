// Bands of declination that bound the memory of a cross-match: each is read with a margin and matched alone.
import type { CrossMatch, MatchTable } from '../../model/index.ts'
import { type Client, quoteQualified } from '../../postgres/index.ts'
import type { Band } from './read-positions.ts'
import { positionAt } from './side-sql.ts'

export interface MatchBand {
  /** Declinations of the rows of a that this band reports; undefined where it is the whole sky. */
  readonly own: Band | undefined
  readonly readA: Band | undefined
  readonly readB: Band | undefined
  /** Rows of b in it, about. */
  readonly rowsOfB: number
}

/** Steps of a tenth of a degree, in which the rows are counted. */
const steps = 1800

/**
 * Bands that hold about `rowsInMemory` rows of b each; one where all fit. Declinations are those of the epoch.
 * @param reach  the largest radius of any row of a, degrees
 */
export async function bandsOf(
  client: Client,
  match: CrossMatch,
  rowsOfB: number,
  rowsInMemory: number,
  reach: number,
): Promise<MatchBand[]> {
  const parts = Math.ceil(rowsOfB / rowsInMemory)
  if (parts <= 1) return [{ own: undefined, readA: undefined, readB: undefined, rowsOfB }]
  const counts = await rowsByStep(client, match.b, match.epoch)
  const margin = reach + 1e-9
  return bandsBetween(cuts(counts, parts)).map((own) => {
    const widened = (by: number) => ({ low: own.low - by, high: own.high + by })
    const readB = widened(margin)
    // Whether a match is mutual depends on all rows of a about the row of b.
    const readA = match.keep === 'symmetric' ? widened(2 * margin) : own
    return { own, readA, readB, rowsOfB: rowsWithin(counts, readB) }
  })
}

/** Bands of about the same number of rows of a table, over the whole sky. */
export async function evenBands(
  client: Client,
  table: MatchTable,
  epoch: number | undefined,
  parts: number,
): Promise<Band[]> {
  return bandsBetween(cuts(await rowsByStep(client, table, epoch), parts))
}

function bandsBetween(declinations: readonly number[]): Band[] {
  const edges = [-90, ...declinations, 91]
  return edges.slice(1).map((high, i) => ({ low: edges[i]!, high }))
}

function rowsWithin(counts: Float64Array, { low, high }: Band): number {
  const [first, end] = [Math.floor((low + 90) * 10), Math.ceil((high + 90) * 10)]
  return counts.subarray(Math.max(0, first), Math.max(0, end)).reduce((sum, each) => sum + each, 0)
}

async function rowsByStep(
  client: Client,
  table: MatchTable,
  epoch: number | undefined,
): Promise<Float64Array> {
  const counts = new Float64Array(steps)
  const { dec } = positionAt('t', table, epoch)
  const { rows } = await client.query<{ step: number; rows: number }>(
    `SELECT least(floor((dec + 90) * 10), ${steps - 1})::integer AS step, count(*)::float8 AS rows
     FROM (SELECT ${dec} AS dec FROM ${quoteQualified(table.table)} t) p WHERE dec BETWEEN -90 AND 90 GROUP BY 1`,
  )
  for (const { step, rows: number } of rows) counts[step] = number
  return counts
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
