// Coordinate frames as types, the rotations between them, and their names as text.
import { AlmagestError, nearest } from '../model/index.ts'
import type { Position } from './angle.ts'
import { apply, type Matrix, product, rotation, toAngles, toVector, transpose } from './matrix.ts'
import { eclipticOf, precession } from './precession.ts'

/** A frame; equinoxes are Julian epochs in years, e.g. 2000 or 1975.5. */
export type Frame =
  | { readonly kind: 'icrs' }
  | { readonly kind: 'fk5'; readonly equinox: number }
  | { readonly kind: 'galactic' }
  | { readonly kind: 'supergalactic' }
  | { readonly kind: 'ecliptic'; readonly equinox: number }

export const icrs: Frame = Object.freeze({ kind: 'icrs' })
export const galactic: Frame = Object.freeze({ kind: 'galactic' })
export const supergalactic: Frame = Object.freeze({ kind: 'supergalactic' })
/** Mean equator and equinox of a Julian epoch, by the IAU 2006 precession. */
export const fk5 = (equinox = 2000): Frame => ({ kind: 'fk5', equinox: checkedEquinox(equinox) })
/** Mean ecliptic and equinox of a Julian epoch, seen from the barycentre: directions only. */
export const ecliptic = (equinox = 2000): Frame => ({ kind: 'ecliptic', equinox: checkedEquinox(equinox) })

/** A direction in some frame, in degrees: `lon` is a right ascension in the equatorial frames. */
export interface Direction {
  readonly lon: number
  readonly lat: number
}

/**
 * ICRS to galactic: the Hipparcos definition (ESA SP-1200 vol. 1, 1.5.3), pole at 192.85948, 27.12825, node at
 * longitude 32.93192, as SOFA's ICRS2G has it to thirty digits.
 */
const toGalactic: Matrix = [
  [-0.0548755604162154, -0.873437090234885, -0.4838350155487132],
  [0.4941094278755837, -0.4448296299600112, 0.746982244497219],
  [-0.8676661490190047, -0.1980763734312015, 0.4559837761750669],
]

/** Galactic to supergalactic (de Vaucouleurs et al. 1991): pole at l 47.37, b 6.32, origin at l 137.37. */
const galacticToSuper = product(rotation('z', 90), rotation('y', 90 - 6.32), rotation('z', 47.37))

/** ICRS to FK5 at J2000.0: the orientation of FK5's axes in milliarcseconds (USNO Circular 179, 3.5). */
const toFk5 = product(
  rotation('x', 19.9 / 3_600_000),
  rotation('y', 9.1 / 3_600_000),
  rotation('z', -22.9 / 3_600_000),
)

/** The rotation from ICRS to a frame. */
export function fromIcrs(frame: Frame): Matrix {
  switch (frame.kind) {
    case 'icrs':
      return rotation('z', 0)
    case 'fk5':
      return frame.equinox === 2000 ? toFk5 : product(precession(frame.equinox), toFk5)
    case 'galactic':
      return toGalactic
    case 'supergalactic':
      return product(galacticToSuper, toGalactic)
    case 'ecliptic':
      return eclipticOf(frame.equinox)
  }
}

/**
 * A direction of one frame in another, e.g. `convert({ lon: 0, lat: 0 }, galactic, icrs)`.
 * @throws AlmagestError `REGION_POSITION` for a latitude beyond 90 degrees or a number that is none
 */
export function convert({ lon, lat }: Direction, from: Frame, to: Frame): Direction {
  if (!Number.isFinite(lon)) throw positionFault('longitude', lon, 'a finite number of degrees')
  if (!(lat >= -90 && lat <= 90)) throw positionFault('latitude', lat, 'between -90 and 90 degrees')
  const matrix = product(fromIcrs(to), transpose(fromIcrs(from)))
  return toAngles(apply(matrix, toVector(lon, lat)))
}

/** The ICRS position of a direction in a frame; one that is ICRS already comes back to the bit. */
export function toIcrs(direction: Direction, frame: Frame): Position {
  const { lon, lat } = frame.kind === 'icrs' ? direction : convert(direction, frame, icrs)
  return { ra: lon, dec: lat }
}

const form = /^(icrs|fk5|galactic|gal|supergalactic|sgal|ecliptic|ecl)(?::j?(\d{1,4}(?:\.\d+)?))?$/i

/**
 * A frame from its name: `icrs`, `fk5`, `fk5:1975`, `galactic`, `supergalactic`, `ecliptic`, `ecliptic:J2015.5`.
 * @throws AlmagestError `FRAME_UNKNOWN` for another name, with the nearest one
 */
export function parseFrame(text: string): Frame {
  const [, name = '', equinox] = form.exec(text.trim()) ?? []
  const year = equinox === undefined ? 2000 : Number(equinox)
  const kind = name.toLowerCase()
  if (kind === 'fk5') return fk5(year)
  if (kind.startsWith('ecl')) return ecliptic(year)
  if (equinox === undefined && kind === 'icrs') return icrs
  if (equinox === undefined && kind.startsWith('gal')) return galactic
  if (equinox === undefined && kind.startsWith('s')) return supergalactic
  const near = nearest(text.toLowerCase(), ['icrs', 'fk5', 'galactic', 'supergalactic', 'ecliptic'])
  throw frameFault(
    equinox === undefined ? `there is no frame "${text}"` : `the frame ${kind} has no equinox`,
    `${near ? `Did you mean ${near}? ` : ''}Frames: icrs, fk5[:EQUINOX], galactic, supergalactic, ecliptic[:EQUINOX].`,
    text,
  )
}

/** The name that `parseFrame` reads. */
export function frameName(frame: Frame): string {
  return 'equinox' in frame && frame.equinox !== 2000 ? `${frame.kind}:${frame.equinox}` : frame.kind
}

/** The model's polynomials hold for some centuries about J2000.0; beyond a thousand years they would mislead. */
function checkedEquinox(equinox: number): number {
  if (equinox >= 1000 && equinox <= 3000) return equinox
  throw frameFault(
    `an equinox of ${equinox} is outside the years 1000 to 3000`,
    'The equinox is a Julian epoch in years, such as 2000.',
    String(equinox),
  )
}

function frameFault(problem: string, hint: string, value: string): AlmagestError {
  return new AlmagestError('FRAME_UNKNOWN', 'usage', problem, hint, { value })
}

/** The fault of a coordinate off the sphere. */
export function positionFault(coordinate: string, value: number, allowed: string): AlmagestError {
  return new AlmagestError(
    'REGION_POSITION',
    'usage',
    `the ${coordinate} is ${value}; it must be ${allowed}`,
    'check the order: the longitude (right ascension) comes first, both in degrees',
    { value: String(value) },
  )
}
