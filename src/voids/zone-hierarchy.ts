// Which voids hold a zone, those between the two that the release names included, where volumes leave no other way.
import type { Release, VoidTable } from './finder.ts'
import type { ZoneVoids } from './zone-membership.ts'

/** Entries in columns of equal length, by zone. */
export interface ZoneVoidEntries {
  readonly zone: Int32Array
  /** Row of the void in its table. */
  readonly void: Int32Array
  /** 1: not named by the release, but derived. */
  readonly derived: Uint8Array
  /** 1: no other void holds the zone. */
  readonly complete: Uint8Array
}

/** Radii are stored in single precision: the relative error of a volume is three times half a unit in the last place. */
const VOLUME_ERROR = 3 * 2 ** -24
/** Steps after which the search for a void's parts is given up, and the void left as the release has it. */
const MOST_STEPS = 5000

const volume = (radius: number) => (4 / 3) * Math.PI * radius ** 3

/**
 * Volumes of single zones by zone number, from a release of the same cap and the same tessellation whose every void is
 * one zone (REVOLVER); undefined where there is none.
 */
export function zoneVolumes(
  of: Release,
  others: readonly Release[],
): ReadonlyMap<number, number> | undefined {
  for (const other of others) {
    if (other.cap !== of.cap || !sameTessellation(of, other)) continue
    const volumes = new Map<number, number>()
    const radius = new Map(
      Array.from(other.voids.number, (number, row) => [number, other.voids.radius[row]!]),
    )
    const seen = new Set<number>()
    const { zone, void0, void1 } = other.zones!
    const single = zone.every((number, at) => {
      const of0 = void0[at]!
      if (of0 !== void1[at]) return false
      if (of0 < 0) return true
      volumes.set(number, volume(radius.get(of0) ?? Number.NaN))
      return seen.size < seen.add(of0).size
    })
    if (single && volumes.size > 0) return volumes
  }
  return undefined
}

function sameTessellation(
  { zones: a, galaxyZones: of }: Release,
  { zones: b, galaxyZones: other }: Release,
): boolean {
  if (!a || !b || !of || !other || of.galaxy.length !== other.galaxy.length) return false
  if (a.zone.length !== b.zone.length) return false
  if (of.galaxy.every((galaxy, row) => galaxy === other.galaxy[row])) {
    return of.zone.every((zone, row) => zone === other.zone[row])
  }
  const places = new Map(Array.from(other.galaxy, (galaxy, row) => [galaxy, other.zone[row]!]))
  return of.galaxy.every((galaxy, row) => places.get(galaxy) === of.zone[row])
}

/**
 * The voids of every zone. Voids of one tessellation nest: two share no zone, or one holds the other. So all zones with
 * the same smallest void are in the same voids, and a void's volume is that of its own zones (whose smallest void it is)
 * and of the voids directly within it. Where the volumes of zones are known, only one set of voids may fill what a void's
 * own zones leave; then it is derived. Where several may, or the volumes contradict the zones, nothing is.
 */
export function zoneVoidEntries(
  voids: VoidTable,
  zones: ZoneVoids,
  volumes: ReadonlyMap<number, number> | undefined,
): ZoneVoidEntries {
  const rowOf = new Map(Array.from(voids.number, (number, row) => [number, row]))
  const parents = volumes ? deriveParents(voids, zones, volumes, rowOf) : undefined
  const entries: [zone: number, row: number, derived: number, complete: number][] = []
  zones.zone.forEach((zone, at) => {
    const [smallest, largest] = [rowOf.get(zones.void0[at]!), rowOf.get(zones.void1[at]!)]
    if (smallest === undefined || largest === undefined) return
    const between = smallest === largest ? [] : chain(parents, smallest, largest)
    const complete = between ? 1 : 0
    entries.push([zone, smallest, 0, complete])
    for (const row of between ?? []) entries.push([zone, row, 1, complete])
    if (largest !== smallest) entries.push([zone, largest, 0, complete])
  })
  const column = (k: 0 | 1 | 2 | 3) => entries.map((entry) => entry[k])
  return {
    ...{ zone: Int32Array.from(column(0)), void: Int32Array.from(column(1)) },
    ...{ derived: Uint8Array.from(column(2)), complete: Uint8Array.from(column(3)) },
  }
}

/** The voids between two, or undefined where a step on the way is not known. */
function chain(
  parents: ReadonlyMap<number, number> | undefined,
  smallest: number,
  largest: number,
): number[] | undefined {
  const between: number[] = []
  for (let row = parents?.get(smallest); row !== undefined; row = parents?.get(row)) {
    if (row === largest) return between
    between.push(row)
  }
  return undefined
}

interface Family {
  /** The void that holds all others of its family. */
  readonly top: Int32Array
  readonly volume: Float64Array
  /** What a void's own zones of known volume leave of it. */
  readonly rest: Float64Array
  /** Own zones of unknown volume. */
  readonly unknown: Int32Array
}

/** The void directly around each void, by row, where only one can be. */
function deriveParents(
  voids: VoidTable,
  zones: ZoneVoids,
  volumes: ReadonlyMap<number, number>,
  rowOf: ReadonlyMap<number, number>,
): ReadonlyMap<number, number> | undefined {
  const family = familyOf(voids, zones, volumes, rowOf)
  if (!family) return undefined
  const parents = new Map<number, number>()
  const solved = new Set<number>()
  const ascending = Array.from(family.volume.keys()).sort((a, b) => family.volume[a]! - family.volume[b]!)
  for (let before = -1; before < solved.size + parents.size; ) {
    before = solved.size + parents.size
    for (const row of ascending) {
      if (solved.has(row)) continue
      const parts = onlyParts(row, family, ascending, parents)
      if (!parts) continue
      solved.add(row)
      for (const part of parts) parents.set(part, row)
    }
    for (const row of ascending) {
      const around = parents.has(row) ? undefined : onlyVoidAround(row, family, solved, parents)
      if (around !== undefined) parents.set(row, around)
    }
  }
  return parents
}

/** undefined where zones and voids contradict each other. */
function familyOf(
  { radius }: VoidTable,
  { zone, void0, void1 }: ZoneVoids,
  volumes: ReadonlyMap<number, number>,
  rowOf: ReadonlyMap<number, number>,
): Family | undefined {
  const all = Float64Array.from(radius, volume)
  const rest = all.slice()
  const unknown = new Int32Array(all.length)
  const top = new Int32Array(all.length).fill(-1)
  for (let at = 0; at < zone.length; at++) {
    const [row, largest] = [rowOf.get(void0[at]!), rowOf.get(void1[at]!)]
    if (row === undefined || largest === undefined) continue
    if (top[row]! >= 0 && top[row] !== largest) return undefined
    top[row] = largest
    const own = volumes.get(zone[at]!)
    if (own === undefined) unknown[row]!++
    else rest[row]! -= own
  }
  const possible = all.every(
    (each, row) => each > 0 && top[row]! >= 0 && rest[row]! >= -2 * VOLUME_ERROR * each,
  )
  return possible ? { top, volume: all, rest, unknown } : undefined
}

/** The only void that a void can lie directly in; every void but the largest of its family lies in one. */
function onlyVoidAround(
  row: number,
  { top, volume: size, rest }: Family,
  solved: ReadonlySet<number>,
  parents: ReadonlyMap<number, number>,
): number | undefined {
  if (top[row] === row) return undefined
  const possible: number[] = []
  for (let other = 0; other < size.length && possible.length < 2; other++) {
    if (top[other] !== top[row] || solved.has(other) || size[other]! <= size[row]!) continue
    const free = rest[other]! - sizeWithin(other, size, parents) + 2 * VOLUME_ERROR * size[other]!
    if (free >= size[row]!) possible.push(other)
  }
  return possible.length === 1 ? possible[0] : undefined
}

/** Volume of the voids that are known to lie directly within a void. */
function sizeWithin(row: number, size: Float64Array, parents: ReadonlyMap<number, number>): number {
  let sum = 0
  for (const [part, around] of parents) if (around === row) sum += size[part]!
  return sum
}

/** The voids directly within a void that are not known to be so yet; undefined where several sets may be, or none. */
function onlyParts(
  row: number,
  { top, volume: size, rest, unknown }: Family,
  ascending: readonly number[],
  parents: ReadonlyMap<number, number>,
): number[] | undefined {
  // The void, its own zones and its parts are each uncertain; together they are no larger than it twice.
  const tolerance = 2 * VOLUME_ERROR * size[row]!
  const known = sizeWithin(row, size, parents)
  const most = rest[row]! - known + tolerance
  const least = rest[row]! - known - tolerance
  const candidates = ascending
    .filter((each) => each !== row && top[each] === top[row] && !parents.has(each))
    .filter((each) => size[each]! < size[row]! && size[each]! <= most)
    .reverse()
  // With zones of unknown volume the void may hold any of these or none.
  if (unknown[row]! > 0) return candidates.length === 0 && most >= 0 ? [] : undefined
  const after = new Float64Array(candidates.length + 1)
  for (let i = candidates.length - 1; i >= 0; i--) after[i] = after[i + 1]! + size[candidates[i]!]!
  const found: number[][] = []
  let steps = 0
  const search = (at: number, sum: number, chosen: readonly number[]): void => {
    if (++steps > MOST_STEPS || found.length > 1 || sum > most || sum + after[at]! < least) return
    if (at === candidates.length) {
      found.push([...chosen])
      return
    }
    search(at + 1, sum + size[candidates[at]!]!, [...chosen, candidates[at]!])
    search(at + 1, sum, chosen)
  }
  search(0, 0, [])
  return steps <= MOST_STEPS && found.length === 1 ? found[0] : undefined
}
