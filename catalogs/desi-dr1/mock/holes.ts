// VoidFinder's voids: each a maximal sphere and further holes that overlap it.
import { distanceOf } from './distance.ts'
import { type RowCounts, voidScale } from './proportions.ts'
import { sequence } from './random.ts'
import { type Cap, capOf, directionIn, directionOf, type Point, pointAt } from './sky.ts'

/** Redshift limits of the volume-limited sample. */
export const redshiftLimits = { low: 0, high: 0.24 } as const
export const farthest = distanceOf(redshiftLimits.high)

export interface Hole {
  readonly center: Point
  readonly radius: number
  /** Index of the void within the cap. */
  readonly void: number
}

export interface CapVoids {
  readonly maximals: readonly Hole[]
  /** All holes, the maximal ones too, in the order of their voids. */
  readonly holes: readonly Hole[]
}

/** The voids of a cap. Radii of the maximal spheres follow the release's: at least 10, on average 12.6 Mpc/h. */
export function voidsOf(cap: Cap, counts: RowCounts, galaxies: number, seed: number): CapVoids {
  const random = sequence(seed, 1 + cap)
  const scale = voidScale(galaxies)
  const maximals: Hole[] = []
  for (let index = 0; index < counts.maximals; index++) {
    const radius = scale * (10 + Math.min(12, -2.6 * Math.log(1 - random())))
    maximals.push({ center: apart(maximals, radius, cap, random), radius, void: index })
  }
  const further = Array.from({ length: counts.holes - counts.maximals }, () => {
    const owner = maximals[Math.floor(random() * maximals.length)]!
    return holeBeside(owner, random)
  })
  const holes = [...maximals, ...further].sort((a, b) => a.void - b.void)
  return { maximals, holes }
}

/** A centre for the next maximal sphere: two radii within the limits, off the others as long as there is room. */
function apart(others: readonly Hole[], radius: number, cap: Cap, random: () => number): Point {
  for (let attempt = 0; ; attempt++) {
    const { ra, dec } = directionIn(cap, random)
    const [near, far] = [(2 * radius) ** 3, (farthest - 2 * radius) ** 3]
    const center = pointAt(ra, dec, Math.cbrt(near + random() * (far - near)))
    const least = attempt < 200 ? 1.1 : 0
    if (others.every((other) => separation(center, other.center) >= least * (radius + other.radius)))
      return center
  }
}

/** A smaller hole whose centre lies inside the maximal sphere. */
function holeBeside(owner: Hole, random: () => number): Hole {
  const away = owner.radius * (0.2 + 0.7 * Math.cbrt(random()))
  const [x, y, z] = inSphere(owner.center, away, random, 1)
  return { center: [x, y, z], radius: owner.radius * (0.55 + 0.4 * random()), void: owner.void }
}

/** A point of a sphere, uniform in its volume; with `depth` given, at that share of the radius. */
export function inSphere(center: Point, radius: number, random: () => number, depth?: number): Point {
  const r = radius * (depth ?? Math.cbrt(random()))
  const height = 2 * random() - 1
  const angle = 2 * Math.PI * random()
  const across = r * Math.sqrt(1 - height * height)
  return [center[0] + across * Math.cos(angle), center[1] + across * Math.sin(angle), center[2] + r * height]
}

export function separation(a: Point, b: Point): number {
  return Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2])
}

/** VoidFinder's EDGE: 1 a hole sticks out of the survey, 2 a hole centre lies within 10 Mpc/h of its edge, 0 else. */
export function edgeOf(holes: readonly Hole[]): number {
  if (holes.some((hole) => sticksOut(hole.center, hole.radius))) return 1
  return holes.some((hole) => sticksOut(hole.center, 10)) ? 2 : 0
}

/** One of the six points at that distance along the axes is outside. */
function sticksOut([x, y, z]: Point, by: number): boolean {
  const around: Point[] = [
    [x - by, y, z],
    [x + by, y, z],
    [x, y - by, z],
    [x, y + by, z],
    [x, y, z - by],
    [x, y, z + by],
  ]
  return around.some((point) => {
    const { ra, dec, distance } = directionOf(point)
    return distance > farthest || capOf(ra, dec) < 0
  })
}
