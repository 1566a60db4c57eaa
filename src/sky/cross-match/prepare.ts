// Before a cross-match runs: the tables are looked at, the road is chosen, the rows that take part are told.
import type { CrossMatch } from '../../model/index.ts'
import { type Client, quoteQualified } from '../../postgres/index.ts'
import type { SkyIndex } from '../sky-index.ts'
import { type MatchPlan, planMatch, type Road } from './plan.ts'
import { validSql } from './side-sql.ts'
import { type TableFacts, tableFacts } from './table-facts.ts'

export interface RunOptions {
  /** Insist on a road; default: the cheaper by the sizes. */
  readonly road?: Road
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

/** Looks at the tables and chooses the road. @throws AlmagestError as {@link tableFacts} */
export async function prepareMatch(
  client: Client,
  sky: SkyIndex,
  match: CrossMatch,
  { road }: RunOptions = {},
): Promise<Prepared> {
  const column = typeof match.radius === 'number' ? undefined : match.radius.column
  const a = await tableFacts(client, sky, match.a, column)
  const b = match.self ? a : await tableFacts(client, sky, match.b)
  // Radii and errors of rows are taken to be small.
  const radius = typeof match.radius === 'number' && match.deviation === undefined ? match.radius : 0
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
