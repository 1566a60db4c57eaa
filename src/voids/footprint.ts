// Where a survey looked: masks on the sky, redshift limits, and nearness to their boundary.

/** Which parts of the sky a mask holds, 1 for each that is inside: cells of RA and declination, or HEALPix pixels in RING order. */
export interface MaskPixels {
  readonly kind: 'ra-dec' | 'healpix-ring'
  readonly pixels: ArrayLike<number>
  /** Cells per degree, or NSIDE. */
  readonly resolution: number
}

/** A mask on the sky, in degrees; RA may lie outside [0, 360). */
export interface SkyMask extends MaskPixels {
  contains(ra: number, dec: number): boolean
}

export function maskOf({ kind, pixels, resolution }: MaskPixels): SkyMask {
  return kind === 'ra-dec' ? raDecMask(pixels, resolution) : healpixMask(pixels, resolution)
}

/** RA in [0, 360). */
export function normalizeRa(ra: number): number {
  const turned = ra % 360
  // A tiny negative angle rounds up to 360 itself.
  return turned < 0 ? (turned + 360) % 360 : turned
}

/**
 * VoidFinder's mask: cells of 1/resolution degree, `cells[ra][dec + 90]` row by row.
 * A declination between two whole cells below the equator is truncated towards zero, as VAST does.
 */
export function raDecMask(cells: ArrayLike<number>, resolution = 1): SkyMask {
  const height = 180 * resolution
  return {
    ...{ kind: 'ra-dec', pixels: cells, resolution },
    contains(ra, dec) {
      const i = Math.trunc(resolution * normalizeRa(ra))
      const j = Math.min(Math.trunc(resolution * dec) + 90 * resolution, height - 1)
      return cells[i * height + j] === 1
    },
  }
}

/** A HEALPix mask in RING order: one element per pixel, 12 nside^2 of them. */
export function healpixMask(pixels: ArrayLike<number>, nside: number): SkyMask {
  return {
    ...{ kind: 'healpix-ring', pixels, resolution: nside },
    contains: (ra, dec) => pixels[healpixRing(nside, ra, dec)] === 1,
  }
}

/** RING pixel number of a position in degrees (Gorski et al. 2005, ApJ 622, 759, section 4 and appendix). */
export function healpixRing(nside: number, ra: number, dec: number): number {
  const height = Math.sin((dec * Math.PI) / 180)
  const quarters = normalizeRa(ra) / 90
  return Math.abs(height) <= 2 / 3
    ? equatorialPixel(nside, height, quarters)
    : polarPixel(nside, dec, quarters)
}

function equatorialPixel(nside: number, height: number, quarters: number): number {
  const rising = Math.floor(nside * (0.5 + quarters - height * 0.75))
  const falling = Math.floor(nside * (0.5 + quarters + height * 0.75))
  const ring = nside + 1 + rising - falling
  const shifted = 1 - (ring & 1)
  const along = Math.floor((rising + falling - nside + shifted + 1) / 2)
  const around = ((along % (4 * nside)) + 4 * nside) % (4 * nside)
  return 2 * nside * (nside - 1) + (ring - 1) * 4 * nside + around
}

function polarPixel(nside: number, dec: number, quarters: number): number {
  const part = quarters % 1
  // sqrt(3 (1 - |sin dec|)), through the half angle because 1 - sin loses digits at the pole.
  const fromPole = ((90 - Math.abs(dec)) * Math.PI) / 360
  const spread = nside * Math.sqrt(6) * Math.abs(Math.sin(fromPole))
  const rising = Math.floor(part * spread)
  const falling = Math.floor((1 - part) * spread)
  const ring = rising + falling + 1
  const around = Math.min(Math.floor(quarters * ring), 4 * ring - 1)
  return dec > 0 ? 2 * ring * (ring - 1) + around : 12 * nside * nside - 2 * ring * (ring + 1) + around
}

/** Redshift limits of a release, as its header has them. */
export interface RedshiftLimits {
  readonly low: number
  readonly high: number
}

/** Beyond the limits for certain. @param rounding the most that the limits' digits may hide */
export function beyondLimits(z: number, { low, high }: RedshiftLimits, rounding = 0): boolean {
  return z < low - rounding || z > high + rounding
}

/** The solid shape in which a finder looked for voids. */
export interface Footprint {
  readonly mask: SkyMask
  /** Line-of-sight comoving distances, Mpc/h. */
  readonly nearest: number
  readonly farthest: number
}

/** Within the mask and the distance limits. @param x, y, z comoving, Mpc/h */
export function inFootprint(
  { mask, nearest, farthest }: Footprint,
  x: number,
  y: number,
  z: number,
): boolean {
  // Not Math.hypot, which is ten times slower and only matters to lengths near the ends of the number range.
  const r = Math.sqrt(x * x + y * y + z * z)
  if (!(r >= nearest && r <= farthest) || r === 0) return false
  return mask.contains(
    (Math.atan2(y, x) * 180) / Math.PI,
    (Math.asin(Math.min(1, Math.max(-1, z / r))) * 180) / Math.PI,
  )
}

/** Length over which VoidFinder looks for the boundary, Mpc/h. */
export const EDGE_DISTANCE = 10

/**
 * VAST's rule for galaxies too close to the boundary to be called wall (its vflag 2): one of the six points
 * 10 Mpc/h away along an axis is outside the footprint.
 */
export function nearEdge(
  footprint: Footprint,
  x: number,
  y: number,
  z: number,
  distance = EDGE_DISTANCE,
): boolean {
  return !(
    inFootprint(footprint, x - distance, y, z) &&
    inFootprint(footprint, x + distance, y, z) &&
    inFootprint(footprint, x, y - distance, z) &&
    inFootprint(footprint, x, y + distance, z) &&
    inFootprint(footprint, x, y, z - distance) &&
    inFootprint(footprint, x, y, z + distance)
  )
}
