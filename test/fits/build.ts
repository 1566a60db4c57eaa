// FITS files by hand, byte for byte after the standard: cards as they stand, data as given, padding to 2880.
import { bufferSource, type FitsFile, openFits } from '../../src/fits/index.ts'

const block = 2880

/** A header of the given cards (each up to 80 characters) and END. */
export function header(...cards: string[]): Buffer {
  const text = [...cards, 'END'].map((card) => card.padEnd(80)).join('')
  return Buffer.from(text.padEnd(Math.ceil(text.length / block) * block), 'latin1')
}

/** Data padded to whole blocks. */
export function data(bytes: Uint8Array, fill = 0): Buffer {
  return Buffer.concat([bytes, Buffer.alloc((block - (bytes.length % block)) % block, fill)])
}

export const primary = (...cards: string[]): Buffer =>
  header(
    'SIMPLE  =                    T',
    'BITPIX  =                    8',
    'NAXIS   =                    0',
    ...cards,
  )

/** Header of a binary table with the given size and further cards. */
export function tableHeader(rowBytes: number, rows: number, fields: number, ...cards: string[]): Buffer {
  return header(
    "XTENSION= 'BINTABLE'",
    'BITPIX  = 8',
    'NAXIS   = 2',
    `NAXIS1  = ${rowBytes}`,
    `NAXIS2  = ${rows}`,
    ...(cards.some((card) => card.startsWith('PCOUNT')) ? [] : ['PCOUNT  = 0']),
    'GCOUNT  = 1',
    `TFIELDS = ${fields}`,
    ...cards,
  )
}

/** An open file over the given parts. */
export const fileOf = (...parts: Uint8Array[]): Promise<FitsFile> =>
  openFits(bufferSource('made.fits', Buffer.concat(parts)))

/** Opens a file with one binary table: its columns as [TFORM, further cards of the column with # for its number]. */
export function tableOf(
  columns: readonly (readonly [tform: string, ...cards: string[]])[],
  rowBytes: number,
  rows: Uint8Array,
  { heap = new Uint8Array(0), cards = [] as string[] } = {},
): Promise<FitsFile> {
  const columnCards = columns.flatMap(([tform, ...more], i) => [
    `${`TFORM${i + 1}`.padEnd(8)}= '${tform}'`,
    ...more.map((card) => card.replaceAll('#', String(i + 1))),
  ])
  const count = rowBytes === 0 ? 0 : rows.length / rowBytes
  const pcount = `PCOUNT  = ${heap.length}`
  const head = tableHeader(rowBytes, count, columns.length, pcount, "EXTNAME = 'T'", ...columnCards, ...cards)
  return fileOf(primary(), head, data(Buffer.concat([rows, heap])))
}
