// What rows hash to, file by file, whatever the order of rows and columns and whatever the session's settings.
import { type Client, quoteIdentifier } from '../postgres/index.ts'

export interface FileContent {
  /** 0 for rows of no file. */
  readonly fileId: number
  readonly rows: number
  /** SHA-256 in hexadecimal. */
  readonly hash: string
}

/** Settings on which the text of a value depends. */
const textSettings: Readonly<Record<string, string>> = {
  DateStyle: 'ISO, MDY',
  IntervalStyle: 'postgres',
  TimeZone: 'UTC',
  extra_float_digits: '1',
  bytea_output: 'hex',
}

/** Fixes, for this transaction, how values are written. */
export async function fixTexts(client: Client): Promise<void> {
  await client.query(
    'SELECT set_config(name, value, true) FROM unnest($1::text[], $2::text[]) AS s(name, value)',
    [Object.keys(textSettings), Object.values(textSettings)],
  )
}

/**
 * Hashes the rows of a table or view by the file they came from: SHA-256 of each row's text, of the sorted digests of
 * rows that begin with the same byte (a text of all digests would outgrow the server's limit of 1 GB), and of these.
 * A file without rows is not there.
 * @param columns  sorted by name
 * @param fileColumn  column with the number of the file, if there is one
 */
export async function contentByFile(
  client: Client,
  from: { readonly schema: string; readonly table: string },
  columns: readonly string[],
  fileColumn: string | undefined,
): Promise<FileContent[]> {
  const file = fileColumn === undefined ? '0' : `coalesce(${quoteIdentifier(fileColumn)}, 0)`
  const row = `ROW(${columns.map((name) => quoteIdentifier(name)).join(', ')})::text`
  const { rows } = await client.query<{ fileId: number; rows: number; hash: string }>(
    `SELECT file AS "fileId", sum(n)::float8 AS rows, encode(sha256(string_agg(hash, ''::bytea ORDER BY first)), 'hex') AS hash
     FROM (SELECT file, get_byte(digest, 0) AS first, count(*) AS n,
         sha256(string_agg(digest, ''::bytea ORDER BY digest)) AS hash
       FROM (SELECT ${file} AS file, sha256(convert_to(${row}, 'UTF8')) AS digest
         FROM ${quoteIdentifier(from.schema, from.table)}) AS hashed
       GROUP BY 1, 2) AS buckets
     GROUP BY 1 ORDER BY 1`,
  )
  return rows
}
