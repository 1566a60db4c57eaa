// V2's zones and voids: the sample's galaxies in zones, and the zones in voids by the three prunings.
import { redshiftOf } from './distance.ts'
import { type MockGalaxies, positionOf } from './galaxies.ts'
import { farthest, redshiftLimits } from './holes.ts'
import type { RowCounts } from './proportions.ts'
import { sequence, uniformOf } from './random.ts'
import { type Cap, capOf, directionOf, type Point } from './sky.ts'

export const prunings = ['V2_REVOLVER', 'V2_VIDE', 'V2_ZOBOV'] as const
export type Pruning = (typeof prunings)[number]

/** The sample reaches a little beyond its limit; those galaxies are OUT. */
const sampleEnd = redshiftLimits.high + 0.005
/** Share of the galaxies whose Voronoi cell leaves the survey, as in SDSS DR7 (8,545 of 100,502). */
const edgeShare = 0.085

/** Galaxies of a cap's sample and their zones. */
export interface ZonedSample {
  /** Index of each galaxy among all of the mock. */
  readonly galaxy: Int32Array
  /** -1 beyond the redshift limits; the last zone gathers the cells that leave the survey. */
  readonly zone: Int32Array
  /** Centres of the zones but the last. */
  readonly centers: readonly Point[]
  /** Galaxies in each zone. */
  readonly members: Int32Array
}

/** A void of a pruning: the zones it is made of, the first one giving its centre. */
export interface ZoneVoid {
  readonly zones: readonly number[]
}

export interface PrunedVoids {
  readonly voids: readonly ZoneVoid[]
  /** By zone: of the voids that hold it, those with the fewest and the most zones; -1 where there is none. */
  readonly void0: Int32Array
  readonly void1: Int32Array
}

export function zonedSample(galaxies: MockGalaxies, cap: Cap, counts: RowCounts, seed: number): ZonedSample {
  const random = sequence(seed, 3 + cap)
  const galaxy = drawSample(candidates(galaxies, cap), counts.galaxyZones, random)
  const last = counts.zones - 1
  const position = (index: number) => pointOf(galaxies, index)
  const centers = drawCenters(galaxies, galaxy, last, random)
  const members = new Int32Array(counts.zones)
  const zone = galaxy.map((index) => {
    if (galaxies.z[index]! > redshiftLimits.high) return -1
    const own = uniformOf(seed, index, 90) < edgeShare ? last : nearestOf(centers, position(index))
    members[own]!++
    return own
  })
  return { galaxy, zone, centers, members }
}

export function pointOf({ ra, dec, z }: MockGalaxies, index: number): Point {
  return positionOf({ ra: ra[index]!, dec: dec[index]!, z: z[index]! })
}

function candidates({ ra, dec, z, count }: MockGalaxies, cap: Cap): Int32Array {
  const found = new Int32Array(count)
  let length = 0
  for (let i = 0; i < count; i++) {
    if (z[i]! < sampleEnd && z[i]! > 0.01 && capOf(ra[i]! % 360, dec[i]!) === cap) found[length++] = i
  }
  return found.subarray(0, length)
}

/** So many of them, each with the same chance (Fisher and Yates), in ascending order. */
function drawSample(from: Int32Array, wanted: number, random: () => number): Int32Array {
  const size = Math.min(wanted, from.length)
  for (let i = 0; i < size; i++) {
    const other = i + Math.floor(random() * (from.length - i))
    const taken = from[other]!
    from[other] = from[i]!
    from[i] = taken
  }
  return from.slice(0, size).sort()
}

/** Zones sit around galaxies of the sample within the limits. */
function drawCenters(
  galaxies: MockGalaxies,
  sample: Int32Array,
  wanted: number,
  random: () => number,
): Point[] {
  const within = sample.filter((index) => galaxies.z[index]! <= redshiftLimits.high)
  return Array.from(drawSample(within, wanted, random), (index) => pointOf(galaxies, index))
}

function nearestOf(centers: readonly Point[], [x, y, z]: Point): number {
  let best = 0
  let least = Infinity
  for (let i = 0; i < centers.length; i++) {
    const center = centers[i]!
    const dx = x - center[0]
    const dy = y - center[1]
    const dz = z - center[2]
    const square = dx * dx + dy * dy + dz * dz
    if (square < least) {
      least = square
      best = i
    }
  }
  return best
}

/**
 * REVOLVER: one zone a void. VIDE: voids of one zone, and larger ones that hold several of these. ZOBOV: a void for
 * each zone, and the last void, which spans the survey, with all zones in it, the one of edge cells too.
 */
export function pruned(pruning: Pruning, { centers }: ZonedSample, counts: RowCounts): PrunedVoids {
  const zones = counts.zones
  if (pruning === 'V2_REVOLVER') return namedVoids(singleZones(Math.min(counts.revolver, zones - 1)), zones)
  if (pruning === 'V2_VIDE') return namedVoids(nestedVoids(Math.min(counts.vide, zones - 1), centers), zones)
  const all = Array.from({ length: zones }, (_, zone) => zone)
  return namedVoids([...singleZones(counts.zobov - 1), { zones: [...all].reverse() }], zones)
}

function singleZones(count: number): ZoneVoid[] {
  return Array.from({ length: count }, (_, zone) => ({ zones: [zone] }))
}

/** A quarter of the voids, at least one, also hold the zones that are nearest to them. */
function nestedVoids(count: number, centers: readonly Point[]): ZoneVoid[] {
  const parents = Math.max(1, Math.floor(count / 4))
  const heads = centers.slice(0, parents)
  const held: number[][] = heads.map((_, parent) => [parent])
  for (let zone = parents; zone < count; zone++) held[nearestOf(heads, centers[zone]!)]!.push(zone)
  return [...held.map((zones) => ({ zones })), ...singleZones(count).slice(parents)]
}

function namedVoids(voids: readonly ZoneVoid[], zones: number): PrunedVoids {
  const void0 = new Int32Array(zones).fill(-1)
  const void1 = new Int32Array(zones).fill(-1)
  const size = (index: number) => voids[index]!.zones.length
  voids.forEach((each, index) => {
    for (const zone of each.zones) {
      if (void0[zone] === -1 || size(index) < size(void0[zone]!)) void0[zone] = index
      if (void1[zone] === -1 || size(index) > size(void1[zone]!)) void1[zone] = index
    }
  })
  return { voids, void0, void1 }
}

/** Direction, redshift and radius of a V2 void: the sphere with the volume of its galaxies' cells. */
export function describeZoneVoid({ zones }: ZoneVoid, sample: ZonedSample, volume: number) {
  const last = sample.centers.length
  const center = sample.centers[zones.find((zone) => zone < last) ?? 0]!
  const { ra, dec, distance } = directionOf(center)
  const own = zones.reduce((sum, zone) => sum + (zone < last ? sample.members[zone]! : 0), 0)
  const cells = Math.max(1, own) / Math.max(1, sample.galaxy.length)
  const radius = Math.cbrt((3 * cells * volume) / (4 * Math.PI))
  return { center, ra, dec, redshift: redshiftOf(distance), radius }
}

/** Volume of a cap within the limits, (Mpc/h)^3, by counting points of a regular grid on the sphere. */
export function capVolume(cap: Cap): number {
  const steps = 180
  let inside = 0
  for (let i = 0; i < steps; i++) {
    const dec = (Math.asin((2 * (i + 0.5)) / steps - 1) * 180) / Math.PI
    for (let j = 0; j < 2 * steps; j++) if (capOf((j + 0.5) * (180 / steps), dec) === cap) inside++
  }
  return (((4 * Math.PI) / 3) * farthest ** 3 * inside) / (2 * steps * steps)
}
