// What `almagest fits` prints: HDUs, columns and cards of a file, and cells as astronomers write them.
import {
  type Cell,
  type ColumnDescription,
  type Complex,
  type FileDescription,
  type FirstRows,
  type HduDescription,
  singleText,
} from '../fits/index.ts'
import { count, table } from './report.ts'

/** Tables of more columns are printed with a line for each column: side by side they would leave every screen. */
const mostSideBySide = 16

export function infoText({ name, size, trailingBytes, hdus }: FileDescription): string {
  const summary = table(
    ['HDU', 'name', 'version', 'kind', 'rows', 'columns', 'shape', 'cards', 'bytes'],
    hdus.map((hdu) => [
      hdu.index,
      hdu.name,
      hdu.version,
      hdu.compressedImage ? 'compressed image' : hdu.kind,
      hdu.rows === undefined ? '' : count(hdu.rows),
      hdu.columns?.length ?? '',
      hdu.columns ? '' : hdu.axes.join(' x '),
      hdu.cards,
      count(hdu.dataBytes),
    ]),
  )
  const faults = hdus.flatMap((hdu) => (hdu.fault ? [`${labelOf(hdu)}: ${hdu.fault.message}`] : []))
  const trailing = trailingBytes > 0 ? [`${count(trailingBytes)} bytes follow the last HDU`] : []
  return [`${name}  ${count(size)} bytes`, summary, ...hdus.flatMap(detailsOf), ...trailing, ...faults].join(
    '\n',
  )
}

const labelOf = ({ index, name, version }: HduDescription) =>
  `HDU ${index}${name === '' ? '' : ` ${name}`}${version === 1 ? '' : `, version ${version}`}`

function detailsOf(hdu: HduDescription): string[] {
  const columns = hdu.columns?.length ? [columnsText(hdu.columns)] : []
  const cards = hdu.header
    ? [
        table(
          ['keyword', 'value', 'comment'],
          hdu.header.map(({ keyword, value, comment }) => [keyword, showCell(value), comment]),
        ),
      ]
    : []
  return columns.length + cards.length === 0 ? [] : [`\n${labelOf(hdu)}`, ...columns, ...cards]
}

const columnsText = (columns: readonly ColumnDescription[]) =>
  table(
    ['column', 'TFORM', 'unit', 'TDIM', 'stored', 'description'],
    columns.map((each) => [
      each.name,
      each.tform,
      each.unit ?? '',
      each.dim?.join(', ') ?? '',
      storageOf(each),
      each.description ?? '',
    ]),
  )

/** How a stored number becomes a value, where it isn't one already. */
function storageOf({ tform, unsigned, scale, zero, null: missing }: ColumnDescription): string {
  const scaled = scale === undefined && zero === undefined ? [] : [`${zero ?? 0} + ${scale ?? 1} x`]
  const sign = unsigned ? [/B/.test(tform) ? 'signed' : 'unsigned'] : []
  return [...sign, ...scaled, ...(missing === undefined ? [] : [`NULL = ${missing}`])].join(', ')
}

export function headText({ columns, rows }: FirstRows): string {
  const cells = rows.map((row) => row.map((cell, i) => showCell(cell, numbersOf(columns[i]!))))
  if (columns.length > mostSideBySide) {
    const headings = ['column', 'unit', ...rows.map((_, row) => `row ${row + 1}`)]
    return table(
      headings,
      columns.map(({ name, unit }, i) => [name, unit ?? '', ...cells.map((row) => row[i])]),
    )
  }
  const headings = columns.map(({ name, unit }) => (unit === undefined ? name : `${name}\n${unit}`))
  return table(headings, cells)
}

/** How the numbers of a column are written: those of single precision without the digits of their doubles. */
function numbersOf({ tform, scale, zero }: ColumnDescription): (value: number) => string {
  const single = /^\d*[PQ]?[EC](\(|$)/.test(tform) && scale === undefined && zero === undefined
  const text = single ? singleText : String
  return (value) => (Number.isFinite(value) && value !== 0 ? text(value) : numberText(value))
}

/** The rows with texts for the numbers that JSON doesn't have, so that NaN is not taken for no value. */
export function headJson({ rows, ...head }: FirstRows): unknown {
  return { ...head, rows: rows.map((row) => row.map(jsonCell)) }
}

const jsonCell = (cell: Cell): unknown => {
  if (isArray(cell)) return cell.map(jsonCell)
  if (isComplex(cell)) return { re: jsonCell(cell.re), im: jsonCell(cell.im) }
  return typeof cell === 'number' && !Number.isFinite(cell) ? String(cell) : cell
}

const isArray = (cell: Cell): cell is readonly Cell[] => Array.isArray(cell)
const isComplex = (cell: Cell): cell is Complex => typeof cell === 'object' && cell !== null && 're' in cell

function showCell(cell: Cell, numbers = numberText): string {
  if (isArray(cell)) return `[${cell.map((each) => showCell(each, numbers)).join(' ')}]`
  if (isComplex(cell)) return complexText(numbers(cell.re), numbers(cell.im))
  if (typeof cell === 'boolean') return cell ? 'T' : 'F'
  return typeof cell === 'number' ? numbers(cell) : String(cell ?? '')
}

const complexText = (re: string, im: string) => `${re}${im.startsWith('-') ? '' : '+'}${im}i`

const numberText = (value: number) => (Object.is(value, -0) ? '-0' : String(value))
