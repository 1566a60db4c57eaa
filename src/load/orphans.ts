// Rows without the row they refer to, found by one query a file where the server doesn't check row by row.
import type { Catalog, ForeignKey } from '../model/index.ts'
import { type Client, quoteIdentifier } from '../postgres/index.ts'
import { fileColumnOf } from './file-column.ts'

/**
 * The first foreign key that rows of these files break, asked only where the table has not all of its foreign keys
 * now. To be called in the transaction that brought the rows: from their first one on nobody else can change the keys
 * of the table.
 */
export async function brokenReference(
  client: Client,
  catalog: Catalog,
  fileIds: readonly number[],
): Promise<ForeignKey | undefined> {
  if (catalog.foreignKeys.length === 0 || (await hasAllKeys(client, catalog))) return undefined
  for (const key of catalog.foreignKeys) {
    const { rows } = await client.query<{ found: boolean }>(orphansSql(catalog, key, fileIds))
    if (rows[0]!.found) return key
  }
  return undefined
}

async function hasAllKeys(client: Client, { schema, table, foreignKeys }: Catalog): Promise<boolean> {
  const { rows } = await client.query<{ keys: number }>(
    `SELECT count(*)::int AS keys FROM pg_constraint
     WHERE conrelid = $1::regclass AND contype = 'f' AND convalidated AND conparentid = 0`,
    [quoteIdentifier(schema, table)],
  )
  return rows[0]!.keys >= foreignKeys.length
}

function orphansSql(
  catalog: Catalog,
  { columns, references, key }: ForeignKey,
  fileIds: readonly number[],
): string {
  const [schema = '', target = ''] = references.split('.')
  const own = columns.map((name) => `s.${quoteIdentifier(name)}`)
  const fileColumn = fileColumnOf(catalog)
  const conditions = [
    ...(fileColumn ? [`s.${quoteIdentifier(fileColumn)} IN (${fileIds.join(', ')})`] : []),
    ...own.map((column) => `${column} IS NOT NULL`),
    `NOT EXISTS (SELECT FROM ${quoteIdentifier(schema, target)} r
       WHERE ${key.map((name, i) => `r.${quoteIdentifier(name)} = ${own[i]}`).join(' AND ')})`,
  ]
  return `SELECT EXISTS (SELECT FROM ${quoteIdentifier(catalog.schema, catalog.table)} s
    WHERE ${conditions.join(' AND ')}) AS found`
}
