// A hash over all rows of each table, whatever the order of rows and columns.
import { ofKind } from '../changes/delta.ts'
import type { Client } from '../connection.ts'
import type { Fingerprint } from '../fingerprint/fingerprint.ts'
import { quoteIdentifier } from '../identifiers.ts'

/** Table -> its hash. */
export async function rowHashes(
  client: Client,
  schema: string,
  facts: Fingerprint,
): Promise<Record<string, string>> {
  const hashes: Record<string, string> = {}
  for (const { of: table } of ofKind(facts, 'table')) {
    const columns = ofKind(facts, 'column').filter(({ of }) => of === table)
    hashes[table] = await rowHash(
      client,
      schema,
      table,
      columns.map(({ name }) => name!),
    )
  }
  return hashes
}

/**
 * Number of rows, and two sums of 64-bit hashes of their texts: what differs in one row differs in both, and no sort or
 * memory is needed for a table of any size.
 */
export async function rowHash(
  client: Client,
  schema: string,
  table: string,
  columns: readonly string[],
): Promise<string> {
  const list = [...columns].sort().map((name) => quoteIdentifier(name))
  const { rows } = await client.query<{ hash: string }>(
    `SELECT concat_ws(' ', count(*), coalesce(sum(hashtextextended(line, 0)), 0), coalesce(sum(hashtextextended(line, 1)), 0)) AS hash
     FROM (SELECT ROW(${list.join(', ')})::text AS line FROM ${quoteIdentifier(schema, table)}) lines`,
  )
  return rows[0]!.hash
}
