// A cone as ranges of Q3C pixel numbers: what q3c_cone_ranges does on the server, for queries that we write.
//
// The C extension 2.0.0 loses rows in cones about the corners of its cube and in those of a nano-degree.
// Ranges from here make a cone exact on every server that has q3c_ang2ipix, and plan it faster too.
import { joinRanges, type PixelRange } from './cover.ts'
import type { Vector } from './matrix.ts'
import type { Cone } from './region.ts'

const QUARTER = Math.PI / 4
/** Radians added to the radius: ten times the rounding of a distance, far less than a pixel's 2e-9. */
const MARGIN = 1e-14

interface FaceBox {
  face: number
  centre: Vector
  x: readonly [number, number]
  y: readonly [number, number]
}

/**
 * Ranges that together hold the pixel of every position within a cone, in ascending order; they hold up to
 * twice as many others, so test the distance as well.
 */
export function coneRanges({ ra, dec, radius }: Cone): PixelRange[] {
  if (radius >= 90) return [[0n, 6n << 60n]]
  const r = (radius * Math.PI) / 180 + MARGIN
  const boxes = [0, 1, 2, 3, 4, 5].flatMap((face) => faceBox(face, inFrame(face, ra, dec), r))
  const widest = Math.max(...boxes.flatMap(({ x, y }) => [x[1] - x[0], y[1] - y[0]]))
  // Four to eight pixels across the box; below an arc minute one to two are enough.
  const across = r < 3e-4 ? 2 : 8
  const finest = Math.max(0, Math.min(28, Math.floor(Math.log2((2 * across) / widest))))
  return joinRanges(boxes.flatMap((box) => [...walk(box, r, finest)]))
}

/** The centre as a unit vector (u, v, w) in a face's frame: w towards the middle of the face, u along columns, v along rows. */
function inFrame(face: number, ra: number, dec: number): Vector {
  const [a, d] = [((ra % 360) * Math.PI) / 180, (dec * Math.PI) / 180]
  const [x, y, z] = [Math.cos(a) * Math.cos(d), Math.sin(a) * Math.cos(d), Math.sin(d)]
  const frames: Vector[] = [
    [y, -x, z],
    [y, z, x],
    [-x, z, y],
    [-y, z, -x],
    [x, z, -y],
    [y, x, -z],
  ]
  return frames[face]!
}

function faceBox(face: number, centre: Vector, r: number): FaceBox[] {
  const [u, v, w] = centre
  const x = extent(u, w, r)
  const y = extent(v, w, r)
  return x && y ? [{ face, centre, x, y }] : []
}

/**
 * Columns (or rows) of a face that a cone spans, -1 to 1, or nothing. About the face's other axis the cone
 * spans longitudes middle +- half with sin(half) = sin(r) / distance from that axis; columns are their tangents.
 */
function extent(along: number, towards: number, r: number): [number, number] | undefined {
  const fromAxis = Math.hypot(along, towards)
  if (fromAxis <= Math.sin(r)) return [-1, 1]
  const middle = Math.atan2(along, towards)
  const angle = Math.asin(Math.sin(r) / fromAxis)
  const half = angle + (angle > 1 ? 1e-7 : MARGIN)
  if (Math.abs(middle) - half > QUARTER) return undefined
  return [
    middle - half <= -QUARTER ? -1 : Math.tan(middle - half),
    middle + half >= QUARTER ? 1 : Math.tan(middle + half),
  ]
}

/** Squares of the finest level that the cone may touch, in the order of their numbers. */
function* walk(
  box: FaceBox,
  r: number,
  finest: number,
  level = 0,
  node = 0n,
  col = 0,
  row = 0,
): Generator<PixelRange> {
  const side = 2 / 2 ** level
  const x = col * side - 1
  const y = row * side - 1
  if (x > box.x[1] || x + side < box.x[0] || y > box.y[1] || y + side < box.y[0]) return
  if (level >= finest - 2 && !touches(box.centre, x + side / 2, y + side / 2, side, r)) return
  if (level < finest) {
    for (let child = 0; child < 4; child++) {
      const next = [4n * node + BigInt(child), 2 * col + (child & 1), 2 * row + (child >> 1)] as const
      yield* walk(box, r, finest, level + 1, ...next)
    }
    return
  }
  const bits = BigInt(60 - 2 * level)
  const first = (BigInt(box.face) << 60n) + (node << bits)
  yield [first, first + (1n << bits)]
}

/** Whether a square about (x, y) may hold a point of the cone: its middle within radius plus half diagonal. */
function touches([u, v, w]: Vector, x: number, y: number, side: number, r: number): boolean {
  const s = Math.hypot(1, x, y)
  const diagonal = side * Math.SQRT1_2
  const reach = r + diagonal / Math.max(1, s - diagonal)
  const chord = Math.hypot(x / s - u, y / s - v, 1 / s - w)
  return reach >= 3.14 || chord <= 2 * Math.sin(reach / 2)
}
