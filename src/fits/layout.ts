// The layout of a binary table: every column's place within the row, known before the first row is read.
import { FitsError, type FitsPlace } from './errors.ts'
import { type FitsFile, type Hdu, hduLabel, placeOf } from './file.ts'
import type { Header } from './header.ts'
import { integerKeyword, numberKeyword, textKeyword } from './keywords.ts'
import { didYouMean } from './nearest.ts'
import {
  bytesOf,
  type ColumnFormat,
  type ElementCode,
  parseTdim,
  parseTform,
  type TypeCode,
} from './tform.ts'

export interface TableColumn {
  /** TTYPE, or `col` and the number where there is none. */
  readonly name: string
  /** Position, counted from 0. */
  readonly index: number
  readonly tform: string
  readonly code: TypeCode
  /** Elements in a row: characters for A, bits for X, 0 or 1 for P and Q. */
  readonly repeat: number
  /** First byte within a row. */
  readonly offset: number
  /** Bytes within a row. */
  readonly bytes: number
  readonly unit?: string
  /** TCOMM, or the comment of the TTYPE card. */
  readonly description?: string
  /** TSCAL and TZERO: the physical value is `zero + scale * stored`. */
  readonly scale: number
  readonly zero: number | bigint
  /**
   * True where TSCAL = 1 and TZERO is the offset of Table 19: stored values are then unsigned integers of the
   * same width (for B signed bytes), exact to 64 bits.
   */
  readonly unsigned: boolean
  /** TNULL: the stored integer that means "no value". */
  readonly null?: bigint
  /** TDIM, first axis fastest; of an A column the first axis is the length of its strings. */
  readonly dim?: readonly number[]
  /** Of P and Q columns: what the variable-length arrays hold. */
  readonly heap?: { readonly code: ElementCode; readonly maxLength?: number }
}

export interface TableLayout {
  readonly file: string
  readonly hdu: Hdu
  readonly rowBytes: number
  readonly rowCount: number
  readonly columns: readonly TableColumn[]
  /** First byte of the heap in the file, and its length. */
  readonly heapStart: number
  readonly heapSize: number
  /**
   * Column by name; case is ignored unless several columns differ only in it (section 7.3.1).
   * @throws FitsError FITS_COLUMN_MISSING with the nearest name, FITS_COLUMN_AMBIGUOUS
   */
  column(name: string): TableColumn
}

/** Widest row accepted, in bytes: one row must fit in memory. */
const widestRow = 2 ** 28

/** Most rows accepted where a row has no bytes, so that no file size bounds them. */
const mostEmptyRows = 2 ** 20

/**
 * Layout of a binary table.
 * @throws FitsError when the HDU is no binary table or is tile-compressed, a TFORM or TDIM is wrong, or the columns
 *   don't fill NAXIS1 bytes
 */
export function tableLayout(file: FitsFile, hdu: Hdu): TableLayout {
  const place = placeOf(file.name, hdu)
  if (hdu.kind !== 'bintable') {
    throw new FitsError('FITS_NOT_A_TABLE', `${hduLabel(hdu)} in ${file.name} is no binary table`, place)
  }
  if (hdu.header.get('ZTABLE') === true) throw compressed(file, hdu, 'table')
  const { rowBytes, rowCount } = tableSize(hdu, place)
  const columns = readColumns(hdu.header, place)
  const sum = columns.reduce((total, column) => total + column.bytes, 0)
  if (sum !== rowBytes) {
    const message = `The ${columns.length} columns of ${hduLabel(hdu)} need ${sum} bytes a row, NAXIS1 is ${rowBytes}`
    throw new FitsError('FITS_ROW_WIDTH', message, place)
  }
  return {
    file: file.name,
    hdu,
    rowBytes,
    rowCount,
    columns,
    ...heapPlace(hdu, rowBytes * rowCount, place),
    column: (name) => findColumn(columns, name, place),
  }
}

/** The error for HDUs that hold compressed tiles. */
export function compressed(file: FitsFile, hdu: Hdu, what: 'table' | 'image'): FitsError {
  const message = `${hduLabel(hdu)} in ${file.name} is a tile-compressed ${what}`
  return new FitsError('FITS_COMPRESSED', message, placeOf(file.name, hdu))
}

/** NAXIS1 and NAXIS2 of a table HDU, and the other keywords that have one permitted value (section 7). */
export function tableSize(hdu: Hdu, place: FitsPlace): { rowBytes: number; rowCount: number } {
  for (const [keyword, only] of [
    ['BITPIX', 8],
    ['NAXIS', 2],
    ['GCOUNT', 1],
  ] as const) {
    const value = integerKeyword(hdu.header, keyword, place, Number.MIN_SAFE_INTEGER)
    if (value !== only) {
      const message = `${keyword} = ${value} in ${place.hdu}; in a table it must be ${only}`
      throw new FitsError('FITS_KEYWORD_BAD', message, { ...place, value: String(value) })
    }
  }
  const rowBytes = integerKeyword(hdu.header, 'NAXIS1', place, 0)
  const rowCount = integerKeyword(hdu.header, 'NAXIS2', place, 0)
  if (rowBytes > widestRow) {
    throw new FitsError('FITS_TOO_LARGE', `A row has ${rowBytes} bytes; at most ${widestRow} are read`, place)
  }
  if (rowBytes === 0 && rowCount > mostEmptyRows) {
    const message = `${place.hdu} claims ${rowCount} rows of 0 bytes; at most ${mostEmptyRows} are read`
    throw new FitsError('FITS_TOO_LARGE', message, place)
  }
  return { rowBytes, rowCount }
}

/** The heap lies THEAP bytes after the start of the data and ends with the PCOUNT bytes after the table. */
function heapPlace(hdu: Hdu, tableBytes: number, place: FitsPlace) {
  const theap = integerKeyword(hdu.header, 'THEAP', place, 0, tableBytes)
  if (theap < tableBytes || theap > hdu.dataSize) {
    const message = `THEAP = ${theap} in ${place.hdu}; it must be from ${tableBytes} to ${hdu.dataSize}`
    throw new FitsError('FITS_KEYWORD_BAD', message, { ...place, value: String(theap) })
  }
  return { heapStart: hdu.dataStart + theap, heapSize: hdu.dataSize - theap }
}

/** Number of columns, TFIELDS. */
export function fieldCount(header: Header, place: FitsPlace): number {
  const count = integerKeyword(header, 'TFIELDS', place, 0)
  if (count <= 999) return count
  const message = `TFIELDS = ${count} in ${place.hdu}; at most 999 columns are allowed`
  throw new FitsError('FITS_KEYWORD_BAD', message, { ...place, value: String(count) })
}

function readColumns(header: Header, place: FitsPlace): TableColumn[] {
  const columns: TableColumn[] = []
  let offset = 0
  for (let index = 0; index < fieldCount(header, place); index++) {
    const column = readColumn(header, index, offset, place)
    columns.push(column)
    offset += column.bytes
  }
  return columns
}

/** TTYPE of a column, or its number where it is nameless. */
export const columnName = (header: Header, index: number, place: FitsPlace): string =>
  textKeyword(header, `TTYPE${index + 1}`, place) || `col${index + 1}`

function readColumn(header: Header, index: number, offset: number, hduPlace: FitsPlace): TableColumn {
  const n = index + 1
  const name = columnName(header, index, hduPlace)
  const place = { ...hduPlace, column: name }
  const tform = textKeyword(header, `TFORM${n}`, place)
  if (tform === undefined) throw new FitsError('FITS_KEYWORD_MISSING', `${place.hdu} has no TFORM${n}`, place)
  const format = parseTform(tform, place)
  const unit = textKeyword(header, `TUNIT${n}`, place)
  const description = textKeyword(header, `TCOMM${n}`, place) || header.card(`TTYPE${n}`)?.comment
  const dim = shape(header, n, format, place)
  const nullValue = nullOf(header, n, format, place)
  return {
    name,
    index,
    tform,
    code: format.code,
    repeat: format.repeat,
    offset,
    bytes: bytesOf(format.code, format.repeat),
    ...(unit ? { unit } : {}),
    ...(description ? { description } : {}),
    ...scaling(header, n, format, place),
    ...(nullValue === undefined ? {} : { null: nullValue }),
    ...(dim ? { dim } : {}),
    ...(format.heap ? { heap: format.heap } : {}),
  }
}

function shape(header: Header, n: number, format: ColumnFormat, place: FitsPlace): number[] | undefined {
  const tdim = textKeyword(header, `TDIM${n}`, place)
  const { substring, repeat, heap } = format
  if (tdim) return parseTdim(tdim, heap ? Number.MAX_SAFE_INTEGER : repeat, place)
  return substring === undefined ? undefined : [substring, Math.floor(repeat / substring)]
}

const scalable = 'BIJKEDCM'
const integers = 'BIJK'

/** TZERO that turns stored integers into unsigned ones (for B: into signed), Table 19. */
const unsignedZero: Readonly<Record<string, bigint>> = { B: -128n, I: 2n ** 15n, J: 2n ** 31n, K: 2n ** 63n }

function scaling(header: Header, n: number, format: ColumnFormat, place: FitsPlace) {
  const code = format.heap?.code ?? format.code
  if (!scalable.includes(code)) return { scale: 1, zero: 0, unsigned: false }
  const scale = Number(numberKeyword(header, `TSCAL${n}`, place, 1))
  const zero = wholeZero(numberKeyword(header, `TZERO${n}`, place, 0))
  const unsigned =
    scale === 1 && unsignedZero[code] !== undefined && BigInt(wholeOr0(zero)) === unsignedZero[code]
  return { scale, zero, unsigned }
}

/** Writers give 2^63 as an integer or as a real; both mean the same exact number. */
function wholeZero(zero: number | bigint): number | bigint {
  return typeof zero === 'number' && Number.isInteger(zero) && !Number.isSafeInteger(zero)
    ? BigInt(zero)
    : zero
}

const wholeOr0 = (zero: number | bigint) => (typeof zero === 'bigint' || Number.isInteger(zero) ? zero : 0)

function nullOf(header: Header, n: number, format: ColumnFormat, place: FitsPlace): bigint | undefined {
  if (!integers.includes(format.heap?.code ?? format.code)) return undefined
  const value = header.get(`TNULL${n}`)
  if (value === undefined || value === null) return undefined
  if (typeof value === 'bigint' || (typeof value === 'number' && Number.isInteger(value)))
    return BigInt(value)
  const message = `TNULL${n} = ${value} of column ${place.column}; it must be an integer`
  throw new FitsError('FITS_KEYWORD_BAD', message, { ...place, value: String(value) })
}

/** Finds a column by exact name, else ignoring case; several candidates are a fault, never a guess. */
export function findColumn<C extends { name: string }>(
  columns: readonly C[],
  name: string,
  place: FitsPlace,
): C {
  const exact = columns.filter((column) => column.name === name)
  const upper = name.trim().toUpperCase()
  const found = exact.length > 0 ? exact : columns.filter((column) => column.name.toUpperCase() === upper)
  if (found.length === 1) return found[0]!
  const where = { ...place, column: name }
  if (found.length > 1) {
    const message = `${place.hdu} has ${found.length} columns named ${name}`
    throw new FitsError('FITS_COLUMN_AMBIGUOUS', message, where)
  }
  const names = columns.map((column) => column.name)
  throw new FitsError(
    'FITS_COLUMN_MISSING',
    `${place.hdu} has no column ${name}${didYouMean(name, names)}`,
    where,
  )
}
