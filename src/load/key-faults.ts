// The slow path, taken when keys collide: rows into a temporary table, the offending ones told by SQL, the rest kept.
import type { FitsFile } from '../fits/index.ts'
import type { Catalog, ForeignKey } from '../model/index.ts'
import { type Client, quoteIdentifier, quoteLiteral } from '../postgres/index.ts'
import { type CopyHooks, copyRows } from './copy-rows.ts'
import type { Destination } from './destination.ts'
import { loadError } from './errors.ts'
import { fileColumnOf } from './file-column.ts'
import { rowNumberColumn, type TablePlan } from './plan.ts'
import type { RejectLog } from './rejects.ts'

const sorting = 'pg_temp.almagest_sorting'
const rowColumn = quoteIdentifier(rowNumberColumn)

/**
 * Loads a table by way of a temporary table. Orphans (rows without the row they refer to) are put among the
 * rejects first, then of rows with equal keys all but the first, then rows whose key the table has already.
 * @param plan  made with `numbered`
 * @returns rows that the server has stored
 * @throws AlmagestError LOAD_DUPLICATE_KEY, LOAD_FOREIGN_KEY when more such rows are found than allowed
 */
export async function loadSorted(
  client: Client,
  file: FitsFile,
  plan: TablePlan,
  rejects: RejectLog,
  destination: Destination,
  hooks: CopyHooks,
): Promise<number> {
  const { catalog } = plan
  const { schema, table: name } = destination.place(catalog)
  const table = quoteIdentifier(schema, name)
  const columns = plan.columns.filter((column) => column !== rowNumberColumn)
  const list = columns.map((column) => quoteIdentifier(column)).join(', ')
  await client.query(
    `CREATE TEMPORARY TABLE almagest_sorting ON COMMIT DROP AS
     SELECT ${list}, 0::bigint AS ${rowColumn} FROM ${table} WITH NO DATA`,
  )
  const all = plan.columns.map((column) => quoteIdentifier(column)).join(', ')
  await copyRows(client, file, plan, `COPY ${sorting} (${all}) FROM STDIN (FORMAT binary)`, rejects, hooks)
  await client.query(`ANALYZE ${sorting}`)
  const search = { client, plan, rejects, file: file.name, destination }
  for (const foreignKey of catalog.foreignKeys) await rejectOrphans(search, foreignKey)
  const given = [catalog.key, ...catalog.unique].filter((key) => key.every((name) => columns.includes(name)))
  for (const key of given) {
    await rejectRepeated(search, key)
    await rejectPresent(search, key)
  }
  const { rowCount } = await client.query(
    `INSERT INTO ${table} (${list}) SELECT ${list} FROM ${sorting} ORDER BY ${rowColumn}`,
  )
  await client.query(`DROP TABLE ${sorting}`)
  return rowCount
}

interface Search {
  readonly client: Client
  readonly plan: TablePlan
  readonly rejects: RejectLog
  readonly file: string
  readonly destination: Destination
}

const quoted = (key: readonly string[], alias: string) =>
  key.map((name) => `${alias}.${quoteIdentifier(name)}`)
const allGiven = (columns: readonly string[]) =>
  columns.map((column) => `${column} IS NOT NULL`).join(' AND ')
const textOf = (columns: readonly string[]) => `concat_ws(', ', ${columns.join(', ')})`
const equalTo = (a: readonly string[], b: readonly string[]) =>
  a.map((column, i) => `${column} = ${b[i]}`).join(' AND ')

async function rejectOrphans(search: Search, { columns, references, key }: ForeignKey): Promise<void> {
  if (!columns.every((name) => search.plan.columns.includes(name))) return
  const own = quoted(columns, 's')
  const sql = `DELETE FROM ${sorting} s WHERE ${allGiven(own)} AND NOT EXISTS
      (SELECT FROM ${search.destination.rowsOf(references, key)} r WHERE ${equalTo(quoted(key, 'r'), own)})
    RETURNING s.${rowColumn} AS row, ${textOf(own)} AS value, 'no such row in ${references}' AS detail`
  await moveToRejects(search, 'foreign-key', columns, sql)
}

/** What the catalogue says of duplicates, as an SQL literal. */
const whyLeftOut = ({ duplicates }: Catalog) =>
  quoteLiteral(duplicates ? `; the ${duplicates.keep} one is kept: ${duplicates.reason}` : '')

async function rejectRepeated(search: Search, key: readonly string[]): Promise<void> {
  const own = quoted(key, 's')
  const sql = `DELETE FROM ${sorting} s USING
      (SELECT ${rowColumn}, min(${rowColumn}) OVER (PARTITION BY ${own.join(', ')}) AS first
       FROM ${sorting} s WHERE ${allGiven(own)}) ranked
    WHERE s.${rowColumn} = ranked.${rowColumn} AND ranked.${rowColumn} > ranked.first
    RETURNING s.${rowColumn} AS row, ${textOf(own)} AS value,
      'the same as in row ' || first AS detail`
  await moveToRejects(search, 'duplicate-key', key, sql)
}

async function rejectPresent(search: Search, key: readonly string[]): Promise<void> {
  const own = quoted(key, 's')
  const fileColumn = fileColumnOf(search.plan.catalog)
  const origin = fileColumn
    ? `' from ' || coalesce((SELECT name FROM almagest.load_file WHERE file_id = t.${quoteIdentifier(fileColumn)}), 'elsewhere')`
    : `''`
  const sql = `DELETE FROM ${sorting} s USING ${search.destination.rowsOf(search.plan.catalog.name, key)} t WHERE ${equalTo(own, quoted(key, 't'))}
    RETURNING s.${rowColumn} AS row, ${textOf(own)} AS value, 'in the table already' || ${origin} || ${whyLeftOut(search.plan.catalog)} AS detail`
  const expected = search.plan.catalog.duplicates !== undefined
  await moveToRejects(search, 'duplicate-key', key, sql, expected)
}

/**
 * Runs a DELETE ... RETURNING row, value, detail and stores what it returns among the rejects.
 * @param expected  whether the catalogue says that such rows are left out
 */
async function moveToRejects(
  search: Search,
  rule: 'duplicate-key' | 'foreign-key',
  columns: readonly string[],
  deletion: string,
  expected = false,
): Promise<void> {
  const { client, plan, rejects } = search
  const hdu = plan.hdus[0] ?? 'PRIMARY'
  const { rowCount } = await client.query(
    `WITH found AS (${deletion}) INSERT INTO almagest.load_reject
       (file_id, table_name, hdu, row_number, column_name, value, rule, detail)
     SELECT $1, $2, $3, row, $4, value, $5, detail FROM found`,
    [rejects.fileId, plan.catalog.name, hdu, columns.join(', '), rule],
  )
  rejects.count(rule, rowCount, expected)
  if (rowCount > 0 && rejects.keyRejectsExceed) throw await firstFault(search, rule, columns, hdu, rowCount)
}

async function firstFault(
  { client, plan, rejects, file }: Search,
  rule: 'duplicate-key' | 'foreign-key',
  columns: readonly string[],
  hdu: string,
  count: number,
) {
  const { rows } = await client.query<{ row: bigint; value: string; detail: string }>(
    `SELECT row_number AS row, value, detail FROM almagest.load_reject
     WHERE file_id = $1 AND table_name = $2 AND rule = $3 AND column_name = $4 ORDER BY row_number LIMIT 1`,
    [rejects.fileId, plan.catalog.name, rule, columns.join(', ')],
  )
  const { row, value, detail } = rows[0]!
  const what = rule === 'duplicate-key' ? 'a key that is not unique' : 'a reference to nothing'
  const message =
    `row ${row} of ${hdu} in ${file} has ${what}: (${columns.join(', ')}) = (${value}), ${detail}; ` +
    `${count} such ${count === 1 ? 'row' : 'rows'}, ${rejects.limit ?? 0} allowed`
  return loadError(rule === 'duplicate-key' ? 'LOAD_DUPLICATE_KEY' : 'LOAD_FOREIGN_KEY', message, {
    file,
    hdu,
    row: Number(row),
    column: columns.join(', '),
    value,
  })
}

/**
 * Whether rows of a file that were copied into staging stand against rows of the tables, of which the server knows
 * nothing there: a key that a row to stay has already, or a reference to no row.
 */
export async function hasKeyFaults(
  client: Client,
  { catalog, columns }: TablePlan,
  fileId: number,
  destination: Destination,
): Promise<boolean> {
  const { schema, table } = destination.place(catalog)
  const file = quoteIdentifier(fileColumnOf(catalog)!)
  const own = `FROM ${quoteIdentifier(schema, table)} s WHERE s.${file} = ${fileId}`
  const given = [catalog.key, ...catalog.unique].filter((key) => key.every((name) => columns.includes(name)))
  const repeated = given.map(
    (key) =>
      `EXISTS (SELECT ${own} AND EXISTS (SELECT FROM ${destination.staying(catalog.name, key)} t WHERE ${equalTo(quoted(key, 't'), quoted(key, 's'))}))`,
  )
  const orphaned = catalog.foreignKeys
    .filter((each) => each.columns.every((name) => columns.includes(name)))
    .map(
      ({ columns: from, references, key }) =>
        `EXISTS (SELECT ${own} AND ${allGiven(quoted(from, 's'))} AND NOT EXISTS
          (SELECT FROM ${destination.rowsOf(references, key)} r WHERE ${equalTo(quoted(key, 'r'), quoted(from, 's'))}))`,
    )
  const { rows } = await client.query<{ faulty: boolean }>(
    `SELECT ${[...repeated, ...orphaned].join(' OR ')} AS faulty`,
  )
  return rows[0]!.faulty
}
