// Columns to rows: typed arrays scattered into packed big-endian row bytes, the inverse of `storedValues`.
import { FitsError, type FitsPlace } from './errors.ts'
import { highHalf, type StoredArray } from './stored.ts'
import { bytesOf, elementForm, parseTform, type TypeCode } from './tform.ts'

export interface ColumnToPack {
  readonly name: string
  readonly tform: string
  /**
   * `repeat` elements for each row: the typed array that `storedValues` answers for the format (for C and M pairs,
   * for X the bytes with the bits, for P and Q pairs of length and heap offset); booleans or null for L; texts
   * for A, filled with blanks. Unsigned arrays for I, J, K and Int8Array for B go by the unsigned-integer
   * convention: the column then needs TZERO (`unsignedZero`).
   */
  readonly values: StoredArray | readonly string[] | readonly (boolean | null)[]
}

/** Bytes that a row of the given formats takes. */
export function packedRowBytes(columns: readonly { name: string; tform: string }[]): number {
  return columns.reduce((total, column) => total + widthOf(column), 0)
}

function widthOf({ name, tform }: { name: string; tform: string }): number {
  const { code, repeat } = parseTform(tform, { column: name })
  return bytesOf(code, repeat)
}

/** Rows scattered at a time: few enough that they stay in the processor's cache while the columns take turns. */
const rowsAtATime = 64

/**
 * Rows `from` to `to` of the columns as packed bytes, ready for `writeFits`.
 * @throws FitsError FITS_TFORM_BAD, FITS_VALUES_MISFIT
 */
export function packRows(
  columns: readonly ColumnToPack[],
  from: number,
  to: number,
): Uint8Array<ArrayBuffer> {
  const rowBytes = packedRowBytes(columns)
  const out = new Uint8Array((to - from) * rowBytes)
  let offset = 0
  const scatters = columns.map((column) => {
    const scatter = scatterOf(column, out, offset, rowBytes, from, to)
    offset += widthOf(column)
    return scatter
  })
  for (let row = from; row < to; row += rowsAtATime) {
    const end = Math.min(to, row + rowsAtATime)
    for (const scatter of scatters) scatter(row, end, row - from)
  }
  return out
}

/** Writes the column's rows `from` to `to` into the packed rows from row `at` on. */
type Scatter = (from: number, to: number, at: number) => void

function scatterOf(
  column: ColumnToPack,
  out: Uint8Array,
  offset: number,
  rowBytes: number,
  from: number,
  to: number,
): Scatter {
  const { code, repeat } = parseTform(column.tform, { column: column.name })
  const { values } = column
  const bytes = bytesOf(code, repeat)
  if (Array.isArray(values)) {
    const made =
      code === 'A' ? textBytes(column, repeat, from, to) : logicalBytes(column, code, repeat, from, to)
    return bytesScatter(made, from, out, offset, rowBytes, bytes)
  }
  const array = values as StoredArray
  const { wordBytes, flip } = wordsOf(column, code, array)
  if (array.byteLength < to * bytes) throw misfit(column, `${to * bytes} bytes`, `${array.byteLength}`)
  const view = new DataView(out.buffer)
  const words = bytes / wordBytes
  if (wordBytes === 1) {
    const stored = new Uint8Array(array.buffer, array.byteOffset + from * bytes, (to - from) * bytes)
    return bytesScatter(flip ? stored.map((byte) => byte ^ 0x80) : stored, from, out, offset, rowBytes, bytes)
  }
  if (wordBytes === 2) {
    return scatter2(array as Uint16Array, view, offset, rowBytes, words, flip ? 0x8000 : 0)
  }
  const halves = new Uint32Array(array.buffer, array.byteOffset, array.byteLength / 4)
  const scatter = wordBytes === 4 ? scatter4 : scatter8
  return scatter(halves, view, offset, rowBytes, words, flip ? 0x80000000 : 0)
}

/** `from` holds the bytes of the rows from `first` on. */
function bytesScatter(
  from: Uint8Array,
  first: number,
  out: Uint8Array,
  offset: number,
  stride: number,
  n: number,
): Scatter {
  return (row, to, at) => {
    let p = offset + at * stride
    if (n === 1) for (let i = row - first; i < to - first; i++, p += stride) out[p] = from[i]!
    else
      for (let i = row - first; i < to - first; i++, p += stride) out.set(from.subarray(i * n, i * n + n), p)
  }
}

type Words = (
  from: Uint16Array | Uint32Array,
  out: DataView,
  offset: number,
  stride: number,
  n: number,
  mask: number,
) => Scatter

const scatter2: Words = (from, out, offset, stride, n, mask) => (row, to, at) => {
  for (let start = offset + at * stride, i = row * n; row < to; row++, start += stride) {
    for (let k = 0, p = start; k < n; k++, p += 2) out.setUint16(p, from[i++]! ^ mask)
  }
}

const scatter4: Words = (from, out, offset, stride, n, mask) => (row, to, at) => {
  for (let start = offset + at * stride, i = row * n; row < to; row++, start += stride) {
    for (let k = 0, p = start; k < n; k++, p += 4) out.setUint32(p, from[i++]! ^ mask)
  }
}

const scatter8: Words = (from, out, offset, stride, n, mask) => {
  const low = 1 - highHalf
  return (row, to, at) => {
    for (let start = offset + at * stride, i = 2 * row * n; row < to; row++, start += stride) {
      for (let k = 0, p = start; k < n; k++, p += 8, i += 2) {
        out.setUint32(p, from[i + highHalf]! ^ mask)
        out.setUint32(p + 4, from[i + low]!)
      }
    }
  }
}

/** Arrays that each format takes; the second of a pair is stored with its highest bit flipped. */
const arraysOf: Readonly<Record<TypeCode, readonly string[]>> = {
  L: ['Uint8Array'],
  X: ['Uint8Array'],
  A: ['Uint8Array'],
  B: ['Uint8Array', 'Int8Array'],
  I: ['Int16Array', 'Uint16Array'],
  J: ['Int32Array', 'Uint32Array'],
  K: ['BigInt64Array', 'BigUint64Array'],
  E: ['Float32Array'],
  D: ['Float64Array'],
  C: ['Float32Array'],
  M: ['Float64Array'],
  P: ['Int32Array'],
  Q: ['BigInt64Array'],
}

function wordsOf(column: ColumnToPack, code: TypeCode, values: StoredArray) {
  // A Buffer is bytes like any Uint8Array.
  const kind = values instanceof Uint8Array ? 'Uint8Array' : values.constructor.name
  const choice = arraysOf[code].indexOf(kind)
  if (choice < 0) throw misfit(column, arraysOf[code].join(' or '), kind)
  return { wordBytes: elementForm[code].wordBytes, flip: choice === 1 }
}

/** TZERO that a column of these values needs, undefined where it needs none. */
export function unsignedZero(values: ColumnToPack['values']): number | bigint | undefined {
  if (values instanceof Int8Array) return -128
  if (values instanceof Uint16Array) return 32768
  if (values instanceof Uint32Array) return 2147483648
  return values instanceof BigUint64Array ? 2n ** 63n : undefined
}

/** Texts of the rows `from` to `to` as bytes of fixed width. */
function textBytes(column: ColumnToPack, width: number, from: number, to: number): Uint8Array {
  const texts = column.values as readonly string[]
  if (texts.length < to) throw misfit(column, `${to} texts`, `${texts.length}`)
  const bytes = Buffer.alloc((to - from) * width, ' ')
  for (let row = from; row < to; row++) {
    const text = texts[row]!
    if (typeof text !== 'string') throw misfit(column, 'texts', typeof text, row)
    const needed = Buffer.byteLength(text)
    if (needed > width) throw misfit(column, `at most ${width} bytes`, `${needed} in "${text}"`, row)
    bytes.write(text, (row - from) * width)
  }
  return bytes
}

const logicalCode = (value: boolean | null) => (value === null ? 0 : value ? 0x54 : 0x46)

function logicalBytes(
  column: ColumnToPack,
  code: TypeCode,
  repeat: number,
  from: number,
  to: number,
): Uint8Array {
  const values = column.values as readonly (boolean | null)[]
  if (code !== 'L') throw misfit(column, arraysOf[code].join(' or '), 'an array of booleans or texts')
  if (values.length < to * repeat) throw misfit(column, `${to * repeat} booleans`, `${values.length}`)
  return Uint8Array.from(values.slice(from * repeat, to * repeat), logicalCode)
}

function misfit(column: ColumnToPack, needed: string, given: string, row?: number): FitsError {
  const place: FitsPlace = { column: column.name, ...(row === undefined ? {} : { row: row + 1 }) }
  const message = `Column ${column.name} (${column.tform}) needs ${needed}, given ${given}`
  return new FitsError('FITS_VALUES_MISFIT', message, place)
}

/**
 * Arrays of any length as descriptors for a P or Q column and the heap that they point into.
 * @param start      heap bytes already used by other columns
 * @throws FitsError FITS_VALUES_MISFIT
 */
export function packArrays(
  column: { name: string; tform: string },
  arrays: readonly StoredArray[],
  start = 0,
): { values: Int32Array | BigInt64Array; heap: Uint8Array } {
  const { code, heap } = parseTform(column.tform, { column: column.name })
  if (!heap)
    throw new FitsError('FITS_VALUES_MISFIT', `${column.tform} is not of variable length`, {
      column: column.name,
    })
  const { wordBytes, words } = elementForm[heap.code]
  const descriptors: number[] = []
  let at = start
  const pieces = arrays.map((values) => {
    const count = values.byteLength / wordBytes / words
    descriptors.push(count, at)
    at += values.byteLength
    return packRows([{ name: column.name, tform: `${count}${heap.code}`, values }], 0, 1)
  })
  const values = code === 'P' ? Int32Array.from(descriptors) : BigInt64Array.from(descriptors, BigInt)
  return { values, heap: Buffer.concat(pieces) }
}
