// Partitioned tables: declared, built, indexed beside work, and the way from one table to many and back with all rows.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  byServer,
  type Catalog,
  defineCatalog,
  defineSurvey,
  float64,
  int32,
  int64,
  type Partition,
  type Survey,
  sameColumns,
  serial,
  text,
} from '../../src/model/index.ts'
import {
  applySurvey,
  findDrift,
  inspectSchema,
  makePlan,
  migrateTo,
  proveMigrations,
  readMigrations,
  surveyDifferences,
  writeNewMigrations,
} from '../../src/postgres/index.ts'
import { scratchDatabase, scratchServer } from './scratch.ts'

const plain = { name: 'plain', install: [], indexOn: () => 'USING btree ("ra", "dec")' }
const choose = async () => plain
const by = byServer('test')

const columns = {
  id: int64(by, 'Identifier.'),
  healpix: int32(by, 'Pixel.', { required: true }),
  z: float64(by, 'Redshift.', { required: true }),
  program: text(by, 'Program.', { required: true, oneOf: ['bright', 'dark', 'backup'] }),
  note: serial(by, 'Number.'),
}

function columnsOf(partition: Partition | undefined): string[] {
  return partition ? [partition.column, ...columnsOf(partition.within)] : []
}

function survey(partition: Partition | undefined, indexes: Record<string, { btree: string[] }>): Survey {
  const galaxies = defineCatalog({
    name: 'divided.galaxies',
    title: 'Galaxies',
    columns,
    key: [...new Set(['id', ...columnsOf(partition)])],
    indexes,
    ...(partition ? { partition } : {}),
  } as never) as unknown as Catalog
  const views = { galaxies: { title: 'Galaxies', from: galaxies, columns: sameColumns(galaxies) } }
  return defineSurvey({
    name: 'divided',
    title: 'Divided',
    schema: 'divided',
    version: '1',
    catalogs: [galaxies],
    published: [{ name: 'divided_v1', title: 'V1', readers: [], views }],
  })
}

const byZ = { by_z: { btree: ['z'] } }
const ranges: Partition = { by: 'range', column: 'z', bounds: [0.1, 0.4] }
const whole = survey(undefined, byZ)
const divided = survey(ranges, byZ)
const indexed = survey(ranges, { ...byZ, by_program: { btree: ['program', 'z'] } })
const finer = survey(
  { by: 'range', column: 'z', bounds: [0.1, 0.2, 0.4] },
  { ...byZ, by_program: { btree: ['program', 'z'] } },
)

const root = mkdtempSync(join(tmpdir(), 'almagest-divided-'))
const folder = join(root, 'divided')
beforeAll(async () => {
  for (const [name, version] of Object.entries({ whole, divided, indexed, finer }))
    await writeNewMigrations(scratchServer(), choose, version, folder, name)
  await writeNewMigrations(scratchServer(), choose, survey(undefined, byZ), folder, 'undivided')
})
afterAll(() => rmSync(root, { recursive: true }))

const rows = `INSERT INTO divided.galaxies (id, healpix, z, program)
  SELECT i, i % 50, (i % 100) / 200.0, (ARRAY['bright', 'dark', 'backup'])[1 + i % 3] FROM generate_series(1, 1000) i`
const where =
  'SELECT tableoid::regclass::text AS part, count(*)::int AS n FROM divided.galaxies GROUP BY 1 ORDER BY 1'
const content = 'SELECT * FROM divided.galaxies ORDER BY id'

describe('a plan to partitions', () => {
  test('is announced as a rewrite that blocks', async () => {
    await using database = await scratchDatabase()
    await applySurvey(database.client, whole, plain)
    await database.client.query(`${rows}; ANALYZE divided.galaxies`)
    const { changes } = await makePlan(database.client, divided, plain)
    expect(changes.find(({ kind }) => kind === 'rebuild-table')).toMatchObject({
      blocks: true,
      work: 'rewrite',
      lock: 'ACCESS EXCLUSIVE',
      rows: 1000,
    })
  })

  test('keeps every row on the way to each version and back', async () => {
    await using database = await scratchDatabase()
    const { client } = database
    const go = (version: string) =>
      migrateTo(client, whole, plain, folder, version, { verifiedBackup: 'test' })
    const stems = readMigrations(folder).map(({ name }) => name)
    const numberOf = (name: string) => String(1 + stems.indexOf(name)).padStart(4, '0')
    await go(numberOf('whole_publish'))
    await client.query(rows)
    const before = (await client.query(content)).rows
    const first = await inspectSchema(client, 'divided')
    await go(numberOf('divided'))
    // (i mod 100) / 200: 20 of each 100 are below 0.1, 60 from there to below 0.4, 20 above.
    expect((await client.query(where)).rows).toEqual([
      { part: 'divided.galaxies_0', n: 200 },
      { part: 'divided.galaxies_1', n: 600 },
      { part: 'divided.galaxies_2', n: 200 },
    ])
    expect((await client.query(content)).rows).toEqual(before)
    expect((await client.query('SELECT count(*)::int AS n FROM divided_v1.galaxies')).rows).toEqual([
      { n: 1000 },
    ])
    // The sequence behind the serial column goes on.
    const next = await client.query(
      "INSERT INTO divided.galaxies (id, healpix, z, program) VALUES (5000, 1, 7, 'dark') RETURNING note",
    )
    expect(next.rows).toEqual([{ note: 1001 }])
    await client.query('DELETE FROM divided.galaxies WHERE id = 5000')
    await go(numberOf('finer'))
    expect((await client.query(where)).rows.map(({ n }) => n)).toEqual([200, 200, 400, 200])
    expect((await client.query(content)).rows).toEqual(before)
    await go('last')
    expect((await client.query(content)).rows).toEqual(before)
    await go(numberOf('whole_publish'))
    expect((await client.query(content)).rows).toEqual(before)
    expect(await inspectSchema(client, 'divided')).toEqual(first)
  })

  test('is proved', async () => {
    const short = join(root, 'short')
    await writeNewMigrations(scratchServer(), choose, whole, short, 'whole')
    await writeNewMigrations(scratchServer(), choose, indexed, short, 'indexed')
    const proof = await proveMigrations(scratchServer(), choose, indexed, short)
    expect(proof.irreversible).toEqual([])
  })

  test('builds an index of a partitioned table by its partitions, beside work, and attaches them', async () => {
    const migrations = readMigrations(folder).filter(({ name }) => name.startsWith('indexed'))
    expect(migrations.map(({ name, transactional }) => [name, transactional])).toEqual([
      ['indexed', true],
      ['indexed_index_1', false],
      ['indexed_index_2', false],
      ['indexed_index_3', false],
      ['indexed_keys', true],
    ])
    const sql = migrations.map(({ upSql }) => upSql.trim())
    expect(sql[0]).toContain('CREATE INDEX by_program ON ONLY galaxies')
    expect(sql[1]).toMatch(
      /^CREATE INDEX CONCURRENTLY by_program_0 ON galaxies_0 USING btree \(program, z\);$/,
    )
    expect(sql[4]).toContain('ALTER INDEX "by_program" ATTACH PARTITION "by_program_2"')
    await using database = await scratchDatabase()
    const { client } = database
    await migrateTo(client, indexed, plain, folder, migrations.at(-1)!.number)
    const valid = await client.query(
      "SELECT indisvalid FROM pg_index WHERE indexrelid = 'divided.by_program'::regclass",
    )
    expect(valid.rows).toEqual([{ indisvalid: true }])
    expect(await surveyDifferencesOf(client, indexed)).toEqual([])
  })

  test('refuses to lose rights that no declaration speaks of', async () => {
    await using database = await scratchDatabase()
    await applySurvey(database.client, whole, plain)
    await database.client.query(
      'ALTER TABLE divided.galaxies ALTER z SET STATISTICS 500; GRANT SELECT (z) ON divided.galaxies TO PUBLIC',
    )
    await expect(makePlan(database.client, divided, plain)).rejects.toMatchObject({
      code: 'PLAN_UNSUPPORTED',
      message: expect.stringMatching(
        /grant on column galaxies.z to PUBLIC.*statistics target of column galaxies.z/s,
      ),
    })
  })
})

async function surveyDifferencesOf(client: Parameters<typeof surveyDifferences>[0], version: Survey) {
  await client.query('BEGIN')
  const found = await surveyDifferences(client, version, plain)
  await client.query('ROLLBACK')
  return found
}

describe('declared partitions', () => {
  test.each<[string, Partition, Record<string, number>]>([
    ['by redshift', ranges, { galaxies_0: 200, galaxies_1: 600, galaxies_2: 200 }],
    [
      'by HEALPix pixel',
      { by: 'range', column: 'healpix', bounds: [10, 30] },
      { galaxies_0: 200, galaxies_1: 400, galaxies_2: 400 },
    ],
    [
      'by program',
      { by: 'list', column: 'program', values: { bright: ['bright'], faint: ['dark'] } },
      { galaxies_bright: 333, galaxies_faint: 334, galaxies_others: 333 },
    ],
  ])(
    '%s: every row finds its partition, and apply repairs what is missing',
    async (_, partition, expected) => {
      await using database = await scratchDatabase()
      const { client } = database
      const version = survey(partition, byZ)
      await applySurvey(client, version, plain)
      await client.query(rows)
      const found = (await client.query<{ part: string; n: number }>(where)).rows
      expect(Object.fromEntries(found.map(({ part, n }) => [part.replace('divided.', ''), n]))).toEqual(
        expected,
      )
      expect((await findDrift(client, version)).differences).toEqual([])
      expect(await surveyDifferencesOf(client, version)).toEqual([])
      await client.query('DROP INDEX divided.by_z')
      expect((await applySurvey(client, version, plain)).made).toEqual(['index by_z'])
      expect((await makePlan(client, version, plain)).changes).toEqual([])
    },
  )

  test('programs by HEALPix pixel: every row finds its place, and the way there, on and back keeps it', async () => {
    const pixels: Partition = { by: 'range', column: 'healpix', bounds: [10, 30] }
    const programs = { bright: ['bright'], dark: ['dark'] }
    const once = survey({ by: 'list', column: 'program', values: programs }, byZ)
    const twice = survey({ by: 'list', column: 'program', values: programs, within: pixels }, byZ)
    const more = survey(
      { by: 'list', column: 'program', values: programs, within: pixels },
      { ...byZ, by_pixel: { btree: ['healpix'] } },
    )
    const path = join(root, 'deep')
    const ends: string[] = []
    for (const [name, version] of Object.entries({ once, twice, more }))
      ends.push((await writeNewMigrations(scratchServer(), choose, version, path, name)).at(-1)!.number)
    await using database = await scratchDatabase()
    const { client } = database
    const go = (version: string) => migrateTo(client, more, plain, path, version, { verifiedBackup: 'test' })
    await go(ends[0]!)
    await client.query(rows)
    const before = (await client.query(content)).rows
    const first = await inspectSchema(client, 'divided')
    await go('last')
    // Ids from 1 to 1000: program 1 + i % 3, pixel i % 50.
    const expected: Record<string, number> = {}
    for (let i = 1; i <= 1000; i++) {
      const program = ['bright', 'dark', 'others'][i % 3]!
      const pixel = i % 50 < 10 ? 0 : i % 50 < 30 ? 1 : 2
      const part = `divided.galaxies_${program}_${pixel}`
      expected[part] = (expected[part] ?? 0) + 1
    }
    const found = (await client.query<{ part: string; n: number }>(where)).rows
    expect(Object.fromEntries(found.map(({ part, n }) => [part, n]))).toEqual(expected)
    expect((await client.query(content)).rows).toEqual(before)
    const invalid = await client.query(
      "SELECT indexrelid::regclass FROM pg_index JOIN pg_class c ON c.oid = indexrelid WHERE NOT indisvalid AND relnamespace = 'divided'::regnamespace",
    )
    expect(invalid.rows).toEqual([])
    expect(await surveyDifferencesOf(client, more)).toEqual([])
    const built = readMigrations(path).filter(({ name }) => /^more_index/.test(name))
    expect(built).toHaveLength(9)
    for (const { upSql } of built) expect(upSql).toMatch(/^CREATE INDEX CONCURRENTLY/)
    await go(ends[0]!)
    expect((await client.query(content)).rows).toEqual(before)
    expect(await inspectSchema(client, 'divided')).toEqual(first)
  })

  test('divided twice: apply builds it, repairs it, and nothing is left to plan', async () => {
    const pixels: Partition = { by: 'hash', column: 'healpix', parts: 2 }
    const version = survey({ by: 'range', column: 'z', bounds: [0.2], within: pixels }, byZ)
    await using database = await scratchDatabase()
    const { client } = database
    await applySurvey(client, version, plain)
    await client.query(rows)
    expect((await client.query(where)).rows).toHaveLength(4)
    expect((await findDrift(client, version)).differences).toEqual([])
    await client.query('DROP INDEX divided.by_z')
    expect((await applySurvey(client, version, plain)).made).toEqual(['index by_z'])
    expect((await makePlan(client, version, plain)).changes).toEqual([])
  })

  test('by hash: about equal parts', async () => {
    await using database = await scratchDatabase()
    const { client } = database
    await applySurvey(client, survey({ by: 'hash', column: 'id', parts: 4 }, byZ), plain)
    await client.query(rows)
    const counts = (await client.query<{ n: number }>(where)).rows.map(({ n }) => n)
    expect(counts).toHaveLength(4)
    for (const n of counts) expect(Math.abs(n - 250)).toBeLessThan(75)
  })

  test('drift names a partition that was taken away', async () => {
    await using database = await scratchDatabase()
    await applySurvey(database.client, divided, plain)
    await database.client.query('ALTER TABLE divided.galaxies DETACH PARTITION divided.galaxies_2')
    const objects = (await findDrift(database.client, divided)).differences.map(({ object }) => object)
    expect(objects).toContain('table galaxies_2')
  })

  test.each<[string, object]>([
    ['must name "z"', { key: ['id'], partition: ranges }],
    ['increase', { partition: { by: 'range', column: 'z', bounds: [0.4, 0.1] } }],
    ['no bound', { partition: { by: 'range', column: 'z', bounds: [] } }],
    [
      'two partitions',
      {
        key: ['id', 'program'],
        partition: { by: 'list', column: 'program', values: { a: ['x'], b: ['x'] } },
      },
    ],
    ['"z" divides it already', { partition: { ...ranges, within: { by: 'hash', column: 'z', parts: 2 } } }],
    [
      'must name "program"',
      { partition: { ...ranges, within: { by: 'list', column: 'program', values: { a: ['bright'] } } } },
    ],
    ['from 2 to 1024', { key: ['id'], partition: { by: 'hash', column: 'id', parts: 1 } }],
    ['did you mean "program"', { partition: { by: 'hash', column: 'progam', parts: 2 } }],
  ])('a faulty declaration: %s', (problem, more) => {
    const define = () =>
      defineCatalog({ name: 'divided.galaxies', title: 'G', columns, key: ['id', 'z'], ...more } as never)
    expect(define).toThrow(problem)
  })
})

test('what a plan to partitions does stands in its files', () => {
  const sql = readFileSync(
    join(
      folder,
      readMigrations(folder)
        .filter(({ name }) => name === 'divided')
        .map(({ number }) => `${number}_divided.up.sql`)[0]!,
    ),
    'utf8',
  )
  expect(sql).toMatch(
    /SET SCHEMA "almagest_moving_galaxies".*PARTITION BY RANGE \(z\).*PARTITION OF galaxies.*INSERT INTO "galaxies".*DROP TABLE "almagest_moving_galaxies"/s,
  )
})
