// Faulty void files and galaxies, from FITS file to map: each fault is stated with its place, counted, never guessed.
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import sdss from '../../catalogs/sdss-dr7-voids/index.ts'
import { type ColumnToPack, writeFits } from '../../src/fits/index.ts'
import { loadFiles } from '../../src/load/index.ts'
import { defineSurvey } from '../../src/model/index.ts'
import { comovingDistance, cosmology, mapVoids } from '../../src/voids/index.ts'
import { archiveOf } from '../load/archive.ts'
import { table, temporaryFolder } from '../load/sample.ts'
import type { ScratchDatabase } from '../postgres/scratch.ts'

let database: ScratchDatabase
let folder: ReturnType<typeof temporaryFolder>
beforeEach(async () => {
  folder = temporaryFolder()
  database = await archiveOf(sdss)
})
afterEach(async () => {
  await database.drop()
  folder.remove()
})

const numbers = (names: string, values: Record<string, readonly number[]>, length: number): ColumnToPack[] =>
  names.split(' ').map((name) => ({
    name,
    tform: 'D',
    values: Float64Array.from({ length }, (_, i) => values[name]?.[i] ?? 1),
  }))
const whole = (name: string, values: readonly number[]): ColumnToPack => ({
  name,
  tform: 'K',
  values: BigInt64Array.from(values, BigInt),
})

const cards = (omegaM: number) => [
  ...([
    ['OMEGAM', omegaM],
    ['HP', 1],
    ['ZLIML', 0.01],
    ['ZLIMU', 0.1],
  ] as const),
  ...([
    ['DLIML', 29.9],
    ['DLIMU', 293],
  ] as const),
]

interface VoidFile {
  cap?: 'NGC' | 'SGC'
  omegaM?: number
  ra?: number[]
  /** Cartesian x of voids and holes: negative is north, RA 180. */
  x?: number
  holes?: { void: number; radius: number; x?: number }[]
}

/** Two VoidFinder voids, 0 and 1, at 100 and 200 Mpc/h, a hole of radius 10 each, and what is told. */
async function voidFinderFile({ cap = 'NGC', omegaM = 0.3, ra = [180, 180], x = -1, holes }: VoidFile = {}) {
  const path = folder.path(`SDSSDR7_VOLLIM_VoidFinder_${cap}.fits`)
  const spheres = holes ?? [
    { void: 0, radius: 10 },
    { void: 1, radius: 10, x: 200 * x },
  ]
  const maximals = [
    ...numbers(
      'X Y Z RADIUS R RA DEC R_EFF R_EFF_UNCERT',
      { X: [100 * x, 200 * x], Y: [0, 0], Z: [0, 0], RADIUS: [10, 10], RA: ra, DEC: [0, 0] },
      2,
    ),
    ...[whole('VOID', [0, 1]), whole('EDGE', [0, 0])],
  ]
  const columns = [
    ...numbers(
      'X Y Z RADIUS',
      {
        X: spheres.map((each) => each.x ?? 100 * x),
        Y: spheres.map(() => 0),
        Z: spheres.map(() => 0),
        RADIUS: spheres.map(({ radius }) => radius),
      },
      spheres.length,
    ),
    whole(
      'VOID',
      spheres.map((each) => each.void),
    ),
  ]
  await writeFits(path, [table('MAXIMALS', maximals, 2), table('HOLES', columns, spheres.length)], {
    primary: cards(omegaM),
  })
  return path
}

/** A V2 file of voids 0 and 1; galaxies are rows of the galaxy file. */
async function v2File(
  zones: [zone: number, void0: number, void1: number][],
  galaxies: [galaxy: number, zone: number][],
) {
  const path = folder.path('SDSSDR7_VOLLIM_V2_VIDE_NGC.fits')
  const voids = [
    whole('VOID', [0, 1]),
    ...numbers(
      'X Y Z REDSHIFT RA DEC RADIUS X1 Y1 Z1 X2 Y2 Z2 X3 Y3 Z3 TOT_AREA EDGE_AREA',
      { X: [-100, -200], Y: [0, 0], Z: [0, 0], RADIUS: [20, 20], RA: [180, 180], DEC: [0, 0] },
      2,
    ),
  ]
  const galzone = [
    ...[
      whole(
        'GAL',
        galaxies.map(([id]) => id),
      ),
      whole(
        'TARGET',
        galaxies.map(([id]) => id),
      ),
    ],
    ...numbers('X Y Z', {}, galaxies.length),
    whole(
      'ZONE',
      galaxies.map(([, zone]) => zone),
    ),
    whole(
      'DEPTH',
      galaxies.map(([, zone]) => (zone < 0 ? -1 : 0)),
    ),
    ...[
      whole(
        'EDGE',
        galaxies.map(() => 0),
      ),
      whole(
        'OUT',
        galaxies.map(([, zone]) => (zone < 0 ? 1 : 0)),
      ),
    ],
  ]
  const zonevoid = ['ZONE', 'VOID0', 'VOID1'].map((name, k) =>
    whole(
      name,
      zones.map((row) => row[k]!),
    ),
  )
  const hdus = [
    table('VOIDS', voids, 2),
    table('ZONEVOID', zonevoid, zones.length),
    table('GALZONE', galzone, galaxies.length),
  ]
  await writeFits(path, hdus, { primary: cards(0.3) })
  return path
}

/** Galaxies along RA 180: those given by redshift; RA may be given instead. */
async function galaxyFile(z: readonly number[], ra: readonly number[] = []) {
  const path = folder.path('vollim_dr7_cbp_102709.fits')
  const float = (name: string, values: readonly number[]) => ({
    name,
    tform: 'E',
    values: Float32Array.from(values),
  })
  const columns = [
    float('z', z),
    float(
      'ra',
      z.map((_, i) => ra[i] ?? 180),
    ),
    float(
      'dec',
      z.map(() => 0),
    ),
    float(
      'weight',
      z.map(() => 1),
    ),
  ]
  await writeFits(path, [table('', columns, z.length)])
  return path
}

const load = (files: readonly string[], maxRejects = 0) =>
  loadFiles(database.url, [sdss], files, { jobs: 1, maxRejects })
const rejects = async () =>
  (
    await database.client.query(
      `SELECT replace(table_name, 'sdss_dr7_voids.', '') AS table, hdu, row_number::int AS row, column_name AS column, value
       FROM almagest.load_reject ORDER BY 1, 3`,
    )
  ).rows
const counts = async () => (await mapVoids(database.client, sdss)).releases[0]!

/** Redshift of a galaxy at 100 Mpc/h, the centre of void 0. */
const inVoid = (() => {
  const model = cosmology({ omegaM: 0.3 })
  let [low, high] = [0, 1]
  for (let i = 0; i < 60; i++)
    comovingDistance(model, (low + high) / 2) < 100 ? (low = (low + high) / 2) : (high = (low + high) / 2)
  return low
})()

describe('void files', () => {
  test('a hole without a void and radii of zero or less: refused with their place, or left out and kept aside', async () => {
    const file = await voidFinderFile({
      holes: [
        { void: 0, radius: 10 },
        { void: 7, radius: 10 },
        { void: 0, radius: 0 },
        { void: 0, radius: -3 },
      ],
    })
    await expect(load([file])).rejects.toMatchObject({
      code: 'LOAD_TOO_MANY_REJECTS',
      place: { hdu: 'HOLES', row: 3, column: 'radius', value: '0' },
    })
    const report = await load([file], 10)
    expect([report.rowsRead - report.rowsLoaded, report.rowsRejected]).toEqual([3, 3])
    expect(await rejects()).toMatchObject([
      { table: 'vast_holes', hdu: 'HOLES', row: 2 },
      { table: 'vast_holes', hdu: 'HOLES', row: 3, column: 'radius', value: '0' },
      { table: 'vast_holes', hdu: 'HOLES', row: 4, column: 'radius', value: '-3' },
    ])
  })

  test('a void that is not in VOIDS: the zone is refused with its place, and so are galaxies of it', async () => {
    const file = await v2File(
      [
        [0, 0, 0],
        [1, 5, 5],
      ],
      [
        [0, 0],
        [1, 1],
        [2, -1],
      ],
    )
    await expect(load([file])).rejects.toMatchObject({
      code: 'LOAD_FOREIGN_KEY',
      message: expect.stringContaining('5'),
    })
    await load([await galaxyFile([inVoid, inVoid, inVoid]), file], 10)
    expect(await rejects()).toMatchObject([
      { table: 'vast_galaxy_zones', hdu: 'GALZONE', row: 2 },
      { table: 'vast_zones', hdu: 'ZONEVOID', row: 2 },
    ])
    expect(await counts()).toMatchObject({
      pairs: 1,
      oddities: { zoneMinusOne: 1, galaxyNotInTessellation: 1 },
    })
  })

  test('ZONE = -1 is outside, counted, and in no void, whatever stands first in ZONEVOID', async () => {
    await load([
      await galaxyFile([inVoid, inVoid]),
      await v2File(
        [[0, 1, 1]],
        [
          [0, -1],
          [1, 0],
        ],
      ),
    ])
    const told = await counts()
    expect(told).toMatchObject({
      pairs: 1,
      environments: { outside: 1, void_interior: 1 },
      oddities: { zoneMinusOne: 1 },
    })
  })

  test('a negative right ascension of a centre is turned into [0, 360)', async () => {
    await load([await voidFinderFile({ ra: [-180, -0.25] })])
    const { rows } = await database.client.query(
      'SELECT ra_center FROM sdss_dr7_voids.vast_voids ORDER BY void_index',
    )
    expect(rows).toEqual([{ ra_center: 180 }, { ra_center: 359.75 }])
  })

  test('files of two cosmologies, and a southern file under a northern name, stop the mapping', async () => {
    await load([await voidFinderFile(), await voidFinderFile({ cap: 'SGC', omegaM: 0.26, x: 1 })])
    await expect(mapVoids(database.client, sdss)).rejects.toMatchObject({
      code: 'VOIDS_MIXED_COSMOLOGIES',
      message: expect.stringMatching(/omegaM 0\.3.*omegaM 0\.26/),
    })
  })

  test('a file of the other cap is told by where its voids lie', async () => {
    await load([await voidFinderFile({ cap: 'SGC' })])
    await expect(mapVoids(database.client, sdss)).rejects.toMatchObject({
      code: 'VOIDS_CAP_MISMATCH',
      message: '2 of 2 voids of VoidFinder SGC lie in the other galactic cap',
    })
  })
})

describe('galaxies', () => {
  test('no redshift, a negative one, and redshifts outside the limits are counted apart', async () => {
    // The catalogue's own range refuses a negative redshift; one that is there all the same gets no distance.
    const galaxies = await galaxyFile([inVoid, Number.NaN, -0.001, 0.005, 0.2])
    await load([galaxies, await voidFinderFile()], 1)
    expect(await rejects()).toMatchObject([{ table: 'galaxies', row: 3, column: 'z' }])
    await database.client.query(
      'INSERT INTO sdss_dr7_voids.galaxies (galaxy, ra, dec, z) VALUES (99, 180, 0, -0.001)',
    )
    const told = await counts()
    expect(told).toMatchObject({ galaxies: 5, pairs: 1 })
    expect(told.oddities).toMatchObject({
      galaxyWithoutRedshift: 1,
      galaxyNegativeRedshift: 1,
      galaxyAboveLimits: 1,
      // The negative one is below them too.
      galaxyBelowLimits: 2,
    })
    expect(told.environments).toMatchObject({ void_interior: 1, unknown: 1 })
    const { rows } = await database.client.query(
      'SELECT galaxy::int AS galaxy FROM sdss_dr7_voids.void_sphere_map',
    )
    expect(rows).toEqual([{ galaxy: 0 }])
  })

  test('a catalogue without a redshift column is refused where it is declared', () => {
    const galaxies = { ...sdss.voids!.galaxies, z: 'redshift' }
    expect(() => defineSurvey({ ...sdss, voids: { ...sdss.voids!, galaxies } })).toThrow(
      'voids.galaxies.z: sdss_dr7_voids.galaxies has no column "redshift"',
    )
  })
})
