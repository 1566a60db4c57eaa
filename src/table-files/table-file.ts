// What a table file is, whatever its format: columns, and rows in batches.
import { AlmagestError, nearest } from '../model/index.ts'

/** A value as the file gives it; null for what is empty, NULL or NaN. */
export type FileCell = number | bigint | string | boolean | null

export interface FileColumn {
  readonly name: string
  readonly unit?: string
  readonly ucd?: string
  /** Whether the file declares whole numbers; CSV declares nothing. */
  readonly integer: boolean
}

export interface TableFile extends AsyncDisposable {
  readonly name: string
  readonly columns: readonly FileColumn[]
  /** The frame of positions that the file states, in capitals, e.g. `ICRS`; undefined where it is silent. */
  readonly frame: string | undefined
  /** The rows in order, in batches; each row has the cells of the columns at `places`. */
  rows(places: readonly number[]): AsyncGenerator<FileCell[][], void, undefined>
}

/** Place of a column by its name; case counts only where several differ in nothing else. */
export function columnOf({ name: file, columns }: TableFile, name: string): number {
  const exact = columns.findIndex((each) => each.name === name)
  if (exact >= 0) return exact
  const same = columns.flatMap((each, i) => (each.name.toLowerCase() === name.toLowerCase() ? [i] : []))
  if (same.length === 1) return same[0]!
  const names = columns.map((each) => each.name)
  const near = nearest(name, names)
  throw new AlmagestError(
    'TABLE_FILE_COLUMN',
    'usage',
    same.length > 1
      ? `${file} has several columns that differ from ${name} only in case`
      : `${file} has no column ${name}`,
    near ? `did you mean ${near}?` : `it has ${names.slice(0, 20).join(', ')}`,
    { file, column: name },
  )
}

/** A fault of the file's content. */
export function fileFault(file: string, problem: string, hint: string, row?: number): AlmagestError {
  return new AlmagestError('TABLE_FILE_BROKEN', 'data', `${file}: ${problem}`, hint, {
    file,
    ...(row === undefined ? {} : { row }),
  })
}
