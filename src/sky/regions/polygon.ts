// Polygons on the sphere: vertices joined by great circles, convex or not, well below a hemisphere.
import { AlmagestError } from '../../model/index.ts'
import { type Position, separation } from '../angle.ts'
import { type Area, dotSql, onVector, type Relation } from '../area.ts'
import { angleBetween, cross, dot, plus, radians, times, toVector, unit, type Vector } from '../matrix.ts'
import { checkedCentre } from '../region.ts'

/** Polygons must fit into a circle of this radius, in degrees. */
const widest = 80
/** Below this product with the middle a direction lies outside the circle. */
const lowest = Math.cos(radians(widest))

/** A vertex in the plane that touches the sphere at the polygon's middle, where great circles are straight lines. */
interface Point {
  readonly u: number
  readonly v: number
}

/**
 * A polygon from its vertices in order, in either direction; the inside is the smaller part of the sphere. Positions
 * on an edge to within rounding may fall to either side.
 *
 * @throws AlmagestError `REGION_POSITION`, `REGION_POLYGON` for less than three different vertices, edges that cross
 *   or touch, or a polygon that fits into no circle of 80 degrees
 */
export function polygon(vertices: readonly Position[]): Area {
  for (const { ra, dec } of vertices) checkedCentre(ra, dec)
  const corners = withoutRepeats(vertices).map(({ ra, dec }) => toVector(ra, dec))
  if (corners.length < 3)
    throw polygonFault(`a polygon needs three different vertices, this one has ${corners.length}`)
  const middle = middleOf(corners)
  const reach = Math.max(...corners.map((each) => angleBetween(middle, each)))
  if (reach >= radians(widest))
    throw polygonFault(
      `a polygon must fit into a circle of ${widest} degrees; this one is larger than a hemisphere, or nearly so`,
      largeHint,
    )
  const [east, north] = tangents(middle)
  const project = (vector: Vector): Point => ({
    u: dot(vector, east) / dot(vector, middle),
    v: dot(vector, north) / dot(vector, middle),
  })
  const points = corners.map(project)
  const crossing = crossingEdges(points)
  if (crossing)
    throw polygonFault(`edges ${crossing[0] + 1} and ${crossing[1] + 1} of the polygon cross or touch`)
  const edges = corners.map((from, i): Edge => edge(from, corners[(i + 1) % corners.length]!))
  const ends = [...points.slice(1), points[0]!]
  return {
    kind: 'polygon',
    cap: { centre: middle, radius: reach + 1e-12 },
    relation(centre, radius): Relation {
      if (edges.some((each) => distanceFrom(each, centre) <= radius)) return 'touches'
      const inside = dot(centre, middle) > lowest && contains(points, project(centre))
      return inside ? 'inside' : 'outside'
    },
    holds(position, next) {
      const at = (i: number) => `$${next + 9 + i}::float8[]`
      const crossings = `SELECT count(*) % 2 = 1 FROM unnest(${at(0)}, ${at(1)}, ${at(2)}, ${at(3)}) AS e(u, v, u2, v2)
        WHERE (e.v > p.v) <> (e.v2 > p.v) AND p.u < (e.u2 - e.u) * (p.v - e.v) / (e.v2 - e.v) + e.u`
      const towards = dotSql(next)
      const plane = `SELECT ${dotSql(next + 3)} / ${towards} AS u, ${dotSql(next + 6)} / ${towards} AS v OFFSET 0`
      const condition = `CASE WHEN ${towards} > ${lowest} THEN (SELECT (${crossings}) FROM (${plane}) AS p) ELSE false END`
      return {
        sql: onVector(position, condition),
        parameters: [
          ...middle,
          ...east,
          ...north,
          points.map(({ u }) => u),
          points.map(({ v }) => v),
          ends.map(({ u }) => u),
          ends.map(({ v }) => v),
        ],
      }
    },
  }
}

/** Vertices that repeat the one before (or the first, at the end) are dropped: many formats close the ring. */
function withoutRepeats(vertices: readonly Position[]): readonly Position[] {
  return vertices.filter((each, i) => separation(each, vertices.at(i - 1)!) > 0)
}

/**
 * The middle of the smallest circle about the vertices, nearly: the point that is moved towards the farthest vertex by
 * ever smaller steps (Badoiu and Clarkson 2003).
 */
function middleOf(corners: readonly Vector[]): Vector {
  let middle = corners.reduce((sum, each) => plus(sum, times(1 / corners.length, each)), [0, 0, 0] as Vector)
  for (let step = 2; step < 2000; step++) {
    const far = corners.reduce((a, b) => (distance2(a, middle) >= distance2(b, middle) ? a : b))
    middle = plus(times(1 - 1 / step, middle), times(1 / step, far))
  }
  // vertices all around the sphere have no middle; any direction will do, it is too far from some vertex
  return Math.hypot(...middle) < 1e-9 ? corners[0]! : unit(middle)
}

const distance2 = (a: Vector, b: Vector): number => {
  const d = plus(a, times(-1, b))
  return dot(d, d)
}

function tangents(middle: Vector): [Vector, Vector] {
  const other: Vector = Math.abs(middle[2]) < 0.9 ? [0, 0, 1] : [1, 0, 0]
  const east = unit(cross(other, middle))
  return [east, cross(middle, east)]
}

/** The first two edges, not neighbours, that have a point in common; or neighbours that fold back on each other. */
function crossingEdges(points: readonly Point[]): [number, number] | undefined {
  const count = points.length
  const at = (i: number) => points[i % count]!
  for (let i = 0; i < count; i++) {
    const [a, b, c] = [at(i), at(i + 1), at(i + 2)]
    if (turn(a, b, c) === 0 && (c.u - b.u) * (a.u - b.u) + (c.v - b.v) * (a.v - b.v) > 0)
      return [i, (i + 1) % count]
    for (let j = i + 2; j < count; j++) {
      if (i === 0 && j === count - 1) continue
      if (meet(at(i), at(i + 1), at(j), at(j + 1))) return [i, j]
    }
  }
  return undefined
}

const turn = (a: Point, b: Point, c: Point): number =>
  Math.sign((b.u - a.u) * (c.v - a.v) - (b.v - a.v) * (c.u - a.u))

function meet(a: Point, b: Point, c: Point, d: Point): boolean {
  const overlap = (k: 'u' | 'v') =>
    Math.max(a[k], b[k]) >= Math.min(c[k], d[k]) && Math.max(c[k], d[k]) >= Math.min(a[k], b[k])
  return (
    overlap('u') && overlap('v') && turn(a, b, c) * turn(a, b, d) <= 0 && turn(c, d, a) * turn(c, d, b) <= 0
  )
}

/** Whether a ray from the point crosses an odd number of edges. */
function contains(points: readonly Point[], { u, v }: Point): boolean {
  let inside = false
  points.forEach((a, i) => {
    const b = points[(i + 1) % points.length]!
    if (a.v > v !== b.v > v && u < ((b.u - a.u) * (v - a.v)) / (b.v - a.v) + a.u) inside = !inside
  })
  return inside
}

interface Edge {
  readonly from: Vector
  readonly to: Vector
  /** Pole of its great circle. */
  readonly pole: Vector
}

const edge = (from: Vector, to: Vector): Edge => ({ from, to, pole: unit(cross(from, to)) })

/** Distance of a direction from an edge, in radians. */
function distanceFrom({ from, to, pole }: Edge, centre: Vector): number {
  const beside = dot(cross(pole, from), centre) >= 0 && dot(cross(to, pole), centre) >= 0
  if (beside) return Math.abs(Math.asin(Math.max(-1, Math.min(1, dot(pole, centre)))))
  return Math.min(angleBetween(from, centre), angleBetween(to, centre))
}

const largeHint = 'Split it into smaller ones, or take a strip, a box or a MOC.'

function polygonFault(
  problem: string,
  hint = 'Give the vertices in order along the rim, as ra,dec pairs.',
): AlmagestError {
  return new AlmagestError('REGION_POLYGON', 'usage', problem, hint)
}
