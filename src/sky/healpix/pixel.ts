// HEALPix pixel numbers in the nested order: position to number, number to position, neighbours.
//
// Gorski et al. 2005 (ApJ 622, 759): twelve base pixels (faces), each a square that is halved `order` times along
// both sides. x grows to the north-east and y to the north-west; the number is the face followed by the bits of y and x
// in turn. Where a position lies on an edge of a pixel to the last bit, rounding decides.
import { AlmagestError } from '../../model/index.ts'
import type { Position } from '../angle.ts'
import { degrees, plus, radians, times, toAngles, toVector, type Vector } from '../matrix.ts'

/** The finest order: 12 * 4^29 pixels of 0.4 milliarcseconds fit a bigint. */
export const finestOrder = 29

/** No point of a pixel of order k lies further from its middle than this over 2^k, in radians. */
export const pixelReach = 1.07

/** A place within a face: x and y from 0 to 1. */
interface Place {
  readonly face: number
  readonly x: number
  readonly y: number
}

/** Where a position lies on the faces. */
function place(ra: number, dec: number): Place {
  const quarters = (((ra % 360) + 360) % 360) / 90
  const z = Math.sin(radians(dec))
  if (Math.abs(z) <= 2 / 3) {
    // the equatorial belt is flat in (ra, z): lines of constant x and y are diagonals
    const rising = quarters + 0.5 + 0.75 * z
    const falling = quarters + 0.5 - 0.75 * z
    const [east, west] = [Math.floor(rising), Math.floor(falling)]
    const face = east === west ? 4 + (east % 4) : east > west ? west % 4 : 8 + (east % 4)
    return { face, x: rising - east, y: 1 - (falling - west) }
  }
  const quarter = Math.floor(quarters) % 4
  const along = quarters - Math.floor(quarters)
  // distance from the pole in units of the cap's, from the cosine because 1 - |z| cancels
  const polar = Math.cos(radians(dec)) / Math.sqrt((1 + Math.abs(z)) / 3)
  const [low, high] = [along * polar, (1 - along) * polar]
  return z > 0 ? { face: quarter, x: 1 - high, y: 1 - low } : { face: 8 + quarter, x: low, y: high }
}

/** The position of a place; x and y may be 0 and 1 as well. */
export function facePosition({ face, x, y }: Place): Position {
  const row = face >> 2
  const ring = 2 + row - x - y
  const fromPole = ring < 1 ? ring : ring > 3 ? 4 - ring : 1
  const eighth = 2 * (face & 3) + (row === 1 ? 0 : 1)
  const turn = fromPole > 0 ? 45 * (eighth + (x - y) / fromPole) : 0
  const ra = ((turn % 360) + 360) % 360
  if (fromPole === 1) return { ra, dec: degrees(Math.asin((2 * (2 - ring)) / 3)) }
  const part = (fromPole * fromPole) / 3
  const dec = degrees(Math.atan2(1 - part, Math.sqrt(part * (2 - part))))
  return { ra, dec: ring < 1 ? dec : -dec }
}

/**
 * Number of the pixel that holds a position.
 * @param dec  beyond the poles counts as the pole
 * @throws AlmagestError `SKY_POSITION_NOT_FINITE`, `HEALPIX_ORDER`
 */
export function healpixNest(order: number, ra: number, dec: number): bigint {
  checkOrder(order)
  if (!Number.isFinite(ra) || !Number.isFinite(dec)) {
    throw new AlmagestError(
      'SKY_POSITION_NOT_FINITE',
      'data',
      `a position with right ascension ${ra} and declination ${dec} has no pixel`,
      'leave out rows without a position, or store NULL',
    )
  }
  const { face, x, y } = place(ra, Math.max(-90, Math.min(90, dec)))
  return joined(order, face, cell(order, x), cell(order, y))
}

/** The middle of a pixel. @throws AlmagestError `HEALPIX_ORDER`, `HEALPIX_PIXEL` */
export function healpixCentre(order: number, pixel: bigint): Position {
  const { face, x, y } = split(order, pixel)
  const side = 2 ** order
  return facePosition({ face, x: (x + 0.5) / side, y: (y + 0.5) / side })
}

/** The same as a vector. */
export function healpixVector(order: number, pixel: bigint): Vector {
  const { ra, dec } = healpixCentre(order, pixel)
  return toVector(ra, dec)
}

/** Directions in which one looks around a corner; the sharpest corner of a pixel holds two of them. */
const looks = 12

/**
 * The pixels that share an edge or a corner with a pixel: 8, or 7 and 6 at the corners of faces where three meet;
 * ascending. Found by a look around each corner, a hundredth of a pixel away.
 */
export function healpixNeighbours(order: number, pixel: bigint): bigint[] {
  const { face, x, y } = split(order, pixel)
  const side = 2 ** order
  const found = new Set<bigint>()
  for (const dx of [0, 1]) {
    for (const dy of [0, 1]) {
      const corner = facePosition({ face, x: (x + dx) / side, y: (y + dy) / side })
      const [a, d] = [radians(corner.ra), radians(corner.dec)]
      const east: Vector = [-Math.sin(a), Math.cos(a), 0]
      const north: Vector = [-Math.sin(d) * Math.cos(a), -Math.sin(d) * Math.sin(a), Math.cos(d)]
      for (let look = 0; look < looks; look++) {
        const angle = (2 * Math.PI * look) / looks
        const away = plus(times(Math.cos(angle), east), times(Math.sin(angle), north))
        const { lon, lat } = toAngles(plus(toVector(corner.ra, corner.dec), times(0.01 / side, away)))
        found.add(healpixNest(order, lon, lat))
      }
    }
  }
  found.delete(pixel)
  return [...found].sort((a, b) => (a < b ? -1 : 1))
}

const cell = (order: number, part: number): number =>
  Math.max(0, Math.min(2 ** order - 1, Math.floor(part * 2 ** order)))

function joined(order: number, face: number, x: number, y: number): bigint {
  let pixel = BigInt(face)
  for (let bit = order - 1; bit >= 0; bit--) {
    pixel = (pixel << 2n) | BigInt((((y >> bit) & 1) << 1) | ((x >> bit) & 1))
  }
  return pixel
}

function split(order: number, pixel: bigint): Place {
  checkOrder(order)
  const bits = BigInt(2 * order)
  if (pixel < 0n || pixel >= 12n << bits) {
    throw new AlmagestError(
      'HEALPIX_PIXEL',
      'data',
      `${pixel} is no pixel of order ${order}: these go from 0 to ${(12n << bits) - 1n}`,
      'Check that the number is in the nested order and of this order.',
      { value: String(pixel) },
    )
  }
  let x = 0
  let y = 0
  for (let bit = 0; bit < order; bit++) {
    const pair = Number((pixel >> BigInt(2 * bit)) & 3n)
    x |= (pair & 1) << bit
    y |= (pair >> 1) << bit
  }
  return { face: Number(pixel >> bits), x, y }
}

function checkOrder(order: number): void {
  if (Number.isInteger(order) && order >= 0 && order <= finestOrder) return
  throw new AlmagestError(
    'HEALPIX_ORDER',
    'usage',
    `a HEALPix order of ${order} is not a whole number from 0 to ${finestOrder}`,
    'The order is the base-2 logarithm of NSIDE.',
    { value: String(order) },
  )
}
