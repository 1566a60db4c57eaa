// Which holes hold a point: a grid of cells, each with the holes that reach into it.
import type { Hole } from './holes.ts'
import type { Point } from './sky.ts'

/** Every galaxy lies at least so far from the surface of every hole, Mpc/h: truth needs no tolerance. */
export const clearance = 0.05

export interface HoleGrid {
  /** Voids whose holes hold the point, each once; undefined where it is within the clearance of a surface. */
  voidsAt(point: Point): readonly number[] | undefined
}

const none: readonly number[] = []

export function holeGrid(holes: readonly Hole[]): HoleGrid {
  const side = Math.max(...holes.map((hole) => hole.radius))
  const cells = new Map<number, number[]>()
  const cellOf = (value: number) => Math.floor(value / side) + 512
  const key = (i: number, j: number, k: number) => (i * 1024 + j) * 1024 + k
  holes.forEach((hole, index) => {
    const reach = hole.radius + 2 * clearance
    const [from, to] = [-reach, reach].map((by) => hole.center.map((value) => cellOf(value + by)))
    for (let i = from![0]!; i <= to![0]!; i++)
      for (let j = from![1]!; j <= to![1]!; j++)
        for (let k = from![2]!; k <= to![2]!; k++) {
          const list = cells.get(key(i, j, k))
          if (list) list.push(index)
          else cells.set(key(i, j, k), [index])
        }
  })
  return {
    voidsAt([x, y, z]) {
      const near = cells.get(key(cellOf(x), cellOf(y), cellOf(z)))
      if (!near) return none
      let found: number[] | undefined
      for (const index of near) {
        const { center, radius, void: owner } = holes[index]!
        const dx = x - center[0]
        const dy = y - center[1]
        const dz = z - center[2]
        const margin = Math.sqrt(dx * dx + dy * dy + dz * dz) - radius
        if (Math.abs(margin) <= clearance) return undefined
        if (margin < 0 && !found?.includes(owner)) (found ??= []).push(owner)
      }
      return found ?? none
    },
  }
}
