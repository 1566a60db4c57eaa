// Stored values of one column of a block as a typed array: bytes gathered row by row, swapped, never rounded.
import type { TableColumn, TableLayout } from './layout.ts'
import type { RowBlock } from './rows.ts'
import { elementForm } from './tform.ts'

export type StoredArray =
  | Uint8Array
  | Int8Array
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | BigInt64Array
  | BigUint64Array
  | Float32Array
  | Float64Array

/** Index of the more significant half of a 64-bit word in this machine's memory. */
export const highHalf = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1 ? 1 : 0

/** The part of a column that decoding needs. */
export type StoredField = Pick<TableColumn, 'code' | 'repeat' | 'offset' | 'bytes' | 'unsigned'>

/**
 * All elements of a column in a block, row after row, exact to the bit (NaN payloads included).
 *
 * | code | array | elements a row |
 * |---|---|---|
 * | L A | Uint8Array | repeat |
 * | X | Uint8Array | bytes that hold the bits |
 * | B I J K | Uint8Array, Int16Array, Int32Array, BigInt64Array; unsigned columns the other signedness | repeat |
 * | E D | Float32Array, Float64Array | repeat |
 * | C M | Float32Array, Float64Array | 2 x repeat: real and imaginary part |
 * | P Q | Int32Array, BigInt64Array | 2 x repeat: length and heap offset |
 *
 * The unsigned-integer convention is applied; TSCAL, TZERO otherwise and TNULL are not.
 */
export function storedValues(
  layout: Pick<TableLayout, 'rowBytes'>,
  column: StoredField,
  block: Pick<RowBlock, 'rowCount' | 'bytes'>,
): StoredArray {
  const { wordBytes } = elementForm[column.code]
  const bytes = gather(block.bytes, layout.rowBytes, block.rowCount, column, wordBytes)
  if (column.unsigned) flipSign(bytes, wordBytes)
  return typed(column, bytes.buffer)
}

/** Gathers the column's bytes of all rows and puts each word into this machine's byte order. */
function gather(from: Uint8Array, rowBytes: number, rows: number, column: StoredField, wordBytes: number) {
  const out = new Uint8Array(rows * column.bytes)
  const words = column.bytes / wordBytes
  if (words === 0) return out
  const view = new DataView(from.buffer, from.byteOffset, from.byteLength)
  if (wordBytes === 1) gatherBytes(from, out, column.offset, rowBytes, rows, words)
  else if (wordBytes === 2) gather2(view, new Uint16Array(out.buffer), column.offset, rowBytes, rows, words)
  else if (wordBytes === 4) gather4(view, new Uint32Array(out.buffer), column.offset, rowBytes, rows, words)
  else gather8(view, new Uint32Array(out.buffer), column.offset, rowBytes, rows, words)
  return out
}

function gatherBytes(
  from: Uint8Array,
  out: Uint8Array,
  offset: number,
  stride: number,
  rows: number,
  n: number,
) {
  if (n === 1) for (let r = 0, p = offset; r < rows; r++, p += stride) out[r] = from[p]!
  else for (let r = 0, p = offset; r < rows; r++, p += stride) out.set(from.subarray(p, p + n), r * n)
}

function gather2(from: DataView, out: Uint16Array, offset: number, stride: number, rows: number, n: number) {
  for (let r = 0, i = 0; r < rows; r++) {
    for (let k = 0, p = offset + r * stride; k < n; k++, p += 2) out[i++] = from.getUint16(p)
  }
}

function gather4(from: DataView, out: Uint32Array, offset: number, stride: number, rows: number, n: number) {
  for (let r = 0, i = 0; r < rows; r++) {
    for (let k = 0, p = offset + r * stride; k < n; k++, p += 4) out[i++] = from.getUint32(p)
  }
}

/** Two halves of 32 bits each, because a detour over a double may alter NaN payloads and bigints are slow. */
function gather8(from: DataView, out: Uint32Array, offset: number, stride: number, rows: number, n: number) {
  const low = 1 - highHalf
  for (let r = 0, i = 0; r < rows; r++) {
    for (let k = 0, p = offset + r * stride; k < n; k++, p += 8, i += 2) {
      out[i + highHalf] = from.getUint32(p)
      out[i + low] = from.getUint32(p + 4)
    }
  }
}

/** Adding half the range of an integer is flipping its highest bit. */
export function flipSign(bytes: Uint8Array, wordBytes: number): void {
  const last = highHalf === 1 ? wordBytes - 1 : 0
  for (let i = last; i < bytes.length; i += wordBytes) bytes[i]! ^= 0x80
}

function typed({ code, unsigned }: StoredField, buffer: ArrayBuffer): StoredArray {
  switch (code) {
    case 'B':
      return unsigned ? new Int8Array(buffer) : new Uint8Array(buffer)
    case 'I':
      return unsigned ? new Uint16Array(buffer) : new Int16Array(buffer)
    case 'J':
      return unsigned ? new Uint32Array(buffer) : new Int32Array(buffer)
    case 'K':
      return unsigned ? new BigUint64Array(buffer) : new BigInt64Array(buffer)
    case 'E':
    case 'C':
      return new Float32Array(buffer)
    case 'D':
    case 'M':
      return new Float64Array(buffer)
    case 'P':
      return new Int32Array(buffer)
    case 'Q':
      return new BigInt64Array(buffer)
    default:
      return new Uint8Array(buffer)
  }
}
