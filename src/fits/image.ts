// Image HDUs: a small image (a mask, a map) read whole into a typed array with its shape.
import { FitsError } from './errors.ts'
import { axesOf, type FitsFile, type Hdu, hduLabel, placeOf } from './file.ts'
import { numberKeyword } from './keywords.ts'
import { compressed } from './layout.ts'
import { type StoredArray, storedValues } from './stored.ts'
import { elementForm, type TypeCode } from './tform.ts'

export interface FitsImage {
  /** Slowest axis first, as numpy has it: NAXISn, ..., NAXIS2, NAXIS1. */
  readonly shape: readonly number[]
  /** Row after row, the last axis of `shape` fastest; stored values, or Float64Array where BSCALE or BZERO scale. */
  readonly values: StoredArray
  readonly unit?: string
  /** BLANK: the stored integer that means "no value"; where values are scaled, NaN stands for it. */
  readonly blank?: number | bigint
}

const largestImage = 2 ** 28

const codes: Readonly<Record<number, TypeCode>> = {
  8: 'B',
  16: 'I',
  32: 'J',
  64: 'K',
  [-32]: 'E',
  [-64]: 'D',
}

/** BZERO that makes stored integers unsigned (for 8 bits: signed). */
const unsignedZero: Readonly<Record<number, number>> = { 8: -128, 16: 2 ** 15, 32: 2 ** 31, 64: 2 ** 63 }

/**
 * Reads an image of at most 256 MiB. The unsigned-integer convention (BZERO = 2^15, 2^31, 2^63) gives unsigned arrays.
 * @throws FitsError FITS_NOT_AN_IMAGE, FITS_COMPRESSED, FITS_TOO_LARGE
 */
export async function readImage(file: FitsFile, hdu: Hdu): Promise<FitsImage> {
  const place = placeOf(file.name, hdu)
  if (hdu.header.get('ZIMAGE') === true) throw compressed(file, hdu, 'image')
  if (hdu.kind !== 'image' || hdu.header.get('GROUPS') === true) {
    throw new FitsError('FITS_NOT_AN_IMAGE', `${hduLabel(hdu)} in ${file.name} is no image`, place)
  }
  const axes = axesOf(hdu.header, place)
  const bitpix = Number(hdu.header.get('BITPIX'))
  const code = codes[bitpix]!
  const elements =
    axes.length === 0 || axes.includes(0) ? 0 : axes.reduce((product, axis) => product * axis, 1)
  const bytes = elements * elementForm[code].wordBytes
  if (bytes > largestImage) {
    const message = `${hduLabel(hdu)} has ${bytes} bytes; images of at most ${largestImage} are read`
    throw new FitsError('FITS_TOO_LARGE', message, place)
  }
  const data = await file.source.read(hdu.dataStart, hdu.dataStart + bytes)
  const scale = Number(numberKeyword(hdu.header, 'BSCALE', place, 1))
  const zero = Number(numberKeyword(hdu.header, 'BZERO', place, 0))
  const unsigned = scale === 1 && zero === unsignedZero[bitpix]
  const field = { code, repeat: elements, offset: 0, bytes, unsigned }
  const stored = storedValues({ rowBytes: bytes }, field, { rowCount: 1, bytes: data })
  const plain = unsigned || (scale === 1 && zero === 0)
  const blank = bitpix > 0 ? hdu.header.get('BLANK') : undefined
  const unit = hdu.header.get('BUNIT')
  return {
    shape: axes.toReversed(),
    values: plain ? stored : scaled(stored, scale, zero, blank),
    ...(typeof unit === 'string' ? { unit: unit.trim() } : {}),
    ...(typeof blank === 'number' || typeof blank === 'bigint' ? { blank } : {}),
  }
}

function scaled(stored: StoredArray, scale: number, zero: number, blank: unknown): Float64Array {
  const missing = typeof blank === 'number' || typeof blank === 'bigint' ? Number(blank) : undefined
  return Float64Array.from(stored as Float64Array, (value) =>
    Number(value) === missing ? Number.NaN : zero + scale * Number(value),
  )
}
