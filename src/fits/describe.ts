// A file as plain data, for people and for JSON: its HDUs and columns, and the first rows of a table.
import { type AsciiColumn, asciiLayout, decodeAsciiColumn } from './ascii.ts'
import type { CardValue } from './card.ts'
import { type Cell, decodeColumn } from './decode.ts'
import { FitsError } from './errors.ts'
import { axesOf, type FitsFile, type Hdu, type HduKind, placeOf } from './file.ts'
import { decodeHeapColumn } from './heap.ts'
import { type TableColumn, tableLayout } from './layout.ts'
import { type RowBlock, rowBlocks } from './rows.ts'

export interface ColumnDescription {
  readonly name: string
  readonly tform: string
  readonly unit?: string
  /** TDIM, first axis fastest. */
  readonly dim?: readonly number[]
  readonly description?: string
  /** True where the stored integers are unsigned (for B signed) by the convention of TZERO. */
  readonly unsigned?: true
  /** TSCAL and TZERO, where they change values and not only their sign. */
  readonly scale?: number
  readonly zero?: number | bigint
  /** TNULL: what is stored for "no value". */
  readonly null?: bigint | string
}

/** A header card as it reads: the keyword, its value (null without one), its comment. */
export interface CardDescription {
  readonly keyword: string
  readonly value: CardValue
  readonly comment: string
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
  /** That an image is kept in the rows of this table, in compressed tiles (ZIMAGE). */
  readonly compressedImage?: true
  /** All cards, where they were asked for. */
  readonly header?: readonly CardDescription[]
  /** Why a table can't be read, where it can't. */
  readonly fault?: { readonly code: string; readonly message: string; readonly hint: string }
}

export interface FileDescription {
  readonly name: string
  readonly size: number
  readonly trailingBytes: number
  readonly hdus: readonly HduDescription[]
}

/**
 * Describes a file from its headers alone; a table that can't be read is described with its fault.
 * @param options.cards  whether the cards of all headers are wanted
 */
export function describeFile(file: FitsFile, { cards = false } = {}): FileDescription {
  const { name, size, trailingBytes } = file
  return { name, size, trailingBytes, hdus: file.hdus.map((hdu) => describeHdu(file, hdu, cards)) }
}

function describeHdu(file: FitsFile, hdu: Hdu, cards: boolean): HduDescription {
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
    ...(hdu.header.card('ZIMAGE')?.value === true ? { compressedImage: true } : {}),
    ...(cards ? { header: hdu.header.cards.map(describeCard) } : {}),
  }
}

const describeCard = ({ keyword, value, comment }: CardDescription): CardDescription => ({
  keyword,
  value,
  comment,
})

function describeTable(file: FitsFile, hdu: Hdu): Pick<HduDescription, 'rows' | 'columns' | 'fault'> {
  try {
    const layout = hdu.kind === 'table' ? asciiLayout(file, hdu) : tableLayout(file, hdu)
    return { rows: layout.rowCount, columns: layout.columns.map(describeColumn) }
  } catch (fault) {
    if (!(fault instanceof FitsError)) throw fault
    return { fault: { code: fault.code, message: fault.message, hint: fault.hint } }
  }
}

/** What columns of text have not. */
const textColumn = { dim: undefined, description: undefined, unsigned: false } as const

function describeColumn(column: TableColumn | AsciiColumn): ColumnDescription {
  const { name, tform, unit, scale, zero } = column
  const { dim, description, unsigned } = 'unsigned' in column ? column : textColumn
  return {
    name,
    tform,
    ...(unit ? { unit } : {}),
    ...(dim ? { dim } : {}),
    ...(description ? { description } : {}),
    ...(unsigned ? { unsigned } : {}),
    ...(scale === 1 ? {} : { scale }),
    ...(Number(zero) === 0 || unsigned ? {} : { zero }),
    ...(column.null === undefined ? {} : { null: column.null }),
  }
}

export interface FirstRows {
  readonly columns: readonly ColumnDescription[]
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
  return { columns: columns.map(describeColumn), rows }
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
