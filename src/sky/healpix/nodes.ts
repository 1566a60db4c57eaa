// HEALPix pixels as nodes that can be covered with; numbers are those of order 29.
import type { PixelNode } from '../cover.ts'
import { finestOrder, healpixVector, pixelReach } from './pixel.ts'

export function healpixNode(order: number, pixel: bigint): PixelNode {
  const bits = BigInt(2 * (finestOrder - order))
  return {
    middle: healpixVector(order, pixel),
    reach: pixelReach / 2 ** order,
    range: [pixel << bits, (pixel + 1n) << bits],
    children: () =>
      order === finestOrder
        ? []
        : [0n, 1n, 2n, 3n].map((child) => healpixNode(order + 1, 4n * pixel + child)),
  }
}

/** The twelve faces. */
export const healpixFaces: readonly PixelNode[] = Array.from({ length: 12 }, (_, face) =>
  healpixNode(0, BigInt(face)),
)
