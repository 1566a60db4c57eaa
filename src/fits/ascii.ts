// ASCII tables (XTENSION = 'TABLE'): the layout of their columns of text and the values in it (section 7.2).
import { mostElements, textOf, tooMany } from './decode.ts'
import { FitsError, type FitsPlace } from './errors.ts'
import { type FitsFile, type Hdu, hduLabel, placeOf } from './file.ts'
import type { Header } from './header.ts'
import { integerKeyword, numberKeyword, textKeyword } from './keywords.ts'
import { columnName, fieldCount, findColumn, tableSize } from './layout.ts'
import type { RowBlock } from './rows.ts'

export interface AsciiColumn {
  readonly name: string
  readonly index: number
  readonly tform: string
  readonly code: 'A' | 'I' | 'F' | 'E' | 'D'
  /** First character within the row, counted from 0 (TBCOL counts from 1). */
  readonly offset: number
  /** Characters of the field. */
  readonly bytes: number
  /** Digits after the implicit decimal point, where a real has none written. */
  readonly decimals: number
  readonly unit?: string
  readonly scale: number
  readonly zero: number
  /** TNULL: the text, without outer blanks, that means "no value". */
  readonly null?: string
}

export interface AsciiLayout {
  readonly file: string
  readonly hdu: Hdu
  readonly rowBytes: number
  readonly rowCount: number
  readonly columns: readonly AsciiColumn[]
  /** As `TableLayout.column`. */
  column(name: string): AsciiColumn
}

/**
 * Layout of an ASCII table; `rowBlocks` reads its rows.
 * @throws FitsError when the HDU is no ASCII table, a TFORM is wrong, or a column reaches beyond the row
 */
export function asciiLayout(file: FitsFile, hdu: Hdu): AsciiLayout {
  const place = placeOf(file.name, hdu)
  if (hdu.kind !== 'table') {
    throw new FitsError('FITS_NOT_A_TABLE', `${hduLabel(hdu)} in ${file.name} is no ASCII table`, place)
  }
  const { rowBytes, rowCount } = tableSize(hdu, place)
  const columns = Array.from({ length: fieldCount(hdu.header, place) }, (_, index) =>
    readColumn(hdu.header, index, rowBytes, place),
  )
  return {
    file: file.name,
    hdu,
    rowBytes,
    rowCount,
    columns,
    column: (name) => findColumn(columns, name, place),
  }
}

const formatGrammar = /^(?:([AI])(\d{1,6})|([FED])(\d{1,6})\.(\d{1,3}))$/

function readColumn(header: Header, index: number, rowBytes: number, hduPlace: FitsPlace): AsciiColumn {
  const n = index + 1
  const name = columnName(header, index, hduPlace)
  const place = { ...hduPlace, column: name }
  const tform = textKeyword(header, `TFORM${n}`, place) ?? ''
  const parts = formatGrammar.exec(tform)
  if (!parts) {
    const message = `"${tform}" is not a format of an ASCII table, column ${name}`
    throw new FitsError('FITS_TFORM_BAD', message, { ...place, value: tform })
  }
  const bytes = Number(parts[2] ?? parts[4])
  const offset = integerKeyword(header, `TBCOL${n}`, place, 1) - 1
  if (offset + bytes > rowBytes) {
    const message = `Column ${name} ends at character ${offset + bytes}, the row has ${rowBytes} (NAXIS1)`
    throw new FitsError('FITS_ROW_WIDTH', message, place)
  }
  const unit = textKeyword(header, `TUNIT${n}`, place)
  const nullText = textKeyword(header, `TNULL${n}`, place)
  return {
    name,
    index,
    tform,
    code: (parts[1] ?? parts[3]) as AsciiColumn['code'],
    offset,
    bytes,
    decimals: Number(parts[5] ?? 0),
    ...(unit ? { unit } : {}),
    scale: Number(numberKeyword(header, `TSCAL${n}`, place, 1)),
    zero: Number(numberKeyword(header, `TZERO${n}`, place, 0)),
    ...(nullText === undefined ? {} : { null: nullText }),
  }
}

/** Integers of more digits than this are bigints, so that a column has one type whatever its values. */
const exactDigits = 15

/**
 * Values of one column in a block: texts for A, bigints for integer columns wider than 15 characters, numbers
 * otherwise; null where the field is TNULL. A blank number is 0, as the standard has it.
 * @throws FitsError FITS_NUMBER_BAD with row and column
 */
export function decodeAsciiColumn(
  layout: AsciiLayout,
  column: AsciiColumn,
  block: RowBlock,
): (string | number | bigint | null)[] {
  const place = { ...placeOf(layout.file, layout.hdu), column: column.name }
  if (block.rowCount > mostElements) throw tooMany(block.rowCount, place)
  const buffer = Buffer.from(block.bytes.buffer, block.bytes.byteOffset, block.bytes.byteLength)
  const parse = parserOf(column)
  return Array.from({ length: block.rowCount }, (_, row) => {
    const start = row * layout.rowBytes + column.offset
    const text = textOf(buffer, start, start + column.bytes)
    if (column.null !== undefined && text.trim() === column.null) return null
    const value = parse(text)
    if (value !== undefined) return value
    const at = { ...place, row: block.firstRow + row + 1, value: text }
    const message = `"${text}" is not a number of format ${column.tform}, column ${column.name}, row ${at.row}`
    throw new FitsError('FITS_NUMBER_BAD', message, at)
  })
}

type FieldParser = (text: string) => string | number | bigint | undefined

function parserOf(column: AsciiColumn): FieldParser {
  const { code, scale, zero, decimals, bytes } = column
  if (code === 'A') return (text) => text
  const plain: FieldParser =
    code === 'I' ? integerParser(bytes > exactDigits) : (text) => real(text, decimals)
  if (scale === 1 && zero === 0) return plain
  return (text) => {
    const value = plain(text)
    return value === undefined ? undefined : zero + scale * Number(value)
  }
}

function integerParser(wide: boolean): FieldParser {
  return (text) => {
    const word = text.trim()
    if (!/^([+-]?\d+)?$/.test(word)) return undefined
    return wide ? BigInt(word.replace(/^\+/, '') || 0) : Number(word)
  }
}

const realGrammar = /^([+-]?)(\d*)(\.?)(\d*)(?:[ED]([+-]?\d+)|([+-]\d+))?$/

/** A real: decimal point written or implied before the last `decimals` digits; exponent with E, D or a bare sign. */
function real(text: string, decimals: number): number | undefined {
  const word = text.trim().toUpperCase()
  if (word === '') return 0
  const parts = realGrammar.exec(word)
  if (!parts) return undefined
  const [, sign = '', whole = '', point, fraction = ''] = parts
  if (whole === '' && fraction === '') return undefined
  const exponent = Number(parts[5] ?? parts[6] ?? 0) - (point === '' ? decimals : 0)
  return Number(`${sign}${whole || 0}.${fraction || 0}E${exponent}`)
}
