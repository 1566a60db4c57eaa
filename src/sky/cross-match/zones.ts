// Positions in declination zones, by right ascension within each: the order in which zones are merged.
import type { Positions } from './read-positions.ts'

/** Positions of one table, sorted; `row` is the row in the order of reading. */
export interface Zoned {
  readonly rows: number
  readonly ra: Float64Array
  readonly dec: Float64Array
  readonly row: Int32Array
  /** First row of each zone, and the number of rows at the end. */
  readonly start: Int32Array
}

/** Zones of half a thousandth of a degree at the least: narrower ones would mostly be empty. */
const mostZones = 2 ** 19

/** Number of zones, each at least as high as the radius, so that matches lie in the same or the next zone. */
export function zoneCount(radius: number): number {
  return Math.max(1, Math.min(mostZones, Math.floor(180 / (radius * (1 + 1e-9)))))
}

/** Zone of a declination. */
export function zoneOf(dec: number, zones: number): number {
  return Math.min(zones - 1, Math.floor(((dec + 90) / 180) * zones))
}

/**
 * Sorts by three stable counting sorts (right ascension to 0.08 arc seconds in two steps, then the zone) and
 * one insertion pass for what is closer: linear time whatever the distribution on the sky.
 */
export function sortIntoZones({ rows, ra, dec }: Positions, zones: number): Zoned {
  const fine = new Int32Array(rows)
  const zone = new Int32Array(rows)
  const scale = 2 ** 24 / 360
  for (let i = 0; i < rows; i++) {
    fine[i] = ra[i]! * scale
    zone[i] = zoneOf(dec[i]!, zones)
  }
  let order = countingSort(rows, undefined, (i) => fine[i]! & 0xfff, 4096).order
  order = countingSort(rows, order, (i) => (fine[i]! >> 12) & 0xfff, 4096).order
  const { order: row, start } = countingSort(rows, order, (i) => zone[i]!, zones)
  const sorted = { rows, ra: new Float64Array(rows), dec: new Float64Array(rows), row, start }
  for (let i = 0; i < rows; i++) {
    sorted.ra[i] = ra[row[i]!]!
    sorted.dec[i] = dec[row[i]!]!
  }
  insertionSort(sorted)
  return sorted
}

function countingSort(
  rows: number,
  order: Int32Array | undefined,
  bucket: (row: number) => number,
  buckets: number,
): { order: Int32Array; start: Int32Array } {
  const start = new Int32Array(buckets + 1)
  for (let i = 0; i < rows; i++) start[bucket(i) + 1]!++
  for (let b = 0; b < buckets; b++) start[b + 1]! += start[b]!
  const next = start.slice(0, buckets)
  const sorted = new Int32Array(rows)
  for (let i = 0; i < rows; i++) {
    const row = order ? order[i]! : i
    sorted[next[bucket(row)]!++] = row
  }
  return { order: sorted, start }
}

/** Rows of one zone within 0.08 arc seconds may still be out of order. */
function insertionSort({ ra, dec, row, start }: Zoned): void {
  for (let z = 0; z + 1 < start.length; z++) {
    for (let i = start[z]! + 1; i < start[z + 1]!; i++) {
      const [r, d, o] = [ra[i]!, dec[i]!, row[i]!]
      let j = i
      for (; j > start[z]! && ra[j - 1]! > r; j--) {
        ra[j] = ra[j - 1]!
        dec[j] = dec[j - 1]!
        row[j] = row[j - 1]!
      }
      ra[j] = r
      dec[j] = d
      row[j] = o
    }
  }
}
