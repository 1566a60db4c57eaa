// The squares of Q3C's cube as nodes that can be covered with.
import type { PixelNode } from './cover.ts'
import { angleBetween, unit, type Vector } from './matrix.ts'

/** The direction of column u and row v, -1 to 1, of a face; the numbers of the faces are Q3C's. */
function direction(face: number, u: number, v: number): Vector {
  const directions: Vector[] = [
    [-v, u, 1],
    [1, u, v],
    [-u, 1, v],
    [-1, -u, v],
    [u, -1, v],
    [v, u, -1],
  ]
  return unit(directions[face]!)
}

function node(face: number, level: number, number: bigint, col: number, row: number): PixelNode {
  const side = 2 / 2 ** level
  const [x, y] = [col * side - 1, row * side - 1]
  const middle = direction(face, x + side / 2, y + side / 2)
  const corners = [0, side].flatMap((dx) => [0, side].map((dy) => direction(face, x + dx, y + dy)))
  const bits = BigInt(60 - 2 * level)
  const first = (BigInt(face) << 60n) + (number << bits)
  return {
    middle,
    reach: Math.max(...corners.map((corner) => angleBetween(middle, corner))),
    range: [first, first + (1n << bits)],
    children: () =>
      level === 30
        ? []
        : [0, 1, 2, 3].map((child) =>
            node(face, level + 1, 4n * number + BigInt(child), 2 * col + (child & 1), 2 * row + (child >> 1)),
          ),
  }
}

/** The six faces. */
export const q3cFaces: readonly PixelNode[] = [0, 1, 2, 3, 4, 5].map((face) => node(face, 0, 0n, 0, 0))
