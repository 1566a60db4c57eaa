// A uniform grid over a set of spheres that lists, for each cell, the spheres that reach into it.

/** Spheres in columns, lengths in one unit (Mpc/h). */
export interface Spheres {
  readonly x: Float64Array
  readonly y: Float64Array
  readonly z: Float64Array
  readonly radius: Float64Array
}

export interface HoleGrid {
  /** Number of cells along each axis. */
  readonly shape: readonly [number, number, number]
  readonly cellCount: number
  /** For cell c, `entries[starts[c]]` up to `entries[starts[c + 1]]` are its spheres, in ascending order. */
  readonly starts: Int32Array
  readonly entries: Int32Array
  /** The cell that holds a point, or -1 outside the grid and for NaN. */
  cellOf(x: number, y: number, z: number): number
}

/** Cells cost 4 bytes each; beyond this the cells grow instead. */
const MAX_CELLS = 1 << 24
/** List entries cost 4 bytes each; the cells grow until the spheres' lists are expected to fit. */
const MAX_ENTRIES_PER_SPHERE = 256
const CELLS_PER_RADIUS = 1.25
/** Room for the rounding of cell borders, as a part of the largest coordinate. */
const ROUNDING = 1e-12

/**
 * Bins spheres, each grown by `reach`, into cells of about 0.8 mean radii. A point lies within `reach` of a sphere
 * only if the sphere is in the list of the point's cell.
 */
export function holeGrid(spheres: Spheres, reach: number): HoleGrid {
  const box = boundingBox(spheres, reach)
  const cell = cellEdge(spheres, reach, box)
  const shape = box.size.map((size) => Math.max(1, Math.ceil(size / cell))) as [number, number, number]
  const [nx, ny, nz] = shape
  const cellCount = nx * ny * nz
  const { low } = box
  const visit = visitor(spheres, box, cell, shape, reach)

  const starts = new Int32Array(cellCount + 1)
  visit((_, from, to) => {
    for (let c = from; c <= to; c++) starts[c + 1]!++
  })
  for (let c = 0; c < cellCount; c++) starts[c + 1]! += starts[c]!
  const entries = new Int32Array(starts[cellCount]!)
  const next = starts.slice(0, cellCount)
  visit((sphere, from, to) => {
    for (let c = from; c <= to; c++) entries[next[c]!++] = sphere
  })

  const perUnit = 1 / cell
  const cellOf = (x: number, y: number, z: number): number => {
    const ix = Math.floor((x - low[0]) * perUnit)
    const iy = Math.floor((y - low[1]) * perUnit)
    const iz = Math.floor((z - low[2]) * perUnit)
    if (!(ix >= 0 && ix < nx && iy >= 0 && iy < ny && iz >= 0 && iz < nz)) return -1
    return (ix * ny + iy) * nz + iz
  }
  return { shape, cellCount, starts, entries, cellOf }
}

interface Box {
  readonly low: readonly [number, number, number]
  readonly size: readonly [number, number, number]
  /** Added to every sphere so that rounding can't lose a cell. */
  readonly padding: number
}

function boundingBox({ x, y, z, radius }: Spheres, reach: number): Box {
  const low = [Infinity, Infinity, Infinity]
  const high = [-Infinity, -Infinity, -Infinity]
  let largest = 0
  for (let i = 0; i < radius.length; i++) {
    const grown = radius[i]! + reach
    const centre = [x[i]!, y[i]!, z[i]!]
    for (let axis = 0; axis < 3; axis++) {
      low[axis] = Math.min(low[axis]!, centre[axis]! - grown)
      high[axis] = Math.max(high[axis]!, centre[axis]! + grown)
      largest = Math.max(largest, Math.abs(centre[axis]!) + grown)
    }
  }
  if (radius.length === 0) return { low: [0, 0, 0], size: [0, 0, 0], padding: 0 }
  const padding = ROUNDING * largest
  const size = low.map((edge, axis) => high[axis]! - edge + 4 * padding)
  const origin = low.map((edge) => edge - 2 * padding)
  return { low: [origin[0]!, origin[1]!, origin[2]!], size: [size[0]!, size[1]!, size[2]!], padding }
}

/** Edge of a cell: a part of the mean radius, larger where cells or lists would otherwise not fit. */
function cellEdge({ radius }: Spheres, reach: number, { size }: Box): number {
  const count = radius.length
  let sum = 0
  for (let i = 0; i < count; i++) sum += radius[i]! + reach
  let edge = sum > 0 ? sum / count / CELLS_PER_RADIUS : 1
  const limit = MAX_ENTRIES_PER_SPHERE * Math.max(count, 4096)
  const fits = () => {
    const cells = size.reduce((product, length) => product * Math.max(1, Math.ceil(length / edge)), 1)
    let entries = 0
    for (let i = 0; i < count; i++) entries += (4 / 3) * Math.PI * ((radius[i]! + reach) / edge + 0.75) ** 3
    return cells <= MAX_CELLS && entries <= limit
  }
  while (!fits()) edge *= 1.25
  return edge
}

/** Calls back for every run of cells along z that a grown sphere touches, spheres in ascending order. */
function visitor(
  spheres: Spheres,
  box: Box,
  cell: number,
  shape: readonly [number, number, number],
  reach: number,
) {
  const [nx, ny, nz] = shape
  const [lowX, lowY, lowZ] = box.low
  const perUnit = 1 / cell
  const clamp = (at: number, count: number) => Math.min(Math.max(Math.floor(at * perUnit), 0), count - 1)
  /** Distance from a coordinate to the nearest point of cell `i` of an axis. */
  const gap = (at: number, i: number) => Math.max(0, i * cell - at, at - (i + 1) * cell)

  return (each: (sphere: number, fromCell: number, toCell: number) => void): void => {
    for (let s = 0; s < spheres.radius.length; s++) {
      const grown = spheres.radius[s]! + reach + 2 * box.padding
      const x = spheres.x[s]! - lowX
      const y = spheres.y[s]! - lowY
      const z = spheres.z[s]! - lowZ
      const lastX = clamp(x + grown, nx)
      const lastY = clamp(y + grown, ny)
      for (let ix = clamp(x - grown, nx); ix <= lastX; ix++) {
        const leftX = grown * grown - gap(x, ix) ** 2
        for (let iy = clamp(y - grown, ny); iy <= lastY; iy++) {
          const left = leftX - gap(y, iy) ** 2
          if (left < 0) continue
          const half = Math.sqrt(left)
          const row = (ix * ny + iy) * nz
          each(s, row + clamp(z - half, nz), row + clamp(z + half, nz))
        }
      }
    }
  }
}
