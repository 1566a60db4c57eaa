// The list of HDUs of a file: each header read once, each data size checked against the size of the file.
import { FitsError, type FitsPlace } from './errors.ts'
import { gunzipped } from './gzip.ts'
import { blockBytes, type Header, readHeader } from './header.ts'
import { integerKeyword, textKeyword } from './keywords.ts'
import { didYouMean } from './nearest.ts'
import { type ByteSource, truncated } from './source.ts'

export type HduKind = 'image' | 'bintable' | 'table' | 'other'

export interface Hdu {
  /** Position in the file; 0 is the primary HDU. */
  readonly index: number
  /** EXTNAME; PRIMARY for a nameless primary HDU, otherwise empty where there is none. */
  readonly name: string
  /** EXTVER, 1 where absent. */
  readonly version: number
  readonly kind: HduKind
  readonly header: Header
  /** Byte of the file at which the header begins. */
  readonly headerStart: number
  readonly dataStart: number
  /** Bytes of data without the padding to a full block. */
  readonly dataSize: number
}

export interface FitsFile {
  readonly name: string
  readonly size: number
  readonly source: ByteSource
  readonly hdus: readonly Hdu[]
  /** Bytes after the last HDU that belong to none (section 3.5 says to ignore them). */
  readonly trailingBytes: number
  /**
   * HDU by EXTNAME, ignoring case, and EXTVER (without it the first of that name).
   * @throws FitsError FITS_HDU_MISSING with the names that are there and the nearest one
   */
  hdu(name: string, version?: number): Hdu
  close(): Promise<void>
}

/**
 * Reads all headers of a FITS file, plain or gzip'd (then decompressed to a temporary file first).
 * Owns the source from then on: `close` closes it, and so does a failure.
 * @throws FitsError when this is not FITS, a header is broken, or the file is shorter than its headers say
 */
export async function openFits(source: ByteSource): Promise<FitsFile> {
  let plain = source
  try {
    plain = await gunzipped(source)
    const { hdus, end } = await readHdus(plain)
    return {
      name: plain.name,
      size: plain.size,
      source: plain,
      hdus,
      trailingBytes: Math.max(0, plain.size - end),
      hdu: (name, version) => findHdu(plain.name, hdus, name, version),
      close: () => plain.close(),
    }
  } catch (fault) {
    await plain.close()
    throw fault
  }
}

async function readHdus(source: ByteSource): Promise<{ hdus: Hdu[]; end: number }> {
  await expectSimple(source)
  const hdus: Hdu[] = []
  let at = 0
  do {
    const hdu = await readHdu(source, hdus.length, at)
    hdus.push(hdu)
    const end = hdu.dataStart + hdu.dataSize
    if (end > source.size) throw tooShort(source, hdu, end)
    at = Math.ceil(end / blockBytes) * blockBytes
  } while (await beginsWith(source, at, 'XTENSION'))
  return { hdus, end: at }
}

function tooShort(source: ByteSource, hdu: Hdu, end: number): FitsError {
  const fault = truncated(source.name, end, source.size, `HDU ${hduLabel(hdu)}`)
  return new FitsError(fault.code, fault.message, placeOf(source.name, hdu))
}

async function beginsWith(source: ByteSource, at: number, text: string): Promise<boolean> {
  if (at + text.length > source.size) return false
  return Buffer.from(await source.read(at, at + text.length)).toString('latin1') === text
}

/** The first card must be SIMPLE = T (section 4.4.1.1). */
async function expectSimple(source: ByteSource): Promise<void> {
  const start = Buffer.from(await source.read(0, Math.min(30, source.size))).toString('latin1')
  if (/^SIMPLE {2}= *T/.test(start)) return
  const text = start.replace(/[^ -~]/g, '.')
  const what = source.size === 0 ? 'it is empty' : `it begins with "${text.slice(0, 30)}"`
  throw new FitsError('FITS_NOT_FITS', `${source.name} is not a FITS file: ${what}`, { file: source.name })
}

async function readHdu(source: ByteSource, index: number, headerStart: number): Promise<Hdu> {
  const unnamed: FitsPlace = { file: source.name, hdu: `#${index}` }
  const { header, end } = await readHeader(source, headerStart, unnamed)
  const name = textKeyword(header, 'EXTNAME', unnamed) ?? (index === 0 ? 'PRIMARY' : '')
  const place: FitsPlace = { file: source.name, hdu: name === '' ? `#${index}` : name }
  return {
    index,
    name,
    version: integerKeyword(header, 'EXTVER', place, Number.MIN_SAFE_INTEGER, 1),
    kind: index === 0 ? 'image' : kindOf(textKeyword(header, 'XTENSION', place)),
    header,
    headerStart,
    dataStart: end,
    dataSize: dataSize(header, place),
  }
}

function kindOf(xtension: string | undefined): HduKind {
  if (xtension === 'IMAGE') return 'image'
  if (xtension === 'BINTABLE' || xtension === 'A3DTABLE') return 'bintable'
  return xtension === 'TABLE' ? 'table' : 'other'
}

const bitpixValues = [8, 16, 32, 64, -32, -64]

/** Size of the data from the mandatory keywords (sections 4.4.1.1, 4.4.1.2 equation 1, and 6 for random groups). */
function dataSize(header: Header, place: FitsPlace): number {
  const bitpix = integerKeyword(header, 'BITPIX', place, -64)
  if (!bitpixValues.includes(bitpix)) {
    throw new FitsError(
      'FITS_KEYWORD_BAD',
      `BITPIX = ${bitpix}; it must be one of ${bitpixValues.join(', ')}`,
      {
        ...place,
        value: String(bitpix),
      },
    )
  }
  const axes = axesOf(header, place)
  if (axes.length === 0) return 0
  const groups = axes[0] === 0 && header.get('GROUPS') === true
  const counted = groups ? axes.slice(1) : axes
  const elements = counted.includes(0) ? 0 : counted.reduce((product, axis) => product * axis, 1)
  const pcount = integerKeyword(header, 'PCOUNT', place, 0, 0)
  const gcount = integerKeyword(header, 'GCOUNT', place, 0, 1)
  return gcount === 0 ? 0 : (Math.abs(bitpix) / 8) * gcount * (pcount + elements)
}

/** NAXIS1, NAXIS2, ... of a header. */
export function axesOf(header: Header, place: FitsPlace): number[] {
  const count = integerKeyword(header, 'NAXIS', place, 0)
  if (count > 999) {
    throw new FitsError('FITS_KEYWORD_BAD', `NAXIS = ${count}; at most 999 axes are allowed`, place)
  }
  return Array.from({ length: count }, (_, i) => integerKeyword(header, `NAXIS${i + 1}`, place, 0))
}

/** How messages name an HDU: its EXTNAME, or its position where it has none. */
export const hduLabel = (hdu: Hdu): string => (hdu.name === '' ? `#${hdu.index}` : hdu.name)

/** The place of a fault that concerns a whole HDU. */
export const placeOf = (file: string, hdu: Hdu): FitsPlace => ({ file, hdu: hduLabel(hdu) })

function findHdu(file: string, hdus: readonly Hdu[], name: string, version?: number): Hdu {
  const wanted = name.trim().toUpperCase()
  const named = hdus.filter((hdu) => hdu.name.toUpperCase() === wanted)
  const found = named.find((hdu) => version === undefined || hdu.version === version)
  if (found) return found
  const place = { file, hdu: name }
  if (named.length > 0) {
    const versions = named.map((hdu) => hdu.version).join(', ')
    throw new FitsError(
      'FITS_HDU_MISSING',
      `${file} has ${name} in version ${versions}, not ${version}`,
      place,
    )
  }
  const names = hdus.map(hduLabel)
  const message = `${file} has no HDU ${name}, only ${names.join(', ')}${didYouMean(name, names)}`
  throw new FitsError('FITS_HDU_MISSING', message, place)
}
