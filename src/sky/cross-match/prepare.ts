// Before a cross-match runs: the tables are looked at, the road is chosen, the rows that take part are told.
import { AlmagestError, type CrossMatch } from '../../model/index.ts'
import { type Client, quoteQualified } from '../../postgres/index.ts'
import { addIndexSql } from '../index-check.ts'
import type { SkyIndex } from '../sky-index.ts'
import { type MatchPlan, planMatch, type Road } from './plan.ts'
import { validSql } from './side-sql.ts'
import { type TableFacts, tableFacts } from './table-facts.ts'

export interface RunOptions {
  /** Insist on a road; default: the cheaper by the sizes. */
  readonly road?: Road
  /** Take a road of the server that was asked for even where it would compare all rows of two large tables. */
  readonly force?: boolean
  /** Rows of b held at once in the client; more are matched in bands of declination. */
  readonly rowsInMemory?: number
  /** Told before the first pair: which road, and why. */
  readonly onPlan?: (plan: MatchPlan) => void
}

/** A prepared cross-match: tables looked at, road chosen. */
export interface Prepared {
  readonly match: CrossMatch
  readonly sky: SkyIndex
  readonly a: TableFacts
  readonly b: TableFacts
  readonly plan: MatchPlan
}

/** Rows that took part, known when the pairs are through. */
export interface MatchCounts {
  aRows: number
  bRows: number
  /** Rows of a and b left out: no position on the sphere, or NULL in the key. */
  aSkipped: number
  bSkipped: number
}

/** Pairs of rows that the server may compare one by one without asking: a minute of work or so. */
const mostCompared = 1e8

/**
 * Looks at the tables and chooses the road.
 * @throws AlmagestError `SKY_INDEX_MISSING` for a road of the server that was asked for without an index on b, and as
 *   {@link tableFacts}
 */
export async function prepareMatch(
  client: Client,
  sky: SkyIndex,
  match: CrossMatch,
  { road, force = false }: RunOptions = {},
): Promise<Prepared> {
  const column = typeof match.radius === 'number' ? undefined : match.radius.column
  const a = await tableFacts(client, sky, match.a, column)
  const b = match.self ? a : await tableFacts(client, sky, match.b)
  // Radii and errors of rows are taken to be small.
  const radius = typeof match.radius === 'number' && match.deviation === undefined ? match.radius : 0
  if (road !== undefined && road !== 'client' && !b.indexed && !force && a.rows * b.rows > mostCompared)
    throw indexMissing(match, sky, a.rows, b.rows)
  const plan = planMatch(sky, a, b, radius)
  return { match, sky, a, b, plan: road ? { road, reason: 'as asked for' } : plan }
}

/** How many rows take part, asked of the server. */
export async function countRows(client: Client, match: CrossMatch, counts: MatchCounts): Promise<void> {
  const ask = async (table: CrossMatch['a']) => {
    const { rows } = await client.query<{ used: number; rows: number }>(
      `SELECT count(*)::float8 AS rows, (count(*) FILTER (WHERE ${validSql('t', table)}))::float8 AS used
       FROM ${quoteQualified(table.table)} t`,
    )
    return [rows[0]!.used, rows[0]!.rows - rows[0]!.used] as const
  }
  const [aRows, aSkipped] = await ask(match.a)
  const [bRows, bSkipped] = match.self ? [aRows, aSkipped] : await ask(match.b)
  Object.assign(counts, { aRows, aSkipped, bRows, bSkipped })
}

function indexMissing({ b }: CrossMatch, sky: SkyIndex, aRows: number, bRows: number): AlmagestError {
  const { ra, dec, table, file } = b
  const declared = b.catalog?.sky ?? { ra, dec, frame: 'icrs', index: `idx_${table.split('.')[1]}_sky` }
  return new AlmagestError(
    'SKY_INDEX_MISSING',
    'usage',
    `${file ?? table} has no valid index for ${sky.name}, and the server would compare ${Math.round(aRows)} with ${Math.round(bRows)} rows one by one`,
    `${file ? 'L' : `Add it: ${addIndexSql(table, declared, sky)}. Or l`}eave out --road: the client needs no index. --force does it all the same.`,
    { value: table },
  )
}
