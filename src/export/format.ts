// What a format of an export is.
import type { ExportSink } from './output.ts'
import type { ExportRows } from './rows.ts'

export interface ExportFormat {
  /** Endings of file names, without the point. */
  readonly extensions: readonly string[]
  /** Writes all rows with what the catalogue says of the columns, in bounded memory. */
  write(rows: ExportRows, sink: ExportSink): Promise<void>
}
