// Q3C pixel numbers in TypeScript, bit for bit those of the server, one by one or for whole columns.
//
// The quad-tree cube is described by Koposov & Bartunov (2006, ADASS XV, ASP Conf. Ser. 351, 735); the
// comment in sql/1-pixel.sql gives the layout of the number. JavaScript's Math.tan differs from the C
// library's in the last bit now and then. That matters only where a position lies within a millionth of a
// pixel of an edge, so just these positions are computed again with correctly rounded functions. What is
// left are positions on the cube's edges to the last bit: there the GNU C library's tangent, itself rounded
// wrongly for one argument in a thousand, may put them on the other face.
import { AlmagestError } from '../../../model/index.ts'
import { exactCos, exactSin, exactTan } from './exact-trigonometry.ts'

const RADIANS = 0.017453292519943295
const DEGREES = 57.29577951308232
const HALF_SIDE = 2 ** 29
const LAST_COLUMN = 2 ** 30 - 1
/** Distance from a pixel's edge, in pixels, below which rounding may decide; errors reach about 2e-7. */
const DOUBTFUL = 2e-6

interface Trigonometry {
  sin(angle: number): number
  cos(angle: number): number
  tan(angle: number): number
}
const exact: Trigonometry = { sin: exactSin, cos: exactCos, tan: exactTan }

// Where the last projection went; module variables, because a million small objects cost more than the tangents.
let face = 0
let x = 0
let y = 0
let onFaceEdge = false

/** Gnomonic projection on the cube; the order of operations is the server's, so that the bits agree. */
function project(ra: number, dec: number, { sin, cos, tan }: Trigonometry): void {
  const quarter = Math.floor((ra + 45) / 90) % 4
  const angle = RADIANS * (ra - 90 * quarter)
  const slope = tan(RADIANS * dec)
  y = slope / cos(angle)
  onFaceEdge = Math.abs(Math.abs(y) - 1) < 1e-14
  if (y > 1 || y < -1) {
    face = y > 1 ? 0 : 5
    const polar = 1 / slope
    x = sin(RADIANS * ra) * Math.abs(polar)
    y = cos(RADIANS * ra) * -polar
  } else {
    face = quarter + 1
    x = tan(angle)
  }
}

function doubtful(position: number): boolean {
  const column = (position + 1) * HALF_SIDE
  return Math.abs(column - Math.round(column)) < DOUBTFUL
}

/** Right ascension in 0 to 360 as the server folds it: 360 stays 360, and so does -1e-20. */
function fold(ra: number): number {
  if (ra < 0) return (ra % 360) + 360
  return ra > 360 ? ra % 360 : ra
}

/** Projects a position and leaves face, column (x) and row (y) in the module variables. */
function locate(ra: number, dec: number): void {
  const folded = fold(ra)
  const clamped = Math.max(-90, Math.min(90, dec))
  project(folded, clamped, Math)
  if (onFaceEdge || doubtful(x) || doubtful(y)) project(folded, clamped, exact)
  x = Math.min(Math.trunc((x + 1) * HALF_SIDE), LAST_COLUMN)
  y = Math.min(Math.trunc((y + 1) * HALF_SIDE), LAST_COLUMN)
}

/** Moves the lower 16 bits of a number to the even bits of 32. */
function spread(bits: number): number {
  let wide = bits & 0xffff
  wide = (wide | (wide << 8)) & 0x00ff00ff
  wide = (wide | (wide << 4)) & 0x0f0f0f0f
  wide = (wide | (wide << 2)) & 0x33333333
  return (wide | (wide << 1)) & 0x55555555
}

/** Moves the even bits of 32 to the lower 16 of a number. */
function gather(bits: number): number {
  let narrow = bits & 0x55555555
  narrow = (narrow | (narrow >>> 1)) & 0x33333333
  narrow = (narrow | (narrow >>> 2)) & 0x0f0f0f0f
  narrow = (narrow | (narrow >>> 4)) & 0x00ff00ff
  return (narrow | (narrow >>> 8)) & 0xffff
}

const lowerHalf = (): number => spread(x) | (spread(y) << 1)
const upperHalf = (): number => (face << 28) | spread(x >> 16) | (spread(y >> 16) << 1)

/**
 * Q3C pixel number of a position, equal to `q3c_ang2ipix(ra, dec)` on the server.
 *
 * @param ra   right ascension in degrees; any finite value, folded into 0 to 360
 * @param dec  declination in degrees; beyond the poles counts as the pole, as in Q3C
 * @throws AlmagestError `SKY_POSITION_NOT_FINITE` for NaN or infinity, where the server returns NULL
 */
export function ang2ipix(ra: number, dec: number): bigint {
  if (!Number.isFinite(ra) || !Number.isFinite(dec)) {
    throw new AlmagestError(
      'SKY_POSITION_NOT_FINITE',
      'data',
      `a position with right ascension ${ra} and declination ${dec} has no pixel`,
      'leave out rows without a position, or store NULL',
    )
  }
  locate(ra, dec)
  return (BigInt(upperHalf()) << 32n) | BigInt(lowerHalf() >>> 0)
}

const lowerWordFirst = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1

/**
 * Pixel numbers of whole columns: `out[i]` becomes `q3c_ang2ipix(ra[i], dec[i])`, or -1 where a coordinate
 * is NaN or infinite (the server's NULL).
 *
 * @param ra   right ascensions in degrees
 * @param dec  declinations in degrees, as many
 * @param out  where the numbers go, at least as long
 */
export function ang2ipixColumn(
  ra: Float64Array,
  dec: Float64Array,
  out: BigInt64Array<ArrayBufferLike> = new BigInt64Array(ra.length),
): BigInt64Array<ArrayBufferLike> {
  const words = new Int32Array(out.buffer, out.byteOffset, 2 * ra.length)
  const lower = lowerWordFirst ? 0 : 1
  for (let i = 0; i < ra.length; i++) {
    const finite = Number.isFinite(ra[i]) && Number.isFinite(dec[i])
    if (finite) locate(ra[i]!, dec[i]!)
    words[2 * i + lower] = finite ? lowerHalf() : -1
    words[2 * i + 1 - lower] = finite ? upperHalf() : -1
  }
  return out
}

/**
 * Position of the corner of a pixel with the smallest column and row, as `q3c_ipix2ang(ipix)`, to within
 * rounding (1e-13 degrees).
 *
 * @returns right ascension and declination in degrees
 * @throws AlmagestError `SKY_PIXEL_RANGE` for a number that isn't a pixel (0 to 6 * 4^30 - 1)
 */
export function ipix2ang(ipix: bigint): { ra: number; dec: number } {
  const pixelFace = Number(ipix >> 60n)
  if (pixelFace < 0 || pixelFace > 5) {
    throw new AlmagestError(
      'SKY_PIXEL_RANGE',
      'data',
      `${ipix} is not a pixel number: these go from 0 to ${6n * 4n ** 30n - 1n}`,
      'pass a number that q3c_ang2ipix returned',
    )
  }
  const low = Number(ipix & 0xffffffffn)
  const high = Number((ipix >> 32n) & 0x0fffffffn)
  const px = (gather(low) | (gather(high) << 16)) / HALF_SIDE - 1
  const py = (gather(low >>> 1) | (gather(high >>> 1) << 16)) / HALF_SIDE - 1
  if (pixelFace >= 1 && pixelFace <= 4) {
    const angle = Math.atan(px)
    const ra = angle * DEGREES + 90 * (pixelFace - 1)
    return { ra: ra < 0 ? ra + 360 : ra, dec: Math.atan(py * Math.cos(angle)) * DEGREES }
  }
  const north = pixelFace === 0 ? 1 : -1
  return {
    ra: (Math.atan2(-px, north * py) + Math.PI) * DEGREES,
    dec: north * Math.atan2(1, Math.sqrt(px * px + py * py)) * DEGREES,
  }
}
