// Every fault that the loader itself can report: one table of codes with meaning and remedy.
import { AlmagestError, type FaultKind, type FaultPlace } from '../model/index.ts'

export interface LoadErrorEntry {
  readonly kind: FaultKind
  /** What is wrong when this code appears. */
  readonly meaning: string
  /** What the user does about it; the default hint of the error. */
  readonly remedy: string
}

const entry = (kind: FaultKind, meaning: string, remedy: string): LoadErrorEntry => ({
  kind,
  meaning,
  remedy,
})

/** All codes of the loader; the documentation of errors is tied to this table. */
export const loadErrors = {
  LOAD_NO_CATALOG: entry(
    'usage',
    'No catalogue at hand loads files of this name.',
    'Give the file the name that the survey publishes it under, or add the folder of its catalogue.',
  ),
  LOAD_FOLDER_EMPTY: entry(
    'usage',
    'A folder was given, and no catalogue at hand loads any of the files in it.',
    'Give the files themselves, or the folder that holds them; folders below are not searched.',
  ),
  LOAD_NAMED_TWICE: entry(
    'usage',
    'Two files of one command have the same base name, under which the ledger knows them.',
    'Load one of the two.',
  ),
  LOAD_TABLE_MISSING: entry(
    'usage',
    'The table to be loaded does not exist in the database.',
    'Build the schema first: almagest apply.',
  ),
  LOAD_KEYS_MISSING: entry(
    'usage',
    'A table has encrypted columns, and no keys are given to seal them with.',
    'Name them with --keys or ALMAGEST_KEYS; make them with "almagest access key --out FILE".',
  ),
  LOAD_HDU_MISSING: entry(
    'data',
    'The name of the file fits a catalogue, but it lacks an HDU that every layout of the catalogue needs.',
    'Run "almagest fits info FILE" to see its HDUs; download it again, or declare a layout for this version.',
  ),
  LOAD_COLUMN_TYPE: entry(
    'catalog',
    "A FITS column cannot fill the catalogue's column: no exact conversion between the two types is known.",
    'Declare the column with a type that fits, or name another FITS column.',
  ),
  LOAD_CARD_MISSING: entry(
    'data',
    'A required column takes its value from a header card that is absent or has no value.',
    'Check the header with "almagest fits head FILE"; the file is incomplete or of another version.',
  ),
  LOAD_CONSTANT_INVALID: entry(
    'data',
    "A value that holds for the whole file (a card, a part of its name) breaks the column's rule.",
    'Check the header and the name of the file against the survey.',
  ),
  LOAD_FRAME: entry(
    'data',
    'The header states another frame for the positions (RADESYS, EQUINOX) than the catalogue declares.',
    'Convert the positions to ICRS first; if the header is known to be wrong, say so with ignoreFrame in the layout.',
  ),
  LOAD_MISALIGNED: entry(
    'data',
    'The same row of two joined HDUs belongs to different objects.',
    'The file is damaged or its HDUs come from different versions: download it again.',
  ),
  LOAD_ROWS_DIFFER: entry(
    'data',
    'Two HDUs that are joined row by row have different numbers of rows.',
    'The file is damaged or its HDUs come from different versions: download it again.',
  ),
  LOAD_CHANGED: entry(
    'usage',
    'A file of this name is loaded already, with other content or under another version of the catalogue.',
    'Use --replace to put the new content in the place of the old.',
  ),
  LOAD_REFERENCED: entry(
    'usage',
    'Rows of a file to be replaced are referred to by rows of other tables.',
    'Empty the table that refers to them first; what a mapping filled can be mapped again after the load.',
  ),
  LOAD_NOT_REPLACEABLE: entry(
    'catalog',
    "The rows of a file can't be told from others: the table has no column with the number of the file.",
    'Add a column whose source is fileNumber() to the catalogue.',
  ),
  LOAD_CHECKS_FAILED: entry(
    'check',
    'The checks of files that were to be published failed; their rows stay in staging, and readers see the tables as before.',
    'See the report. Mend the files and load them with --check again, or accept the fault as an exception in the catalogue and run "almagest staging publish"; "almagest staging discard" gives them up.',
  ),
  LOAD_STAGING_SHAPE: entry(
    'usage',
    'Rows are staged in another shape than their table has now.',
    'Run "almagest staging discard" and load the files with --check again.',
  ),
  LOAD_NOT_STAGED: entry('usage', 'No file of that name is staged.', 'See "almagest staging list".'),
  LOAD_TOO_MANY_REJECTS: entry(
    'rejects',
    'More rows of a file break rules than --max-rejects allows; nothing of the file was loaded.',
    'Look at the first rejected row named here; raise --max-rejects if such rows are to be left out.',
  ),
  LOAD_DUPLICATE_KEY: entry(
    'data',
    'Two rows have the same key; nothing of the file was loaded.',
    'Use --max-rejects to keep the first of such rows and put the others into almagest.load_reject.',
  ),
  LOAD_FOREIGN_KEY: entry(
    'data',
    'A row refers to a row of another table that is not there; nothing of the file was loaded.',
    'Load the file that holds it first, or use --max-rejects to leave such rows out.',
  ),
  LOAD_MISCOUNTED: entry(
    'check',
    'The rows read are not the rows loaded plus the rows rejected by the own count of the server; rolled back.',
    'Nothing of the file was kept. Please report this with the file.',
  ),
  LOAD_INTERRUPTED: entry(
    'interrupted',
    'The load was interrupted; the file under way was rolled back.',
    'Run the same command again: it goes on at the first file that is not loaded.',
  ),
} as const satisfies Record<string, LoadErrorEntry>

export type LoadErrorCode = keyof typeof loadErrors

/** An error of the loader with the kind and, unless given, the hint of its code. */
export function loadError(
  code: LoadErrorCode,
  message: string,
  place: FaultPlace,
  options: { hint?: string; cause?: unknown } = {},
): AlmagestError {
  const { kind, remedy } = loadErrors[code]
  return new AlmagestError(code, kind, message, options.hint ?? remedy, place, options)
}
