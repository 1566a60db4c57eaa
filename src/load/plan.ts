// The plan of one table: where its rows stand, what holds for all of them, and how each other field is written.
import { type FitsFile, hduLabel, type TableLayout } from '../fits/index.ts'
import type { KeyRing } from '../keys/index.ts'
import { type Catalog, type Column, sourceIn } from '../model/index.ts'
import { rowPrefixBytes } from '../postgres/index.ts'
import { type Alignment, alignTables } from './alignment.ts'
import type { ColumnTally, FaultNote } from './fields/column-rules.ts'
import { constantBytes } from './fields/constant.ts'
import { emptyInput, outputOf, type RowInput, type RowOutput } from './fields/row-input.ts'
import { fileConstants } from './file-constants.ts'
import { type HeapInput, longestArrays } from './heap-input.ts'
import { joinedTables, tablesToRead } from './joined-tables.ts'
import type { CatalogLayout } from './match.ts'
import {
  type Field,
  fieldBytes,
  isVarying,
  planField,
  rowField,
  type VaryingSource,
  wholeBytes,
} from './plan-field.ts'
import { joinSingles, type Step } from './single-runs.ts'
import { checkFrame } from './stated-frame.ts'

export interface TablePlan {
  readonly catalog: Catalog
  readonly layoutName: string
  /** All joined HDUs, by EXTNAME or number. */
  readonly hdus: readonly string[]
  /** Those that are read row by row, and the bytes of each at the current row. */
  readonly tables: readonly TableLayout[]
  readonly inputs: readonly RowInput[]
  /** Variable-length columns; their inputs follow those of the tables. */
  readonly heaps: readonly HeapInput[]
  /** Its position is the number of the row, counted from 0. */
  readonly rowNumber: RowInput
  readonly rowCount: number
  readonly alignment: Alignment | undefined
  /** Columns in the order of COPY: those with one value for the whole file first. */
  readonly columns: readonly string[]
  /** Field count and constant fields: what every row begins with. */
  readonly prefix: Uint8Array
  readonly fields: readonly Field[]
  /** The same fields in fewer calls. */
  readonly steps: readonly Step[]
  /** Bytes of a row at most. */
  readonly rowBytes: number
  readonly out: RowOutput
  readonly note: FaultNote
  readonly tallies: Readonly<Record<string, ColumnTally>>
}

export interface PlanOptions {
  /** Whether HDUs of which only the identifier matters are compared by digest, see agreement.ts. */
  readonly agreed: boolean
  /** Whether a column with the row's number is to be written too. */
  readonly numbered?: boolean
  /** Seals the values of encrypted columns. */
  readonly keys: KeyRing | undefined
}

/** Name of the column that carries the row's number in the table where rows are sorted out. */
export const rowNumberColumn = 'almagest_row'

/** Bytes of COPY data to be sent at once. */
const sendBytes = 1 << 18

/**
 * Plans the loading of a file into one catalogue. Of its rows nothing is read but, where a TFORM doesn't tell, the
 * lengths of variable-length arrays.
 * @param fileId  the file's number in the ledger
 * @throws AlmagestError LOAD_COLUMN_TYPE, LOAD_CARD_MISSING, LOAD_CONSTANT_INVALID, LOAD_FRAME,
 *   LOAD_MISALIGNED, LOAD_ROWS_DIFFER; FitsError FITS_COLUMN_MISSING and others about the tables
 */
export async function planTable(
  file: FitsFile,
  chosen: CatalogLayout,
  fileId: number,
  { agreed, numbered = false, keys }: PlanOptions,
): Promise<TablePlan> {
  const { catalog, layout, layoutName } = chosen
  checkFrame(file, chosen)
  const joined = joinedTables(file, layout)
  const read = agreed ? tablesToRead(joined, chosen).read : joined
  const { rowCount, alignment } = alignTables(read, layout.alignedBy)
  const constants = fileConstants(file, chosen, fileId)
  const varying = varyingColumns(chosen)
  const columns = [...constants.map(({ name }) => name), ...varying.map(({ name }) => name)]
  if (numbered) columns.push(rowNumberColumn)
  const prefix = Buffer.concat([
    Buffer.alloc(rowPrefixBytes),
    ...constants.map(({ type, value }) => constantBytes(type, value)),
  ])
  prefix.writeInt16BE(columns.length)
  const longest = await longestArrays(file, joined, chosen)
  const sizes = varying.map((each) => fieldBytes(file, joined, each, longest))
  const rowBytes = prefix.length + sizes.reduce((sum, size) => sum + size, numbered ? wholeBytes : 0)
  const out = outputOf(2 * Math.max(sendBytes, 2 * rowBytes))
  const rowNumber = emptyInput(1)
  const note: FaultNote = { hdu: '', column: '', rule: 'range', value: null, detail: '' }
  const tallies: Record<string, ColumnTally> = {}
  const heaps: HeapInput[] = []
  const context = { file, catalog, joined, rowNumber, longest, heaps, keys, out, note, tallies }
  const fields = varying.map(({ name, column, source }) => planField(context, name, column, source))
  if (numbered) fields.push(rowField('bigint', 1, rowNumber, out))
  return {
    catalog,
    layoutName,
    hdus: joined.map(({ table }) => hduLabel(table.hdu)),
    tables: read.map(({ table }) => table),
    inputs: [...read, ...heaps].map(({ input }) => input),
    heaps,
    rowNumber,
    rowCount,
    alignment,
    columns,
    prefix,
    fields,
    steps: joinSingles(fields),
    rowBytes,
    out,
    note,
    tallies,
  }
}

/** The columns whose values differ from row to row, with their sources in this layout. */
function varyingColumns({ catalog, layout }: CatalogLayout) {
  return Object.entries(catalog.columns).flatMap(
    ([name, column]): { name: string; column: Column; source: VaryingSource }[] => {
      const source = sourceIn(catalog, layout, name)
      return isVarying(source) ? [{ name, column, source }] : []
    },
  )
}
