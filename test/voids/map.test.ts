// The mapping of streams: pairs, environments, oddities that are counted, and releases that are refused.
import { beforeAll, describe, expect, test } from 'vitest'
import { environments } from '../../src/model/index.ts'
import {
  cosmology,
  createMapping,
  type Finder,
  type Footprint,
  loadFinders,
  type MappedBatch,
  noOddities,
  type PlaceOptions,
  type Release,
  raDecMask,
} from '../../src/voids/index.ts'
import { galaxiesAt, holeRelease, redshiftAt, zoneRelease } from './small-releases.ts'

let finders: ReadonlyMap<string, Finder>
beforeAll(async () => {
  finders = await loadFinders()
})

const mappingOf = (releases: readonly Release[], options?: Partial<PlaceOptions>, source?: string) =>
  createMapping(
    releases.map((release) => ({ release, finder: finders.get(source ?? release.source)! })),
    options,
  )

const words = ({ environment }: MappedBatch) =>
  [...environment].map((code) => environments[code] ?? 'unknown')

describe('holes', () => {
  // Along RA 180 the x axis is negative, so a distance d lies at x = -d.
  const along = (...distances: (number | { z: number })[]) =>
    galaxiesAt(distances.map((at, i) => [BigInt(i + 1), 180, 0, at] as const))

  test('inside, on the surface, outside; margin, holes, distance in Mpc/h and in radii', () => {
    const mapping = mappingOf([holeRelease()], { reach: 5 })
    const [batch] = mapping.place(along(102.5, 94, 90, 88, 200, 300.2))
    expect(words(batch!)).toEqual([
      'void_interior',
      'void_interior',
      'surface',
      'wall',
      'void_interior',
      'outside',
    ])
    const { pairs, margin } = batch!
    expect([...pairs.galaxy]).toEqual([0, 1, 2, 4])
    expect([...pairs.void]).toEqual([0, 0, 0, 1])
    expect([...pairs.inside]).toEqual([1, 1, 0, 1])
    expect([...pairs.holes]).toEqual([2, 1, 0, 1])
    expect([...pairs.voidAtEdge]).toEqual([0, 0, 0, 1])
    expect([...pairs.depth]).toEqual([-1, -1, -1, -1])
    const near = (values: number[]) => values.map((value) => expect.closeTo(value, 3))
    expect([...pairs.margin]).toEqual(near([-7.5, -4, 0, -8]))
    expect([...pairs.distance]).toEqual(near([2.5, 6, 10, 0]))
    expect([...pairs.distanceInRadii]).toEqual(near([2.5 / 12, 0.5, 10 / 12, 0]))
    expect([...margin!]).toEqual([...near([-7.5, -4, 0, 2, -8]), Infinity])
  })

  test('a shell of a stated thickness', () => {
    const [batch] = mappingOf([holeRelease()], { shell: 3 }).place(along(88, 86))
    expect(words(batch!)).toEqual(['void_shell', 'wall'])
  })

  test('with a footprint: outside beyond the mask, edge within 10 Mpc/h of its border, members first', () => {
    // Only declinations above -1 degree; at 100 Mpc/h the border is 1.75 Mpc/h below the equator.
    const mask = { ...raDecMask([]), contains: (_: number, dec: number) => dec > -1 }
    const footprint: Footprint = { mask, nearest: 0, farthest: 400 }
    const mapping = mappingOf([holeRelease({ footprint })])
    const rows = galaxiesAt([
      [1n, 180, 0, 100],
      [2n, 180, 0, 130],
      [3n, 180, -2, 130],
      [4n, 180, 45, 130],
      [5n, 180, -2, 100],
    ])
    expect(words(mapping.place(rows)[0]!)).toEqual([
      'void_interior',
      'edge',
      'outside',
      'wall',
      'void_interior',
    ])
  })

  test('every oddity is counted, and nothing is guessed', () => {
    const base = holeRelease()
    const holes = {
      x: Float64Array.of(-100, -100, -100, -150, Number.NaN),
      ...{ y: new Float64Array(5), z: new Float64Array(5) },
      radius: Float64Array.of(10, 0, -4, 5, 5),
      voidNumber: Int32Array.of(7, 7, 7, 99, 7),
    }
    const voids = { ...base.voids, radius: Float64Array.of(0, 8) }
    const mapping = mappingOf([
      holeRelease({ holes, voids, limits: { low: redshiftAt(50), high: redshiftAt(300) } }),
    ])
    const [batch] = mapping.place(
      galaxiesAt([
        [1n, 180, 0, { z: Number.NaN }],
        [2n, 180, 0, { z: -0.001 }],
        [3n, 180, 91, 100],
        [4n, Number.NaN, 0, 100],
        [5n, -180, 0, 100],
        [6n, 540, 0, 150],
        [7n, 180, 0, 10],
        [8n, 180, 0, 350],
      ]),
    )
    expect(words(batch!)).toEqual([
      ...['unknown', 'outside', 'unknown', 'unknown'],
      ...['void_interior', 'void_interior', 'outside', 'outside'],
    ])
    // Galaxy 6 is in the hole whose void nobody knows: inside, without a pair.
    expect([...batch!.pairs.galaxy]).toEqual([4])
    expect(batch!.pairs.distanceInRadii[0]).toBeNaN()
    const [summary] = mapping.summaries()
    expect(summary!.oddities).toEqual({
      ...noOddities(),
      galaxyWithoutRedshift: 1,
      galaxyNegativeRedshift: 1,
      galaxyWithoutPosition: 2,
      galaxyRaNormalized: 2,
      galaxyBelowLimits: 2,
      galaxyAboveLimits: 1,
      holeWithoutRadius: 3,
      holeWithoutVoid: 1,
      voidWithoutRadius: 1,
    })
    expect(summary).toMatchObject({ galaxies: 8, galaxiesInside: 1, pairs: 1, surfacePairs: 0 })
    expect(summary!.environments).toMatchObject({ void_interior: 2, outside: 3, unknown: 3, wall: 0 })
  })
})

describe('zones', () => {
  const five = galaxiesAt(
    [1n, 2n, 3n, 4n, 5n, 6n, 7n].map((id) => [id, 180, 0, id === 7n ? 400 : 100] as const),
  )

  test('pairs by zone, depth, edge of the void, environments; galaxies that the tessellation lacks', () => {
    const mapping = mappingOf([zoneRelease()])
    const [batch] = mapping.place(five)
    expect(words(batch!)).toEqual([
      'void_interior',
      'void_interior',
      'wall',
      'edge',
      'outside',
      'unknown',
      'outside',
    ])
    const { pairs } = batch!
    expect([...pairs.galaxy]).toEqual([0, 0, 1])
    expect([...pairs.void]).toEqual([0, 1, 1])
    expect([...pairs.depth]).toEqual([0, 0, 3])
    expect([...pairs.voidAtEdge]).toEqual([0, 1, 1])
    expect([...pairs.margin]).toEqual([Number.NaN, Number.NaN, Number.NaN])
    expect(batch!.margin).toBeUndefined()
    expect(mapping.summaries()[0]!.oddities).toMatchObject({
      galaxyNotInTessellation: 2,
      tessellationWithoutGalaxy: 0,
      zoneMinusOne: 1,
      galaxyAboveLimits: 1,
    })
  })

  test('rows of the tessellation without a galaxy are counted once, over batches and repeats', () => {
    const mapping = mappingOf([zoneRelease()])
    mapping.place(galaxiesAt([[1n, 180, 0, 100]]))
    mapping.place(
      galaxiesAt([
        [1n, 180, 0, 100],
        [2n, 180, 0, 100],
      ]),
    )
    expect(mapping.summaries()[0]!.oddities.tessellationWithoutGalaxy).toBe(3)
  })

  test('areas that are missing leave the edge of a void unknown', () => {
    const { totalArea: _, ...voids } = zoneRelease().voids
    const [batch] = mappingOf([zoneRelease({ voids })]).place(five)
    expect([...batch!.pairs.voidAtEdge]).toEqual([255, 255, 255])
  })
})

describe('the effective-radius sphere', () => {
  test('compares with the radius of the void alone, without a tolerance', () => {
    const mapping = mappingOf([holeRelease()], {}, 'effective_radius')
    const [batch] = mapping.place(
      galaxiesAt([
        [1n, 180, 0, 100 - 11.9995],
        [2n, 180, 0, 112.0005],
        [3n, 180, 0, 110],
      ]),
    )
    expect([...batch!.pairs.galaxy]).toEqual([0, 2])
    expect([...batch!.pairs.inside]).toEqual([1, 1])
    expect(words(batch!)).toEqual(['void_interior', 'wall', 'void_interior'])
  })
})

describe('refused', () => {
  const refusal = (code: string, message: string) =>
    expect.objectContaining({ code, message: expect.stringContaining(message) })

  test('files of one source with different cosmologies, with both', () => {
    const other = holeRelease({ cap: 'SGC', cosmology: cosmology({ omegaM: 0.26 }) })
    expect(() => mappingOf([holeRelease(), other])).toThrow(
      refusal(
        'VOIDS_MIXED_COSMOLOGIES',
        'VoidFinder NGC was made with (flat, omegaM 1, h 1, Mpc/h), VoidFinder SGC',
      ),
    )
  })

  test('different finders may differ', () => {
    const other = zoneRelease({ cosmology: cosmology({ omegaM: 0.3 }) })
    expect(mappingOf([holeRelease(), other]).summaries().length).toBe(2)
  })

  test('one finder and cap twice', () => {
    expect(() => mappingOf([holeRelease(), holeRelease()])).toThrow(
      refusal('VOIDS_RELEASE_TWICE', 'VoidFinder NGC'),
    )
  })

  test('a void number twice', () => {
    const voids = { ...holeRelease().voids, number: Int32Array.of(7, 7) }
    expect(() => mappingOf([holeRelease({ voids })])).toThrow(
      refusal('VOIDS_DUPLICATE_VOID', 'void 7 of VoidFinder NGC stands in rows 1 and 2'),
    )
  })

  test('voids that lie in the other galactic cap', () => {
    expect(() => mappingOf([holeRelease({ cap: 'SGC' })])).toThrow(
      refusal('VOIDS_CAP_MISMATCH', '2 of 2 voids of VoidFinder SGC'),
    )
  })

  test.each([
    ['VoidFinder', () => ({ ...holeRelease(), holes: undefined }), 'HOLES'],
    ['V2_VIDE', () => ({ ...zoneRelease(), zones: undefined }), 'ZONEVOID'],
    ['V2_VIDE', () => ({ ...zoneRelease(), galaxyZones: undefined }), 'GALZONE'],
  ])('%s without its table %#', (_, release, table) => {
    expect(() => mappingOf([release() as unknown as Release])).toThrow(refusal('VOIDS_MISSING_TABLE', table))
  })
})
