// Variable-length arrays (P and Q): descriptors checked against the heap, arrays read in few large pieces.
import { type Cell, cellsOf, type Field, mostElements, tooMany } from './decode.ts'
import { FitsError, type FitsPlace } from './errors.ts'
import { type FitsFile, placeOf } from './file.ts'
import type { TableColumn, TableLayout } from './layout.ts'
import { type RowBlock, rowBlocks } from './rows.ts'
import { storedValues } from './stored.ts'
import { bytesOf } from './tform.ts'

/** Arrays nearer than this in the heap are read together, bytes between them included. */
const gapBytes = 1 << 16

/** Greatest piece of heap read at once, unless one array is larger. */
const pieceBytes = 8 << 20

/** Most heap bytes that one call reads. */
const mostHeapBytes = 2 ** 28

interface Descriptor {
  row: number
  count: number
  /** From the start of the heap. */
  from: number
  to: number
}

/**
 * Values of a variable-length column in a block, one array a row (a text for heap type A). An array has the shape
 * of TDIM where it has as many elements, and is flat otherwise.
 * @throws FitsError FITS_HEAP_POINTER with row and column, FITS_TOO_LARGE
 */
export async function decodeHeapColumn(
  file: FitsFile,
  layout: TableLayout,
  column: TableColumn,
  block: RowBlock,
): Promise<Cell[]> {
  const code = column.heap?.code
  const place = { ...placeOf(file.name, layout.hdu), column: column.name }
  if (code === undefined) {
    throw new FitsError('FITS_NOT_A_TABLE', `Column ${column.name} is not of variable length`, place, {
      hint: 'Decode it with decodeColumn.',
    })
  }
  const { bytes, starts, counts } = await heapArrays(file, layout, column, block)
  return Array.from(counts, (count, row): Cell => {
    if (count === 0) return code === 'A' ? '' : []
    const array = bytes.subarray(starts[row], starts[row + 1])
    return decodeArray(column, count, array, { ...place, row: block.firstRow + row + 1 })
  })
}

/** Arrays of a block, one behind the other as the heap has them: big-endian, TSCAL, TZERO and TNULL not applied. */
export interface HeapArrays {
  readonly bytes: Uint8Array
  /** First byte of each row's array, and the end of the last: rowCount + 1 values. */
  readonly starts: Float64Array
  /** Elements of each row's array. */
  readonly counts: Float64Array
}

/**
 * Stored bytes of a variable-length column in a block.
 * @throws FitsError FITS_HEAP_POINTER with row and column, FITS_TOO_LARGE
 */
export async function heapArrays(
  file: FitsFile,
  layout: TableLayout,
  column: TableColumn,
  block: RowBlock,
): Promise<HeapArrays> {
  const place = { ...placeOf(file.name, layout.hdu), column: column.name }
  const descriptors = readDescriptors(layout, column, block, place)
  const starts = new Float64Array(block.rowCount + 1)
  const counts = new Float64Array(block.rowCount)
  for (const { row, count, from, to } of descriptors) {
    counts[row] = count
    starts[row + 1] = to - from
  }
  for (let row = 0; row < block.rowCount; row++) starts[row + 1]! += starts[row]!
  const bytes = new Uint8Array(starts[block.rowCount]!)
  for (const piece of pieces(descriptors)) {
    const [first, end] = [piece[0]!.from, piece.reduce((last, { to }) => Math.max(last, to), 0)]
    const read = await file.source.read(layout.heapStart + first, layout.heapStart + end)
    for (const { row, from, to } of piece) bytes.set(read.subarray(from - first, to - first), starts[row]!)
  }
  return { bytes, starts, counts }
}

/** Elements of the longest array of a column: reads the descriptors of all rows. */
export async function longestArray(
  file: FitsFile,
  layout: TableLayout,
  column: TableColumn,
): Promise<number> {
  const place = { ...placeOf(file.name, layout.hdu), column: column.name }
  let longest = 0
  for await (const block of rowBlocks(file, layout)) {
    for (const { count } of readDescriptors(layout, column, block, place)) longest = Math.max(longest, count)
  }
  return longest
}

function decodeArray(column: TableColumn, count: number, bytes: Uint8Array, place: FitsPlace): Cell {
  const code = column.heap!.code
  const { name, scale, zero, unsigned } = column
  const shaped = column.dim?.reduce((total, axis) => total * axis, 1) === count
  const field: Field = {
    name,
    scale,
    zero,
    unsigned,
    code,
    repeat: count,
    offset: 0,
    bytes: bytes.length,
    ...(column.null === undefined ? {} : { null: column.null }),
    ...(shaped ? { dim: column.dim! } : code === 'A' ? {} : { dim: [count] }),
  }
  const stored = storedValues({ rowBytes: bytes.length }, field, { rowCount: 1, bytes })
  return cellsOf(field, stored, 1, () => place)[0]!
}

/** Descriptors of the non-empty arrays, each within the heap. */
function readDescriptors(
  layout: TableLayout,
  column: TableColumn,
  block: RowBlock,
  place: FitsPlace,
): Descriptor[] {
  if (column.repeat === 0) return []
  const stored = storedValues(layout, column, block)
  const found: Descriptor[] = []
  let elements = 0
  let bytes = 0
  for (let row = 0; row < block.rowCount; row++) {
    const count = Number(stored[2 * row])
    if (count === 0) continue
    const from = Number(stored[2 * row + 1])
    const to = from + bytesOf(column.heap!.code, count)
    if (count < 0 || from < 0 || to > layout.heapSize) {
      throw outside(layout, count, from, to, { ...place, row: block.firstRow + row + 1 })
    }
    elements += count
    bytes += to - from
    if (elements > mostElements) throw tooMany(elements, place)
    if (bytes > mostHeapBytes) throw tooManyBytes(bytes, place)
    found.push({ row, count, from, to })
  }
  return found
}

function outside(layout: TableLayout, count: number, from: number, to: number, place: FitsPlace): FitsError {
  const message =
    `Row ${place.row} of column ${place.column} points to ${count} elements in heap bytes ${from} to ${to}, ` +
    `the heap has ${layout.heapSize}`
  return new FitsError('FITS_HEAP_POINTER', message, { ...place, value: `${count} at ${from}` })
}

function tooManyBytes(bytes: number, place: FitsPlace): FitsError {
  const message = `${bytes} heap bytes of column ${place.column} at once; at most ${mostHeapBytes} are read`
  return new FitsError('FITS_TOO_LARGE', message, place)
}

/** Groups the descriptors, in order of their place in the heap, into pieces to be read at once. */
function* pieces(descriptors: Descriptor[]): Generator<Descriptor[]> {
  const sorted = descriptors.toSorted((a, b) => a.from - b.from)
  let piece: Descriptor[] = []
  let end = 0
  for (const next of sorted) {
    const from = piece[0]?.from ?? next.from
    const near = next.from <= end + gapBytes && Math.max(end, next.to) - from <= pieceBytes
    if (piece.length > 0 && !near) {
      yield piece
      piece = []
    }
    piece.push(next)
    end = piece.length === 1 ? next.to : Math.max(end, next.to)
  }
  if (piece.length > 0) yield piece
}
