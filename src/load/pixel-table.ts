// An image as a table of its pixels: one row each, in the order of the file, so that pixels load as rows do.
import {
  FitsError,
  type FitsFile,
  type Hdu,
  hduLabel,
  type TableColumn,
  type TableLayout,
} from '../fits/index.ts'

/** Name of the only column. */
export const pixelColumn = 'PIXEL'

const codes = { 8: 'B', 16: 'I', 32: 'J', 64: 'K', [-32]: 'E', [-64]: 'D' } as const

/**
 * The layout of an image's pixels; BSCALE, BZERO and BLANK are what TSCAL, TZERO and TNULL are to a column.
 * @throws FitsError FITS_NOT_AN_IMAGE, FITS_COMPRESSED
 */
export function pixelTable(file: FitsFile, hdu: Hdu): TableLayout {
  const place = { file: file.name, hdu: hduLabel(hdu) }
  const { header } = hdu
  if (header.get('ZIMAGE') === true) {
    throw new FitsError(
      'FITS_COMPRESSED',
      `${hduLabel(hdu)} in ${file.name} is a tile-compressed image`,
      place,
    )
  }
  const code = codes[Number(header.get('BITPIX')) as keyof typeof codes]
  if (hdu.kind !== 'image' || header.get('GROUPS') === true || code === undefined) {
    throw new FitsError('FITS_NOT_AN_IMAGE', `${hduLabel(hdu)} in ${file.name} is no image`, place)
  }
  const bytes = Math.abs(Number(header.get('BITPIX'))) / 8
  const blank = header.get('BLANK')
  const column: TableColumn = {
    ...{ name: pixelColumn, index: 0, tform: code, code, repeat: 1, offset: 0, bytes },
    scale: numberOf(header.get('BSCALE'), 1),
    zero: wholeOf(header.get('BZERO')),
    unsigned: false,
    ...(typeof blank === 'number' || typeof blank === 'bigint' ? { null: BigInt(blank) } : {}),
  }
  return {
    file: file.name,
    hdu,
    rowBytes: bytes,
    rowCount: axesOf(hdu).reduce((product, axis) => product * axis, 1),
    columns: [column],
    heapStart: hdu.dataStart + hdu.dataSize,
    heapSize: 0,
    column: () => column,
  }
}

/** NAXIS1, NAXIS2, ..., the first one fastest; [0] where the HDU has no data. */
export function axesOf({ header }: Hdu): number[] {
  const count = Number(header.get('NAXIS') ?? 0)
  return count === 0 ? [0] : Array.from({ length: count }, (_, i) => Number(header.get(`NAXIS${i + 1}`) ?? 0))
}

/** Steps of the flat pixel number from one place along an axis to the next, and the places that there are. */
export function axisSteps(hdu: Hdu, axis: number): { step: number; length: number } | undefined {
  const axes = axesOf(hdu)
  const length = axes[axis - 1]
  if (length === undefined) return undefined
  return { step: axes.slice(0, axis - 1).reduce((product, each) => product * each, 1), length }
}

function numberOf(value: unknown, without: number): number {
  return typeof value === 'number' || typeof value === 'bigint' ? Number(value) : without
}

/** Whole offsets stay exact: unsigned 64-bit images have BZERO = 2^63. */
function wholeOf(value: unknown): number | bigint {
  const zero = numberOf(value, 0)
  return Number.isSafeInteger(zero) || !Number.isInteger(zero) ? zero : BigInt(zero)
}
