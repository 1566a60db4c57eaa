// The nearest of many arcs on the sphere: cells of the sky, each with the arcs that can be nearest to a point of it.
import type { Arc } from './mask-border.ts'

/** Halvings of each face of the cube: cells of 2.8 degrees. */
const LEVELS = 5
/** Numbers of an arc: both ends, the normal of its circle, and the normals that bound it at either end. */
const ARC = 15

export interface NearestArc {
  /** Number of arcs. */
  readonly size: number
  /**
   * Length of the chord from a unit vector to the nearest point of an arc: 2 sin(angle / 2); Infinity where it isn't
   * below the limit.
   */
  chord(x: number, y: number, z: number, limit: number): number
}

interface Cell {
  readonly x: number
  readonly y: number
  readonly z: number
  /** Numbers of the arcs, and the chords from the middle to them; ascending in the finest cells. */
  readonly arcs: Int32Array
  readonly chords: Float64Array
}

/**
 * Prepares arcs for queries. Cells are faces of a cube, halved; those that are asked for are made when they are, each
 * from the arcs of the one it lies in, so cost follows the sky that galaxies fill.
 */
export function nearestArc(arcs: readonly Arc[]): NearestArc {
  const packed = pack(arcs)
  const all = Int32Array.from(arcs, (_, k) => k)
  const levels = Array.from({ length: LEVELS + 1 }, (_, level) => new Array<Cell | undefined>(6 * 4 ** level))

  function cellAt(level: number, face: number, i: number, j: number): Cell {
    const cells = levels[level]!
    const number = (face * 2 ** level + i) * 2 ** level + j
    return (cells[number] ??= makeCell(level, face, i, j))
  }

  function makeCell(level: number, face: number, i: number, j: number): Cell {
    const side = 2 / 2 ** level
    const [u, v] = [(i + 0.5) * side - 1, (j + 0.5) * side - 1]
    const middle = onFace(face, u, v)
    // A cell is bounded by great circles: its farthest point is a corner.
    const reach = Math.max(
      ...[-0.5, 0.5].flatMap((a) =>
        [-0.5, 0.5].map((b) => distance(middle, onFace(face, u + a * side, v + b * side))),
      ),
    )
    const [x, y, z] = middle
    const from = level === 0 ? all : cellAt(level - 1, face, i >> 1, j >> 1).arcs
    const chords = new Float64Array(from.length)
    let nearest = 2
    for (let k = 0; k < from.length; k++) {
      const chord = Math.sqrt(squaredChord(packed, from[k]!, x, y, z))
      chords[k] = chord
      if (chord < nearest) nearest = chord
    }
    // Rounding of the chords, generously.
    const farthest = nearest + 2 * reach + 1e-7
    const places: number[] = []
    for (let k = 0; k < from.length; k++) if (chords[k]! <= farthest) places.push(k)
    if (level === LEVELS) places.sort((a, b) => chords[a]! - chords[b]!)
    return {
      ...{ x, y, z },
      arcs: Int32Array.from(places, (k) => from[k]!),
      chords: Float64Array.from(places, (k) => chords[k]!),
    }
  }

  /** The finest cell that holds a direction. */
  function cellOf(x: number, y: number, z: number): Cell {
    const [a, b, c] = [Math.abs(x), Math.abs(y), Math.abs(z)]
    if (a >= b && a >= c) return finest(x > 0 ? 0 : 3, y / a, z / a)
    if (b >= c) return finest(y > 0 ? 1 : 4, z / b, x / b)
    return finest(z > 0 ? 2 : 5, x / c, y / c)
  }

  function finest(face: number, u: number, v: number): Cell {
    const count = 2 ** LEVELS
    const i = Math.min(count - 1, Math.floor(((u + 1) * count) / 2))
    const j = Math.min(count - 1, Math.floor(((v + 1) * count) / 2))
    return levels[LEVELS]![(face * count + i) * count + j] ?? cellAt(LEVELS, face, i, j)
  }

  return {
    size: arcs.length,
    chord(x, y, z, limit) {
      if (arcs.length === 0) return Infinity
      const cell = cellOf(x, y, z)
      const [dx, dy, dz] = [x - cell.x, y - cell.y, z - cell.z]
      const fromMiddle = Math.sqrt(dx * dx + dy * dy + dz * dz)
      let least = limit
      for (let k = 0; k < cell.arcs.length; k++) {
        if (cell.chords[k]! - fromMiddle >= least) break
        const squared = squaredChord(packed, cell.arcs[k]!, x, y, z)
        if (squared < least * least) least = Math.sqrt(squared)
      }
      return least < limit ? least : Infinity
    },
  }
}

/** The direction of a place on a face of the cube; u and v from -1 to 1. */
function onFace(face: number, u: number, v: number): [number, number, number] {
  const length = Math.sqrt(1 + u * u + v * v)
  const [a, b, c] = [(face < 3 ? 1 : -1) / length, u / length, v / length]
  if (face % 3 === 0) return [a, b, c]
  return face % 3 === 1 ? [c, a, b] : [b, c, a]
}

function distance(a: readonly number[], b: readonly number[]): number {
  return Math.hypot(a[0]! - b[0]!, a[1]! - b[1]!, a[2]! - b[2]!)
}

function squaredChord(packed: Float64Array, arc: number, x: number, y: number, z: number): number {
  const k = arc * ARC
  const pastStart = x * packed[k + 9]! + y * packed[k + 10]! + z * packed[k + 11]!
  const beforeEnd = x * packed[k + 12]! + y * packed[k + 13]! + z * packed[k + 14]!
  if (pastStart >= 0 && beforeEnd >= 0) {
    // The foot of the perpendicular lies on the arc: the sine is the distance from the circle's plane.
    const sine = x * packed[k + 6]! + y * packed[k + 7]! + z * packed[k + 8]!
    return (2 * sine * sine) / (1 + Math.sqrt(Math.max(0, 1 - sine * sine)))
  }
  return Math.min(squaredTo(packed, k, x, y, z), squaredTo(packed, k + 3, x, y, z))
}

function squaredTo(packed: Float64Array, k: number, x: number, y: number, z: number): number {
  const [dx, dy, dz] = [x - packed[k]!, y - packed[k + 1]!, z - packed[k + 2]!]
  return dx * dx + dy * dy + dz * dz
}

function pack(arcs: readonly Arc[]): Float64Array {
  const packed = new Float64Array(ARC * arcs.length)
  arcs.forEach(([a, b], arc) => {
    const along = cross(a, b)
    const length = Math.hypot(...along)
    const normal = [along[0] / length, along[1] / length, along[2] / length] as const
    packed.set([...a, ...b, ...normal, ...cross(normal, a), ...cross(b, normal)], arc * ARC)
  })
  return packed
}

function cross(a: readonly number[], b: readonly number[]): [number, number, number] {
  return [a[1]! * b[2]! - a[2]! * b[1]!, a[2]! * b[0]! - a[0]! * b[2]!, a[0]! * b[1]! - a[1]! * b[0]!]
}
