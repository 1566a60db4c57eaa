// The positions of one table in cells of the sphere, so that those near a place are found without a search.
import type { Positions } from './read-positions.ts'

const radians = Math.PI / 180

/** Zones of about five arc seconds at the least: the tables of zones stay small. */
const mostZones = 2 ** 17

/** Rows that a row may meet in its own cell, on average: above, the cells are made smaller. */
const mostMet = 8

/**
 * Cells: zones of declination, divided in right ascension into squares. Where there are more cells than rows their
 * numbers are hashed, by their last bits, so that neighbours stay neighbours; one counting sort puts the rows there.
 * Cells are as large as the density allows, however the rows lie, but not smaller than the radius: building takes
 * linear time, and what a look-up meets is near, but for the few rows that share a cell.
 */
export class SkyGrid {
  #scale = 0
  /** Cells of each zone, cells in a degree of right ascension there, and number of the first one. */
  cells = new Int32Array(0)
  density = new Float64Array(0)
  first = new Float64Array(0)
  /** Half-width in right ascension within which a cone lies whose centre is in the zone; 360 stands for all. */
  window = new Float64Array(0)
  /** Places of cells: a power of two. */
  #places = 0
  /** Whether cells share places. */
  hashed = false
  /** Where the rows of each place begin, and the number of rows at the end. */
  start = new Int32Array(0)
  /** Positions by cell, and their rows in the order of reading. */
  readonly ra: Float64Array
  readonly dec: Float64Array
  readonly row: Int32Array

  /** @param reach  the largest radius of any look-up, in degrees */
  constructor({ rows, ra, dec }: Positions, reach: number) {
    this.ra = new Float64Array(rows)
    this.dec = new Float64Array(rows)
    this.row = new Int32Array(rows)
    const place = new Int32Array(rows)
    // A row to a cell, if they cover the sphere evenly.
    let size = Math.max(reach, Math.sqrt(360 ** 2 / Math.PI / Math.max(1, rows)))
    while (true) {
      this.#divide(size, reach, rows)
      const met = this.#count(rows, ra, dec, place)
      if (met <= mostMet || size <= reach || this.cells.length >= mostZones) break
      size = Math.max(reach, size / 4)
    }
    this.#sort(rows, ra, dec, place)
  }

  zoneOf(dec: number): number {
    const zone = Math.floor((dec + 90) * this.#scale)
    const last = this.cells.length - 1
    return zone < 0 ? 0 : zone > last ? last : zone
  }

  cellOf(zone: number, ra: number): number {
    return Math.min(this.cells[zone]! - 1, Math.floor(ra * this.density[zone]!))
  }

  /** Where a cell's rows are kept: in `start`. */
  placeOf(zone: number, cell: number): number {
    const number = this.first[zone]! + cell
    return this.hashed ? number - Math.floor(number / this.#places) * this.#places : number
  }

  #divide(size: number, reach: number, rows: number): void {
    const zones = Math.max(1, Math.min(mostZones, Math.floor(180 / size)))
    this.#scale = zones / 180
    this.cells = new Int32Array(zones)
    this.density = new Float64Array(zones)
    this.first = new Float64Array(zones)
    this.window = new Float64Array(zones)
    const height = 180 / zones
    let total = 0
    for (let zone = 0; zone < zones; zone++) {
      const low = zone * height - 90
      const cells = Math.max(1, Math.floor((360 / height) * Math.cos((low + height / 2) * radians)))
      this.cells[zone] = cells
      this.density[zone] = cells / 360
      this.first[zone] = total
      this.window[zone] = windowOf(Math.max(Math.abs(low), Math.abs(low + height)) + 1e-12, reach)
      total += cells
    }
    this.hashed = total > 2 * rows
    this.#places = this.hashed ? 2 ** Math.ceil(Math.log2(rows + 2)) : total
  }

  /** @returns rows that a row meets in its place, on average */
  #count(rows: number, ra: Float64Array, dec: Float64Array, place: Int32Array): number {
    const start = new Int32Array(this.#places + 1)
    this.start = start
    for (let i = 0; i < rows; i++) {
      const zone = this.zoneOf(dec[i]!)
      const at = this.placeOf(zone, this.cellOf(zone, ra[i]!))
      place[i] = at
      start[at + 1]!++
    }
    let met = 0
    for (let at = 1; at < start.length; at++) met += start[at]! * start[at]!
    return met / Math.max(1, rows)
  }

  #sort(rows: number, ra: Float64Array, dec: Float64Array, place: Int32Array): void {
    const { start } = this
    for (let at = 1; at < start.length; at++) start[at]! += start[at - 1]!
    // The starts move on as places fill, and each ends where the next one began.
    for (let i = 0; i < rows; i++) {
      const at = place[i]!
      const to = start[at]!
      start[at] = to + 1
      this.ra[to] = ra[i]!
      this.dec[to] = dec[i]!
      this.row[to] = i
    }
    start.copyWithin(1, 0)
    start[0] = 0
  }
}

/**
 * Half-width in right ascension of a cone whose centre lies at most `dec` from the equator: its sine is
 * sin(radius) / cos(dec), and 360 stands for all where the cone may reach a pole.
 */
function windowOf(dec: number, radius: number): number {
  if (dec + radius >= 90) return 360
  const sine = Math.sin(radius * radians) / Math.cos(dec * radians)
  return (Math.asin(Math.min(1, sine)) / radians) * (1 + 1e-9) + 1e-10
}
