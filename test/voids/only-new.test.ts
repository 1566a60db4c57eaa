// Mapping only what is new: the same rows and the same record as mapping all, for galaxies and for void files that came.
import { basename, join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import desi from '../../catalogs/desi-dr1/index.ts'
import { writeMock } from '../../src/cli/write-mock.ts'
import { loadFiles } from '../../src/load/index.ts'
import { applySurvey } from '../../src/postgres/index.ts'
import { mapVoids } from '../../src/voids/index.ts'
import { temporaryFolder } from '../cli/almagest.ts'
import { type ScratchDatabase, scratchDatabase } from '../postgres/scratch.ts'

const folder = temporaryFolder()
let files: readonly string[]
beforeAll(async () => {
  files = (await writeMock(desi.mock!, join(folder.path, 'mock'), { galaxies: 2500, seed: 11 })).files
})
afterAll(() => folder[Symbol.dispose]())

let database: ScratchDatabase
beforeEach(async () => {
  database = await scratchDatabase()
  const sky = { name: 'plain', install: [], indexOn: () => 'USING btree ("ra", "dec")' }
  await applySurvey(database.client, desi, sky)
})
afterEach(() => database.drop())

const load = async (wanted: (name: string) => boolean) => {
  const some = files.filter((file) => wanted(basename(file)))
  expect(some.length).toBeGreaterThan(0)
  await loadFiles(database.url, [desi], some, { jobs: 1, maxRejects: 1000 })
}

const tables = [
  'void_galaxy_map',
  'void_galaxy_details',
  'galaxy_environments',
  'void_sphere_map',
  'desivast_zone_voids',
]

/** All rows of the mapped tables, by natural order. */
async function rows() {
  const found: Record<string, string[]> = {}
  for (const table of tables) {
    const { rows } = await database.client.query<{ row: string }>(
      `SELECT t::text AS row FROM desi_analysis.${table} t ORDER BY 1`,
    )
    found[table] = rows.map(({ row }) => row)
  }
  return found
}

/** Whether what was mapped piece by piece equals what a run over everything gives, its summary included. */
async function expectAsMappedAtOnce(pieces: Awaited<ReturnType<typeof mapVoids>>): Promise<void> {
  const before = await rows()
  expect(before.void_galaxy_map!.length).toBeGreaterThan(100)
  const whole = await mapVoids(database.client, desi, { shell: 2 })
  expect(await rows()).toEqual(before)
  const { galaxies, releases, environments, rows: counts } = whole
  expect(pieces).toMatchObject({ galaxies, releases, environments, rows: counts })
}

test('galaxies that came: only theirs are added', async () => {
  await load((name) => name.startsWith('DESIVAST') || /hp0[0-6]/.test(name))
  const first = await mapVoids(database.client, desi, { shell: 2, onlyNew: true })
  expect(first).toMatchObject({ mapped: 'all', because: 'there is no mapping yet' })
  const { rows: marks } = await database.client.query<{ ctid: string }>(
    'SELECT ctid::text FROM desi_analysis.void_galaxy_map ORDER BY ctid LIMIT 1',
  )
  await load((name) => /hp(0[789]|1)/.test(name))
  const second = await mapVoids(database.client, desi, { shell: 2, onlyNew: true })
  expect(second.mapped).toBe('galaxies')
  expect(second.galaxies).toBeGreaterThan(first.galaxies)
  // The rows that were there still stand in their places.
  const { rows: after } = await database.client.query(
    'SELECT ctid::text FROM desi_analysis.void_galaxy_map ORDER BY ctid LIMIT 1',
  )
  expect(after).toEqual(marks)
  const third = await mapVoids(database.client, desi, { shell: 2, onlyNew: true })
  expect(third).toMatchObject({ mapped: 'none', galaxies: second.galaxies, rows: second.rows })
  const { rows: runs } = await database.client.query<{ runs: number }>(
    'SELECT count(*)::int AS runs FROM almagest.void_mapping',
  )
  expect(runs).toEqual([{ runs: 2 }])
  await expectAsMappedAtOnce(second)
}, 120_000)

test('void files that came: only their sources are mapped again', async () => {
  await load(
    (name) =>
      name.startsWith('fastspec') || (name.startsWith('DESIVAST') && !/VIDE|VoidFinder_SGC/.test(name)),
  )
  await mapVoids(database.client, desi, { shell: 2 })
  await load((name) => name.includes('V2_VIDE'))
  const vide = await mapVoids(database.client, desi, { shell: 2, onlyNew: true })
  expect(vide.mapped).toBe('sources')
  await load((name) => name.includes('VoidFinder_SGC'))
  const both = await mapVoids(database.client, desi, { shell: 2, onlyNew: true })
  expect(both.mapped).toBe('sources')
  await expectAsMappedAtOnce(both)
}, 120_000)

test('where what is new cannot be told, all is mapped, with the reason', async () => {
  await load((name) => name.startsWith('DESIVAST_BGS_VOLLIM_VoidFinder') || /hp0[0-6]/.test(name))
  const { client } = database
  await mapVoids(client, desi)
  const because = async (options: { shell?: number } = {}) =>
    (await mapVoids(client, desi, { ...options, onlyNew: true })).because
  expect(await because({ shell: 1 })).toContain('tolerance, shell or reach')
  await client.query(
    'DELETE FROM desi_analysis.void_sphere_map WHERE void_id = (SELECT min(void_id) FROM desi_analysis.void_sphere_map)',
  )
  expect(await because({ shell: 1 })).toContain('rows of spheres')
  await client.query(
    'INSERT INTO desi_analysis.fastspecfit_iron (targetid, ra, dec, z) VALUES (1, 180, 10, 0.1)',
  )
  expect(await because({ shell: 1 })).toContain('came without a file')
  await load((name) => /hp07/.test(name) || name.includes('V2_REVOLVER_NGC'))
  expect(await because({ shell: 1 })).toContain('both galaxies and void catalogues')
}, 120_000)
