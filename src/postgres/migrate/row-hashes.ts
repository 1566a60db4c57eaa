// A hash over all rows of each table, whatever the order of rows and columns.
import { ofKind } from '../changes/delta.ts'
import type { Client } from '../connection.ts'
import type { Fingerprint } from '../fingerprint/fingerprint.ts'
import { quoteIdentifier } from '../identifiers.ts'

/** Table -> number of rows and MD5 of their sorted texts. */
export async function rowHashes(
  client: Client,
  schema: string,
  facts: Fingerprint,
): Promise<Record<string, string>> {
  const hashes: Record<string, string> = {}
  for (const { of: table } of ofKind(facts, 'table')) {
    const columns = ofKind(facts, 'column')
      .filter(({ of }) => of === table)
      .map(({ name }) => quoteIdentifier(name!))
      .sort()
    const { rows } = await client.query<{ hash: string }>(
      `SELECT count(*) || ' ' || coalesce(md5(string_agg(line, E'\\n' ORDER BY line COLLATE "C")), '') AS hash
       FROM (SELECT ROW(${columns.join(', ')})::text AS line FROM ${quoteIdentifier(schema, table)}) lines`,
    )
    hashes[table] = rows[0]!.hash
  }
  return hashes
}
