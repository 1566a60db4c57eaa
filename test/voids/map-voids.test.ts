// The mapping inside a real database: the real SDSS releases against their truth, a second run, and what is refused.
import { afterAll, beforeAll, expect, test } from 'vitest'
import sdss from '../../catalogs/sdss-dr7-voids/index.ts'
import { applySurvey, type Client, surveyDifferences } from '../../src/postgres/index.ts'
import { type MapVoidsProgress, mapVoids } from '../../src/voids/index.ts'
import { type ScratchDatabase, scratchDatabase } from '../postgres/scratch.ts'
import { needs } from '../require.ts'
import { storeGalaxies, storeRelease } from './load-reference.ts'
import { galaxies, truth, v2, voidFinder } from './reference-data.ts'

const sky = { name: 'plain', install: [], indexOn: () => 'USING btree ("ra", "dec")' }

async function freshSurvey(): Promise<ScratchDatabase> {
  const database = await scratchDatabase()
  await applySurvey(database.client, sdss, sky)
  return database
}

async function count(client: Client, sql: string): Promise<number> {
  const { rows } = await client.query<{ n: bigint }>(`SELECT count(*) AS n FROM ${sql}`)
  return Number(rows[0]!.n)
}

needs('shared')('SDSS DR7 in a database', () => {
  let database: ScratchDatabase
  beforeAll(async () => {
    database = await freshSurvey()
    await storeGalaxies(database.client, await galaxies())
    for (const release of [voidFinder(), v2('REVOLVER'), v2('VIDE'), v2('ZOBOV')]) {
      await storeRelease(database.client, await release)
    }
  })
  afterAll(() => database.drop())

  test('every pair of every finder, exactly', async () => {
    const { client } = database
    const progress: MapVoidsProgress[] = []
    const started = performance.now()
    const summary = await mapVoids(client, sdss, { onProgress: (step) => progress.push(step) })
    console.log(`mapped in ${((performance.now() - started) / 1000).toFixed(1)} s`, summary.rows)
    expect(
      summary.releases.map((each) => [each.source, each.cap, each.voids, each.galaxiesInside, each.pairs]),
    ).toEqual([
      ['V2_REVOLVER', 'NGC', 437, 88_901, 88_901],
      ['V2_VIDE', 'NGC', 321, 63_916, expect.any(Number)],
      ['V2_ZOBOV', 'NGC', 437, 100_502, expect.any(Number)],
      ['VoidFinder', 'NGC', 900, 7_459, 11_131],
    ])
    expect(progress.at(-1)!.phase).toBe('indexes')
    expect(progress.filter(({ phase }) => phase === 'galaxies').at(-1)!.done).toBe(120_606)

    const { rows } = await client.query<{ source: string; galaxy: bigint; void_index: bigint }>(
      `SELECT void_catalog_source AS source, galaxy, void_index
       FROM sdss_dr7_voids.void_galaxy_map JOIN sdss_dr7_voids.vast_voids USING (void_id)`,
    )
    const stored = rows.map((row) => `${row.source} ${row.galaxy} ${row.void_index}`)
    const holes = truth('truth_voidfinder_pairs')
      .filter(({ margin }) => Number(margin) < -1e-3)
      .map((row) => `VoidFinder ${row.row} ${row.void}`)
    const zones = truth('truth_v2').flatMap((row) =>
      ['revolver', 'vide', 'zobov'].flatMap((name) =>
        [...new Set([row[`${name}_void0`], row[`${name}_void1`]])]
          .filter((number) => number !== '-1')
          .map((number) => `V2_${name.toUpperCase()} ${row.row} ${number}`),
      ),
    )
    expect(stored.length).toBe(summary.rows.map)
    expect(stored.sort()).toEqual([...holes, ...zones].sort())
  })

  test('details: margin and depth where the finder has them, centre distances that SQL computes too', async () => {
    const { client } = database
    expect(
      await count(
        client,
        `sdss_dr7_voids.void_galaxy_details d JOIN sdss_dr7_voids.vast_voids v USING (void_id)
      WHERE d.void_catalog_source <> v.void_catalog_source
         OR (margin IS NULL) = (v.void_catalog_source = 'VoidFinder')
         OR (depth IS NULL) <> (v.void_catalog_source = 'VoidFinder')
         OR void_at_edge <> (CASE WHEN v.void_catalog_source = 'VoidFinder' THEN v.edge <> 0
                             ELSE v.edge_area / v.total_area > 0.1 END)
         OR void_at_edge IS NULL OR d.environment NOT IN ('void_interior', 'edge')`,
      ),
    ).toBe(0)
    expect(await count(client, 'sdss_dr7_voids.void_galaxy_details WHERE margin >= -0.001')).toBe(0)
    expect(
      await count(
        client,
        `sdss_dr7_voids.void_galaxy_details d JOIN sdss_dr7_voids.vast_voids v USING (void_id)
      WHERE abs(d.center_distance / v.radius - d.center_distance_radii) > 1e-6`,
      ),
    ).toBe(0)
  })

  test('environments follow the truth', async () => {
    const { rows } = await database.client.query<{ source: string; environment: string; n: bigint }>(
      `SELECT source, environment, count(*) AS n FROM sdss_dr7_voids.galaxy_environments,
       LATERAL (VALUES ('VoidFinder', voidfinder), ('V2_REVOLVER', v2_revolver), ('V2_VIDE', v2_vide),
         ('V2_ZOBOV', v2_zobov)) AS words (source, environment) GROUP BY 1, 2`,
    )
    const found = Object.fromEntries(rows.map((row) => [`${row.source} ${row.environment}`, Number(row.n)]))
    expect(found).toMatchObject({
      'VoidFinder void_interior': 7_459,
      'VoidFinder surface': 22_555,
      'V2_ZOBOV outside': 20_104,
      'V2_ZOBOV edge': 8_545,
      'V2_VIDE outside': 20_104,
      'V2_REVOLVER edge': 8_545,
      'V2_REVOLVER void_interior': 88_901,
    })
    // Every galaxy has a word from every finder here: VoidFinder's from its position, V2's from GALZONE.
    expect(rows.reduce((sum, { n }) => sum + Number(n), 0)).toBe(4 * 120_606)
  })

  test('a second run gives the same rows, by threads too, and the schema is as declared', async () => {
    const { client } = database
    const digest = async () => {
      const { rows } = await client.query(`SELECT
        (SELECT md5(string_agg(m::text, ',' ORDER BY m.galaxy, m.void_id)) FROM sdss_dr7_voids.void_galaxy_map m) AS map,
        (SELECT md5(string_agg(d::text, ',' ORDER BY d.galaxy, d.void_id)) FROM sdss_dr7_voids.void_galaxy_details d) AS details,
        (SELECT md5(string_agg(s::text, ',' ORDER BY s.galaxy, s.void_id)) FROM sdss_dr7_voids.void_sphere_map s) AS spheres,
        (SELECT md5(string_agg(e::text, ',' ORDER BY e.galaxy)) FROM sdss_dr7_voids.galaxy_environments e) AS words`)
      return rows[0]
    }
    const before = await digest()
    const again = await mapVoids(client, sdss)
    expect(await digest()).toEqual(before)
    const threaded = await mapVoids(client, sdss, { threads: 2 })
    expect(await digest()).toEqual(before)
    expect(threaded).toEqual(again)
    expect(await surveyDifferences(client, sdss, sky)).toEqual([])
  })

  test('the spheres are those that SQL finds by distance', async () => {
    const { client } = database
    const { rows } = await client.query<{ worst: number; n: bigint }>(
      `SELECT max(s.center_distance / v.radius) AS worst, count(*) AS n
       FROM sdss_dr7_voids.void_sphere_map s JOIN sdss_dr7_voids.vast_voids v USING (void_id)`,
    )
    expect(Number(rows[0]!.n)).toBeGreaterThan(10_000)
    expect(rows[0]!.worst).toBeLessThan(1)
  })
})
