// Multi-order coverage maps (MOC 2.0, IVOA): regions as HEALPix pixels, from ASCII text.
import { AlmagestError } from '../../model/index.ts'
import type { Area } from '../area.ts'
import { joinRanges, type PixelNode, type PixelRange } from '../cover.ts'
import { healpixFaces } from '../healpix/nodes.ts'
import { finestOrder } from '../healpix/pixel.ts'
import { angleBetween, type Vector } from '../matrix.ts'

/** The last number of order 29 and one more. */
const everything = 12n << 58n

/**
 * A coverage map from ranges of HEALPix numbers of order 29 (nested, ICRS); a position is in it when its pixel is.
 * @throws AlmagestError `MOC_RANGE` for a range that is empty or off the sphere
 */
export function moc(ranges: readonly PixelRange[]): Area {
  for (const [first, end] of ranges) {
    if (first < 0n || end > everything || first >= end)
      throw mocFault(
        'MOC_RANGE',
        `the range ${first} to ${end} is no range of pixels of order ${finestOrder}`,
      )
  }
  const held = joinRanges(ranges)
  const others = complement(held)
  return {
    kind: 'moc',
    cap: { centre: [0, 0, 1], radius: Math.PI },
    relation(centre, radius) {
      if (!mayTouch(held, centre, radius)) return 'outside'
      return mayTouch(others, centre, radius) ? 'touches' : 'inside'
    },
    holds: ({ ra, dec }, next) => ({
      sql: `(coalesce((SELECT pixel < ($${next + 1}::int8[])[width_bucket(pixel, $${next}::int8[])]
        FROM (SELECT public.healpix_nest(${finestOrder}, ${ra}, ${dec}) AS pixel OFFSET 0) AS p), false))`,
      parameters: [held.map(([first]) => first), held.map(([, end]) => end)],
    }),
  }
}

/** Cells of a coverage map as ranges of order 29. */
export function cellRange(order: number, first: bigint, last = first): PixelRange {
  const bits = BigInt(2 * (finestOrder - order))
  if (first < 0n || last < first || last >= 12n << BigInt(2 * order))
    throw mocFault('MOC_RANGE', `cells ${first} to ${last} are none of order ${order}`)
  return [first << bits, (last + 1n) << bits]
}

/**
 * A coverage map from its ASCII form: `3/3,10-12 5/16`; an order without cells (`29/`) states the resolution only.
 * @throws AlmagestError `MOC_SYNTAX` for another text, `MOC_RANGE` for cells that an order does not have
 */
export function parseMoc(text: string): Area {
  const words = text
    .trim()
    .replace(/^s(?=\d)/, '')
    .split(/[\s,]+/)
  const ranges: PixelRange[] = []
  let order: number | undefined
  for (const word of words) {
    const match = /^(?:(\d{1,2})\/)?(?:(\d+)(?:-(\d+))?)?$/.exec(word)
    if (match?.[1] !== undefined) order = Number(match[1])
    if (!match || word === '' || order === undefined || order > finestOrder)
      throw mocFault('MOC_SYNTAX', `"${word}" is no part of a coverage map`)
    if (match[2] !== undefined) ranges.push(cellRange(order, BigInt(match[2]), BigInt(match[3] ?? match[2])))
  }
  return moc(ranges)
}

/** Whether a cap may touch one of the ranges; where it takes pixels smaller than the cap to know, it may. */
function mayTouch(ranges: readonly PixelRange[], centre: Vector, radius: number): boolean {
  const touches = (node: PixelNode): boolean => {
    const [first, end] = node.range
    const at = firstEndingAfter(ranges, first)
    const range = ranges[at]
    if (!range || range[0] >= end) return false
    if (angleBetween(node.middle, centre) > node.reach + radius) return false
    if ((range[0] <= first && range[1] >= end) || node.reach < radius / 4) return true
    const children = node.children()
    return children.length === 0 || children.some(touches)
  }
  return healpixFaces.some(touches)
}

/** Index of the first range that ends after a number, by bisection. */
function firstEndingAfter(ranges: readonly PixelRange[], number: bigint): number {
  let [low, high] = [0, ranges.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if (ranges[middle]![1] > number) high = middle
    else low = middle + 1
  }
  return low
}

function complement(ranges: readonly PixelRange[]): PixelRange[] {
  const ends = [0n, ...ranges.map(([, end]) => end)]
  const firsts = [...ranges.map(([first]) => first), everything]
  return ends.flatMap((end, i): PixelRange[] => (end < firsts[i]! ? [[end, firsts[i]!]] : []))
}

/** The fault of a coverage map. */
export function mocFault(code: 'MOC_RANGE' | 'MOC_SYNTAX', problem: string): AlmagestError {
  const hint = 'A MOC is written as order/cells: "3/3,10-12 5/16", nested HEALPix in ICRS.'
  return code === 'MOC_RANGE'
    ? new AlmagestError('MOC_RANGE', 'data', problem, hint)
    : new AlmagestError('MOC_SYNTAX', 'usage', problem, hint)
}

/** The cell of a UNIQ number, 4 * 4^order + pixel. @throws AlmagestError `MOC_RANGE` */
export function uniqRange(uniq: bigint): PixelRange {
  const order = Math.floor((uniq.toString(2).length - 3) / 2)
  if (uniq < 4n || order > finestOrder) throw mocFault('MOC_RANGE', `${uniq} is no UNIQ number`)
  return cellRange(order, uniq - (4n << BigInt(2 * order)))
}
