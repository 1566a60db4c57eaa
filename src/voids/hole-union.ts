// Membership of galaxies in unions of spheres: which voids hold a galaxy, and how far it is from their surfaces.
import type { Positions } from './comoving.ts'
import { holeGrid, type Spheres } from './hole-grid.ts'
import { addPair, emptyPairs, type Pairs } from './pairs.ts'

/**
 * Half-width of the surface, Mpc/h. VoidFinder grows each hole until galaxies touch it, so their true margin is
 * zero and its sign is rounding noise (float32 and float64 coordinates disagree on thousands of galaxies).
 */
export const SURFACE_TOLERANCE = 1e-3

/** Where a galaxy stands against all spheres together. */
export const holeState = { unplaced: 0, inside: 1, surface: 2, outside: 3 } as const

export interface Holes extends Spheres {
  /** Row of the void that each sphere belongs to; -1 for a sphere whose void is unknown. */
  readonly void: Int32Array
}

export interface HoleMembership {
  /** One of `holeState` per galaxy. */
  readonly state: Uint8Array
  /** Least (distance to centre - radius) over all spheres, Mpc/h; Infinity where it exceeds the reach. */
  readonly margin: Float64Array
  /** Pairs with a margin of at most the tolerance, ordered by galaxy and then by void. */
  readonly pairs: Pairs
}

export interface HoleUnion {
  readonly tolerance: number
  readonly reach: number
  place(positions: Positions): HoleMembership
}

/**
 * Prepares spheres for membership tests. Cost: near-linear in spheres, then near-constant per galaxy.
 * @param options.tolerance  |margin| up to this is `surface` (1e-3 Mpc/h)
 * @param options.reach      margins are measured up to this distance outside; at least the tolerance
 */
export function holeUnion(holes: Holes, options: { tolerance?: number; reach?: number } = {}): HoleUnion {
  const tolerance = options.tolerance ?? SURFACE_TOLERANCE
  const reach = Math.max(tolerance, options.reach ?? 0)
  const sorted = sortByVoid(holes)
  const grid = holeGrid(sorted, reach)
  const packed = pack(sorted, reach)
  const voidOf = sorted.void

  function place({ x, y, z }: Positions): HoleMembership {
    const count = x.length
    const state = new Uint8Array(count)
    const margin = new Float64Array(count)
    const pairs = emptyPairs()
    for (let galaxy = 0; galaxy < count; galaxy++) {
      margin[galaxy] = placeOne(galaxy, x[galaxy]!, y[galaxy]!, z[galaxy]!, pairs)
      state[galaxy] = stateOf(margin[galaxy]!, tolerance)
    }
    return { state, margin, pairs }
  }

  /** Adds the galaxy's pairs and returns its least margin: the spheres of a cell come void by void. */
  function placeOne(galaxy: number, x: number, y: number, z: number, pairs: Pairs): number {
    if (!(Number.isFinite(x) && Number.isFinite(y) && Number.isFinite(z))) return Number.NaN
    const cell = grid.cellOf(x, y, z)
    if (cell < 0) return Infinity
    let least = Infinity
    let current = -1
    let leastOfVoid = Infinity
    let inside = 0
    const end = grid.starts[cell + 1]!
    for (let k = grid.starts[cell]!; k < end; k++) {
      const sphere = grid.entries[k]!
      const at = sphere << 2
      const dx = packed[at]! - x
      const dy = packed[at + 1]! - y
      const dz = packed[at + 2]! - z
      const squared = dx * dx + dy * dy + dz * dz
      const grown = packed[at + 3]!
      if (squared > grown * grown) continue
      const margin = Math.sqrt(squared) - sorted.radius[sphere]!
      if (margin < least) least = margin
      const owner = voidOf[sphere]!
      if (owner !== current) {
        if (current >= 0 && leastOfVoid <= tolerance)
          addPair(pairs, galaxy, current, inside > 0, leastOfVoid, inside)
        current = owner
        leastOfVoid = Infinity
        inside = 0
      }
      if (margin < leastOfVoid) leastOfVoid = margin
      if (margin < -tolerance) inside++
    }
    if (current >= 0 && leastOfVoid <= tolerance)
      addPair(pairs, galaxy, current, inside > 0, leastOfVoid, inside)
    return least <= reach ? least : Infinity
  }

  return { tolerance, reach, place }
}

function stateOf(margin: number, tolerance: number): number {
  if (Number.isNaN(margin)) return holeState.unplaced
  if (margin < -tolerance) return holeState.inside
  return margin <= tolerance ? holeState.surface : holeState.outside
}

/** The spheres in ascending order of their void, by a counting sort (voids are rows, so their range is small). */
function sortByVoid(holes: Holes): Holes {
  const count = holes.radius.length
  let last = -1
  for (let i = 0; i < count; i++) last = Math.max(last, holes.void[i]!)
  const next = new Int32Array(last + 3)
  for (let i = 0; i < count; i++) next[holes.void[i]! + 2]!++
  for (let owner = 1; owner < next.length; owner++) next[owner]! += next[owner - 1]!
  const sorted = {
    ...{ x: new Float64Array(count), y: new Float64Array(count), z: new Float64Array(count) },
    ...{ radius: new Float64Array(count), void: new Int32Array(count) },
  }
  for (let i = 0; i < count; i++) {
    const at = next[holes.void[i]! + 1]!++
    sorted.x[at] = holes.x[i]!
    sorted.y[at] = holes.y[i]!
    sorted.z[at] = holes.z[i]!
    sorted.radius[at] = holes.radius[i]!
    sorted.void[at] = holes.void[i]!
  }
  return sorted
}

/** x, y, z and the grown radius side by side: one cache line holds two spheres. */
function pack({ x, y, z, radius }: Spheres, reach: number): Float64Array {
  const packed = new Float64Array(4 * radius.length)
  for (let i = 0; i < radius.length; i++) {
    packed[4 * i] = x[i]!
    packed[4 * i + 1] = y[i]!
    packed[4 * i + 2] = z[i]!
    // A shade more than radius + reach, so that the exact comparison of margins decides at the border.
    packed[4 * i + 3] = (radius[i]! + reach) * (1 + 1e-12)
  }
  return packed
}
