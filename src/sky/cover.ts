// Any region as ranges of pixel numbers: from the coarsest pixels down, as fine as a bounded number allows.
import type { Area } from './area.ts'
import type { Vector } from './matrix.ts'
import type { PositionSql, Predicate } from './predicate.ts'

/** First pixel number of a range, and the one after its last. */
export type PixelRange = readonly [first: bigint, end: bigint]

/** A pixel of some level, all of whose positions lie within `reach` (radians) of its middle. */
export interface PixelNode {
  readonly middle: Vector
  readonly reach: number
  readonly range: PixelRange
  children(): readonly PixelNode[]
}

/** Ranges that a query may have: more make its conditions dearer than the rows that they save. */
const mostPixels = 96
/** Radians added to every reach: a hundred times the rounding of a distance. */
const margin = 1e-13

/**
 * Ranges that together hold the pixel of every position of a region, in ascending order; they hold others as well, so
 * test the position too.
 * @param roots  the coarsest pixels
 */
export function cover(roots: readonly PixelNode[], area: Pick<Area, 'relation'>): PixelRange[] {
  return joinRanges(coverNodes(roots, area).map(({ range }) => range))
}

/** The same as pixels of several levels. */
export function coverNodes(roots: readonly PixelNode[], area: Pick<Area, 'relation'>): PixelNode[] {
  const whole: PixelNode[] = []
  let touching: readonly PixelNode[] = roots
  while (touching.length > 0) {
    const inside: PixelNode[] = []
    const next: PixelNode[] = []
    const children = touching.flatMap((each) => each.children())
    if (children.length === 0) break
    for (const child of children) {
      const relation = area.relation(child.middle, child.reach + margin)
      if (relation === 'inside') inside.push(child)
      if (relation === 'touches') next.push(child)
    }
    if (whole.length + inside.length + next.length > mostPixels) break
    whole.push(...inside)
    touching = next
  }
  return [...whole, ...touching]
}

/** Ranges in ascending order, those that meet or overlap made one. */
export function joinRanges(ranges: readonly PixelRange[]): PixelRange[] {
  const joined: [bigint, bigint][] = []
  for (const [first, end] of [...ranges].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))) {
    const last = joined.at(-1)
    if (last && first <= last[1]) last[1] = end > last[1] ? end : last[1]
    else joined.push([first, end])
  }
  return joined
}

/** The condition that a pixel number lies in one of the ranges; false where there are none. */
export function inRanges(pixel: string, ranges: readonly PixelRange[], next: number): Predicate {
  const parts = ranges.map((_, i) => {
    const first = next + 2 * i
    return `(${pixel} >= $${first}::int8 AND ${pixel} < $${first + 1}::int8)`
  })
  return { sql: parts.length ? `(${parts.join(' OR ')})` : 'false', parameters: ranges.flat() }
}

/** The condition that a position lies in a region: the ranges for the index, then the exact test. */
export function areaPredicate(
  pixel: string,
  ranges: readonly PixelRange[],
  area: Area,
  position: PositionSql,
  next: number,
): Predicate {
  const coarse = inRanges(pixel, ranges, next)
  const exact = area.holds(position, next + coarse.parameters.length)
  return {
    sql: `(${coarse.sql} AND ${exact.sql})`,
    parameters: [...coarse.parameters, ...exact.parameters],
  }
}
