// Every fault that an export itself can report: one table of codes with meaning and remedy.
import { AlmagestError, type FaultKind, type FaultPlace } from '../model/index.ts'

export interface ExportErrorEntry {
  readonly kind: FaultKind
  /** What is wrong when this code appears. */
  readonly meaning: string
  /** What the user does about it; the default hint of the error. */
  readonly remedy: string
}

const entry = (kind: FaultKind, meaning: string, remedy: string): ExportErrorEntry => ({
  kind,
  meaning,
  remedy,
})

/** All codes of the export; the documentation of errors is tied to this table. */
export const exportErrors = {
  EXPORT_FORMAT_UNKNOWN: entry(
    'usage',
    'The name of the output does not tell its format.',
    'Name the format with --format fits, votable, parquet, ecsv or csv.',
  ),
  EXPORT_FILE_EXISTS: entry(
    'usage',
    'There is a file of that name already.',
    'Choose another name, or let it be replaced with --overwrite.',
  ),
  EXPORT_WRITE_FAILED: entry(
    'environment',
    'The output could not be written; nothing is left under its name.',
    'Check the folder, its permissions and the free space, then export again.',
  ),
  EXPORT_COLUMN_TWICE: entry(
    'usage',
    'A column is asked for twice; a file names each of its columns once.',
    'Name each column once.',
  ),
  EXPORT_ENCRYPTED: entry(
    'usage',
    'A column is encrypted, and an export would hold bytes that nobody can read.',
    'Name the other columns with --columns; "almagest query --keys" opens encrypted values.',
  ),
  EXPORT_TEXT_NOT_ASCII: entry(
    'data',
    'A text holds characters that a FITS table may not hold: only printable ASCII is allowed (FITS 4.0, section 3.2).',
    'Leave the column out with --columns, or use another format: all others hold Unicode.',
  ),
  EXPORT_ARRAYS_DIFFER: entry(
    'data',
    'The arrays of a column differ in length, and the FITS export writes arrays of one length.',
    'Leave the column out with --columns, or use votable, parquet or ecsv.',
  ),
  EXPORT_NO_NULL: entry(
    'data',
    'An integer column has NULL, and every number tried for TNULL is a value of the column.',
    'Leave the column out with --columns, or use another format: all others mark NULL without a number.',
  ),
  EXPORT_NULL_ELEMENT: entry(
    'data',
    'An integer array has a NULL among its elements, and VOTable can only mark the whole array as missing.',
    'Leave the column out with --columns, or use fits, parquet, ecsv or csv.',
  ),
  EXPORT_TIME_RANGE: entry(
    'data',
    'A moment outside the years 1 to 9999 (or infinity) has no ISO 8601 text of four-digit years.',
    'Leave the column out with --columns, or the row out with a selection.',
  ),
  EXPORT_INTERRUPTED: entry(
    'interrupted',
    'The export was interrupted; nothing is left under the name of the output.',
    'Run the same command again.',
  ),
} as const satisfies Record<string, ExportErrorEntry>

export type ExportErrorCode = keyof typeof exportErrors

/** An error of the export with the kind and the hint of its code. */
export function exportError(
  code: ExportErrorCode,
  message: string,
  place: FaultPlace = {},
  options: { cause?: unknown } = {},
): AlmagestError {
  const { kind, remedy } = exportErrors[code]
  return new AlmagestError(code, kind, message, remedy, place, options)
}
