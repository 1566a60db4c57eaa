// What a file gave to the tables: whether it is still there, and its removal for a newer content.
import type { Catalog, Survey } from '../model/index.ts'
import { type Client, quoteIdentifier, sqlState } from '../postgres/index.ts'
import type { Destination } from './destination.ts'
import { loadError } from './errors.ts'
import { fileColumnOf } from './file-column.ts'
import { loadedTables } from './ledger.ts'

const foreignKeyViolation = '23503'

/** False when a table lost all rows of a loaded file, e.g. because its schema was dropped and built again. */
export async function isStillThere(
  client: Client,
  survey: Survey,
  fileId: number,
  { place }: Destination,
): Promise<boolean> {
  for (const { table, rowsLoaded } of await loadedTables(client, fileId)) {
    const catalog = survey.catalogs.find(({ name }) => name === table)
    const column = catalog && fileColumnOf(catalog)
    if (!catalog || !column || rowsLoaded === 0) continue
    const { schema, table: name } = place(catalog)
    const { rows } = await client.query<{ there: boolean }>(
      `SELECT EXISTS (SELECT FROM ${quoteIdentifier(schema, name)}
       WHERE ${quoteIdentifier(column)} = $1) AS there`,
      [fileId],
    )
    if (!rows[0]!.there) return false
  }
  return true
}

/**
 * Deletes what a file gave, referring tables first.
 * @throws AlmagestError LOAD_REFERENCED with the referring table, LOAD_NOT_REPLACEABLE
 */
export async function deleteRows(
  client: Client,
  survey: Survey,
  fileId: number,
  file: string,
  { place }: Destination,
): Promise<void> {
  const tables = new Set((await loadedTables(client, fileId)).map(({ table }) => table))
  for (const catalog of survey.catalogs.toReversed()) {
    if (!tables.has(catalog.name)) continue
    const column = fileColumnOf(catalog)
    if (!column) throw notReplaceable(catalog, file)
    const { schema, table } = place(catalog)
    try {
      await client.query(
        `DELETE FROM ${quoteIdentifier(schema, table)} WHERE ${quoteIdentifier(column)} = $1`,
        [fileId],
      )
    } catch (error) {
      if (sqlState(error) !== foreignKeyViolation) throw error
      throw referenced(catalog, file, error as Error & { table?: string; schema?: string })
    }
  }
}

function notReplaceable(catalog: Catalog, file: string) {
  const message = `the rows of ${file} in ${catalog.name} can't be replaced: no column holds the number of the file`
  return loadError('LOAD_NOT_REPLACEABLE', message, { file })
}

function referenced(catalog: Catalog, file: string, cause: Error & { table?: string; schema?: string }) {
  const other = cause.table ? `${cause.schema}.${cause.table}` : 'another table'
  const message = `the rows of ${file} in ${catalog.name} can't be replaced: rows of ${other} refer to them (${cause.message})`
  return loadError('LOAD_REFERENCED', message, { file }, { cause })
}
