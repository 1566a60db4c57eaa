// Which rows of b are near each row of a: look-ups in the grid of b, exact separations, errors where there are some.
import { Candidates } from './candidates.ts'
import { compareKeys } from './keys.ts'
import { deviationOf } from './position-errors.ts'
import type { Band, Positions } from './read-positions.ts'
import { SkyGrid } from './sky-grid.ts'

const radian = Math.PI / 180
const halfRadian = Math.PI / 360
/** A thousandth of a pixel of Q3C: more than rounding makes. */
const slack = 1e-10

/** Called for each row of a with its candidates, the nearest first. */
export type Receive = (aRow: number, candidates: Candidates) => void

export interface NearOptions {
  /** Degrees; rows of a with their own radius use that. */
  readonly radius: number
  /** Largest deviation, in units of the combined error, where positions have errors. */
  readonly deviation: number
  /** Whether all candidates come in order, not only the nearest first. */
  readonly ordered: boolean
  /** A row is not near itself. */
  readonly self: boolean
}

/**
 * Finds the rows of b closer than the radius.
 *
 * The separation is the haversine formula (Sinnott 1984, Sky & Telescope 68, 159), exact to rounding for
 * small distances and the one that Q3C uses.
 */
export class NearRows {
  readonly #grid: SkyGrid
  readonly #candidates = new Candidates()

  /** @param reach  the largest radius of any row of a */
  constructor(
    readonly b: Positions,
    readonly options: NearOptions,
    reach: number,
  ) {
    this.#grid = new SkyGrid(b, reach)
  }

  /**
   * Looks up rows `from` to `to` of a.
   * @param own  declinations of the rows of a to report; default: all
   */
  find(a: Positions, from: number, to: number, receive: Receive, own?: Band): void {
    const found = this.#candidates
    const { b } = this
    const before = (x: number, y: number) => compareKeys(b.keys, x, b.keys, y)
    let radius = this.options.radius
    let limit = limitOf(radius)
    for (let i = from; i < to; i++) {
      if (own && !(a.dec[i]! >= own.low && a.dec[i]! < own.high)) continue
      found.count = 0
      if (a.radius) {
        radius = Math.min(180, a.radius[i]!)
        limit = limitOf(radius)
      }
      if (radius > 0) this.#collect(a, i, radius, limit)
      if (found.count > 1) {
        if (this.options.ordered) found.sort(before)
        else found.nearestFirst(before)
      }
      receive(i, found)
    }
  }

  #collect(a: Positions, i: number, radius: number, limit: number): void {
    const grid = this.#grid
    const { start } = grid
    const ra = a.ra[i]!
    const dec = a.dec[i]!
    const window = grid.window[grid.zoneOf(dec)]!
    const last = grid.zoneOf(dec + radius + slack)
    for (let zone = grid.zoneOf(dec - radius - slack); zone <= last; zone++) {
      const cells = grid.cells[zone]!
      const density = grid.density[zone]!
      let first = Math.floor((ra - window) * density)
      let end = Math.floor((ra + window) * density)
      if (window === 360 || end - first >= cells) {
        first = 0
        end = cells - 1
      }
      for (let each = first; each <= end; each++) {
        const cell = each < 0 ? each + cells : each >= cells ? each - cells : each
        const place = grid.placeOf(zone, cell)
        const stop = start[place + 1]!
        for (let j = start[place]!; j < stop; j++) {
          const difference = grid.dec[j]! - dec
          // The haversine decides.
          if (difference > radius + slack || difference < -radius - slack) continue
          const along = Math.sin((grid.ra[j]! - ra) * halfRadian)
          const up = Math.sin(difference * halfRadian)
          const haversine = up * up + Math.cos(dec * radian) * Math.cos(grid.dec[j]! * radian) * along * along
          if (haversine < limit) this.#add(a, i, j, haversine, zone, cell)
        }
      }
    }
  }

  #add(a: Positions, i: number, j: number, haversine: number, zone: number, cell: number): void {
    const grid = this.#grid
    const { b, options } = this
    const ra = grid.ra[j]!
    const dec = grid.dec[j]!
    // A row of another cell that shares the place is met there.
    if (grid.hashed && (grid.zoneOf(dec) !== zone || grid.cellOf(zone, ra) !== cell)) return
    const row = grid.row[j]!
    if (options.self && compareKeys(a.keys, i, b.keys, row) === 0) return
    const deviation = a.errors
      ? deviationOf(
          { position: { ra: a.ra[i]!, dec: a.dec[i]! }, errors: a.errors, row: i },
          { position: { ra, dec }, errors: b.errors!, row },
          haversine,
        )
      : 0
    if (!a.errors || deviation < options.deviation ** 2) this.#candidates.add(row, haversine, deviation)
  }
}

/** The haversine of a radius in degrees. */
const limitOf = (radius: number): number => Math.sin(radius * halfRadian) ** 2
