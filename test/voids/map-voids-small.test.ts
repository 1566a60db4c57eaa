// The mapping in a database on releases small enough to check by hand: two caps, replacement, refusals, rollback.
import { afterEach, beforeEach, expect, test } from 'vitest'
import sdss from '../../catalogs/sdss-dr7-voids/index.ts'
import { applySurvey, type Client } from '../../src/postgres/index.ts'
import { cosmology, mapVoids } from '../../src/voids/index.ts'
import { type ScratchDatabase, scratchDatabase } from '../postgres/scratch.ts'
import { storeGalaxies, storeRelease } from './load-reference.ts'
import { galaxiesAt, holeRelease, zoneRelease } from './small-releases.ts'

let database: ScratchDatabase
let client: Client
beforeEach(async () => {
  database = await scratchDatabase()
  client = database.client
  await applySurvey(client, sdss, { name: 'plain', install: [], indexOn: () => 'USING btree ("ra", "dec")' })
})
afterEach(() => database.drop())

/** In the north: two galaxies in the void, one in none, one beyond; in the south (x > 0) one in a void; one without z. */
const sample = galaxiesAt([
  [1n, 180, 0, 102.5],
  [2n, 180, 0, 94],
  [3n, 180, 0, 88],
  [4n, 180, 0, 400],
  [5n, 0, 0, 100],
  [6n, 180, 0, { z: Number.NaN }],
])

const southern = () => {
  const { voids, holes } = holeRelease()
  const mirror = (x: Float64Array) => x.map((each) => -each)
  return holeRelease({
    cap: 'SGC',
    voids: { ...voids, x: mirror(voids.x) },
    holes: { ...holes!, x: mirror(holes!.x) },
  })
}

const pairs = async (table = 'void_galaxy_map') => {
  const { rows } = await client.query<{ pair: string }>(
    `SELECT format('%s %s %s %s', galaxy, void_catalog_source, cap, void_index) AS pair
     FROM sdss_dr7_voids.${table} JOIN sdss_dr7_voids.vast_voids USING (void_id) ORDER BY 1`,
  )
  return rows.map((row) => row.pair)
}

test('two caps of a source give one environment a galaxy; no redshift, no row', async () => {
  await storeGalaxies(client, sample)
  await storeRelease(client, holeRelease())
  await storeRelease(client, southern())
  const summary = await mapVoids(client, sdss)
  expect(await pairs()).toEqual(['1 VoidFinder NGC 7', '2 VoidFinder NGC 7', '5 VoidFinder SGC 7'])
  const { rows } = await client.query<{ galaxy: bigint; environment: string }>(
    'SELECT galaxy, voidfinder AS environment FROM sdss_dr7_voids.galaxy_environments ORDER BY galaxy',
  )
  expect(rows.map((row) => [Number(row.galaxy), row.environment])).toEqual([
    [1, 'void_interior'],
    [2, 'void_interior'],
    [3, 'wall'],
    [4, 'outside'],
    [5, 'void_interior'],
  ])
  expect(summary.releases.map(({ cap, galaxiesInside, pairs }) => [cap, galaxiesInside, pairs])).toEqual([
    ['NGC', 2, 2],
    ['SGC', 1, 1],
  ])
  expect(summary.environments.VoidFinder).toMatchObject({ void_interior: 3, wall: 1, outside: 1, unknown: 1 })
  expect(summary.rows).toEqual({ map: 3, details: 3, environments: 5, spheres: 3, zoneVoids: 0 })
  expect(summary.releases[0]!.oddities.galaxyWithoutRedshift).toBe(1)
})

test('details hold what the finder knows, in Mpc/h and in radii; the rest is NULL', async () => {
  await storeGalaxies(client, sample)
  await storeRelease(client, holeRelease())
  await storeRelease(client, zoneRelease())
  await mapVoids(client, sdss)
  const { rows } = await client.query(
    `SELECT v.void_catalog_source AS source, v.void_index::int AS number, d.margin, d.center_distance AS distance,
       d.center_distance_radii AS radii, d.depth
     FROM sdss_dr7_voids.void_galaxy_details d JOIN sdss_dr7_voids.vast_voids v USING (void_id)
     WHERE galaxy = 2 ORDER BY 1, 2`,
  )
  expect(rows).toEqual([
    // The sphere of zones knows no margin; stored redshifts are single precision.
    {
      source: 'V2_VIDE',
      number: 2,
      margin: null,
      distance: expect.closeTo(16, 3),
      radii: expect.closeTo(0.8, 4),
      depth: 3,
    },
    {
      source: 'VoidFinder',
      number: 7,
      margin: expect.closeTo(-4, 3),
      distance: expect.closeTo(6, 3),
      radii: expect.closeTo(0.5, 4),
      depth: null,
    },
  ])
  expect(await pairs('void_sphere_map')).toEqual(
    expect.arrayContaining(['2 V2_VIDE NGC 1', '2 V2_VIDE NGC 2', '2 VoidFinder NGC 7']),
  )
})

test('a run replaces the rows of the last one, and a failing one leaves them', async () => {
  await storeGalaxies(client, sample)
  await storeRelease(client, holeRelease())
  await client.query(
    'INSERT INTO sdss_dr7_voids.void_galaxy_map SELECT 4, min(void_id) FROM sdss_dr7_voids.vast_voids',
  )
  await storeRelease(client, zoneRelease())
  await mapVoids(client, sdss)
  const zones = ['1 V2_VIDE NGC 1', '1 V2_VIDE NGC 2', '2 V2_VIDE NGC 2']
  const expected = [...zones, '1 VoidFinder NGC 7', '2 VoidFinder NGC 7'].sort()
  expect((await pairs()).sort()).toEqual(expected)

  await client.query('UPDATE sdss_dr7_voids.vast_holes SET x = 1000 WHERE hole_index < 2')
  const boom = new Error('stopped')
  for (const at of ['galaxies 6', 'pairs 0', 'environments 0', 'environments 6', 'indexes 0']) {
    const stop = ({ phase, done }: { phase: string; done: number }) => {
      if (`${phase} ${done}` === at) throw boom
    }
    await expect(mapVoids(client, sdss, { onProgress: stop }), at).rejects.toBe(boom)
    expect((await pairs()).sort(), at).toEqual(expected)
  }
  const { rows } = await client.query(
    "SELECT conname FROM pg_constraint WHERE conname = 'void_galaxy_map_pkey'",
  )
  expect(rows.length).toBe(1)

  await mapVoids(client, sdss)
  expect(await pairs()).toEqual(zones)
})

test('refused: nothing loaded, mixed cosmologies, a survey without voids', async () => {
  await expect(mapVoids(client, sdss)).rejects.toMatchObject({
    code: 'VOIDS_NOT_LOADED',
    message: 'sdss_dr7_voids.vast_releases lists no void catalogue',
  })
  await storeRelease(client, holeRelease())
  await storeRelease(client, { ...southern(), cosmology: cosmology({ omegaM: 0.26 }) })
  await expect(mapVoids(client, sdss)).rejects.toMatchObject({ code: 'VOIDS_MIXED_COSMOLOGIES' })
  const { voids: _, ...without } = sdss
  await expect(mapVoids(client, without)).rejects.toMatchObject({ code: 'VOIDS_NOT_DECLARED' })
  // The connection is free again after each.
  expect((await client.query<{ one: number }>('SELECT 1 AS one')).rows).toEqual([{ one: 1 }])
})

test('galaxies of an empty table: every count is zero', async () => {
  await storeRelease(client, holeRelease())
  const summary = await mapVoids(client, sdss)
  expect(summary).toMatchObject({
    galaxies: 0,
    rows: { map: 0, details: 0, environments: 0, spheres: 0, zoneVoids: 0 },
  })
})
