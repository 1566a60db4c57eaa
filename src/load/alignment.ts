// HDUs joined row by row: the same number of rows, and in each row the same identifier.
import { hduLabel, type TableColumn, type TableLayout } from '../fits/index.ts'
import type { AlmagestError } from '../model/index.ts'
import type { ColumnBytes } from './digest.ts'
import { loadError } from './errors.ts'
import type { RowInput } from './fields/row-input.ts'
import { storedNumber } from './fields/stored-number.ts'

interface Joined {
  readonly table: TableLayout
  readonly input: RowInput
}

/** The identifying columns of joined HDUs. */
export interface Alignment {
  /** True when all of them hold the same bytes at the current row. */
  holds(): boolean
  /** The error for row `row`, counted from 0, at which they don't. */
  fault(row: number): AlmagestError
}

/**
 * Rows of the joined HDUs (1 when there are none: a table of one row per file), and how to compare their rows.
 * @param alignedBy  FITS column that must be equal in all of them
 * @throws AlmagestError LOAD_ROWS_DIFFER, LOAD_COLUMN_TYPE; FitsError FITS_COLUMN_MISSING
 */
export function alignTables(
  joined: readonly Joined[],
  alignedBy: string | undefined,
): { rowCount: number; alignment: Alignment | undefined } {
  const [first, ...others] = joined
  if (!first) return { rowCount: 1, alignment: undefined }
  const { rowCount } = first.table
  const odd = others.find(({ table }) => table.rowCount !== rowCount)
  if (odd) throw rowsDiffer(first.table, odd.table)
  if (others.length === 0 || alignedBy === undefined) return { rowCount, alignment: undefined }
  const pairs = others.map((other) => pairOf(first, other, alignedBy))
  return {
    rowCount,
    alignment: {
      holds: () => pairs.every((pair) => pair.equal()),
      fault: (row) => pairs.find((pair) => !pair.equal())!.fault(row),
    },
  }
}

/**
 * The identifying columns of HDUs of which nothing else is needed, after that of the first one, with which they
 * must agree: their bytes are compared by digest, which spares the load the reading of these HDUs. Empty when there
 * are no such HDUs.
 * @throws AlmagestError LOAD_ROWS_DIFFER, LOAD_COLUMN_TYPE; FitsError FITS_COLUMN_MISSING
 */
export function columnsToAgree(
  first: Joined | undefined,
  unread: readonly Joined[],
  alignedBy: string | undefined,
): ColumnBytes[] {
  if (!first || unread.length === 0) return []
  for (const other of unread) alignTables([first, other], alignedBy)
  if (alignedBy === undefined) return []
  return [first, ...unread].map(({ table }) => {
    const { offset, bytes } = table.column(alignedBy)
    const { hdu, rowBytes, rowCount } = table
    return { start: hdu.dataStart + offset, width: bytes, stride: rowBytes, count: rowCount }
  })
}

function pairOf(first: Joined, other: Joined, alignedBy: string) {
  const a = first.table.column(alignedBy)
  const b = other.table.column(alignedBy)
  if (a.tform !== b.tform) throw formsDiffer(first.table, other.table, a, b)
  return {
    equal: comparison(first.input, a, other.input, b),
    fault: (row: number) => misaligned(first, a, other, b, row),
  }
}

/** Byte by byte, or as two words for the usual 64-bit identifier. */
function comparison(p: RowInput, a: TableColumn, q: RowInput, b: TableColumn): () => boolean {
  if (a.bytes === 8) {
    return () =>
      p.view.getInt32(p.at + a.offset + 4) === q.view.getInt32(q.at + b.offset + 4) &&
      p.view.getInt32(p.at + a.offset) === q.view.getInt32(q.at + b.offset)
  }
  return () => {
    for (let i = 0; i < a.bytes; i++) {
      if (p.bytes[p.at + a.offset + i] !== q.bytes[q.at + b.offset + i]) return false
    }
    return true
  }
}

function show({ input }: Joined, column: TableColumn): string {
  const from = input.at + column.offset
  const number = storedNumber(column, input)
  return number
    ? number.show(from)
    : Buffer.from(input.bytes.subarray(from, from + column.bytes)).toString('latin1')
}

function misaligned(
  first: Joined,
  a: TableColumn,
  other: Joined,
  b: TableColumn,
  row: number,
): AlmagestError {
  const [p, q] = [hduLabel(first.table.hdu), hduLabel(other.table.hdu)]
  const [x, y] = [show(first, a), show(other, b)]
  const message = `row ${row + 1} has ${a.name} ${x} in ${p}, but ${y} in ${q} of ${first.table.file}`
  return loadError('LOAD_MISALIGNED', message, {
    file: first.table.file,
    hdu: q,
    row: row + 1,
    column: b.name,
    value: y,
  })
}

function rowsDiffer(a: TableLayout, b: TableLayout): AlmagestError {
  const message = `${hduLabel(a.hdu)} has ${a.rowCount} rows and ${hduLabel(b.hdu)} has ${b.rowCount} in ${a.file}`
  return loadError('LOAD_ROWS_DIFFER', message, { file: a.file, hdu: hduLabel(b.hdu) })
}

function formsDiffer(p: TableLayout, q: TableLayout, a: TableColumn, b: TableColumn): AlmagestError {
  const message = `${a.name} has TFORM ${a.tform} in ${hduLabel(p.hdu)} and ${b.tform} in ${hduLabel(q.hdu)}, so rows can't be compared`
  return loadError('LOAD_COLUMN_TYPE', message, { file: p.file, hdu: hduLabel(q.hdu), column: b.name })
}
