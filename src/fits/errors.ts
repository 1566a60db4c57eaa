// Every fault the FITS room can report: one table of codes with their meaning and remedy, one error type.

/** Whose move it is: the user's call, the data's maker, or the machine. */
export type FitsFaultKind = 'usage' | 'data' | 'environment'

export interface FitsErrorEntry {
  readonly kind: FitsFaultKind
  /** What is wrong when this code appears. */
  readonly meaning: string
  /** What the user does about it; the default hint of the error. */
  readonly remedy: string
}

const entry = (kind: FitsFaultKind, meaning: string, remedy: string): FitsErrorEntry => ({
  kind,
  meaning,
  remedy,
})

/** All codes of the FITS room; the documentation of errors is generated from this table. */
export const fitsErrors = {
  FITS_FILE_MISSING: entry(
    'usage',
    'There is no file at the given path.',
    'Check the spelling of the path and the folder it is relative to.',
  ),
  FITS_FILE_UNREADABLE: entry(
    'environment',
    'The operating system refused to open or read the file.',
    'Check the permissions of the file and of the folders above it, and the disk.',
  ),
  FITS_NOT_A_FILE: entry(
    'usage',
    'The path names a folder or a device, not a file.',
    'Name the FITS files themselves, e.g. FOLDER/*.fits.',
  ),
  FITS_HTTP_FAILED: entry(
    'environment',
    'The web server did not deliver the bytes that were asked for.',
    'Check the address and the network, then try again; or download the file and read the copy.',
  ),
  FITS_HTTP_NO_RANGES: entry(
    'environment',
    'The web server does not serve parts of a file (HTTP range requests).',
    'Download the file and read the copy.',
  ),
  FITS_SOURCE_CHANGED: entry(
    'environment',
    'The file changed while it was being read.',
    'Read it again once nothing writes to it any more.',
  ),
  FITS_GZIP_BROKEN: entry(
    'data',
    'The gzip stream is damaged or ends early.',
    'Copy or download the file again and compare its checksum (gzip -t FILE tests it).',
  ),
  FITS_TEMPORARY_FAILED: entry(
    'environment',
    'The temporary copy of a decompressed file could not be written.',
    'Free space in the temporary folder or point TMPDIR to a larger disk.',
  ),
  FITS_TRUNCATED: entry(
    'data',
    'The file ends before the data that its headers announce.',
    'Copy or download the file again and compare its size and checksum.',
  ),
  FITS_NOT_FITS: entry(
    'data',
    'The file does not begin like a FITS file.',
    'Check that this is the file you meant; a FITS file begins with "SIMPLE  =                    T".',
  ),
  FITS_HEADER_BROKEN: entry(
    'data',
    'A header has no END card, holds bytes that are not text, or is implausibly long.',
    'Copy or download the file again; if it stays so, the program that wrote it is at fault.',
  ),
  FITS_CARD_MALFORMED: entry(
    'data',
    'A header card whose value is needed does not follow the grammar of FITS.',
    'Repair the card with a FITS editor, e.g. astropy or fmodhead.',
  ),
  FITS_KEYWORD_MISSING: entry(
    'data',
    'A keyword that the standard requires is absent from a header.',
    'Check the file with a FITS verifier, e.g. fitsverify, and tell its maker.',
  ),
  FITS_KEYWORD_BAD: entry(
    'data',
    'A keyword has a value of the wrong type or outside what the standard allows.',
    'Check the file with a FITS verifier, e.g. fitsverify, and tell its maker.',
  ),
  FITS_HDU_MISSING: entry(
    'data',
    'The file has no HDU of the wanted name.',
    'Run "almagest fits info FILE" to see the HDUs that it has.',
  ),
  FITS_NOT_A_TABLE: entry(
    'usage',
    'The HDU is not a table of the wanted kind.',
    'Run "almagest fits info FILE" and choose an HDU that is a table.',
  ),
  FITS_NOT_AN_IMAGE: entry(
    'usage',
    'The HDU is not an image.',
    'Run "almagest fits info FILE" and choose an HDU that is an image.',
  ),
  FITS_COMPRESSED: entry(
    'data',
    'The HDU is tile-compressed (ZTABLE or ZIMAGE), which this reader does not decompress.',
    'Decompress the file first with "funpack FILE" (from CFITSIO) and read the result.',
  ),
  FITS_TFORM_BAD: entry(
    'data',
    'The format of a column (TFORM) is not one that the standard defines.',
    'Check the file with a FITS verifier, e.g. fitsverify, and tell its maker.',
  ),
  FITS_TDIM_BAD: entry(
    'data',
    'The shape of a column (TDIM) is malformed or larger than the column.',
    'Check the file with a FITS verifier, e.g. fitsverify, and tell its maker.',
  ),
  FITS_ROW_WIDTH: entry(
    'data',
    'The columns do not fill the row as NAXIS1 states.',
    'Check the file with a FITS verifier, e.g. fitsverify, and tell its maker.',
  ),
  FITS_TOO_LARGE: entry(
    'data',
    'One row, cell, image or block needs more memory than this reader gives to a single piece.',
    'Read fewer rows at a time, or a part of the image with another tool.',
  ),
  FITS_COLUMN_MISSING: entry(
    'data',
    'The table has no column of the wanted name.',
    'Run "almagest fits info FILE" to see the columns that it has.',
  ),
  FITS_COLUMN_AMBIGUOUS: entry(
    'data',
    'Several columns of the table bear the wanted name.',
    'Use the position of the column, or rename one of them in the file.',
  ),
  FITS_ROWS_OUT_OF_RANGE: entry(
    'usage',
    'The wanted rows are not rows of the table.',
    'Ask for rows between 0 and the number of rows.',
  ),
  FITS_HEAP_POINTER: entry(
    'data',
    'A variable-length array points outside the heap of its table.',
    'Copy or download the file again; if it stays so, the program that wrote it is at fault.',
  ),
  FITS_LOGICAL_BAD: entry(
    'data',
    'A logical value is neither T, F nor a zero byte.',
    'Read the column as bytes, or repair the file.',
  ),
  FITS_NUMBER_BAD: entry(
    'data',
    'A field of an ASCII table is not a number in the format of its column.',
    'Repair the file, or read the column as text.',
  ),
  FITS_WRITE_FAILED: entry(
    'environment',
    'The operating system refused to write the file.',
    'Check the permissions of the folder and the free space on the disk.',
  ),
  FITS_CARD_UNWRITABLE: entry(
    'usage',
    'A header card cannot be expressed in FITS.',
    'Use printable ASCII text, finite numbers and keywords of letters, digits, - and _.',
  ),
  FITS_ROWS_MISCOUNTED: entry(
    'usage',
    'The rows handed to the writer are not as many bytes as were announced.',
    'Announce the number of rows that will come, and hand over whole rows.',
  ),
  FITS_VALUES_MISFIT: entry(
    'usage',
    'The values given for a column do not fit its format (TFORM).',
    'Give the typed array that belongs to the format, with repeat x rows elements.',
  ),
} as const satisfies Record<string, FitsErrorEntry>

export type FitsErrorCode = keyof typeof fitsErrors

/** Where in the file a fault lies. */
export interface FitsPlace {
  file?: string
  hdu?: string
  /** Row within the HDU, counted from 1. */
  row?: number
  column?: string
  /** Offending value as text. */
  value?: string
}

/** The one error type of the FITS room. */
export class FitsError extends Error {
  override readonly name = 'FitsError'
  readonly kind: FitsFaultKind
  readonly hint: string

  /** @param options.hint  replaces the remedy of the code where something more exact can be said */
  constructor(
    readonly code: FitsErrorCode,
    message: string,
    readonly place: FitsPlace = {},
    options: { hint?: string; cause?: unknown } = {},
  ) {
    super(message, 'cause' in options ? { cause: options.cause } : undefined)
    this.kind = fitsErrors[code].kind
    this.hint = options.hint ?? fitsErrors[code].remedy
  }
}
