// Rows as raw bytes: blocks of whole rows in order, the next one being read while the caller works on this one.
import { FitsError } from './errors.ts'
import { type FitsFile, type Hdu, placeOf } from './file.ts'

export interface RowBlock {
  /** First row of the block within the HDU, counted from 0. */
  readonly firstRow: number
  readonly rowCount: number
  /** `rowCount` times the row's bytes, as they stand in the file (big-endian). */
  readonly bytes: Uint8Array
}

/** What the reader of rows needs to know of a table, binary or ASCII. */
export interface RowLayout {
  readonly hdu: Hdu
  readonly rowBytes: number
  readonly rowCount: number
}

export interface RowRange {
  /** First row, counted from 0. */
  readonly from?: number
  /** Row before which to stop; the end of the table where absent. */
  readonly to?: number
  /** Greatest size of a block; a single row may be larger. 4 MiB where absent. */
  readonly blockBytes?: number
  /** Whether the bytes of a block may be overwritten once the next one is asked for. */
  readonly reuse?: boolean
}

const defaultBlockBytes = 4 * 2 ** 20

/**
 * The rows `from` to `to` in blocks. At most two blocks are in memory, besides those that the caller keeps.
 * @throws FitsError FITS_ROWS_OUT_OF_RANGE, FITS_TRUNCATED or what the source reports
 */
export async function* rowBlocks(
  file: FitsFile,
  layout: RowLayout,
  range: RowRange = {},
): AsyncGenerator<RowBlock, void, undefined> {
  const { from = 0, to = layout.rowCount, blockBytes = defaultBlockBytes, reuse = false } = range
  checkRange(file, layout, from, to)
  const rowsInBlock = Math.max(1, Math.floor(blockBytes / Math.max(1, layout.rowBytes)))
  const mostBytes = Math.min(rowsInBlock, to - from) * layout.rowBytes
  let [current, other] = reuse ? [1, 2].map(() => Buffer.allocUnsafeSlow(mostBytes)) : []
  let ahead = readAhead(file, layout, from, to, rowsInBlock, current)
  try {
    while (ahead) {
      const block = await ahead
      ;[current, other] = [other, current]
      ahead = readAhead(file, layout, block.firstRow + block.rowCount, to, rowsInBlock, current)
      yield block
    }
  } finally {
    // A caller that stops early may close the file next: let the read that is under way end first.
    await ahead?.catch(() => {})
  }
}

function readAhead(
  file: FitsFile,
  layout: RowLayout,
  from: number,
  to: number,
  most: number,
  into: Uint8Array | undefined,
) {
  if (from >= to) return undefined
  const rowCount = Math.min(most, to - from)
  const start = layout.hdu.dataStart + from * layout.rowBytes
  const block = file.source
    .read(start, start + rowCount * layout.rowBytes, into)
    .then((bytes): RowBlock => ({ firstRow: from, rowCount, bytes }))
  // The failure is met when the block is awaited; until then it must not count as unhandled.
  block.catch(() => {})
  return block
}

function checkRange(file: FitsFile, layout: RowLayout, from: number, to: number): void {
  const whole = Number.isInteger(from) && Number.isInteger(to)
  if (whole && from >= 0 && from <= to && to <= layout.rowCount) return
  const place = placeOf(file.name, layout.hdu)
  const message = `Rows ${from} to ${to} are not rows of ${place.hdu}, which has ${layout.rowCount}`
  throw new FitsError('FITS_ROWS_OUT_OF_RANGE', message, place)
}
