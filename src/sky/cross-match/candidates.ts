// The rows of b near one row of a: collected, and sorted by how near they are.

/** Separation in degrees. */
export const degreesOf = (haversine: number): number =>
  (2 * Math.asin(Math.min(1, Math.sqrt(haversine)))) / (Math.PI / 180)

/** The arrays are used again for the next row of a. */
export class Candidates {
  count = 0
  row = new Int32Array(64)
  /** Haversine of the separation: sin squared of its half. */
  haversine = new Float64Array(64)
  /** Square of the separation over its error, where positions have errors. */
  deviation = new Float64Array(64)

  add(row: number, haversine: number, deviation: number): void {
    if (this.count === this.row.length) this.#grow()
    this.row[this.count] = row
    this.haversine[this.count] = haversine
    this.deviation[this.count++] = deviation
  }

  /** Sorts by deviation, then by separation, equal ones by `before`, which compares rows. */
  sort(before: (x: number, y: number) => number): void {
    if (this.count < 2) return
    const { row, haversine, deviation } = this
    const order = Array.from({ length: this.count }, (_, i) => i).sort(
      (i, j) => deviation[i]! - deviation[j]! || haversine[i]! - haversine[j]! || before(row[i]!, row[j]!),
    )
    const sorted = {
      row: row.slice(0, this.count),
      haversine: haversine.slice(0, this.count),
      deviation: deviation.slice(0, this.count),
    }
    for (const [to, from] of order.entries()) {
      row[to] = sorted.row[from]!
      haversine[to] = sorted.haversine[from]!
      deviation[to] = sorted.deviation[from]!
    }
  }

  /** Puts the nearest first, and leaves the others as they are. */
  nearestFirst(before: (x: number, y: number) => number): void {
    const { row, haversine, deviation } = this
    let best = 0
    for (let i = 1; i < this.count; i++) {
      const order =
        deviation[i]! - deviation[best]! || haversine[i]! - haversine[best]! || before(row[i]!, row[best]!)
      if (order < 0) best = i
    }
    for (const values of [row, haversine, deviation]) {
      const first = values[0]!
      values[0] = values[best]!
      values[best] = first
    }
  }

  #grow(): void {
    const [row, haversine, deviation] = [this.row, this.haversine, this.deviation]
    this.row = new Int32Array(this.count * 2)
    this.haversine = new Float64Array(this.count * 2)
    this.deviation = new Float64Array(this.count * 2)
    this.row.set(row)
    this.haversine.set(haversine)
    this.deviation.set(deviation)
  }
}
