// One catalogue to one file: a snapshot of its rows, streamed through a format.
import { FitsError } from '../fits/index.ts'
import type { Catalog } from '../model/index.ts'
import { type Client, translateServerError } from '../postgres/index.ts'
import { exportColumns } from './columns.ts'
import { exportError } from './errors.ts'
import { type ExportFormatName, exportFormats, formatOf } from './formats/index.ts'
import { type ExportSink, fileOutput, type Output, sinkOutput } from './output.ts'
import { exportRows } from './rows.ts'

export interface ExportOptions {
  /** Path of the file, which appears when it is complete, or a sink that the caller opens and closes. */
  readonly out: string | ExportSink
  /** Needed for a sink; for a file the ending of its name tells where absent. */
  readonly format?: ExportFormatName
  /** Columns in the order wanted; all where absent. */
  readonly columns?: readonly string[]
  /** Selections of the catalogue, all of which a row must fulfil. */
  readonly only?: readonly string[]
  /** `key`, the default, gives the same file for the same rows; `none` spares the server the sorting. */
  readonly order?: 'key' | 'none'
  /** Whether an existing file may be replaced; it keeps its content until the new one is complete. */
  readonly overwrite?: boolean
  /** Stops the export. The connection ends with it, because a COPY under way can't be left otherwise. */
  readonly signal?: AbortSignal
}

export interface ExportReport {
  readonly catalog: string
  readonly format: ExportFormatName
  /** Absent for a sink. */
  readonly file?: string
  readonly rows: number
  readonly bytes: number
  readonly seconds: number
}

/**
 * Writes the rows of a catalogue's table with names, units, UCDs and descriptions, in bounded memory. All rows come
 * from one snapshot of the database.
 * ```ts
 * await exportCatalog(client, fastspecfit, { out: 'voids.parquet', columns: ['targetid', 'z'], only: ['void_sample'] })
 * ```
 * @throws AlmagestError of `exportErrors`, `COLUMN_UNKNOWN`, `SELECTION_UNKNOWN`, or the server's
 */
export async function exportCatalog(
  client: Client,
  catalog: Catalog,
  options: ExportOptions,
): Promise<ExportReport> {
  const started = performance.now()
  const { out, only = [], order = 'key', overwrite = false } = options
  const format = options.format ?? formatOf(typeof out === 'string' ? out : 'the output')
  let count = 0
  const onRows = (more: number) => {
    count += more
  }
  const columns = exportColumns(catalog, options.columns)
  const rows = exportRows(client, catalog, columns, { only, order }, onRows)
  const output = typeof out === 'string' ? await fileOutput(out, overwrite) : sinkOutput(out)
  await writingOrNothing(output, client, options.signal, () =>
    client.transaction(async () => {
      await client.query('SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY')
      await exportFormats[format].write(rows, output)
    }),
  )
  const seconds = (performance.now() - started) / 1000
  const file = typeof out === 'string' ? { file: out } : {}
  return { catalog: catalog.name, format, ...file, rows: count, bytes: output.bytes, seconds }
}

async function writingOrNothing(
  output: Output,
  client: Client,
  signal: AbortSignal | undefined,
  work: () => Promise<void>,
): Promise<void> {
  const stop = () => void client.end().catch(() => {})
  signal?.addEventListener('abort', stop)
  try {
    signal?.throwIfAborted()
    await work()
    await output.finish()
  } catch (error) {
    await output.abandon()
    if (signal?.aborted) throw exportError('EXPORT_INTERRUPTED', 'The export was interrupted')
    throw error instanceof FitsError ? error : translateServerError(error)
  } finally {
    signal?.removeEventListener('abort', stop)
  }
}
