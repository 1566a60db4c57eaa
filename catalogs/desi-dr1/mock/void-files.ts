// The eight DESIVAST files of the mock: HDUs, columns and cards as VAST writes them.
import type { MockFile, MockHdu } from '../../../src/model/index.ts'
import { distanceOf, omegaM } from './distance.ts'
import type { MockGalaxies } from './galaxies.ts'
import { type CapVoids, edgeOf, farthest, type Hole, redshiftLimits } from './holes.ts'
import type { RowCounts } from './proportions.ts'
import { uniformOf } from './random.ts'
import { type Cap, caps, type Point } from './sky.ts'
import { surfaceHdus } from './surfaces.ts'
import { targetIds } from './target-ids.ts'
import { columns, lengths, table } from './void-tables.ts'
import {
  capVolume,
  describeZoneVoid,
  type PrunedVoids,
  type Pruning,
  pointOf,
  type ZonedSample,
} from './zones.ts'

const area = '(Mpc/h)^2'

const maximalColumns = columns('X:D Y:D Z:D RADIUS:D VOID:K EDGE:K R:D RA:D DEC:D R_EFF:D R_EFF_UNCERT:D', {
  ...lengths('X Y Z RADIUS R R_EFF R_EFF_UNCERT'),
  RA: 'deg',
  DEC: 'deg',
})
const holeColumns = columns('X:D Y:D Z:D RADIUS:D VOID:K', lengths('X Y Z RADIUS'))
const voidColumns = columns(
  'VOID:K X:D Y:D Z:D REDSHIFT:D RA:D DEC:D RADIUS:D X1:D Y1:D Z1:D X2:D Y2:D Z2:D X3:D Y3:D Z3:D TOT_AREA:D EDGE_AREA:D',
  {
    ...lengths('X Y Z RADIUS X1 Y1 Z1 X2 Y2 Z2 X3 Y3 Z3'),
    RA: 'deg',
    DEC: 'deg',
    TOT_AREA: area,
    EDGE_AREA: area,
  },
)
const zoneColumns = columns('ZONE:K VOID0:K VOID1:K')
const galaxyZoneColumns = columns('GAL:K TARGET:K X:D Y:D Z:D ZONE:K DEPTH:K EDGE:K OUT:K')

const fileName = (source: string, cap: Cap) => `DESIVAST_BGS_VOLLIM_${source}_${caps[cap]}.fits`

const limitCards = [
  ['INFILE', 'mock'],
  ['HP', 1.0],
  ['OMEGAM', omegaM],
  ['ZLIML', redshiftLimits.low],
  ['ZLIMU', redshiftLimits.high],
  ['DLIML', distanceOf(redshiftLimits.low)],
  ['DLIMU', Number(farthest.toFixed(2))],
] as const

/** RA as VAST writes it for maximal spheres: negative beyond 180 degrees. */
function maximalRow(hole: Hole, holes: readonly Hole[]): number[] {
  const [x, y, z] = hole.center
  const distance = Math.hypot(x, y, z)
  const ra = (Math.atan2(y, x) * 180) / Math.PI
  const dec = (Math.asin(z / distance) * 180) / Math.PI
  const effective = hole.radius * Math.cbrt(1 + 0.02 * holes.length)
  return [x, y, z, hole.radius, hole.void, edgeOf(holes), distance, ra, dec, effective, 0.01 * effective]
}

export function voidFinderFile({ maximals, holes }: CapVoids, cap: Cap): MockFile {
  const ownHoles = new Map(maximals.map((each) => [each.void, [] as Hole[]]))
  for (const hole of holes) ownHoles.get(hole.void)!.push(hole)
  const voids = ['VOID', maximals.length] as const
  const holeTable = table('HOLES', voids, holeColumns, holes.length, (i) => {
    const { center, radius, void: owner } = holes[i]!
    return [...center, radius, owner]
  })
  return {
    name: fileName('VoidFinder', cap),
    // MMR stands without a value in the files.
    cards: [...limitCards, ['METRIC', 'comoving'], voids, ['MMR', null]],
    hdus: [
      table('MAXIMALS', voids, maximalColumns, maximals.length, (i) =>
        maximalRow(maximals[i]!, ownHoles.get(maximals[i]!.void)!),
      ),
      { ...holeTable, cards: [voids, ['HOLE', holes.length]] },
    ],
  }
}

export function zoneFile(
  pruning: Pruning,
  cap: Cap,
  galaxies: MockGalaxies,
  sample: ZonedSample,
  made: PrunedVoids,
  counts: RowCounts,
  seed: number,
): MockFile {
  const { voids, void0, void1 } = made
  const zones = void0.length
  const volume = capVolume(cap)
  const voidRow = (i: number) => {
    const { center, redshift, ra, dec, radius } = describeZoneVoid(voids[i]!, sample, volume)
    const surface = 4 * Math.PI * radius * radius
    // A fifth of the voids has up to 30 % of its surface at the edge of the survey.
    const atEdge = Math.max(0, 1.5 * uniformOf(seed, i, 91 + cap) - 1.2) * surface
    return [i, ...center, redshift, ra, dec, radius, ...axes(radius), surface, atEdge]
  }
  const galaxyHdu = galaxyZones(galaxies, sample, zones - 1, seed)
  return {
    name: fileName(pruning, cap),
    // MAGLIM stands without a value in the files.
    cards: [...limitCards, ['MINR', 10.0], ['NSIDE', 32], ['MAGLIM', null]],
    hdus: [
      table('VOIDS', ['VOID', voids.length], voidColumns, voids.length, voidRow),
      table('ZONEVOID', ['COUNT', zones], zoneColumns, zones, (zone) => [zone, void0[zone]!, void1[zone]!]),
      galaxyHdu,
      ...surfaceHdus(pruning, sample, made, counts, volume, seed),
    ],
  }
}

/** Axes of an ellipsoid with the volume of the sphere, as three vectors. */
function axes(radius: number): number[] {
  return [1.1 * radius, 0, 0, 0, radius, 0, 0, 0, radius / 1.1]
}

/** GALZONE; galaxies in the last zone have EDGE 1 and depth 0, those beyond the limits OUT 1 and depth -1. */
function galaxyZones(
  galaxies: MockGalaxies,
  { galaxy, zone }: ZonedSample,
  last: number,
  seed: number,
): MockHdu {
  return {
    name: 'GALZONE',
    cards: [['COUNT', galaxy.length]],
    columns: galaxyZoneColumns,
    rowCount: galaxy.length,
    values(from, to) {
      const indices = galaxy.subarray(from, to)
      const zones = zone.subarray(from, to)
      const points: Point[] = Array.from(indices, (index) => pointOf(galaxies, index))
      const integers = (value: (own: number, i: number) => number) =>
        BigInt64Array.from(Array.from(zones, (own, i) => BigInt(value(own, i))))
      return [
        integers((_, i) => from + i),
        targetIds(indices),
        ...([0, 1, 2] as const).map((axis) => Float64Array.from(points, (point) => point[axis])),
        integers((own) => own),
        integers((own, i) =>
          own < 0 ? -1 : own === last ? 0 : Math.floor(uniformOf(seed, indices[i]!, 92) ** 2 * 9),
        ),
        integers((own) => (own === last ? 1 : 0)),
        integers((own) => (own < 0 ? 1 : 0)),
      ]
    },
  }
}
