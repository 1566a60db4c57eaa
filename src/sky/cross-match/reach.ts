// How far the look-ups of a cross-match reach, as the tables stand.
import type { CrossMatch } from '../../model/index.ts'
import type { Client } from '../../postgres/index.ts'
import { largestErrorSql, largestRadiusSql } from './side-sql.ts'

/** The largest radius of any row, and the largest error of b, degrees. */
export async function reachOf(
  client: Client,
  match: CrossMatch,
): Promise<{ reach: number; otherError: number }> {
  const { radius, deviation, b } = match
  if (typeof radius === 'number' && deviation === undefined) return { reach: radius, otherError: 0 }
  const error = deviation === undefined ? '0::float8' : `coalesce(${largestErrorSql(b)}, 0)`
  const { rows } = await client.query<{ reach: number; error: number }>(
    `SELECT ${largestRadiusSql(match, 'error')} AS reach, error FROM (SELECT ${error} AS error) b`,
  )
  // Radii of rows are rounded up likewise.
  return { reach: Math.min(180, rows[0]!.reach * (1 + 1e-8) + 1e-11), otherError: rows[0]!.error }
}
