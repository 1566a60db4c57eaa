// The tables of staging: twins of a survey's tables, for the owner alone.
import type { Catalog, Survey } from '../model/index.ts'
import { type Client, quoteIdentifier, quoteLiteral, sideComments, stagingSchema } from '../postgres/index.ts'
import { loadError } from './errors.ts'
import { fileColumnOf } from './file-column.ts'

/**
 * Makes a survey's staging tables where they are not there: shape, keys and constraints of the tables, without
 * references and other indexes.
 * @throws AlmagestError LOAD_NOT_REPLACEABLE for a table whose rows can't be told apart by file, LOAD_STAGING_SHAPE when
 *   rows are staged in another shape than the table has now
 */
export async function ensureStaging(
  client: Client,
  survey: Survey,
  catalogs: readonly Catalog[],
): Promise<void> {
  const schema = stagingSchema(survey)
  await client.transaction(async () => {
    await client.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [
      `almagest staging ${survey.name}`,
    ])
    const { rows } = await client.query('SELECT FROM pg_namespace WHERE nspname = $1', [schema])
    if (rows.length === 0) {
      await client.query(`CREATE SCHEMA ${quoteIdentifier(schema)}`)
      const comment = quoteLiteral(sideComments.staging(survey))
      await client.query(`COMMENT ON SCHEMA ${quoteIdentifier(schema)} IS ${comment}`)
    }
    for (const catalog of catalogs) await ensureTwin(client, schema, catalog)
  })
}

async function ensureTwin(client: Client, schema: string, catalog: Catalog): Promise<void> {
  if (!fileColumnOf(catalog)) {
    const message = `${catalog.name} can't be staged: no column holds the number of the file`
    throw loadError('LOAD_NOT_REPLACEABLE', message, {})
  }
  const twin = quoteIdentifier(schema, catalog.table)
  const original = quoteIdentifier(catalog.schema, catalog.table)
  const [has, needs] = [await shapeOf(client, twin), await shapeOf(client, original)]
  if (has === needs) return
  if (has !== '') {
    const { rows } = await client.query<{ filled: boolean }>(`SELECT EXISTS (SELECT FROM ${twin}) AS filled`)
    if (rows[0]!.filled) {
      const message = `${catalog.name} was changed since rows were staged for it in ${schema}`
      throw loadError('LOAD_STAGING_SHAPE', message, {})
    }
    await client.query(`DROP TABLE ${twin}`)
  }
  await client.query(
    `CREATE TABLE ${twin} (LIKE ${original} INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING COMMENTS INCLUDING STORAGE)`,
  )
  const list = (key: readonly string[]) => key.map((name) => quoteIdentifier(name)).join(', ')
  for (const [i, key] of [catalog.key, ...catalog.unique].entries())
    await client.query(`ALTER TABLE ${twin} ADD ${i === 0 ? 'PRIMARY KEY' : 'UNIQUE'} (${list(key)})`)
}

/** Columns and checks of a table as text; empty where there is none. */
async function shapeOf(client: Client, table: string): Promise<string> {
  const { rows } = await client.query<{ shape: string | null }>(
    `SELECT (SELECT string_agg(concat_ws(' ', attname, format_type(atttypid, atttypmod), attnotnull), ', ' ORDER BY attnum)
       FROM pg_attribute WHERE attrelid = to_regclass($1) AND attnum > 0 AND NOT attisdropped)
       || coalesce((SELECT string_agg(pg_get_constraintdef(oid), ', ' ORDER BY conname)
       FROM pg_constraint WHERE conrelid = to_regclass($1) AND contype = 'c'), '') AS shape`,
    [table],
  )
  return rows[0]!.shape ?? ''
}
