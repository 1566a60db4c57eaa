// Values of a column as JavaScript has them: scaled, nulls as null, texts trimmed, arrays in their shape.
import { FitsError, type FitsPlace } from './errors.ts'
import { placeOf } from './file.ts'
import type { TableColumn, TableLayout } from './layout.ts'
import type { RowBlock } from './rows.ts'
import { type StoredArray, type StoredField, storedValues } from './stored.ts'

export interface Complex {
  readonly re: number
  readonly im: number
}

/**
 * - I, J, B, E, D and scaled columns: number (NaN stays NaN); TNULL: null
 * - K: bigint; with TSCAL = 1 and a whole TZERO still bigint and exact, otherwise scaled to a number
 * - A: text up to the first NUL, without trailing blanks; UTF-8 where it is that, else one character a byte
 * - L: boolean, null for a zero byte; X: array of booleans, highest bit first; C, M: Complex
 */
export type Scalar = number | bigint | string | boolean | null | Complex

/** A scalar, or an array nested after TDIM (its last axis outermost, as numpy prints it). */
export type Cell = Scalar | readonly Cell[]

/** Most elements that one call decodes; each takes some 8 to 32 bytes of memory. */
export const mostElements = 2 ** 25

/** What decoding must know of a column, or of one array in the heap. */
export type Field = StoredField & Pick<TableColumn, 'name' | 'scale' | 'zero' | 'null' | 'dim'>

/**
 * Values of one column in a block, one cell a row. Variable-length columns (P, Q) have theirs in the heap:
 * use `decodeHeapColumn` for these.
 * @throws FitsError FITS_LOGICAL_BAD, FITS_TOO_LARGE, FITS_NOT_A_TABLE for a P or Q column
 */
export function decodeColumn(layout: TableLayout, column: TableColumn, block: RowBlock): Cell[] {
  const place = { ...placeOf(layout.file, layout.hdu), column: column.name }
  if (column.heap) {
    throw new FitsError('FITS_NOT_A_TABLE', `Column ${column.name} lies in the heap`, place, {
      hint: 'Decode it with decodeHeapColumn.',
    })
  }
  const elements = block.rowCount * Math.max(1, column.repeat)
  if (elements > mostElements) throw tooMany(elements, place)
  return cellsOf(column, storedValues(layout, column, block), block.rowCount, (row) => ({
    ...place,
    row: block.firstRow + row + 1,
  }))
}

export function tooMany(elements: number, place: FitsPlace): FitsError {
  const message = `${elements} elements of column ${place.column} at once; at most ${mostElements} are decoded`
  return new FitsError('FITS_TOO_LARGE', message, place)
}

/** One cell a row from the stored elements; `placeOfRow` names the row (counted from 0 here) for faults. */
export function cellsOf(
  field: Field,
  stored: StoredArray,
  rows: number,
  placeOfRow: (row: number) => FitsPlace,
): Cell[] {
  const { length, count, outer } = shapeOf(field)
  const stride = rows === 0 ? 0 : stored.length / rows
  const element = elementReader(field, stored, length, (i) => placeOfRow(Math.floor(i / stride)))
  const step = field.code === 'A' ? length : field.code === 'C' || field.code === 'M' ? 2 : 1
  const cells = new Array<Cell>(rows)
  for (let row = 0; row < rows; row++) {
    const start = row * stride
    if (!outer) cells[row] = element(start, 0)
    else {
      const flat = new Array<Cell>(count)
      for (let k = 0; k < count; k++) flat[k] = element(start + k * step, k)
      cells[row] = nest(flat, outer)
    }
  }
  return cells
}

/**
 * - `length`: characters of one text
 * - `count`: elements of a cell
 * - `outer`: axes of the cell, absent where it is a scalar
 */
function shapeOf({ code, repeat, dim }: Field): { length: number; count: number; outer?: readonly number[] } {
  if (code === 'A') {
    const [length = repeat, ...outer] = dim ?? []
    return outer.length === 0 ? { length, count: 1 } : { length, count: product(outer), outer }
  }
  if (dim) return { length: 1, count: product(dim), outer: dim }
  const scalar = repeat === 1 && code !== 'X'
  return scalar ? { length: 1, count: 1 } : { length: 1, count: repeat, outer: [repeat] }
}

const product = (axes: readonly number[]) => axes.reduce((total, axis) => total * axis, 1)

/** Folds a flat array, first axis fastest, into nested arrays, last axis outermost. */
function nest(flat: Cell[], axes: readonly number[]): Cell[] {
  let level = flat
  for (const axis of axes.slice(0, -1)) {
    const folded: Cell[] = []
    for (let i = 0; i < level.length; i += axis) folded.push(level.slice(i, i + axis))
    level = folded
  }
  return level
}

/** Reads the element at index `i` of the stored array; `k` is its number within the cell (for bits). */
type ElementReader = (i: number, k: number) => Scalar

function elementReader(
  field: Field,
  stored: StoredArray,
  length: number,
  place: (i: number) => FitsPlace,
): ElementReader {
  switch (field.code) {
    case 'A':
      return textReader(stored as Uint8Array, length)
    case 'L':
      return (i) => logical(stored[i] as number, () => place(i))
    case 'X':
      return (i, k) => (((stored[i - k + (k >> 3)] as number) >> (7 - (k & 7))) & 1) === 1
    case 'C':
    case 'M':
      return complexReader(field, stored as Float64Array)
    default:
      return numberReader(field, stored)
  }
}

function textReader(bytes: Uint8Array, length: number): ElementReader {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return (i) => textOf(buffer, i, i + length)
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Text of a field of bytes: ends at the first NUL, trailing blanks don't count (section 7.3.3.1). */
export function textOf(bytes: Buffer, from: number, to: number): string {
  let end = from
  let last = from
  let ascii = true
  for (; end < to; end++) {
    const byte = bytes[end]!
    if (byte === 0) break
    if (byte !== 32) last = end + 1
    if (byte > 127) ascii = false
  }
  if (ascii) return bytes.toString('latin1', from, last)
  try {
    return utf8.decode(bytes.subarray(from, last))
  } catch {
    return bytes.toString('latin1', from, last)
  }
}

function logical(byte: number, place: () => FitsPlace): boolean | null {
  if (byte === 0x54) return true
  if (byte === 0x46) return false
  if (byte === 0) return null
  const at = place()
  const message = `Byte ${byte} in logical column ${at.column}, row ${at.row}; it must be T, F or 0`
  throw new FitsError('FITS_LOGICAL_BAD', message, { ...at, value: String(byte) })
}

function complexReader({ scale, zero }: Field, stored: Float32Array | Float64Array): ElementReader {
  if (scale === 1 && zero === 0) return (i) => ({ re: stored[i]!, im: stored[i + 1]! })
  return (i) => ({ re: Number(zero) + scale * stored[i]!, im: scale * stored[i + 1]! })
}

function numberReader(field: Field, stored: StoredArray): ElementReader {
  const physical = scaled(field, stored)
  if (field.null === undefined) return physical
  // TNULL is a stored value; in the unsigned convention the array holds it plus the offset already.
  const nullValue = field.unsigned ? field.null + BigInt(field.zero) : field.null
  const missing = typeof stored[0] === 'bigint' ? nullValue : Number(nullValue)
  return (i, k) => (stored[i] === missing ? null : physical(i, k))
}

function scaled({ scale, zero, unsigned }: Field, stored: StoredArray): ElementReader {
  if (unsigned || (scale === 1 && zero === 0)) return (i) => stored[i]!
  if (typeof stored[0] !== 'bigint') return (i) => Number(zero) + scale * (stored[i] as number)
  if (scale === 1 && (typeof zero === 'bigint' || Number.isInteger(zero))) {
    const offset = BigInt(zero)
    return (i) => (stored[i] as bigint) + offset
  }
  return (i) => Number(zero) + scale * Number(stored[i])
}
