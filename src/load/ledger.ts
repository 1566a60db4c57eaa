// The ledger of loaded files: what is there, what is tried, how it ended.
import type { FitsFile } from '../fits/index.ts'
import type { Survey } from '../model/index.ts'
import type { Client } from '../postgres/index.ts'
import type { NamedFile } from './match.ts'
import type { TableReport } from './report.ts'

export interface LoadedFile {
  readonly fileId: number
  readonly bytes: bigint
  readonly sha256: string
  readonly version: string
}

/** The loaded, or staged, content of a file of that name, if there is one. */
export async function contentOf(
  client: Client,
  { survey, name }: Pick<NamedFile, 'survey' | 'name'>,
  state: 'loaded' | 'staged',
): Promise<LoadedFile | undefined> {
  const { rows } = await client.query<LoadedFile & Record<string, unknown>>(
    `SELECT file_id AS "fileId", bytes, sha256, catalog_version AS version FROM almagest.load_file
     WHERE survey = $1 AND name = $2 AND state = $3`,
    [survey.name, name, state],
  )
  return rows[0]
}

/**
 * Notes that a file is being loaded; a former attempt that failed or was killed is taken up under its number. The
 * commit doesn't wait for the disk: that of the rows does, for all that went before it too.
 */
export async function beginAttempt(client: Client, file: NamedFile, bytes: number): Promise<number> {
  const { rows } = await client.query<{ file_id: number }>(
    `INSERT INTO almagest.load_file (survey, name, path, bytes, catalog_version, state)
     SELECT $1, $2, $3, $4::bigint, $5, 'loading' FROM set_config('synchronous_commit', 'off', true)
     ON CONFLICT (survey, name) WHERE state IN ('loading', 'failed') DO UPDATE
     SET path = $3, bytes = $4, catalog_version = $5, state = 'loading', error = NULL,
         started_at = clock_timestamp(), finished_at = NULL, seconds = NULL
     RETURNING file_id`,
    [file.survey.name, file.name, file.path, bytes, file.survey.version],
  )
  return rows[0]!.file_id
}

/** Within the transaction of the load: the file is loaded, or staged, with these tables. */
export async function finishAttempt(
  client: Client,
  fileId: number,
  file: FitsFile,
  sha256: string,
  tables: readonly TableReport[],
  state: 'loaded' | 'staged',
): Promise<void> {
  for (const table of tables) {
    await client.query(
      `INSERT INTO almagest.load_table (file_id, table_name, layout, hdus, rows_read, rows_loaded, rows_rejected,
         rejects_by_rule, nulls_from_nan, ra_wrapped, seconds)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
      [
        fileId,
        table.table,
        table.layout,
        table.hdus,
        table.rowsRead,
        table.rowsLoaded,
        table.rowsRejected,
        table.rejectsByRule,
        table.nullsFromNan,
        table.raWrapped,
        table.seconds,
      ],
    )
  }
  await client.query(
    `UPDATE almagest.load_file SET state = $4, sha256 = $2, header = $3, finished_at = clock_timestamp(),
       seconds = extract(epoch FROM clock_timestamp() - started_at) WHERE file_id = $1`,
    [fileId, sha256, primaryHeader(file), state],
  )
}

/** Marks a content whose rows are gone: a loaded one as replaced, a staged one as discarded. */
export async function markGone(
  client: Client,
  fileId: number,
  state: 'replaced' | 'discarded',
): Promise<void> {
  await client.query('UPDATE almagest.load_file SET state = $2 WHERE file_id = $1', [fileId, state])
}

export interface FailureNote {
  readonly code: string
  readonly message: string
  readonly hint: string
  readonly place: object
}

/** Notes that an attempt failed. */
export async function failAttempt(client: Client, fileId: number, failure: FailureNote): Promise<void> {
  const { code, message, hint, place } = failure
  await client.query(
    `UPDATE almagest.load_file SET state = 'failed', error = $2, finished_at = clock_timestamp(),
       seconds = extract(epoch FROM clock_timestamp() - started_at) WHERE file_id = $1 AND state = 'loading'`,
    [fileId, JSON.stringify({ code, message, hint, place })],
  )
}

/** Notes on staged files why they were not published. */
export async function failStaged(
  client: Client,
  ids: readonly number[],
  failure: FailureNote,
): Promise<void> {
  await client.query(
    `UPDATE almagest.load_file SET error = $2 WHERE file_id = ANY($1) AND state = 'staged'`,
    [ids, JSON.stringify(failure)],
  )
}

/** The files of a survey that wait in staging; none where nothing was ever loaded. */
export async function stagedFiles(client: Client, survey: Survey): Promise<LedgerFile[]> {
  const files = await readLedger(client)
  return files.filter((file) => file.survey === survey.name && file.state === 'staged')
}

/** What a loaded file gave to each table. */
export async function loadedTables(client: Client, fileId: number): Promise<TableReport[]> {
  const { rows } = await client.query<TableReport & Record<string, unknown>>(
    `SELECT table_name AS "table", layout, hdus, rows_read::float8 AS "rowsRead",
       rows_loaded::float8 AS "rowsLoaded", rows_rejected::float8 AS "rowsRejected",
       rejects_by_rule AS "rejectsByRule", nulls_from_nan AS "nullsFromNan", ra_wrapped AS "raWrapped", seconds
     FROM almagest.load_table WHERE file_id = $1 ORDER BY table_name`,
    [fileId],
  )
  return rows
}

/** A file of the ledger as `almagest status` tells it. */
export interface LedgerFile {
  readonly fileId: number
  readonly survey: string
  readonly name: string
  readonly state: 'loading' | 'loaded' | 'failed' | 'replaced' | 'staged' | 'discarded'
  readonly sha256: string | null
  readonly bytes: bigint
  readonly version: string
  readonly error: FailureNote | null
  readonly finishedAt: Date | null
  readonly seconds: number | null
  readonly tables: readonly TableReport[]
}

/** The whole ledger, in the order of loading; empty where nothing was ever loaded. */
export async function readLedger(client: Client): Promise<LedgerFile[]> {
  const { rows: found } = await client.query<{ there: boolean }>(
    "SELECT to_regclass('almagest.load_file') IS NOT NULL AS there",
  )
  if (!found[0]?.there) return []
  const { rows } = await client.query<Omit<LedgerFile, 'tables'> & Record<string, unknown>>(
    `SELECT file_id AS "fileId", survey, name, state, sha256, bytes, catalog_version AS version, error,
       finished_at AS "finishedAt", seconds FROM almagest.load_file ORDER BY file_id`,
  )
  const files: LedgerFile[] = []
  for (const row of rows) files.push({ ...row, tables: await loadedTables(client, row.fileId) })
  return files
}

/** Cards of the primary header by keyword; commentary keywords give lists of lines. */
function primaryHeader(file: FitsFile): string {
  const header: Record<string, unknown> = {}
  for (const { keyword, kind, value } of file.hdus[0]?.header.cards ?? []) {
    const plain = typeof value === 'bigint' ? String(value) : value
    if (kind === 'commentary') header[keyword] = [...((header[keyword] as unknown[]) ?? []), plain]
    else header[keyword] ??= plain
  }
  // jsonb refuses NUL.
  return JSON.stringify(header).replaceAll('\\u0000', '')
}
