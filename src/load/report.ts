// What a load tells: rows read, loaded and rejected, by file and table.
import type { Rule } from './fields/column-rules.ts'

export interface TableReport {
  /** `schema.table` */
  readonly table: string
  /** Layout of the catalogue by which the file was read, and the optional columns that the file is without. */
  readonly layout: string
  /** HDUs whose rows were joined; none for one row per file. */
  readonly hdus: readonly string[]
  readonly rowsRead: number
  readonly rowsLoaded: number
  readonly rowsRejected: number
  readonly rejectsByRule: Readonly<Partial<Record<Rule, number>>>
  /** Values that are NaN in the file and NULL in the table, by column. */
  readonly nullsFromNan: Readonly<Record<string, number>>
  /** Right ascensions brought into [0, 360), by column. */
  readonly raWrapped: Readonly<Record<string, number>>
  readonly seconds: number
}

export interface FileReport {
  /** Base name. */
  readonly file: string
  readonly path: string
  readonly survey: string
  /** `already ...`: the same content by the same catalogue version is there, nothing was done. */
  readonly outcome: 'loaded' | 'already loaded' | 'replaced' | 'staged' | 'already staged'
  readonly fileId: number
  readonly sha256: string
  readonly bytes: number
  readonly tables: readonly TableReport[]
  /** Of this run. */
  readonly seconds: number
  /** Rows read in this run over its time. */
  readonly rowsPerSecond: number
}

export interface LoadReport {
  /** In the order in which the files were given. */
  readonly files: readonly FileReport[]
  readonly rowsRead: number
  readonly rowsLoaded: number
  readonly rowsRejected: number
  readonly seconds: number
}

export interface LoadProgress {
  readonly file: string
  /** Rows done and to do over all tables of the file. */
  readonly rows: number
  readonly rowsTotal: number
  /** Size of the file. */
  readonly bytes: number
}
