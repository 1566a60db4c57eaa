// Membership by zones: galaxy -> zone -> the voids that the release names for the zone.
import { AlmagestError } from '../model/index.ts'
import { keyIndex } from './key-index.ts'
import { addPair, emptyPairs, type Pairs } from './pairs.ts'

/** GALZONE: one row per galaxy of the tessellation. */
export interface GalaxyZones {
  readonly galaxy: BigInt64Array
  /** -1: the galaxy is outside the redshift limits or the mask. */
  readonly zone: Int32Array
  /** Cells between the galaxy's and the zone's largest one; -1 outside. */
  readonly depth: Int32Array
  /** 1: the galaxy's Voronoi cell leaves the survey. */
  readonly edge: Uint8Array
  /** 1: outside the redshift limits or the mask. */
  readonly out: Uint8Array
}

/** ZONEVOID: of the voids that hold a zone, the one with the fewest and the one with the most zones; -1 = none. */
export interface ZoneVoids {
  readonly zone: Int32Array
  readonly void0: Int32Array
  readonly void1: Int32Array
}

export interface ZoneMembership {
  /** Ordered by galaxy; at most two voids each, never the same twice. Margins are NaN, holes 0. */
  readonly pairs: Pairs
  /** Row of each galaxy in GALZONE, -1 for a galaxy that the tessellation doesn't list. */
  readonly row: Int32Array
}

export interface ZoneLookup {
  /** GALZONE rows with ZONE = -1. */
  readonly withoutZone: number
  /** GALZONE rows whose zone ZONEVOID doesn't list: no void can be told. */
  readonly unknownZones: number
  /** Void numbers in ZONEVOID that VOIDS doesn't list: no pair is made. */
  readonly unknownVoids: number
  place(galaxies: BigInt64Array): ZoneMembership
}

/**
 * Prepares the look-up. The last zone, which gathers cells that leave the survey, is treated as the data say: it
 * belongs to the void that ZONEVOID names for it, if any.
 * @param voidNumbers  VOID of each row of VOIDS; pairs hold the row
 * @throws AlmagestError `VOIDS_DUPLICATE_GALAXY`, `VOIDS_DUPLICATE_ZONE`
 */
export function zoneLookup(galaxies: GalaxyZones, zones: ZoneVoids, voidNumbers: Int32Array): ZoneLookup {
  const index = keyIndex(galaxies.galaxy)
  if (index.duplicate) throw twice('VOIDS_DUPLICATE_GALAXY', 'galaxy', galaxies.galaxy, index.duplicate)
  const { smallest, largest, unknownVoids } = voidRowsByZone(zones, voidNumbers)
  const { withoutZone, unknownZones } = countZones(galaxies.zone, smallest)

  function place(keys: BigInt64Array): ZoneMembership {
    const row = index.rows(keys)
    const pairs = emptyPairs()
    for (let galaxy = 0; galaxy < row.length; galaxy++) {
      const zone = row[galaxy]! < 0 ? -1 : galaxies.zone[row[galaxy]!]!
      if (zone < 0 || zone >= smallest.length) continue
      const first = smallest[zone]!
      const second = largest[zone]!
      if (first >= 0) addPair(pairs, galaxy, first, true, Number.NaN, 0)
      if (second >= 0 && second !== first) addPair(pairs, galaxy, second, true, Number.NaN, 0)
    }
    return { pairs, row }
  }

  return { withoutZone, unknownZones, unknownVoids, place }
}

function twice(
  code: string,
  what: string,
  keys: BigInt64Array | Int32Array,
  [first, second]: readonly [number, number],
) {
  return new AlmagestError(
    code,
    'data',
    `${what} ${keys[first]} stands in rows ${first + 1} and ${second + 1}`,
    `A ${what} has one row: load the release's file again, or remove the doubled row.`,
    { row: second + 1, value: String(keys[first]) },
  )
}

/** No such zone in ZONEVOID. */
const UNLISTED = -2

/** Rows of the smallest and the largest void by zone number: -1 where there is none. */
function voidRowsByZone({ zone, void0, void1 }: ZoneVoids, voidNumbers: Int32Array) {
  const rowOf = new Map(Array.from(voidNumbers, (number, row) => [number, row] as const))
  const last = zone.reduce((most, each) => Math.max(most, each), -1)
  const smallest = new Int32Array(last + 1).fill(UNLISTED)
  const largest = new Int32Array(last + 1).fill(UNLISTED)
  const seen = new Map<number, number>()
  let unknownVoids = 0
  const resolve = (number: number): number => {
    const row = number < 0 ? -1 : rowOf.get(number)
    if (row === undefined) unknownVoids++
    return row ?? -1
  }
  zone.forEach((number, at) => {
    if (number < 0) return
    const before = seen.get(number)
    if (before !== undefined) throw twice('VOIDS_DUPLICATE_ZONE', 'zone', zone, [before, at])
    seen.set(number, at)
    smallest[number] = resolve(void0[at]!)
    largest[number] = void1[at] === void0[at] ? smallest[number]! : resolve(void1[at]!)
  })
  return { smallest, largest, unknownVoids }
}

function countZones(zones: Int32Array, byZone: Int32Array) {
  let withoutZone = 0
  let unknownZones = 0
  for (const zone of zones) {
    if (zone < 0) withoutZone++
    else if (zone >= byZone.length || byZone[zone] === UNLISTED) unknownZones++
  }
  return { withoutZone, unknownZones }
}
