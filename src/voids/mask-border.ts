// The border of a mask on the sky: great-circle arcs that follow the edges of its pixels.
import { facePosition, type Position, toAngles, toVector, type Vector } from '../sky/index.ts'
import type { SkyMask } from './footprint.ts'

/** An arc of a great circle, shorter than half of it, between two unit vectors. */
export type Arc = readonly [from: Vector, to: Vector]

/**
 * Edges of pixels are no great circles (parallels, HEALPix' own curves): they are cut until arcs leave them by no
 * more than about this, in radians (2 arcseconds).
 */
export const BORDER_ERROR = 1e-5

/** The arcs between what is inside the mask and what is not; none for a mask that is full or empty. */
export function maskBorder(mask: SkyMask): Arc[] {
  return mask.kind === 'ra-dec' ? cellBorder(mask) : healpixBorder(mask)
}

/** Cells as `raDecMask` reads them: declinations are truncated towards zero, so the one at the equator has double height. */
function cellBorder({ pixels, resolution }: SkyMask): Arc[] {
  const [width, height] = [360 * resolution, 180 * resolution]
  const arcs: Arc[] = []
  const inside = (i: number, j: number) => pixels[(i % width) * height + j] === 1
  const low = (j: number) => (j > height / 2 ? j - height / 2 : j - height / 2 - 1) / resolution
  const high = (j: number) => (j >= height / 2 ? j - height / 2 + 1 : j - height / 2) / resolution
  for (let i = 0; i < width; i++) {
    const [west, east] = [i / resolution, (i + 1) / resolution]
    // The cell 0 is the south pole alone.
    for (let j = 1; j < height; j++) {
      if (inside(i, j) !== inside(i + 1, j))
        addCurve(arcs, (t) => toVector(east, low(j) + t * (high(j) - low(j))))
      if (j + 1 < height && inside(i, j) !== inside(i, j + 1))
        addCurve(arcs, (t) => toVector(west + t * (east - west), high(j)))
    }
  }
  return arcs
}

/** Pixels face by face, each face a square of nside * nside of them. */
function healpixBorder(mask: SkyMask): Arc[] {
  const nside = mask.resolution
  const arcs: Arc[] = []
  const holds = ({ ra, dec }: Position) => mask.contains(ra, dec)
  for (let face = 0; face < 12; face++) {
    const place = (x: number, y: number) => facePosition({ face, x: x / nside, y: y / nside })
    const inside = Uint8Array.from({ length: nside * nside }, (_, k) =>
      holds(place(Math.floor(k / nside) + 0.5, (k % nside) + 0.5)) ? 1 : 0,
    )
    // The same for edges of constant x and of constant y: `p` runs across them, `q` along.
    for (const turned of [false, true]) {
      const pixel = (p: number, q: number) => inside[turned ? q * nside + p : p * nside + q] === 1
      const point = (p: number, q: number) => (turned ? place(q, p) : place(p, q))
      /** Whether the pixel beyond the face's edge is inside. */
      const beyond = (p: number, q: number, step: number) =>
        holds(across(point(p + 0.5, q + 0.5), point(p + 0.5 + step / 2, q + 0.5)))
      for (let q = 0; q < nside; q++) {
        for (let p = 0; p < nside; p++) {
          // Edges of a face are met from both of its sides, and drawn from the inside.
          const drawn = p + 1 < nside ? pixel(p, q) !== pixel(p + 1, q) : pixel(p, q) && !beyond(p, q, 1)
          if (drawn) addCurve(arcs, (t) => vectorOf(point(p + 1, q + t)))
        }
        if (pixel(0, q) && !beyond(0, q, -1)) addCurve(arcs, (t) => vectorOf(point(0, q + t)))
      }
    }
  }
  return arcs
}

const vectorOf = ({ ra, dec }: Position): Vector => toVector(ra, dec)

/** A position just beyond the middle of an edge, seen from the middle of the pixel. */
function across(centre: Position, edge: Position): Position {
  const [c, e] = [vectorOf(centre), vectorOf(edge)]
  const { lon, lat } = toAngles([
    e[0] + 0.01 * (e[0] - c[0]),
    e[1] + 0.01 * (e[1] - c[1]),
    e[2] + 0.01 * (e[2] - c[2]),
  ])
  return { ra: lon, dec: lat }
}

/** Adds a curve, given by its points for 0 to 1, in as many arcs as keep to it. */
function addCurve(arcs: Arc[], point: (t: number) => Vector): void {
  const [from, to, middle] = [point(0), point(1), point(0.5)]
  const sum = [from[0] + to[0], from[1] + to[1], from[2] + to[2]] as const
  const half = Math.hypot(...sum)
  const sagitta = Math.hypot(sum[0] / half - middle[0], sum[1] / half - middle[1], sum[2] / half - middle[2])
  // The sagitta falls with the square of the length.
  const count = Math.max(1, Math.ceil(Math.sqrt(sagitta / BORDER_ERROR)))
  let last = from
  for (let k = 1; k <= count; k++) {
    const next = k === count ? to : point(k / count)
    arcs.push([last, next])
    last = next
  }
}
