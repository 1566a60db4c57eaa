// Finders whose voids are spheres or unions of spheres.
import { environmentCode, UNKNOWN_ENVIRONMENT } from './environment.ts'
import type { Finder, HoleTable, PlacedGalaxies, Placement, PreparedRelease, Release } from './finder.ts'
import { beyondLimits, inFootprint, nearEdge } from './footprint.ts'
import { type HoleMembership, type Holes, holeState, holeUnion } from './hole-union.ts'
import { noOddities, type OddityCounts } from './oddities.ts'

type Declared = Omit<Finder, 'prepare'> & {
  /** The release's spheres, each with the number of its void. */
  readonly spheres: (release: Release) => HoleTable
  /** Half-width of a surface where it is not the caller's to choose. */
  readonly tolerance?: number
}

/** A finder that places galaxies by the union of each void's spheres. */
export function holeFinder({ spheres, tolerance: fixed, ...declared }: Declared): Finder {
  return Object.freeze({
    ...declared,
    prepare(release, { tolerance, shell, reach }): PreparedRelease {
      const oddities = noOddities()
      const union = holeUnion(usableHoles(spheres(release), release.voids.number, oddities), {
        tolerance: fixed ?? tolerance,
        reach: Math.max(reach, shell),
      })
      return {
        oddities,
        place(galaxies) {
          const membership = union.place(galaxies.positions)
          return {
            pairs: membership.pairs,
            environment: environmentsOf(galaxies, membership, release, shell, oddities),
            margin: membership.margin,
            depth: undefined,
          } satisfies Placement
        },
      }
    },
  } satisfies Finder)
}

/** Holes with a position and a positive radius; void numbers become rows, -1 for a void that isn't listed. */
function usableHoles(table: HoleTable, voidNumbers: Int32Array, oddities: OddityCounts): Holes {
  const rowOf = new Map(Array.from(voidNumbers, (number, row) => [number, row] as const))
  const kept: number[] = []
  for (let i = 0; i < table.radius.length; i++) {
    const placed = Number.isFinite(table.x[i]! + table.y[i]! + table.z[i]!)
    if (placed && table.radius[i]! > 0 && table.radius[i]! < Infinity) kept.push(i)
  }
  oddities.holeWithoutRadius = table.radius.length - kept.length
  const owner = Int32Array.from(kept, (i) => rowOf.get(table.voidNumber[i]!) ?? -1)
  oddities.holeWithoutVoid = owner.reduce((count, row) => count + (row < 0 ? 1 : 0), 0)
  const take = (column: Float64Array) => Float64Array.from(kept, (i) => column[i]!)
  return { x: take(table.x), y: take(table.y), z: take(table.z), radius: take(table.radius), void: owner }
}

/**
 * The first that holds: in a hole; on a surface; outside limits or mask; in the shell; near the boundary; wall.
 * Membership comes before the limits because a hole may stick out of the survey, and a galaxy in it is in the void.
 */
function environmentsOf(
  { redshift, positions }: PlacedGalaxies,
  { state, margin }: HoleMembership,
  { limits, footprint }: Release,
  shell: number,
  oddities: OddityCounts,
): Uint8Array {
  const codes = new Uint8Array(state.length)
  for (let i = 0; i < codes.length; i++) {
    const [x, y, z] = [positions.x[i]!, positions.y[i]!, positions.z[i]!]
    if (state[i] === holeState.inside) codes[i] = environmentCode.void_interior
    else if (state[i] === holeState.surface) codes[i] = environmentCode.surface
    else if (beyondLimits(redshift[i]!, limits)) codes[i] = environmentCode.outside
    else if (state[i] === holeState.unplaced) codes[i] = UNKNOWN_ENVIRONMENT
    else if (footprint && !inFootprint(footprint, x, y, z)) codes[i] = environmentCode.outside
    else if (margin[i]! <= shell) codes[i] = environmentCode.void_shell
    else if (footprint && nearEdge(footprint, x, y, z)) codes[i] = environmentCode.edge
    else {
      codes[i] = environmentCode.wall
      if (!footprint) oddities.galaxyFootprintUnknown++
    }
  }
  return codes
}
