// Sets of bytes as ranges: what of a file has arrived, and what is missing.

/** Bytes `from` up to, not including, `to`. */
export type Range = readonly [from: number, to: number]

/** The set with another range in it: sorted, and joined where ranges touch. */
export function withRange(ranges: readonly Range[], [from, to]: Range): Range[] {
  const before = ranges.filter((each) => each[1] < from)
  const after = ranges.filter((each) => each[0] > to)
  const touched = ranges.slice(before.length, ranges.length - after.length)
  const start = Math.min(from, ...touched.map((each) => each[0]))
  const end = Math.max(to, ...touched.map((each) => each[1]))
  return [...before, [start, end], ...after]
}

/** What of the first `total` bytes is not in the set, in pieces of at most `most` bytes. */
export function missingPieces(ranges: readonly Range[], total: number, most: number): Range[] {
  const pieces: Range[] = []
  let at = 0
  for (const [from, to] of [...ranges, [total, total] as const]) {
    for (; at < from; at = Math.min(at + most, from)) pieces.push([at, Math.min(at + most, from)])
    at = Math.max(at, to)
  }
  return pieces
}

/** Bytes in the set. */
export function sizeOf(ranges: readonly Range[]): number {
  return ranges.reduce((sum, [from, to]) => sum + to - from, 0)
}
