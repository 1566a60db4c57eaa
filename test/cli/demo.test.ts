// The demonstration, from nothing to checked answers, on an embedded server of its own, twice, then stopped.
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { connect } from '../../src/postgres/index.ts'
import { scratchDatabase } from '../postgres/scratch.ts'
import { almagest, temporaryFolder } from './almagest.ts'

interface Demo {
  rowsRead: number
  rowsLoaded: number
  rowsRejected: number
  voids: { source: string; voids: number; galaxies: number }[]
  comparisons: { made: number; wrong: unknown[] }
  queries: { name: string; rows: number }[]
}

const folder = temporaryFolder()
const home = ['--home', join(folder.path, 'home')]
afterAll(async () => {
  await almagest(['stop', '--instance', 'demo', ...home])
  folder[Symbol.dispose]()
})

test('meets the known truth, again and again, and leaves a server to open', async () => {
  const first = await almagest(['demo', '--galaxies', '4000', '--json', ...home])
  expect(first.code, first.err).toBe(0)
  const demo = JSON.parse(first.out) as Demo
  expect(demo.comparisons.wrong).toEqual([])
  expect(demo.comparisons.made).toBe(33)
  expect(demo.rowsLoaded + demo.rowsRejected).toBe(demo.rowsRead)
  expect(demo.rowsRejected).toBeGreaterThan(0)
  expect(demo.voids.map((each) => each.source)).toEqual(['V2_REVOLVER', 'V2_VIDE', 'V2_ZOBOV', 'VoidFinder'])
  expect(demo.queries.every((each) => each.rows > 0)).toBe(true)

  const second = await almagest(['demo', '--galaxies', '3000', '--seed', '7', ...home])
  expect(second.code, second.err).toBe(0)
  expect(second.out).toContain("equal the mock's known truth")
  expect(second.out).not.toMatch(/postgresql:\/\/almagest:(?!\*\*\*)/)

  // The file the psql command line names holds the password, for the owner alone.
  const file = /PGPASSFILE='([^']+)'/.exec(second.out)?.[1] ?? ''
  expect(statSync(file).mode & 0o077).toBe(0)

  const page = join(folder.path, 'voids.html')
  const figures = join(folder.path, 'figures')
  const words = ['voids', 'report', 'desi-dr1', '--instance', 'demo', '--out', page, '--figures', figures]
  const report = await almagest([...words, '--samples', '10', ...home])
  expect(report.code, report.err).toBe(0)
  expect(readFileSync(page, 'utf8')).toContain('Star-forming main sequence')
  expect(readdirSync(figures)).toEqual(
    expect.arrayContaining(['sky-map-VoidFinder.svg', 'sky-map-VoidFinder.png', 'quenched-fraction.csv']),
  )

  const status = await almagest(['status', '--instance', 'demo', ...home])
  expect(status.out).toContain('desi-dr1')
  const stopped = await almagest(['stop', '--instance', 'demo', ...home])
  expect(stopped.out).toBe('stopped\n')
  expect((await almagest(['status', '--instance', 'demo', ...home])).out).toContain('stopped')
  expect(existsSync(file)).toBe(true)
})

test('runs on the server of DATABASE_URL and refuses to replace a working survey there', async () => {
  await using database = await scratchDatabase()
  const environment = { DATABASE_URL: database.url }
  const words = ['demo', '--galaxies', '3000', '--out', join(folder.path, 'mock')]
  const demo = await almagest(words, environment)
  expect(demo.code, demo.err).toBe(0)
  expect(demo.out).toContain("equal the mock's known truth")

  await using client = await connect(database.url)
  await client.query("UPDATE almagest.survey SET purpose = 'work'")
  const refused = await almagest(words, environment)
  expect(refused.err).toContain('DEMO_WOULD_DESTROY')
  expect(refused.code).toBe(2)
})

test('finds a false count: a galaxy removed from a void after the mapping', async () => {
  await using database = await scratchDatabase()
  const environment = { DATABASE_URL: database.url }
  // The trigger loses one pair of each mapping: what a defect of the mapping would do.
  const words = ['demo', '--galaxies', '3000', '--out', join(folder.path, 'mock')]
  expect((await almagest(words, environment)).code).toBe(0)
  await using client = await connect(database.url)
  await client.query(`CREATE FUNCTION public.lose_one() RETURNS event_trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF current_query() LIKE '%void_galaxy_details%' THEN RETURN; END IF;
      IF to_regclass('desi_analysis.void_galaxy_map') IS NOT NULL THEN
        DELETE FROM desi_analysis.void_galaxy_map WHERE ctid = (SELECT min(ctid) FROM desi_analysis.void_galaxy_map);
      END IF;
    END $$`)
  await client.query(
    "CREATE EVENT TRIGGER lose_one ON ddl_command_end WHEN TAG IN ('ALTER TABLE') EXECUTE FUNCTION public.lose_one()",
  )
  const again = await almagest(words, environment)
  expect(again.out + again.err).toMatch(/FAILED|error:/)
  expect(again.code).not.toBe(0)
})
