// From the real files to the map: every file of the reference data applied, loaded, mapped and held against the truth.
import { readdirSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import sdss from '../../catalogs/sdss-dr7-voids/index.ts'
import { type LoadReport, loadFiles } from '../../src/load/index.ts'
import { applySurvey } from '../../src/postgres/index.ts'
import { checkMembership, type MapVoidsSummary, mapVoids } from '../../src/voids/index.ts'
import { type ScratchDatabase, scratchDatabase } from '../postgres/scratch.ts'
import { needs, sdssFolder } from '../require.ts'
import { truth } from './reference-data.ts'

const sky = { name: 'plain', install: [], indexOn: () => 'USING btree ("ra", "dec")' }

needs('shared')('SDSS DR7 from its files', () => {
  let database: ScratchDatabase
  let loaded: LoadReport
  let mapped: MapVoidsSummary
  beforeAll(async () => {
    database = await scratchDatabase()
    await applySurvey(database.client, sdss, sky)
    const files = readdirSync(sdssFolder).filter((name) => name.endsWith('.fits'))
    loaded = await loadFiles(
      database.url,
      [sdss],
      files.map((name) => `${sdssFolder}/${name}`),
      { jobs: 2 },
    )
    mapped = await mapVoids(database.client, sdss)
  })
  afterAll(() => database.drop())

  const query = async <Row extends Record<string, unknown>>(sql: string) =>
    (await database.client.query<Row>(sql)).rows

  test('all six files are loaded, every row of every table and pixel of every mask', () => {
    expect(loaded.files.map(({ outcome }) => outcome)).toEqual(Array(6).fill('loaded'))
    expect([loaded.rowsRejected, loaded.rowsRead - loaded.rowsLoaded]).toEqual([0, 0])
    const masks = loaded.files.find(({ file }) => file === 'SDSSDR7_VOLLIM_MASKS.fits')!
    expect(masks.tables.map(({ table, hdus, rowsLoaded }) => [table, hdus, rowsLoaded])).toEqual([
      ['sdss_dr7_voids.vast_voidfinder_mask', ['VF_MASK'], 360 * 180],
      ['sdss_dr7_voids.vast_v2_mask', ['V2_MASK'], 12 * 32 * 32],
    ])
  })

  test('states I and O of all galaxies, and the surface between them', async () => {
    const rows = await query<{ galaxy: bigint; environment: string }>(
      'SELECT galaxy, voidfinder AS environment FROM sdss_dr7_voids.galaxy_environments ORDER BY galaxy',
    )
    expect(rows.length).toBe(120_606)
    const states = rows.map(({ environment }) =>
      environment === 'void_interior' ? 'I' : environment === 'surface' ? 'S' : 'O',
    )
    expect(states).toEqual(truth('truth_voidfinder').map(({ state }) => state))
  })

  test("VAST's vflag: wall, void, edge and outside", async () => {
    const rows = await query<{ galaxy: bigint; environment: string }>(
      'SELECT galaxy, voidfinder AS environment FROM sdss_dr7_voids.galaxy_environments ORDER BY galaxy',
    )
    const flags: Record<string, string> = { wall: '0', void_interior: '1', edge: '2', outside: '9' }
    const expected = truth('truth_voidfinder').filter(({ state }) => state !== 'S')
    expect(expected.length).toBe(98_051)
    expect(expected.filter(({ row, vflag }) => flags[rows[Number(row)]!.environment] !== vflag)).toEqual([])
    const { oddities } = mapped.releases.find(({ source }) => source === 'VoidFinder')!
    expect(oddities.galaxyFootprintUnknown).toBe(0)
  })

  test('the pairs of VoidFinder and of the three prunings, exactly', async () => {
    const rows = await query<{ source: string; galaxy: bigint; void_index: bigint }>(
      `SELECT void_catalog_source AS source, galaxy, void_index
       FROM sdss_dr7_voids.void_galaxy_map JOIN sdss_dr7_voids.vast_voids USING (void_id)`,
    )
    const stored = rows.map((row) => `${row.source} ${row.galaxy} ${row.void_index}`)
    const holes = truth('truth_voidfinder_pairs')
      .filter(({ margin }) => Number(margin) < -1e-3)
      .map((row) => `VoidFinder ${row.row} ${row.void}`)
    expect(holes.length).toBe(11_131)
    const zones = truth('truth_v2').flatMap((row) =>
      ['revolver', 'vide', 'zobov'].flatMap((name) =>
        [...new Set([row[`${name}_void0`], row[`${name}_void1`]])]
          .filter((number) => number !== '-1')
          .map((number) => `V2_${name.toUpperCase()} ${row.row} ${number}`),
      ),
    )
    expect(stored.sort()).toEqual([...holes, ...zones].sort())
  })

  test('all voids of each zone, where volumes tell; derived ones are marked', async () => {
    const rows = await query<{ source: string; zones: number; complete: number; derived: number }>(
      `SELECT void_catalog_source AS source, count(DISTINCT zone)::integer AS zones,
         count(DISTINCT zone) FILTER (WHERE complete)::integer AS complete, count(*) FILTER (WHERE derived)::integer AS derived
       FROM sdss_dr7_voids.vast_zone_voids GROUP BY 1 ORDER BY 1`,
    )
    expect(rows.slice(0, 2)).toEqual([
      { source: 'V2_REVOLVER', zones: 437, complete: 437, derived: 0 },
      { source: 'V2_VIDE', zones: 339, complete: 339, derived: 5 },
    ])
    const wanted = truth('truth_v2_zone_voids').filter((row) => row.method === 'VIDE' && row.voids !== '')
    const lists = await query<{ zone: number; voids: string }>(
      `SELECT zone::integer AS zone, string_agg(void_index::text, ' ' ORDER BY void_index) AS voids
       FROM sdss_dr7_voids.vast_zone_voids z JOIN sdss_dr7_voids.vast_voids USING (void_id)
       WHERE z.void_catalog_source = 'V2_VIDE' GROUP BY zone ORDER BY zone`,
    )
    const sorted = (voids: string) =>
      voids
        .split(' ')
        .sort((a, b) => Number(a) - Number(b))
        .join(' ')
    expect(lists.map((row) => [row.zone, row.voids])).toEqual(
      wanted.map((row) => [Number(row.zone), sorted(row.voids!)]).sort(([a], [b]) => Number(a) - Number(b)),
    )
  })

  test('the margins of galaxies near a surface are those of the truth', async () => {
    const rows = await query<{ galaxy: bigint; margin: number | null }>(
      'SELECT galaxy, margin FROM sdss_dr7_voids.galaxy_environments ORDER BY galaxy',
    )
    const off = truth('truth_voidfinder').filter(({ row, margin }) => {
      const found = rows[Number(row)]!.margin ?? Number.NaN
      // The truth has four digits, and none beyond 0.05 Mpc/h outside.
      return margin === ''
        ? found <= 0.05 - 1e-4
        : !(Math.abs(found - Number(margin)) <= 8e-5 + 1e-3 * Math.abs(Number(margin)))
    })
    expect(off).toEqual([])
  })

  test('the run is recorded with the cosmology and the file of each release', async () => {
    const releases = await query(
      `SELECT source, omega_m, file_name, length(sha256) AS digits, mask_file_id IS NOT NULL AS masked, galaxies::int
       FROM almagest.void_mapping_release JOIN almagest.void_mapping USING (mapping_id) WHERE is_current ORDER BY 1`,
    )
    const file = (source: string) => `SDSSDR7_VOLLIM_${source}_NGC.fits`
    const expected = (source: string, omega_m: number) => ({
      ...{ source, omega_m, file_name: file(source), digits: 64, masked: true, galaxies: 120_606 },
    })
    expect(releases).toEqual([
      ...['V2_REVOLVER', 'V2_VIDE', 'V2_ZOBOV'].map((source) => expected(source, 0.3)),
      expected('VoidFinder', 0.26),
    ])
  })

  test('set-based SQL finds the same pairs', async () => {
    const check = await checkMembership(database.client, sdss)
    expect(check).toEqual({ stored: 362_114, inSql: 362_114, onlyStored: 0, onlyInSql: 0, undecided: 0 })
  })

  test('the masks are those of the files, cell by cell as SQL reads them', async () => {
    const rows = await query<{ n: number; cells: number; square_degrees: number }>(
      `SELECT count(*)::int AS n, sum(inside)::int AS cells FROM sdss_dr7_voids.vast_voidfinder_mask
       WHERE pixel = ra_cell * 180 + dec_cell AND ra_cell BETWEEN 0 AND 359 AND dec_cell BETWEEN 0 AND 179`,
    )
    expect(rows[0]!.n).toBe(360 * 180)
    // COVSTR, the sky coverage that the files' headers state, in steradians with two decimals.
    const [rings] = await query<{ area: number }>(
      'SELECT sum(inside) * 4 * pi() / 12288 AS area FROM sdss_dr7_voids.vast_v2_mask',
    )
    expect(Math.abs(rings!.area - 2.29)).toBeLessThan(0.005)
    // Every galaxy that V2 used lies in its mask by GALZONE, and every outsider beyond mask or limits.
    const [wrong] = await query<{ n: number }>(
      `SELECT count(*)::int AS n FROM sdss_dr7_voids.galaxies g JOIN sdss_dr7_voids.vast_voidfinder_mask m
         ON m.ra_cell = trunc(g.ra) AND m.dec_cell = trunc(g.dec) + 90
       JOIN sdss_dr7_voids.galaxy_environments e USING (galaxy)
       WHERE e.voidfinder = 'wall' AND m.inside = 0`,
    )
    expect(wrong!.n).toBe(0)
  })
})
