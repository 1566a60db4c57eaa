// The match itself: two sorted tables merged zone by zone, exact separations, candidates of each row of a.
import { compareKeys } from './keys.ts'
import type { Band, Positions } from './read-positions.ts'
import { sortIntoZones, type Zoned, zoneCount } from './zones.ts'

const RADIANS = Math.PI / 180

const rowsBetweenYields = 8192

/** Called for each row of a, in the order of the zones, with its candidates, nearest first. */
export type Receive = (aRow: number, candidates: Candidates) => void

/** Rows of b closer than the radius; the arrays are used again for the next row. */
export class Candidates {
  count = 0
  row = new Int32Array(64)
  /** Haversine of the separation: sin squared of its half. */
  haversine = new Float64Array(64)

  add(row: number, haversine: number): void {
    if (this.count === this.row.length) this.#grow()
    this.row[this.count] = row
    this.haversine[this.count++] = haversine
  }

  /** Sorts by separation, equal ones by `before`, which compares rows. */
  sort(before: (x: number, y: number) => number): void {
    if (this.count < 2) return
    const order = Array.from({ length: this.count }, (_, i) => i).sort(
      (i, j) => this.haversine[i]! - this.haversine[j]! || before(this.row[i]!, this.row[j]!),
    )
    const [rows, haversines] = [order.map((i) => this.row[i]!), order.map((i) => this.haversine[i]!)]
    this.row.set(rows)
    this.haversine.set(haversines)
  }

  #grow(): void {
    const [row, haversine] = [new Int32Array(this.count * 2), new Float64Array(this.count * 2)]
    row.set(this.row)
    haversine.set(this.haversine)
    this.row = row
    this.haversine = haversine
  }
}

/** Separation in degrees. */
export const degreesOf = (haversine: number): number =>
  (2 * Math.asin(Math.min(1, Math.sqrt(haversine)))) / RADIANS

/**
 * Finds, for each row of a, the rows of b closer than the radius.
 *
 * The separation is the haversine formula (Sinnott 1984, Sky & Telescope 68, 159), exact to rounding for
 * small distances and the one that Q3C uses.
 *
 * @param radius  degrees; rows of a with their own radius use that
 * @param own  declinations of the rows of a to report; default: all
 * @yields after some thousand rows of a, so that what was received can be passed on meanwhile
 */
export function* matchZones(
  a: Positions,
  b: Positions,
  radius: number,
  self: boolean,
  receive: Receive,
  own?: Band,
): Generator<void> {
  const zones = zoneCount(largestRadius(a, radius))
  const left = sortIntoZones(a, zones)
  const right = a === b ? left : sortIntoZones(b, zones)
  const isSelf = (i: number, j: number) => compareKeys(a.keys, i, b.keys, j) === 0
  const merge = new ZoneMerge(left, right, a.radius, largestRadius(a, radius), self ? isSelf : undefined)
  const byKey = (x: number, y: number) => compareKeys(b.keys, x, b.keys, y)
  let next = rowsBetweenYields
  for (let zone = 0; zone < zones; zone++) {
    if (left.start[zone] === left.start[zone + 1]) continue
    merge.enter(zone, zones)
    if (left.start[zone]! >= next) {
      yield
      next = left.start[zone]! + rowsBetweenYields
    }
    for (let i = left.start[zone]!; i < left.start[zone + 1]!; i++) {
      if (own && !(left.dec[i]! >= own.low && left.dec[i]! < own.high)) continue
      const candidates = merge.candidatesOf(i)
      candidates.sort(byKey)
      receive(left.row[i]!, candidates)
    }
  }
}

/** Largest radius of any row, in degrees, 180 at the most. */
export function largestRadius({ radius, rows }: Positions, common: number): number {
  if (!radius) return common
  let largest = 0
  for (let i = 0; i < rows; i++) if (radius[i]! > largest) largest = radius[i]!
  return Math.min(180, largest)
}

/** Three zones of b beside one of a, each with a pointer that moves along as right ascension grows. */
class ZoneMerge {
  readonly #candidates = new Candidates()
  readonly #from = new Int32Array(3)
  readonly #first = new Int32Array(3)
  readonly #end = new Int32Array(3)
  /** Half-width of the window in right ascension; 360 for all of it. */
  #window = 0

  constructor(
    readonly a: Zoned,
    readonly b: Zoned,
    readonly radii: Float64Array | undefined,
    /** The radius of all rows, or the largest. */
    readonly radius: number,
    readonly isSelf: ((aRow: number, bRow: number) => boolean) | undefined,
  ) {}

  enter(zone: number, zones: number): void {
    for (let k = 0; k < 3; k++) {
      const other = zone + k - 1
      const inside = other >= 0 && other < zones
      this.#first[k] = inside ? this.b.start[other]! : 0
      this.#end[k] = inside ? this.b.start[other + 1]! : 0
      this.#from[k] = this.#first[k]!
    }
    const height = 180 / zones
    const low = zone * height - 90
    this.#window = windowOf(Math.max(Math.abs(low), Math.abs(low + height)) + 1e-12, this.radius)
  }

  candidatesOf(i: number): Candidates {
    const found = this.#candidates
    found.count = 0
    const radius = this.radii ? Math.min(180, this.radii[this.a.row[i]!]!) : this.radius
    if (!(radius > 0)) return found
    const { ra: bRa } = this.b
    const [ra, window] = [this.a.ra[i]!, this.#window]
    const limit = Math.sin((radius * RADIANS) / 2) ** 2
    for (let k = 0; k < 3; k++) {
      const [first, end] = [this.#first[k]!, this.#end[k]!]
      if (first === end) continue
      let from = this.#from[k]!
      while (from < end && bRa[from]! < ra - window) from++
      this.#from[k] = from
      let j = from
      for (; j < end && bRa[j]! <= ra + window; j++) this.#test(i, j, radius, limit)
      if (window === 360) continue
      // The window's part on the other side of right ascension 0.
      if (ra - window < 0) {
        for (let w = end - 1; w >= j && bRa[w]! >= ra - window + 360; w--) this.#test(i, w, radius, limit)
      }
      if (ra + window >= 360) {
        for (let w = first; w < from && bRa[w]! <= ra + window - 360; w++) this.#test(i, w, radius, limit)
      }
    }
    return found
  }

  #test(i: number, j: number, radius: number, limit: number): void {
    const { a, b } = this
    const difference = b.dec[j]! - a.dec[i]!
    // A thousandth of a pixel of Q3C more than the radius: the haversine decides.
    if (Math.abs(difference) > radius + 1e-10) return
    const up = Math.sin((difference * RADIANS) / 2)
    const along = Math.sin(((b.ra[j]! - a.ra[i]!) * RADIANS) / 2)
    const haversine = up * up + Math.cos(a.dec[i]! * RADIANS) * Math.cos(b.dec[j]! * RADIANS) * along * along
    if (!(haversine < limit)) return
    if (this.isSelf?.(a.row[i]!, b.row[j]!)) return
    this.#candidates.add(b.row[j]!, haversine)
  }
}

/**
 * Half-width in right ascension of a cone whose centre lies at most `dec` from the equator: its sine is
 * sin(radius) / cos(dec), and 360 stands for all where the cone may reach a pole.
 */
function windowOf(dec: number, radius: number): number {
  if (dec + radius >= 90) return 360
  const sine = Math.sin(radius * RADIANS) / Math.cos(dec * RADIANS)
  return (Math.asin(Math.min(1, sine)) / RADIANS) * (1 + 1e-9) + 1e-10
}
