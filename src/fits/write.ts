// The writer: binary tables streamed to a file or sink, mandatory cards made here, checksums patched in at the end.
import { type CardToWrite, cardLines, headerText } from './card-text.ts'
import { FitsError } from './errors.ts'
import { blockBytes } from './header.ts'
import { packedRowBytes } from './pack.ts'
import { type FileSink, type FitsSink, fileSink } from './sink.ts'
import { addSums, encodeChecksum, OnesComplementSum } from './sum.ts'

export interface ColumnToWrite {
  readonly name: string
  /** E.g. `K`, `20A`, `3E`, `1PD(17)`. */
  readonly tform: string
  readonly unit?: string
  /** Becomes the comment of the TTYPE card. */
  readonly description?: string
  /** TSCAL and TZERO, no cards where they are 1 and 0; for unsigned integers see `unsignedZero`. */
  readonly scale?: number
  readonly zero?: number | bigint
  /** TNULL. */
  readonly null?: number | bigint
  /** TDIM, first axis fastest. */
  readonly dim?: readonly number[]
}

export interface TableToWrite {
  readonly name: string
  /** EXTVER; no card where absent. */
  readonly version?: number
  readonly cards?: readonly CardToWrite[]
  readonly columns: readonly ColumnToWrite[]
  readonly rowCount: number
  /** Packed big-endian rows (see `packRows`) in pieces of any size, `rowCount` times the row's bytes in all. */
  readonly rows: Iterable<Uint8Array> | AsyncIterable<Uint8Array>
  /** What the descriptors of P and Q columns point into. */
  readonly heap?: Uint8Array
}

export interface WriteOptions {
  /** Further cards of the primary header. */
  readonly primary?: readonly CardToWrite[]
  /** DATASUM and CHECKSUM in every HDU; true where absent, and only where the sink can patch. */
  readonly checksums?: boolean
}

type Tables = Iterable<TableToWrite> | AsyncIterable<TableToWrite>

/**
 * Writes a FITS file: an empty primary HDU and the tables, each row piece passed on as it comes. A path gets its
 * file only when everything is written; after a failure nothing of it is left.
 * @throws FitsError FITS_WRITE_FAILED, FITS_CARD_UNWRITABLE, FITS_TFORM_BAD, FITS_ROWS_MISCOUNTED
 */
export async function writeFits(
  target: string | FitsSink,
  tables: Tables,
  options: WriteOptions = {},
): Promise<void> {
  if (typeof target !== 'string') return writeAll(target, tables, options)
  const sink: FileSink = await fileSink(target)
  try {
    await writeAll(sink, tables, options)
    await sink.finish()
  } catch (fault) {
    await sink.abandon()
    throw fault
  }
}

async function writeAll(sink: FitsSink, tables: Tables, { primary = [], checksums = true }: WriteOptions) {
  const patch = checksums ? sink.patch?.bind(sink) : undefined
  let at = await writeHdu(sink, patch, 0, [...primaryCards, ...primary], none)
  for await (const table of tables) at = await writeHdu(sink, patch, at, tableCards(table), tableData(table))
}

const none: Iterable<Uint8Array> = []

const primaryCards: readonly CardToWrite[] = [
  ['SIMPLE', true, 'conforms to the FITS standard'],
  ['BITPIX', 8, 'bits of a data value'],
  ['NAXIS', 0, 'no data here'],
  ['EXTEND', true, 'extensions may follow'],
]

type Patch = FitsSink['patch']

/** Writes header, data and padding from byte `at` of the file; answers where the next HDU begins. */
async function writeHdu(
  sink: FitsSink,
  patch: Patch,
  at: number,
  cards: readonly CardToWrite[],
  data: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
): Promise<number> {
  const header = Buffer.from(headerText([...cards, ...(patch ? checksumCards('0') : [])].flatMap(cardLines)))
  await sink.write(header)
  const sum = new OnesComplementSum()
  let size = 0
  for await (const piece of data) {
    if (patch) sum.add(piece)
    size += piece.length
    await sink.write(piece)
  }
  const padding = -size % blockBytes
  if (padding !== 0) await sink.write(new Uint8Array(blockBytes + padding))
  if (patch) await patch(at, summedHeader(cards, sum.value))
  return at + header.length + Math.ceil(size / blockBytes) * blockBytes
}

const checksumCards = (datasum: string, checksum = '0'.repeat(16)): CardToWrite[] => [
  ['CHECKSUM', checksum, 'ones complement of this HDU'],
  ['DATASUM', datasum, 'ones complement sum of the data'],
]

/** The header with its sums: CHECKSUM makes the sum over the whole HDU all ones. */
function summedHeader(cards: readonly CardToWrite[], datasum: number): Uint8Array {
  const text = (checksum?: string) =>
    Buffer.from(headerText([...cards, ...checksumCards(String(datasum), checksum)].flatMap(cardLines)))
  const headerSum = new OnesComplementSum()
  headerSum.add(text())
  return text(encodeChecksum(addSums(headerSum.value, datasum)))
}

/** Cards of a binary-table extension in the order that section 7.3.1 demands, then per column, then the caller's. */
function tableCards(table: TableToWrite): CardToWrite[] {
  const { name, version, columns, rowCount, heap, cards = [] } = table
  return [
    ['XTENSION', 'BINTABLE', 'binary table'],
    ['BITPIX', 8, 'bits of a data value'],
    ['NAXIS', 2, 'rows and their bytes'],
    ['NAXIS1', packedRowBytes(columns), 'bytes of a row'],
    ['NAXIS2', rowCount, 'number of rows'],
    ['PCOUNT', heap?.length ?? 0, 'bytes of the heap'],
    ['GCOUNT', 1, 'one table'],
    ['TFIELDS', columns.length, 'number of columns'],
    ['EXTNAME', name],
    ...(version === undefined ? [] : [['EXTVER', version] as const]),
    ...columns.flatMap((column, index) => columnCards(column, index + 1)),
    ...cards,
  ]
}

function columnCards(column: ColumnToWrite, n: number): CardToWrite[] {
  const cards: CardToWrite[] = [
    [`TTYPE${n}`, column.name, column.description ?? ''],
    [`TFORM${n}`, column.tform],
  ]
  if (column.unit !== undefined) cards.push([`TUNIT${n}`, column.unit])
  if ((column.scale ?? 1) !== 1) cards.push([`TSCAL${n}`, column.scale!])
  if ((column.zero ?? 0) !== 0) cards.push([`TZERO${n}`, column.zero!])
  if (column.null !== undefined) cards.push([`TNULL${n}`, column.null])
  if (column.dim !== undefined) cards.push([`TDIM${n}`, `(${column.dim.join(',')})`])
  return cards
}

/** The rows, then the heap; the announced number of bytes or an error. */
async function* tableData({ name, columns, rowCount, rows, heap }: TableToWrite): AsyncGenerator<Uint8Array> {
  const rowBytes = packedRowBytes(columns)
  const expected = rowBytes * rowCount
  let given = 0
  for await (const piece of rows) {
    given += piece.length
    if (given > expected) throw miscounted(name, expected, given, rowCount)
    yield piece
  }
  if (given !== expected) throw miscounted(name, expected, given, rowCount)
  if (heap) yield heap
}

function miscounted(hdu: string, expected: number, given: number, rows: number): FitsError {
  const what = given > expected ? `${given} or more` : `${given}`
  const message = `${hdu} was announced with ${rows} rows, ${expected} bytes in all; given were ${what}`
  return new FitsError('FITS_ROWS_MISCOUNTED', message, { hdu })
}
