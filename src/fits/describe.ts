// A file as plain data, for people and for JSON: its HDUs and columns, and the first rows of a table.
import { asciiLayout, decodeAsciiColumn } from './ascii.ts'
import { type Cell, decodeColumn } from './decode.ts'
import { FitsError } from './errors.ts'
import { axesOf, type FitsFile, type Hdu, type HduKind, placeOf } from './file.ts'
import { decodeHeapColumn } from './heap.ts'
import { tableLayout } from './layout.ts'
import { type RowBlock, rowBlocks } from './rows.ts'

export interface ColumnDescription {
  readonly name: string
  readonly tform: string
  readonly unit?: string
  /** TDIM, first axis fastest. */
  readonly dim?: readonly number[]
  readonly description?: string
}

export interface HduDescription {
  readonly index: number
  readonly name: string
  readonly version: number
  readonly kind: HduKind
  readonly cards: number
  /** Bytes of data without padding. */
  readonly dataBytes: number
  /** NAXIS1, NAXIS2, ... */
  readonly axes: readonly number[]
  readonly bitpix: number
  /** Of tables. */
  readonly rows?: number
  readonly columns?: readonly ColumnDescription[]
  /** Why a table can't be read, where it can't. */
  readonly fault?: { readonly code: string; readonly message: string; readonly hint: string }
}

export interface FileDescription {
  readonly name: string
  readonly size: number
  readonly trailingBytes: number
  readonly hdus: readonly HduDescription[]
}

/** Describes a file from its headers alone; a table that can't be read is described with its fault. */
export function describeFile(file: FitsFile): FileDescription {
  const { name, size, trailingBytes } = file
  return { name, size, trailingBytes, hdus: file.hdus.map((hdu) => describeHdu(file, hdu)) }
}

function describeHdu(file: FitsFile, hdu: Hdu): HduDescription {
  return {
    index: hdu.index,
    name: hdu.name,
    version: hdu.version,
    kind: hdu.kind,
    cards: hdu.header.cards.length,
    dataBytes: hdu.dataSize,
    axes: axesOf(hdu.header, placeOf(file.name, hdu)),
    bitpix: Number(hdu.header.get('BITPIX')),
    ...(hdu.kind === 'bintable' || hdu.kind === 'table' ? describeTable(file, hdu) : {}),
  }
}

function describeTable(file: FitsFile, hdu: Hdu): Pick<HduDescription, 'rows' | 'columns' | 'fault'> {
  try {
    const layout = hdu.kind === 'table' ? asciiLayout(file, hdu) : tableLayout(file, hdu)
    return { rows: layout.rowCount, columns: layout.columns.map(describeColumn) }
  } catch (fault) {
    if (!(fault instanceof FitsError)) throw fault
    return { fault: { code: fault.code, message: fault.message, hint: fault.hint } }
  }
}

function describeColumn(column: ColumnDescription): ColumnDescription {
  const { name, tform, unit, dim, description } = column
  return {
    name,
    tform,
    ...(unit ? { unit } : {}),
    ...(dim ? { dim } : {}),
    ...(description ? { description } : {}),
  }
}

export interface FirstRows {
  readonly columns: readonly string[]
  readonly rows: readonly (readonly Cell[])[]
}

/**
 * The first rows of a binary or ASCII table, all columns or the named ones.
 * @throws FitsError as the layouts and decoders do
 */
export async function headRows(
  file: FitsFile,
  hdu: Hdu,
  count: number,
  names?: readonly string[],
): Promise<FirstRows> {
  const table = hdu.kind === 'table' ? asciiReader(file, hdu) : binaryReader(file, hdu)
  const columns = names?.map((name) => table.column(name)) ?? table.columns
  const rows: Cell[][] = []
  for await (const block of rowBlocks(file, table, { to: Math.min(count, table.rowCount) })) {
    const decoded: (readonly Cell[])[] = []
    for (const column of columns) decoded.push(await table.decode(column, block))
    for (let row = 0; row < block.rowCount; row++) rows.push(decoded.map((cells) => cells[row]!))
  }
  return { columns: columns.map((column) => column.name), rows }
}

function binaryReader(file: FitsFile, hdu: Hdu) {
  const layout = tableLayout(file, hdu)
  const decode = async ({ index }: { index: number }, block: RowBlock): Promise<readonly Cell[]> => {
    const column = layout.columns[index]!
    return column.heap ? decodeHeapColumn(file, layout, column, block) : decodeColumn(layout, column, block)
  }
  return { ...layout, decode }
}

function asciiReader(file: FitsFile, hdu: Hdu) {
  const layout = asciiLayout(file, hdu)
  const decode = async ({ index }: { index: number }, block: RowBlock): Promise<readonly Cell[]> =>
    decodeAsciiColumn(layout, layout.columns[index]!, block)
  return { ...layout, decode }
}
