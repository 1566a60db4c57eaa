// The interval of values that a column may hold, each end open, closed or absent.

/** `from`/`to` include the end, `above`/`below` exclude it; at most one of each side. In the column's unit. */
export interface Range {
  readonly from?: number
  readonly above?: number
  readonly to?: number
  readonly below?: number
}

/** True when `value` lies in the range; NaN lies in none. */
export function inRange(range: Range, value: number): boolean {
  if (range.from !== undefined && !(value >= range.from)) return false
  if (range.above !== undefined && !(value > range.above)) return false
  if (range.to !== undefined && !(value <= range.to)) return false
  if (range.below !== undefined && !(value < range.below)) return false
  return !Number.isNaN(value)
}

/** The range in interval notation, e.g. `[0, 360)` or `(-inf, 90]`. */
export function showRange(range: Range): string {
  const low = range.from !== undefined ? `[${range.from}` : `(${range.above ?? '-inf'}`
  const high = range.to !== undefined ? `${range.to}]` : `${range.below ?? 'inf'})`
  return `${low}, ${high}`
}
