// What a mapping run tells of itself: its record, its shells, and what it doesn't know without a mask.
import { afterEach, beforeEach, expect, test } from 'vitest'
import sdss from '../../catalogs/sdss-dr7-voids/index.ts'
import { applySurvey, type Client } from '../../src/postgres/index.ts'
import { mapVoids } from '../../src/voids/index.ts'
import { type ScratchDatabase, scratchDatabase } from '../postgres/scratch.ts'
import { storeGalaxies, storeRelease } from './load-reference.ts'
import { galaxiesAt, holeRelease, zoneRelease } from './small-releases.ts'

let database: ScratchDatabase
let client: Client
beforeEach(async () => {
  database = await scratchDatabase()
  client = database.client
  await applySurvey(client, sdss, { name: 'plain', install: [], indexOn: () => 'USING btree ("ra", "dec")' })
  await storeGalaxies(client, sample)
  await storeRelease(client, holeRelease())
})
afterEach(() => database.drop())

/** The holes end at 90 and 115 Mpc/h along RA 180: galaxies inside, 2 outside, 3.5 outside, far. */
const sample = galaxiesAt([
  [1n, 180, 0, 100],
  [2n, 180, 0, 88],
  [3n, 180, 0, 118.5],
  [4n, 180, 0, 150],
])

const words = async () => {
  const { rows } = await client.query<{ word: string; margin: number | null }>(
    'SELECT voidfinder AS word, margin FROM sdss_dr7_voids.galaxy_environments ORDER BY galaxy',
  )
  return rows
}

test('a run records cosmology, limits, parameters and counts; only the last one is current', async () => {
  await storeRelease(client, zoneRelease())
  await mapVoids(client, sdss)
  await mapVoids(client, sdss, { shell: 3, tolerance: 0.01 })
  const { rows } = await client.query(
    `SELECT survey, map_table, tolerance, shell, reach, galaxies::int, is_current, rows->'map' AS pairs
     FROM almagest.void_mapping ORDER BY mapping_id`,
  )
  const same = { survey: 'sdss-dr7-voids', map_table: 'sdss_dr7_voids.void_galaxy_map', galaxies: 4 }
  const { rows: stored } = await client.query('SELECT count(*)::int AS n FROM sdss_dr7_voids.void_galaxy_map')
  const pairs = stored[0]!.n
  expect(rows).toEqual([
    { ...same, tolerance: 0.001, shell: 0, reach: 1, is_current: false, pairs },
    { ...same, tolerance: 0.01, shell: 3, reach: 3, is_current: true, pairs },
  ])
  const { rows: releases } = await client.query(
    `SELECT source, cap, cosmology, omega_m, hubble, z_low, mask_file_id, counts->'voids' AS voids
     FROM almagest.void_mapping_release JOIN almagest.void_mapping USING (mapping_id) WHERE is_current ORDER BY source`,
  )
  expect(releases).toMatchObject([
    {
      source: 'V2_VIDE',
      cap: 'NGC',
      cosmology: 'flat, omegaM 1, h 1, Mpc/h',
      omega_m: 1,
      hubble: 1,
      voids: 2,
    },
    { source: 'VoidFinder', cap: 'NGC', z_low: 0, mask_file_id: null, voids: 2 },
  ])
})

test('a run that fails leaves the record of the one before', async () => {
  await mapVoids(client, sdss)
  const stop = () => {
    throw new Error('stopped')
  }
  await expect(mapVoids(client, sdss, { shell: 3, onProgress: stop })).rejects.toThrow('stopped')
  const { rows } = await client.query('SELECT shell, is_current FROM almagest.void_mapping')
  expect(rows).toEqual([{ shell: 0, is_current: true }])
})

test('shells: galaxies up to that far outside; margins are stored up to the shell, or 1 Mpc/h', async () => {
  await mapVoids(client, sdss)
  expect((await words()).map(({ word }) => word)).toEqual(['void_interior', 'wall', 'wall', 'wall'])
  expect((await words()).map(({ margin }) => margin)).toEqual([expect.any(Number), null, null, null])
  await mapVoids(client, sdss, { shell: 3 })
  const shells = await words()
  expect(shells.map(({ word }) => word)).toEqual(['void_interior', 'void_shell', 'wall', 'wall'])
  expect(shells[1]!.margin).toBeCloseTo(2, 2)
  expect(shells[2]!.margin).toBeNull()
})

test('without a mask the summary counts the galaxies that wall may be wrong for', async () => {
  const { releases } = await mapVoids(client, sdss)
  expect(releases[0]!.oddities.galaxyFootprintUnknown).toBe(3)
})

/** A mask of 61 degrees of RA around 180, between 11 degrees south and north. */
const storeMask = () =>
  client.query(
    `INSERT INTO sdss_dr7_voids.vast_voidfinder_mask (pixel, ra_cell, dec_cell, resolution, inside)
     SELECT ra * 180 + dec, ra, dec, 1, CASE WHEN ra BETWEEN 150 AND 210 AND dec BETWEEN 80 AND 100 THEN 1 ELSE 0 END
     FROM generate_series(0, 359) ra, generate_series(0, 179) dec`,
  )

test('the distance to the edge of the footprint: none without its mask, and measured where an older run did not', async () => {
  const distances = async () =>
    (
      await client.query<{ voidfinder: number | null; v2: number | null }>(
        `SELECT voidfinder_edge_distance AS voidfinder, v2_vide_edge_distance AS v2
         FROM sdss_dr7_voids.galaxy_environments ORDER BY galaxy`,
      )
    ).rows
  await storeGalaxies(
    client,
    galaxiesAt([
      [5n, 180, 30, 150],
      [6n, 180, 0, 290],
    ]),
  )
  const none = Array.from({ length: 6 }, () => ({ voidfinder: null, v2: null }))
  expect((await mapVoids(client, sdss)).releases[0]!.withinFootprint).toBe(0)
  expect(await distances()).toEqual(none)
  await storeMask()
  const degrees = Math.sin((11 * Math.PI) / 180)
  const expected = [100 * degrees, 88 * degrees, 118.5 * degrees, 150 * degrees, 0, 10].map((distance) => ({
    voidfinder: expect.closeTo(distance, 2),
    v2: null,
  }))
  for (const threads of [0, 2]) {
    expect((await mapVoids(client, sdss, { threads })).releases[0]!.withinFootprint).toBe(5)
    expect(await distances()).toEqual(expected)
  }
  expect((await mapVoids(client, sdss, { onlyNew: true })).mapped).toBe('none')
  await client.query("UPDATE almagest.void_mapping_release SET counts = counts - 'withinFootprint'")
  await client.query('UPDATE sdss_dr7_voids.galaxy_environments SET voidfinder_edge_distance = NULL')
  expect((await mapVoids(client, sdss, { onlyNew: true })).mapped).toBe('sources')
  expect(await distances()).toEqual(expected)
  await client.query('DELETE FROM sdss_dr7_voids.vast_voidfinder_mask')
  await mapVoids(client, sdss)
  expect(await distances()).toEqual(none)
})

test('a mask: outside beyond it, edge beside it, and a mask that is not whole is refused', async () => {
  await storeMask()
  await storeGalaxies(client, galaxiesAt([[5n, 180, 30, 150]]))
  const { releases } = await mapVoids(client, sdss)
  // At 150 Mpc/h the mask ends 26 Mpc/h away in declination; at 88, 15 away: both further than 10.
  expect((await words()).map(({ word }) => word)).toEqual([
    'void_interior',
    'wall',
    'wall',
    'wall',
    'outside',
  ])
  expect(releases[0]!.oddities.galaxyFootprintUnknown).toBe(0)
  await client.query('UPDATE sdss_dr7_voids.vast_voidfinder_mask SET inside = 0 WHERE dec_cell > 92')
  await mapVoids(client, sdss)
  expect((await words()).map(({ word }) => word)).toEqual([
    'void_interior',
    'edge',
    'edge',
    'edge',
    'outside',
  ])
  await client.query('DELETE FROM sdss_dr7_voids.vast_voidfinder_mask WHERE pixel = 7')
  await expect(mapVoids(client, sdss)).rejects.toMatchObject({
    code: 'VOIDS_MASK_INCOMPLETE',
    message: expect.stringMatching(/holds 64799 pixels of resolution 1; a whole ra-dec mask has 64800/),
  })
})

test.each([{ shell: -1 }, { tolerance: Number.NaN }, { reach: Number.POSITIVE_INFINITY }])(
  'refused: %o',
  async (options) => {
    await expect(mapVoids(client, sdss, options)).rejects.toMatchObject({ code: 'VOIDS_PARAMETER' })
  },
)
