// Variable-length arrays as an input of the load: the arrays of a block of rows, read from the heap before its rows are written.
import {
  bytesOf,
  FitsError,
  type FitsFile,
  hduLabel,
  heapArrays,
  longestArray,
  type RowBlock,
  type TableColumn,
  type TableLayout,
} from '../fits/index.ts'
import { sourceIn } from '../model/index.ts'
import { emptyInput, type RowInput, setBlock } from './fields/row-input.ts'
import { isStored, type JoinedTable, locate } from './joined-tables.ts'
import type { CatalogLayout } from './match.ts'

/** The arrays of a column at the current block. */
export interface HeapInput {
  readonly table: TableLayout
  readonly column: TableColumn
  /** The bytes of all arrays; its position is the row within the block. */
  readonly input: RowInput
  /** Bytes of an element. */
  readonly size: number
  /** Elements of an array at most. */
  readonly longest: number
  /** First byte of each row's array, and the end of the last. */
  starts: Float64Array
}

export function heapInput(table: TableLayout, column: TableColumn, longest: number): HeapInput {
  const size = bytesOf(column.heap!.code, 1)
  return { table, column, input: emptyInput(1), size, longest, starts: new Float64Array(1) }
}

/** Elements of the longest array of each variable-length column that is loaded, by catalogue column. */
export async function longestArrays(
  file: FitsFile,
  joined: readonly JoinedTable[],
  { catalog, layout }: CatalogLayout,
): Promise<ReadonlyMap<string, number>> {
  const found = new Map<string, number>()
  for (const name of Object.keys(catalog.columns)) {
    const source = sourceIn(catalog, layout, name)
    if (!isStored(source)) continue
    const { table, fits } = locate(file, joined, source)
    // A TFORM may promise the greatest length; otherwise the descriptors tell.
    if (fits.heap) found.set(name, fits.heap.maxLength ?? (await longestArray(file, table, fits)))
  }
  return found
}

/**
 * Reads the arrays of a block.
 * @throws FitsError FITS_HEAP_POINTER also for an array longer than the TFORM promises
 */
export async function fillHeap(file: FitsFile, heap: HeapInput, block: RowBlock): Promise<void> {
  const { table, column, input, longest } = heap
  const { bytes, starts, counts } = await heapArrays(file, table, column, block)
  const row = counts.findIndex((count) => count > longest)
  if (row >= 0) {
    const place = {
      file: file.name,
      hdu: hduLabel(table.hdu),
      row: block.firstRow + row + 1,
      column: column.name,
    }
    const message = `Row ${place.row} of column ${column.name} has ${counts[row]} elements, its TFORM ${column.tform} promises ${longest} at most`
    throw new FitsError('FITS_HEAP_POINTER', message, place)
  }
  heap.starts = starts
  setBlock(input, bytes)
}
