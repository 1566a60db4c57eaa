// The joined HDUs of a table in lockstep: the same rows of each, block by block, the next one being read ahead.
import { type FitsFile, rowBlocks } from '../fits/index.ts'
import { setBlock } from './fields/row-input.ts'
import { fillHeap } from './heap-input.ts'
import type { TablePlan } from './plan.ts'

/** Bytes of all HDUs together in a block; two blocks are in memory. So small they stay in the processor's cache. */
const blockBytes = 1 << 20

/**
 * Points the plan's inputs at one block of rows after the other.
 * @returns number of rows in each block
 */
export async function* lockstepBlocks(
  file: FitsFile,
  plan: Pick<TablePlan, 'tables' | 'inputs' | 'heaps' | 'rowNumber' | 'rowCount'>,
): AsyncGenerator<number, void, undefined> {
  const { tables, inputs, heaps, rowNumber, rowCount } = plan
  if (tables.length === 0) {
    rowNumber.at = 0
    yield rowCount
    return
  }
  const width = tables.reduce((sum, { rowBytes }) => sum + rowBytes, 0)
  const rows = Math.max(1, Math.floor(blockBytes / Math.max(1, width)))
  const readers = tables.map((table) =>
    rowBlocks(file, table, { blockBytes: rows * Math.max(1, table.rowBytes), reuse: true }),
  )
  try {
    for (;;) {
      const blocks = await Promise.all(readers.map((reader) => reader.next()))
      const first = blocks[0]!.value
      if (!first) return
      blocks.forEach((block, i) => {
        setBlock(inputs[i]!, block.value!.bytes)
      })
      for (const heap of heaps) await fillHeap(file, heap, blocks[tables.indexOf(heap.table)]!.value!)
      rowNumber.at = first.firstRow
      yield first.rowCount
    }
  } finally {
    await Promise.all(readers.map((reader) => reader.return()))
  }
}
