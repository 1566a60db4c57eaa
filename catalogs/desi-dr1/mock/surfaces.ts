// TRIANGLE and GALVIZ, which VAST writes for pictures: surfaces of voids, and galaxies with the void to be shown in.
import type { MockHdu } from '../../../src/model/index.ts'
import type { RowCounts } from './proportions.ts'
import { uniformOf } from './random.ts'
import type { Point } from './sky.ts'
import { columns, lengths, table } from './void-tables.ts'
import { describeZoneVoid, type PrunedVoids, type Pruning, type ZonedSample } from './zones.ts'

const corners = 'N_X N_Y N_Z P1_X P1_Y P1_Z P2_X P2_Y P2_Z P3_X P3_Y P3_Z'
const triangleColumns = columns(`VOID:K ${corners.replaceAll(/\w+/g, '$&:D')}`, lengths(corners))
const shownColumns = columns('GID:K G2V:K G2V2:K')

/** Length of a triangle's sides as a part of its void's radius. */
const side = 0.1

/** Both HDUs, of which the release has none for ZOBOV. */
export function surfaceHdus(
  pruning: Pruning,
  sample: ZonedSample,
  { voids, void0, void1 }: PrunedVoids,
  counts: RowCounts,
  volume: number,
  seed: number,
): MockHdu[] {
  if (pruning === 'V2_ZOBOV') return []
  const triangles = pruning === 'V2_REVOLVER' ? counts.revolverTriangles : counts.videTriangles
  let shapes: ReturnType<typeof describeZoneVoid>[] | undefined
  const triangle = (i: number) => {
    shapes ??= voids.map((each) => describeZoneVoid(each, sample, volume))
    const own = Math.floor((i * voids.length) / triangles)
    const { center, radius } = shapes[own]!
    return [own, ...onSphere(center, radius, uniformOf(seed, i, 93), uniformOf(seed, i, 94))]
  }
  const shownIn = (of: Int32Array, i: number) => {
    const zone = sample.zone[i]!
    return zone < 0 ? -1 : of[zone]!
  }
  const galaxies = sample.galaxy.length
  return [
    table('TRIANGLE', ['COUNT', triangles], triangleColumns, triangles, triangle),
    table('GALVIZ', ['COUNT', galaxies], shownColumns, galaxies, (i) => [
      i,
      shownIn(void0, i),
      shownIn(void1, i),
    ]),
  ]
}

/** A triangle with its corners on a sphere: its normal, of length 2 as VAST writes it, and the corners. */
function onSphere(center: Point, radius: number, u: number, v: number): number[] {
  const angles: readonly (readonly [number, number])[] = [
    [0, 0],
    [side, 0],
    [0, side],
  ]
  const height = Math.asin(1.8 * u - 0.9)
  const points = angles.map(([up, along]): Point => {
    const [b, l] = [height + up, 2 * Math.PI * v + along]
    const [x, y, z] = center
    return [
      x + radius * Math.cos(b) * Math.cos(l),
      y + radius * Math.cos(b) * Math.sin(l),
      z + radius * Math.sin(b),
    ]
  })
  return [...normalOf(points[0]!, points[1]!, points[2]!), ...points.flat()]
}

function normalOf(p: Point, q: Point, r: Point): number[] {
  const [a, b] = [q, r].map((each) => each.map((value, axis) => value - p[axis]!)) as [number[], number[]]
  const cross = [0, 1, 2].map((i) => {
    const [j, k] = [(i + 1) % 3, (i + 2) % 3]
    return a[j]! * b[k]! - a[k]! * b[j]!
  })
  const length = Math.hypot(...cross)
  return cross.map((value) => (2 * value) / length)
}
