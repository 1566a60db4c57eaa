// The sky of the mock: the two caps of the survey's footprint, Cartesian positions and HEALPix numbers.

export const caps = ['NGC', 'SGC'] as const
export type Cap = 0 | 1

export type Point = readonly [x: number, y: number, z: number]

const degree = Math.PI / 180

/** The galactic north pole in ICRS: RA 192.85948, dec 27.12825 degrees (ESA 1997, Hipparcos, vol. 1, 1.5.3). */
const pole = pointAt(192.85948, 27.12825, 1)

interface CapBox {
  /** Degrees; RA runs upwards and may pass 360. */
  readonly ra: readonly [number, number]
  readonly dec: readonly [number, number]
  /** Least distance from the galactic plane, degrees. */
  readonly latitude: number
}

/** Declinations as far as those of the main bright program: -19.46 to 79.27. */
const boxes: readonly [CapBox, CapBox] = [
  { ra: [105, 282], dec: [-8, 79.27], latitude: 20 },
  { ra: [300, 430], dec: [-19.46, 34], latitude: 20 },
]

/** Cartesian coordinates in the frame of the void catalogues. @param ra, dec degrees */
export function pointAt(ra: number, dec: number, distance: number): Point {
  const across = distance * Math.cos(dec * degree)
  return [across * Math.cos(ra * degree), across * Math.sin(ra * degree), distance * Math.sin(dec * degree)]
}

/** RA in [0, 360), declination and distance of a Cartesian position. */
export function directionOf([x, y, z]: Point): { ra: number; dec: number; distance: number } {
  const distance = Math.hypot(x, y, z)
  const ra = Math.atan2(y, x) / degree
  return { ra: ra < 0 ? ra + 360 : ra, dec: Math.asin(z / distance) / degree, distance }
}

/** The cap that holds a direction, or -1 where the survey doesn't look. */
export function capOf(ra: number, dec: number): Cap | -1 {
  const [x, y, z] = pointAt(ra, dec, 1)
  const latitude = Math.asin(x * pole[0] + y * pole[1] + z * pole[2]) / degree
  const cap = latitude > 0 ? 0 : 1
  const box = boxes[cap]
  const turned = ra < box.ra[0] ? ra + 360 : ra
  const inside = turned <= box.ra[1] && dec >= box.dec[0] && dec <= box.dec[1]
  return inside && Math.abs(latitude) >= box.latitude ? cap : -1
}

/** A random direction in a cap, uniform on the sphere. */
export function directionIn(cap: Cap, random: () => number): { ra: number; dec: number } {
  const { ra, dec } = boxes[cap]
  const [low, high] = [Math.sin(dec[0] * degree), Math.sin(dec[1] * degree)]
  for (;;) {
    const drawnRa = (ra[0] + random() * (ra[1] - ra[0])) % 360
    const drawnDec = Math.asin(low + random() * (high - low)) / degree
    if (capOf(drawnRa, drawnDec) === cap) return { ra: drawnRa, dec: drawnDec }
  }
}

/**
 * NESTED pixel number of a direction in degrees (Gorski et al. 2005, ApJ 622, 759, section 4); with nside 1 the
 * base pixel, 0 to 11.
 */
export function healpixNested(nside: number, ra: number, dec: number): number {
  const height = Math.sin(dec * degree)
  const quarters = (ra / 90) % 4
  const { face, x, y } =
    Math.abs(height) <= 2 / 3 ? equatorial(nside, height, quarters) : polar(nside, height, quarters)
  return face * nside * nside + interleave(x) + 2 * interleave(y)
}

function equatorial(nside: number, height: number, quarters: number) {
  const rising = Math.floor(nside * (0.5 + quarters - 0.75 * height))
  const falling = Math.floor(nside * (0.5 + quarters + 0.75 * height))
  const [p, m] = [Math.floor(rising / nside), Math.floor(falling / nside)]
  const face = p === m ? (p & 3) | 4 : p < m ? p & 3 : (m & 3) + 8
  return { face, x: falling & (nside - 1), y: nside - 1 - (rising & (nside - 1)) }
}

function polar(nside: number, height: number, quarters: number) {
  const quarter = Math.min(3, Math.floor(quarters))
  const part = quarters - quarter
  const spread = nside * Math.sqrt(3 * (1 - Math.abs(height)))
  const rising = Math.min(nside - 1, Math.floor(part * spread))
  const falling = Math.min(nside - 1, Math.floor((1 - part) * spread))
  return height > 0
    ? { face: quarter, x: nside - 1 - falling, y: nside - 1 - rising }
    : { face: quarter + 8, x: rising, y: falling }
}

/** The bits of a number at every other place. */
function interleave(value: number): number {
  let spread = 0
  for (let bit = 0; bit < 15; bit++) spread += ((value >> bit) & 1) * 4 ** bit
  return spread
}
