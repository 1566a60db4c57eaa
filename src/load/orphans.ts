// Rows without the row they refer to, found by one query a file where the server doesn't check row by row.
import type { Catalog, ForeignKey } from '../model/index.ts'
import { type Client, quoteIdentifier } from '../postgres/index.ts'
import { fileColumnOf } from './file-column.ts'

/**
 * Whether a file brought rows without the row they refer to, asked only where the table has not all of its foreign
 * keys now. To be called in the transaction that brought the rows: from their first one on nobody else can change
 * the keys of the table.
 */
export async function broughtOrphans(client: Client, catalog: Catalog, fileId: number): Promise<boolean> {
  if (catalog.foreignKeys.length === 0 || (await hasAllKeys(client, catalog))) return false
  for (const key of catalog.foreignKeys) {
    const { rows } = await client.query<{ found: boolean }>(orphansSql(catalog, key, fileId))
    if (rows[0]!.found) return true
  }
  return false
}

async function hasAllKeys(client: Client, { schema, table, foreignKeys }: Catalog): Promise<boolean> {
  const { rows } = await client.query<{ keys: number }>(
    `SELECT count(*)::int AS keys FROM pg_constraint
     WHERE conrelid = $1::regclass AND contype = 'f' AND convalidated AND conparentid = 0`,
    [quoteIdentifier(schema, table)],
  )
  return rows[0]!.keys >= foreignKeys.length
}

function orphansSql(catalog: Catalog, { columns, references, key }: ForeignKey, fileId: number): string {
  const [schema = '', target = ''] = references.split('.')
  const own = columns.map((name) => `s.${quoteIdentifier(name)}`)
  const fileColumn = fileColumnOf(catalog)
  const conditions = [
    ...(fileColumn ? [`s.${quoteIdentifier(fileColumn)} = ${fileId}`] : []),
    ...own.map((column) => `${column} IS NOT NULL`),
    `NOT EXISTS (SELECT FROM ${quoteIdentifier(schema, target)} r
       WHERE ${key.map((name, i) => `r.${quoteIdentifier(name)} = ${own[i]}`).join(' AND ')})`,
  ]
  return `SELECT EXISTS (SELECT FROM ${quoteIdentifier(catalog.schema, catalog.table)} s
    WHERE ${conditions.join(' AND ')}) AS found`
}
