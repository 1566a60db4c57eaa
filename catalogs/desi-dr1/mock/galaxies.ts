// Where the galaxies are: positions on the sky and redshifts, some inside holes, all clear of every hole's surface.
import { distanceOf, redshiftOf } from './distance.ts'
import { clearance, type HoleGrid } from './hole-grid.ts'
import { type Hole, inSphere, redshiftLimits } from './holes.ts'
import { sequence } from './random.ts'
import { drawRedshift } from './redshifts.ts'
import { capOf, directionIn, directionOf, healpixNested, type Point, pointAt } from './sky.ts'

/** Positions in columns, ordered by the file (base pixel) that holds them. */
export interface MockGalaxies {
  readonly count: number
  /** Degrees. */
  readonly ra: Float64Array
  readonly dec: Float64Array
  readonly z: Float64Array
  /** 1 in a hole of VoidFinder. */
  readonly inVoid: Uint8Array
  /** First galaxy of each of the 12 files, and the end of the last. */
  readonly starts: readonly number[]
}

/** Share of the galaxies below the redshift limit that live in voids, as in SDSS DR7 (Pan et al. 2012: 7 percent). */
const voidShare = 0.07
/** Share of the galaxies in the northern cap: its share of the area that the release covers. */
const northernShare = 0.69

interface Placed {
  readonly ra: number
  readonly dec: number
  readonly z: number
}

/** Draws the galaxies. The same seed gives the same ones; memory is 25 bytes a galaxy, twice that while sorting. */
export function placeGalaxies(
  count: number,
  holes: readonly Hole[],
  grid: HoleGrid,
  seed: number,
): MockGalaxies {
  const random = sequence(seed, 0)
  const pickHole = byVolume(holes, random)
  const drawn = columnsFor(count)
  const pixels = new Uint8Array(count)
  for (let i = 0; i < count; i++) {
    const z = drawRedshift(random)
    const inVoid = z < redshiftLimits.high && random() < voidShare
    const galaxy = inVoid ? insideHole(pickHole, grid, random) : outsideHoles(z, grid, random)
    drawn.ra[i] = galaxy.ra
    drawn.dec[i] = galaxy.dec
    drawn.z[i] = galaxy.z
    drawn.inVoid[i] = inVoid ? 1 : 0
    pixels[i] = healpixNested(1, galaxy.ra, galaxy.dec)
  }
  return byPixel(drawn, pixels)
}

function columnsFor(count: number) {
  return {
    ra: new Float64Array(count),
    dec: new Float64Array(count),
    z: new Float64Array(count),
    inVoid: new Uint8Array(count),
  }
}

/** The position that the stored numbers give. */
export function positionOf({ ra, dec, z }: Placed): Point {
  return pointAt(ra, dec, distanceOf(z))
}

function outsideHoles(z: number, grid: HoleGrid, random: () => number): Placed {
  for (;;) {
    const galaxy = { ...directionIn(random() < northernShare ? 0 : 1, random), z }
    galaxy.ra = roundedUp(galaxy.ra)
    if (grid.voidsAt(positionOf(galaxy))?.length === 0) return galaxy
    // A shell of the sphere may be covered by holes: move along the line of sight too.
    z = Math.max(0.0011, z * (1 + 0.02 * (random() - 0.5)))
  }
}

function insideHole(pickHole: () => Hole, grid: HoleGrid, random: () => number): Placed {
  for (;;) {
    const hole = pickHole()
    const { ra, dec, distance } = directionOf(inSphere(hole.center, hole.radius - clearance, random))
    if (capOf(ra, dec) < 0) continue
    const galaxy = { ra: roundedUp(ra), dec, z: redshiftOf(distance) }
    const voids = grid.voidsAt(positionOf(galaxy))
    if (voids !== undefined && voids.length > 0) return galaxy
  }
}

/** In the release the right ascensions reach 360 itself, by rounding. */
function roundedUp(ra: number): number {
  return ra > 359.995 ? 360 : ra
}

/** Draws holes in proportion to their volumes. */
function byVolume(holes: readonly Hole[], random: () => number): () => Hole {
  const ends = new Float64Array(holes.length)
  let total = 0
  holes.forEach((hole, i) => {
    ends[i] = total += hole.radius ** 3
  })
  return () => {
    const at = random() * total
    let [low, high] = [0, holes.length - 1]
    while (low < high) {
      const middle = (low + high) >> 1
      if (ends[middle]! <= at) low = middle + 1
      else high = middle
    }
    return holes[low]!
  }
}

/** The columns in the order of the files, by counting. */
function byPixel(drawn: ReturnType<typeof columnsFor>, pixels: Uint8Array): MockGalaxies {
  const starts = new Array<number>(13).fill(0)
  for (const pixel of pixels) starts[pixel + 1]!++
  for (let pixel = 0; pixel < 12; pixel++) starts[pixel + 1]! += starts[pixel]!
  const next = starts.slice()
  const sorted = columnsFor(pixels.length)
  pixels.forEach((pixel, from) => {
    const to = next[pixel]!++
    sorted.ra[to] = drawn.ra[from]!
    sorted.dec[to] = drawn.dec[from]!
    sorted.z[to] = drawn.z[from]!
    sorted.inVoid[to] = drawn.inVoid[from]!
  })
  return { count: pixels.length, ...sorted, starts }
}
