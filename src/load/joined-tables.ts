// The HDUs of a layout whose rows are joined: tables, or an image taken as a table of its pixels.
import { type FitsFile, type TableColumn, type TableLayout, tableLayout } from '../fits/index.ts'
import { type Layout, type Source, sourceIn } from '../model/index.ts'
import { emptyInput, type RowInput } from './fields/row-input.ts'
import { type CatalogLayout, findHdu } from './match.ts'
import { pixelColumn, pixelTable } from './pixel-table.ts'

export interface JoinedTable {
  /** As the layout names it. */
  readonly name: string
  readonly table: TableLayout
  /** Its bytes at the current row. */
  readonly input: RowInput
}

/** The joined HDUs of a layout; others (the primary HDU) are there for their cards. */
export function joinedTables(file: FitsFile, { rows, hdus }: Layout): JoinedTable[] {
  if (rows === 'file') return []
  return hdus.flatMap((name) => {
    const hdu = findHdu(file, name)!
    if (rows !== 'pixels' && hdu.kind === 'image') return []
    const table = rows === 'pixels' ? pixelTable(file, hdu) : tableLayout(file, hdu)
    return [{ name, table, input: emptyInput(table.rowBytes) }]
  })
}

/**
 * The joined HDUs from which columns are filled (at least one, where there are any), and those that are there only
 * to agree with them.
 */
export function tablesToRead(
  joined: readonly JoinedTable[],
  { catalog, layout }: CatalogLayout,
): { read: readonly JoinedTable[]; unread: readonly JoinedTable[] } {
  const sources = Object.keys(catalog.columns).map((name) => sourceIn(catalog, layout, name))
  const names = new Set(sources.flatMap((source) => (isStored(source) ? [source.hdu] : [])))
  const filling = joined.filter(({ name }) => names.has(name))
  const read = filling.length > 0 ? filling : joined.slice(0, 1)
  return { read, unread: joined.filter((table) => !read.includes(table)) }
}

/** A source whose values come from bytes of the file. */
export type StoredSource = Extract<Source, { readonly kind: 'fits' | 'pixel' }>

export const isStored = (source: Source): source is StoredSource =>
  source.kind === 'fits' || source.kind === 'pixel'

/** Where a source's values stand. @throws FitsError FITS_COLUMN_MISSING, FITS_NOT_A_TABLE */
export function locate(
  file: FitsFile,
  joined: readonly JoinedTable[],
  source: StoredSource,
): { table: TableLayout; input: RowInput; fits: TableColumn } {
  const found = joined.find(({ name }) => name === source.hdu)
  // Not joined means no table: the layout's own error says so.
  const table = found?.table ?? tableLayout(file, findHdu(file, source.hdu)!)
  return {
    table,
    input: found!.input,
    fits: table.column(source.kind === 'fits' ? source.column : pixelColumn),
  }
}
