// The parts of releases: the rows that one file gave to one table, in a table that refuses every change.
import type { Catalog } from '../model/index.ts'
import {
  type Client,
  copyReaders,
  hasPolicies,
  quoteIdentifier,
  quoteLiteral,
  type SkyContribution,
  secondaryIndexes,
  shortName,
} from '../postgres/index.ts'
import { contentByFile, type FileContent } from './content.ts'
import { type ReleasePart, selectParts } from './register.ts'

/** A table as it is in the database: its columns, sorted by name, and the one that tells the file of a row. */
interface TableShape {
  readonly columns: readonly (readonly [name: string, type: string])[]
  readonly fileColumn: string | undefined
  /** Whether row policies hold rows back. */
  readonly policies: boolean
}

/**
 * The parts that hold a table's rows as they are now: those that an earlier release has already, and new ones for
 * rows that none has.
 */
export async function partsOf(
  client: Client,
  survey: string,
  catalog: Catalog,
  partSchema: string,
  sky: SkyContribution,
): Promise<ReleasePart[]> {
  const shape = await shapeOf(client, catalog)
  const names = shape.columns.map(([name]) => name)
  const found = await contentByFile(client, catalog, names, shape.fileColumn)
  // A table without rows is a part too: the release has it, empty.
  const contents = found.length > 0 ? found : [{ fileId: 0, rows: 0, hash: '' }]
  const parts: ReleasePart[] = []
  for (const content of contents) {
    const { rows } = await client.query<ReleasePart & Record<string, unknown>>(
      `${selectParts} WHERE survey = $1 AND table_name = $2 AND file_id = $3 AND hash = $4 AND columns = $5`,
      [survey, catalog.name, content.fileId, content.hash, JSON.stringify(shape.columns)],
    )
    const part = rows[0] ?? (await makePart(client, survey, catalog, shape, content, partSchema, sky))
    // Views read parts with their owner's rights, but for tables with row policies.
    if (shape.policies) await copyReaders(client, catalog, { schema: part.partSchema, table: part.partTable })
    parts.push(part)
  }
  return parts
}

async function shapeOf(client: Client, catalog: Catalog): Promise<TableShape> {
  const { rows } = await client.query<{ name: string; type: string }>(
    `SELECT attname::text AS name, format_type(atttypid, atttypmod) AS type FROM pg_attribute
     WHERE attrelid = to_regclass($1) AND attnum > 0 AND NOT attisdropped ORDER BY attname COLLATE "C"`,
    [quoteIdentifier(catalog.schema, catalog.table)],
  )
  const fileColumn = Object.entries(catalog.columns).find(
    ([, { source }]) => typeof source !== 'string' && source.kind === 'file',
  )?.[0]
  return {
    columns: rows.map(({ name, type }) => [name, type] as const),
    fileColumn,
    policies: await hasPolicies(client, catalog),
  }
}

async function makePart(
  client: Client,
  survey: string,
  catalog: Catalog,
  { columns, fileColumn }: TableShape,
  { fileId, rows, hash }: FileContent,
  partSchema: string,
  sky: SkyContribution,
): Promise<ReleasePart> {
  const file = await ledgerFile(client, fileId)
  const { rows: numbers } = await client.query<{ id: number }>(
    `SELECT nextval(pg_get_serial_sequence('almagest.release_part', 'part_id'))::int AS id`,
  )
  const partId = numbers[0]!.id
  const partTable = shortName(`${catalog.table}_${partId}`)
  const original = quoteIdentifier(catalog.schema, catalog.table)
  const table = quoteIdentifier(partSchema, partTable)
  const list = columns.map(([name]) => quoteIdentifier(name)).join(', ')
  const mine =
    fileColumn === undefined ? '' : ` WHERE coalesce(${quoteIdentifier(fileColumn)}, 0) = ${fileId}`
  await client.query(`CREATE TABLE ${table} (LIKE ${original} INCLUDING COMMENTS INCLUDING STORAGE)`)
  await client.query(`INSERT INTO ${table} (${list}) SELECT ${list} FROM ${original}${mine}`)
  const key = catalog.key.map((name) => quoteIdentifier(name)).join(', ')
  await client.query(`ALTER TABLE ${table} ADD PRIMARY KEY (${key})`)
  for (const { create } of secondaryIndexes(likePart(catalog, partSchema, partTable, partId), sky))
    await client.query(create)
  await client.query(
    `CREATE TRIGGER refuse_change BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON ${table}
     FOR EACH STATEMENT EXECUTE FUNCTION almagest.refuse_change()`,
  )
  const origin = file ? ` from ${file.name}` : ''
  await client.query(`COMMENT ON TABLE ${table} IS ${quoteLiteral(`${catalog.title}${origin}, as released`)}`)
  await client.query(`ANALYZE ${table}`)
  const part: ReleasePart = {
    partId,
    table: catalog.name,
    columns,
    fileId,
    file: file?.name ?? null,
    fileSha256: file?.sha256 ?? null,
    partSchema,
    partTable,
    rows,
    hash,
  }
  await client.query(
    `INSERT INTO almagest.release_part (part_id, survey, table_name, columns, file_id, file, file_sha256, part_schema, part_table, rows, hash)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
    [
      partId,
      survey,
      part.table,
      JSON.stringify(columns),
      fileId,
      part.file,
      part.fileSha256,
      partSchema,
      partTable,
      rows,
      hash,
    ],
  )
  return part
}

/** The catalogue as the part has it: its own names for the indexes, which share a schema with those of other parts. */
function likePart(catalog: Catalog, schema: string, table: string, partId: number): Catalog {
  const { sky, partition: _, ...rest } = catalog
  const named = (index: string) => shortName(`${index}_${partId}`)
  return {
    ...rest,
    schema,
    table,
    foreignKeys: [],
    indexes: Object.fromEntries(Object.entries(catalog.indexes).map(([name, each]) => [named(name), each])),
    ...(sky && {
      sky: {
        ...sky,
        index: named(sky.index),
        ...(sky.healpix === undefined ? {} : { healpix: named(sky.healpix) }),
      },
    }),
  }
}

async function ledgerFile(
  client: Client,
  fileId: number,
): Promise<{ name: string; sha256: string | null } | undefined> {
  if (fileId === 0) return undefined
  const { rows: there } = await client.query<{ there: boolean }>(
    "SELECT to_regclass('almagest.load_file') IS NOT NULL AS there",
  )
  if (!there[0]!.there) return undefined
  const { rows } = await client.query<{ name: string; sha256: string | null }>(
    'SELECT name, sha256 FROM almagest.load_file WHERE file_id = $1',
    [fileId],
  )
  return rows[0]
}
