// HDUs of a layout of which only the identifier matters: compared with the others by digest, not row by row.
import type { FitsFile } from '../fits/index.ts'
import type { AlmagestError } from '../model/index.ts'
import { alignTables, columnsToAgree } from './alignment.ts'
import type { ColumnBytes } from './digest.ts'
import { loadError } from './errors.ts'
import { emptyInput } from './fields/row-input.ts'
import { joinedTables, tablesToRead } from './joined-tables.ts'
import type { CatalogLayout } from './match.ts'
import { lockstepBlocks } from './row-blocks.ts'

/** Columns of a file whose bytes must have equal digests, for each of its layouts. */
export interface Agreement {
  readonly columns: readonly ColumnBytes[]
  /** @throws AlmagestError LOAD_MISALIGNED with the first row that differs */
  check(digests: readonly string[]): Promise<void>
}

/**
 * What must agree in a file that is read by these layouts.
 * @throws AlmagestError LOAD_ROWS_DIFFER, LOAD_COLUMN_TYPE; FitsError FITS_COLUMN_MISSING
 */
export function agreementOf(file: FitsFile, layouts: readonly CatalogLayout[]): Agreement {
  const parts = layouts.map((chosen) => ({ chosen, columns: columnsOf(file, chosen) }))
  return {
    columns: parts.flatMap(({ columns }) => columns),
    async check(digests) {
      let from = 0
      for (const { chosen, columns } of parts) {
        const own = digests.slice(from, (from += columns.length))
        if (own.some((digest) => digest !== own[0])) throw await firstFault(file, chosen)
      }
    },
  }
}

function columnsOf(file: FitsFile, chosen: CatalogLayout): ColumnBytes[] {
  const { read, unread } = tablesToRead(joinedTables(file, chosen.layout), chosen)
  return columnsToAgree(read[0], unread, chosen.layout.alignedBy)
}

/** The first row whose identifiers differ, found by reading all HDUs after all. */
async function firstFault(file: FitsFile, { layout }: CatalogLayout): Promise<AlmagestError> {
  const joined = joinedTables(file, layout)
  const { rowCount, alignment } = alignTables(joined, layout.alignedBy)
  const tables = joined.map(({ table }) => table)
  const inputs = joined.map(({ input }) => input)
  const rowNumber = emptyInput(1)
  for await (const rows of lockstepBlocks(file, { tables, inputs, heaps: [], rowNumber, rowCount })) {
    for (let row = 0; row < rows; row++) {
      if (alignment && !alignment.holds()) return alignment.fault(rowNumber.at)
      for (const input of inputs) input.at += input.stride
      rowNumber.at++
    }
  }
  const message = `the HDUs of ${file.name} have equal ${layout.alignedBy} now, but had not when they were loaded`
  return loadError('LOAD_MISALIGNED', message, { file: file.name })
}
