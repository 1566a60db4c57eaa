// Relations, agreement, sizes and views in a database, against sums over single galaxies.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import desi from '../../catalogs/desi-dr1/index.ts'
import sdss from '../../catalogs/sdss-dr7-voids/index.ts'
import {
  compared,
  createViews,
  dropViews,
  type RelationRow,
  readAgreement,
  readRelations,
  readSizes,
} from '../../src/analysis/index.ts'
import { applySurvey } from '../../src/postgres/index.ts'
import { type ScratchDatabase, scratchDatabase } from '../postgres/scratch.ts'

interface Galaxy {
  region: string
  z: number
  mass: number
  sfr: number | null
  dn4000: number
  voidfinder: string
  v2_vide: string | null
}

let database: ScratchDatabase
let galaxies: Galaxy[]
beforeAll(async () => {
  database = await scratchDatabase()
  const { client } = database
  await applySurvey(client, desi, { name: 'plain', install: [], indexOn: () => 'USING btree ("ra", "dec")' })
  // 3000 galaxies in four sky regions; void galaxies are nearer, lighter and form more stars. Every 50th has SFR 0, every 60th none.
  await client.query(`SELECT setseed(0.25);
    CREATE TEMPORARY TABLE made AS SELECT n, random() AS a, random() AS b, random() AS c, random() AS d, random() AS e
      FROM generate_series(1, 3000) n;
    INSERT INTO desi_analysis.fastspecfit_iron (targetid, ra, dec, z, logmstar, sfr, dn4000)
      SELECT n, 1 + 13 * a + 15 * (n % 4), 1 + 10 * b, 0.01 + 0.1 * c + 0.05 * (n % 3), 8 + 3.5 * d + 0.3 * (n % 3),
        CASE WHEN n % 60 = 0 THEN NULL WHEN n % 50 = 0 THEN 0 ELSE 10 ^ (d * 3.5 - 2 + 2 * e - (n % 3)) END, 1.2 + e FROM made;
    INSERT INTO desi_analysis.galaxy_environments (targetid, voidfinder, v2_vide)
      SELECT n, CASE WHEN n % 3 = 0 THEN 'void_interior' WHEN n % 31 = 0 THEN 'edge' ELSE 'wall' END,
        CASE WHEN n % 7 = 0 THEN NULL WHEN a < 0.4 THEN 'void_interior' ELSE 'wall' END FROM made`)
  const { rows } = await client.query<Galaxy & Record<string, unknown>>(
    `SELECT floor(ra / 15)::text AS region, z, logmstar::float8 AS mass, sfr::float8 AS sfr, dn4000::float8 AS dn4000, voidfinder, v2_vide
     FROM desi_analysis.fastspecfit_iron JOIN desi_analysis.galaxy_environments USING (targetid)`,
  )
  galaxies = rows
}, 120_000)
afterAll(() => database.drop())

const bin = (value: number, width: number) => Math.floor(value / width + 1e-12)
const average = (values: readonly number[]) => values.reduce((sum, each) => sum + each, 0) / values.length

/** Whether a galaxy counts in a relation, and its value there. */
const measures: Record<string, (galaxy: Galaxy) => number | undefined> = {
  quenched_fraction: ({ sfr, mass }) => (sfr === null ? undefined : Number(Math.log10(sfr) - mass < -11)),
  main_sequence: ({ sfr, mass }) =>
    sfr !== null && Math.log10(sfr) - mass >= -11 ? Math.log10(sfr) : undefined,
  log_sfr: ({ sfr }) => (sfr !== null && sfr > 0 ? Math.log10(sfr) : undefined),
  dn4000: ({ dn4000 }) => dn4000,
}

/** The matched mean, straight from its definition: bins of redshift that both have, weighted by void galaxies. */
function matched(sample: readonly Galaxy[], relation: string, environment: string): number {
  const measured = sample.filter((each) => measures[relation]!(each) !== undefined)
  const cells = new Map<string, Galaxy[]>()
  for (const each of measured) {
    const name = `${bin(each.mass - 8, 0.25)} ${bin(each.z, 0.02)}`
    cells.set(name, [...(cells.get(name) ?? []), each])
  }
  let [sum, total] = [0, 0]
  for (const cell of cells.values()) {
    const [inVoids, inWalls] = compared.map((word) => cell.filter((each) => each.voidfinder === word))
    if (inVoids!.length === 0 || inWalls!.length === 0) continue
    const own = environment === 'wall' ? inWalls! : inVoids!
    sum += inVoids!.length * average(own.map((each) => measures[relation]!(each)!))
    total += inVoids!.length
  }
  return sum / total
}

function jackknife(sample: readonly Galaxy[], statistic: (sample: readonly Galaxy[]) => number): number {
  const regions = [...new Set(galaxies.map(({ region }) => region))]
  const values = regions.map((left) => statistic(sample.filter(({ region }) => region !== left)))
  const middle = average(values)
  const squares = values.reduce((sum, each) => sum + (each - middle) ** 2, 0)
  return Math.sqrt((squares * (regions.length - 1)) / regions.length)
}

const inRange = () => galaxies.filter(({ mass }) => mass >= 8 && mass < 12)

describe('relations', () => {
  test('means by mass, matched in redshift, with jackknife errors, as single galaxies give them', async () => {
    const { rows, regions } = await readRelations(database.client, desi, { samples: 20 })
    expect(regions.VoidFinder).toBe(4)
    const own = rows.filter((row) => row.source === 'VoidFinder' && row.relation !== 'mass_function')
    expect(own.length).toBe(4 * 2 * 16)
    let compares = 0
    for (const row of own.filter(({ massFrom }) => massFrom === 9 || massFrom === 10.25)) {
      const sample = inRange().filter(({ mass }) => mass >= row.massFrom && mass < row.massTo)
      const value = matched(sample, row.relation, row.environment)
      expect(row.value).toBeCloseTo(value, 9)
      expect(row.jackknife).toBeCloseTo(
        jackknife(sample, (part) => matched(part, row.relation, row.environment)),
        9,
      )
      compares++
    }
    expect(compares).toBe(16)
  })

  test('the difference of void and wall galaxies at the same mass and redshift', async () => {
    const { differences } = await readRelations(database.client, desi, { samples: 20 })
    for (const row of differences.filter(({ source }) => source === 'VoidFinder')) {
      const difference = (sample: readonly Galaxy[]) =>
        matched(sample, row.relation, 'void_interior') - matched(sample, row.relation, 'wall')
      expect(row.value).toBeCloseTo(difference(inRange()), 9)
      expect(row.jackknife).toBeCloseTo(jackknife(inRange(), difference), 9)
      expect(row.bootstrap).toBeGreaterThan(0)
    }
    // The void galaxies were made less star-forming by mass: the sample must be able to tell.
    const quenched = differences.find(
      (row) => row.source === 'VoidFinder' && row.relation === 'quenched_fraction',
    )!
    expect(Math.abs(quenched.value!)).toBeGreaterThan(5 * quenched.jackknife!)
  })

  test('the mass function is a distribution: its shares over the bins add up to 1', async () => {
    const { rows } = await readRelations(database.client, desi, { samples: 2 })
    const total = (environment: string) =>
      rows
        .filter((row) => row.relation === 'mass_function' && row.source === 'VoidFinder')
        .filter((row) => row.environment === environment)
        .reduce((sum, { value, massFrom, massTo }: RelationRow) => sum + value! * (massTo - massFrom), 0)
    for (const environment of compared) expect(total(environment)).toBeCloseTo(1, 9)
  })

  test('a survey without masses is refused with what to declare', async () => {
    await expect(readRelations(database.client, sdss)).rejects.toMatchObject({
      code: 'ANALYSIS_NO_PROPERTIES',
      message: expect.stringContaining('sdss_dr7_voids.galaxies'),
    })
  })
})

test('agreement counts galaxies of which both can tell; edge and NULL are left out', async () => {
  const rows = await readAgreement(database.client, desi, { samples: 20 })
  const known = galaxies.filter((each) => each.voidfinder !== 'edge' && each.v2_vide !== null)
  const count = (a: boolean, b: boolean) =>
    known.filter(
      (each) => (each.voidfinder === 'void_interior') === a && (each.v2_vide === 'void_interior') === b,
    ).length
  expect(rows).toEqual([
    expect.objectContaining({
      ...{ a: 'VoidFinder', b: 'V2_VIDE' },
      ...{ both: count(true, true), onlyA: count(true, false), onlyB: count(false, true) },
      neither: count(false, false),
    }),
  ])
  expect(rows[0]!.jackknife).toBeGreaterThan(0)
})

test('sizes: bins, edge voids, and those at least as large', async () => {
  await database.client.query(`INSERT INTO desi_analysis.desivast_voids
      (void_catalog_source, cap, void_index, ra_center, dec_center, radius, edge, r_eff, total_area, edge_area)
    VALUES ('VoidFinder', 'NGC', 1, 0, 0, 12, 0, 15, NULL, NULL), ('VoidFinder', 'NGC', 2, 0, 0, 12, 1, NULL, NULL, NULL),
      ('VoidFinder', 'SGC', 1, 0, 0, 22.5, 2, NULL, NULL, NULL), ('V2_VIDE', 'NGC', 1, 0, 0, 13, NULL, NULL, 100, 5),
      ('V2_VIDE', 'NGC', 2, 0, 0, 13, NULL, NULL, NULL, NULL)`)
  const rows = await readSizes(database.client, desi, 5)
  expect(rows.map((row) => [row.source, row.from, row.to, row.voids, row.interior, row.cumulative])).toEqual([
    ['VoidFinder', 10, 15, 1, 0, 3],
    ['VoidFinder', 15, 20, 1, 1, 2],
    ['VoidFinder', 20, 25, 1, 0, 1],
    ['V2_VIDE', 10, 15, 2, null, 2],
  ])
})

describe('views', () => {
  test('agree with the queries; made again, removed, and a schema of others is left alone', async () => {
    const { client } = database
    const names = await createViews(client, desi)
    expect(await createViews(client, desi)).toEqual(names)
    const sample = galaxies.filter(
      ({ mass, voidfinder }) => mass >= 9 && mass < 9.25 && voidfinder === 'wall',
    )
    const { rows } = await client.query<{ value: number; error: number; galaxies: bigint }>(
      `SELECT value, error, galaxies FROM desi_analysis_views.dn4000
       WHERE source = 'VoidFinder' AND environment = 'wall' AND mass_from = 9`,
    )
    const mean = (part: readonly Galaxy[]) => average(part.map(({ dn4000 }) => dn4000))
    expect(rows).toEqual([
      {
        value: expect.closeTo(mean(sample), 9),
        error: expect.closeTo(jackknife(sample, mean), 9),
        galaxies: BigInt(sample.length),
      },
    ])
    const agreement = await client.query<{ kappa: number; both: number }>(
      'SELECT kappa, both_in::integer AS both FROM desi_analysis_views.finder_agreement',
    )
    const [expected] = await readAgreement(client, desi, { samples: 2 })
    expect(agreement.rows).toEqual([{ kappa: expect.closeTo(expected!.kappa!, 12), both: expected!.both }])
    for (const name of names) await client.query(`SELECT * FROM ${name} LIMIT 1`)

    await dropViews(client, desi)
    expect(
      (await client.query("SELECT FROM pg_namespace WHERE nspname = 'desi_analysis_views'")).rows,
    ).toEqual([])
    await client.query('CREATE SCHEMA desi_analysis_views')
    await expect(createViews(client, desi)).rejects.toMatchObject({ code: 'SCHEMA_FOREIGN' })
    await expect(dropViews(client, desi)).rejects.toMatchObject({ code: 'SCHEMA_FOREIGN' })
    await client.query('DROP SCHEMA desi_analysis_views')
  })
})
