// Field writers for vector columns: a FITS array of fixed shape as a PostgreSQL array.
import type { SqlType } from '../../model/index.ts'
import { type RowOutput, rejected, type WriteField } from './row-input.ts'

/** Element type of each array type, and its oid (PostgreSQL's pg_type.dat). */
export const arrayElements = {
  'bigint[]': { type: 'bigint', oid: 20 },
  'real[]': { type: 'real', oid: 700 },
  'double precision[]': { type: 'double precision', oid: 701 },
} as const satisfies Partial<Record<SqlType, { type: SqlType; oid: number }>>

/** Bytes before the first element: length, number of dimensions, null flag, oid; then 8 for each dimension. */
const headBytes = 16

/** Bytes of a whole field at most. */
export const arrayBytes = (dimensions: number, elements: number): number =>
  headBytes + 8 * dimensions + elements * 12

/**
 * @param axes    TDIM, first axis fastest; PostgreSQL's last dimension is the fastest, so they are turned round
 * @param size    bytes of an element in the file
 * @param element writer of one element, with its own length before it
 */
export function arrayField(
  axes: readonly number[],
  size: number,
  oid: number,
  element: WriteField,
  out: RowOutput,
): WriteField {
  const count = axes.reduce((product, axis) => product * axis, 1)
  const head = arrayHead(count === 0 ? [] : axes.toReversed(), oid)
  const { bytes, view } = out
  return (from, at) => {
    bytes.set(head, at)
    let end = at + head.length
    let nulls = 0
    for (let k = 0; k < count; k++) {
      const next = element(from + k * size, end)
      if (next === rejected) return rejected
      if (next === end + 4) nulls = 1
      end = next
    }
    view.setInt32(at, end - at - 4)
    view.setInt32(at + 8, nulls)
    return end
  }
}

/** The row's array within a heap's bytes, of the shape of TDIM where it has as many elements, else flat. */
export function heapArrayField(
  heap: HeapBytes,
  oid: number,
  element: WriteField,
  out: RowOutput,
): WriteField {
  const { size } = heap
  const { dim } = heap.column
  const shaped = dim?.reduce((product, axis) => product * axis, 1)
  const byLength = new Map<number, WriteField>()
  const ofLength = (count: number) => {
    const known = byLength.get(count)
    if (known) return known
    const made = arrayField(count === shaped ? dim! : [count], size, oid, element, out)
    byLength.set(count, made)
    return made
  }
  return (row, at) => {
    const from = heap.starts[row]!
    return ofLength((heap.starts[row + 1]! - from) / size)(from, at)
  }
}

/** What the writer needs of a variable-length column: where the arrays of the block begin. */
interface HeapBytes {
  readonly column: { readonly dim?: readonly number[] }
  readonly size: number
  readonly starts: Float64Array
}

function arrayHead(dimensions: readonly number[], oid: number): Buffer {
  const head = Buffer.alloc(headBytes + 8 * dimensions.length)
  head.writeInt32BE(dimensions.length, 4)
  head.writeInt32BE(oid, 12)
  dimensions.forEach((length, i) => {
    head.writeInt32BE(length, headBytes + 8 * i)
    head.writeInt32BE(1, headBytes + 8 * i + 4)
  })
  return head
}
