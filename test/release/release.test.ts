// Releases: frozen, side by side, sharing what did not change; and whatever changes them is found.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { forgetSurvey, loadFiles } from '../../src/load/index.ts'
import {
  applySurvey,
  connect,
  dropSurvey,
  findSideSchemas,
  quoteIdentifier,
} from '../../src/postgres/index.ts'
import {
  forgetReleases,
  type PublishedRelease,
  publishRelease,
  readReleases,
  releaseNamed,
  verifyRelease,
  withdrawRelease,
} from '../../src/release/index.ts'
import { archiveOf, plainSky } from '../load/archive.ts'
import { gated, writeGalaxies, writeLines } from '../load/gated.ts'
import { temporaryFolder } from '../load/sample.ts'
import type { ScratchDatabase } from '../postgres/scratch.ts'

const folder = temporaryFolder()
const reader = `release_reader_${process.pid}`
let database: ScratchDatabase
let r1: PublishedRelease
let r2: PublishedRelease

const publish = (name: string, options = {}) =>
  publishRelease(database.client, gated, name, plainSky, options)
const verify = async (release: PublishedRelease) => await verifyRelease(database.client, gated, release)
const one = async <T>(sql: string) =>
  (await database.client.query<{ v: T }>(`SELECT (${sql}) AS v`)).rows[0]!.v

beforeAll(async () => {
  database = await archiveOf(gated)
  const { client } = database
  await client.query(`CREATE ROLE ${reader}; GRANT USAGE ON SCHEMA gated_sample TO ${reader};
    GRANT SELECT ON gated_sample.gated_galaxies TO ${reader};
    GRANT SELECT (line, galaxy) ON gated_sample.gated_lines TO ${reader};
    ALTER TABLE gated_sample.gated_galaxies ENABLE ROW LEVEL SECURITY;
    CREATE POLICY nearby ON gated_sample.gated_galaxies FOR SELECT TO ${reader} USING (source_row < 100)`)
  const paths = [
    await writeGalaxies(folder.path('gated-north.fits'), { first: 1, rows: 300 }),
    await writeGalaxies(folder.path('gated-south.fits'), { first: 1001, rows: 200 }),
    await writeLines(folder.path('lines-all.fits'), [1, 2, 1001]),
  ]
  await loadFiles(database.url, [gated], paths)
  r1 = await publish('r1')
  await client.query('DELETE FROM gated_sample.gated_lines')
  const newer = await writeGalaxies(folder.path('newer/gated-south.fits'), { first: 1001, rows: 250, z: 0.3 })
  await loadFiles(database.url, [gated], [newer], { replace: true })
  r2 = await publish('r2')
})
afterAll(async () => {
  const url = database?.url
  await database?.client.query(`DROP OWNED BY ${reader}; DROP ROLE ${reader}`)
  if (url) await database.drop()
  folder.remove()
})

test('releases stand side by side, and share the rows that did not change', async () => {
  const changed = await one<number>(
    `SELECT count(*)::int FROM gated_sample_r1.gated_galaxies a JOIN gated_sample_r2.gated_galaxies b USING (id) WHERE a.z <> b.z`,
  )
  expect(changed).toBe(200)
  expect(await one('SELECT count(*)::int FROM gated_sample_r1.gated_galaxies')).toBe(500)
  expect(await one('SELECT count(*)::int FROM gated_sample_r2.gated_galaxies')).toBe(550)
  expect(await one('SELECT count(*)::int FROM gated_sample_r1.gated_lines')).toBe(3)
  expect(await one('SELECT count(*)::int FROM gated_sample_r2.gated_lines')).toBe(0)
  const shared = r1.parts.filter(({ partId }) => r2.parts.some((part) => part.partId === partId))
  expect(shared.map(({ file, rows }) => [file, rows])).toEqual([['gated-north.fits', 300]])
  expect(r1.fingerprint).not.toBe(r2.fingerprint)
  // Published anew without a change, everything is shared and the fingerprint is the same.
  const again = await publish('r2_again')
  expect(again.parts.map(({ partId }) => partId)).toEqual(r2.parts.map(({ partId }) => partId))
  expect(again.fingerprint).toBe(r2.fingerprint)
  expect(await verify(again)).toEqual([])
})

test('names: taken, misspelt, or not fit', async () => {
  await expect(publish('r1')).rejects.toMatchObject({ code: 'RELEASE_EXISTS' })
  await expect(publish('staging')).rejects.toMatchObject({ code: 'RELEASE_NAME' })
  await expect(publish('R-1')).rejects.toMatchObject({ code: 'RELEASE_NAME' })
  await expect(releaseNamed(database.client, gated, 'r3')).rejects.toMatchObject({
    code: 'RELEASE_UNKNOWN',
    hint: 'The releases are: r1, r2, r2_again.',
  })
})

test('refused by the gate, nothing is left', async () => {
  const schemas = `SELECT count(*)::int FROM pg_class WHERE relnamespace::regnamespace::text ~ '^gated_sample_(bad|parts)$'`
  const before = await one(schemas)
  const refused = publish('bad', { gate: async () => 'a reason' })
  await expect(refused).rejects.toMatchObject({ code: 'RELEASE_REFUSED', kind: 'check' })
  expect(await one(schemas)).toBe(before)
  expect((await readReleases(database.client)).map(({ name }) => name)).not.toContain('bad')
})

test('who may read the tables reads their releases, the same columns and rows and no other', async () => {
  await using other = await connect(database.url)
  await other.query(`SET ROLE ${reader}`)
  const count = async (schema: string) => {
    const { rows } = await other.query<{ n: number }>(
      `SELECT count(id)::int AS n FROM ${schema}.gated_galaxies`,
    )
    return rows[0]!.n
  }
  expect(await count('gated_sample_r2')).toBe(await count('gated_sample'))
  expect(await count('gated_sample_r1')).toBe(198)
  expect((await other.query('SELECT line, galaxy FROM gated_sample_r1.gated_lines')).rows).toHaveLength(3)
  for (const sql of [
    'SELECT source_row FROM gated_sample_r1.gated_lines',
    'DELETE FROM gated_sample_r1.gated_lines',
    `DELETE FROM gated_sample_parts.${quoteIdentifier(r1.parts[0]!.partTable)}`,
  ])
    await expect(other.query(sql)).rejects.toMatchObject({ code: '42501' })
})

const part = (i: number) => `gated_sample_parts.${quoteIdentifier(r1.parts[i]!.partTable)}`

test.each([
  ['INSERT', () => `INSERT INTO ${part(0)} SELECT * FROM ${part(0)} LIMIT 1`],
  ['UPDATE', () => `UPDATE ${part(0)} SET z = z + 1`],
  ['DELETE', () => `DELETE FROM ${part(0)} WHERE id = 1`],
  ['TRUNCATE', () => `TRUNCATE ${part(0)}`],
  ['through the view', () => 'DELETE FROM gated_sample_r1.gated_lines'],
])('the owner’s %s is refused', async (_, sql) => {
  await expect(database.client.query(sql())).rejects.toMatchObject({ code: '55000' })
})

test.each([
  [
    'one bit of one value',
    (p: string) => `UPDATE ${p} SET z = z * (1 + 2e-16) WHERE id = 17`,
    /rows were changed/,
  ],
  ['the sign of a zero', (p: string) => `UPDATE ${p} SET ra = '-0' WHERE id = 1`, /rows were changed/],
  [
    'two rows exchanged',
    (p: string) =>
      `UPDATE ${p} SET z = (SELECT z FROM ${p} o WHERE o.id = 22 - t.id) FROM ${p} t WHERE t.id = ${p}.id AND t.id IN (10, 12)`,
    /rows were changed/,
  ],
  ['a row lost', (p: string) => `DELETE FROM ${p} WHERE id = 17`, /299 rows, published with 300/],
  ['a part emptied', (p: string) => `DELETE FROM ${p}`, /its 300 rows are gone/],
  [
    'rows of another file',
    (p: string) => `INSERT INTO ${p} SELECT id + 900000, ra, dec, z, 99, source_row FROM ${p}`,
    /300 rows of file 99 were added/,
  ],
])('%s is found', async (_, change, says) => {
  const { client } = database
  await client.query(`BEGIN; ALTER TABLE ${part(0)} DISABLE TRIGGER refuse_change`)
  // Exchanged and rounded values must really differ.
  await client.query(change(part(0)))
  await client.query(`ALTER TABLE ${part(0)} ENABLE TRIGGER refuse_change; COMMIT`)
  try {
    const faults = await verify(r1)
    expect(faults).toHaveLength(1)
    expect(faults[0]!.problem).toMatch(says)
    // The release that shares the part has the same fault, seen under its own name.
    expect((await verify(r2))[0]!.table).toBe('gated_sample_r2.gated_galaxies')
  } finally {
    await client.query(
      `ALTER TABLE ${part(0)} DISABLE TRIGGER refuse_change; DELETE FROM ${part(0)};
       INSERT INTO ${part(0)} SELECT * FROM gated_sample.gated_galaxies WHERE source_file = ${r1.parts[0]!.fileId};
       ALTER TABLE ${part(0)} ENABLE TRIGGER refuse_change`,
    )
  }
  expect(await verify(r1)).toEqual([])
})

test('a guard switched off, a view that shows something else, and an altered register are found', async () => {
  const { client } = database
  const problems = async (sql: string, given = r1) => {
    await client.query(`BEGIN; ${sql}; COMMIT`)
    return (await verify(given)).map(({ problem }) => problem)
  }
  expect(await problems(`ALTER TABLE ${part(0)} DISABLE TRIGGER refuse_change`)).toEqual([
    'its trigger against changes is off or gone',
  ])
  expect(await problems(`ALTER TABLE ${part(0)} ENABLE TRIGGER refuse_change`)).toEqual([])
  const forged = { ...r1, parts: r1.parts.map((each) => ({ ...each, rows: each.rows + 1 })) }
  expect((await verify(forged))[0]).toMatchObject({ table: 'almagest.release_part' })
  expect(await verifyRelease(client, gated, r1, 'ab'.repeat(32))).toHaveLength(1)
  expect(await problems('DROP VIEW gated_sample_r1.gated_lines')).toEqual(['is gone'])
})

test('withdrawn, it goes with the rows that no other release has, and its name stays taken', async () => {
  const before = r1.parts.map(({ partTable }) => partTable)
  expect(await withdrawRelease(database.client, r1)).toBe(203)
  expect(await verify(r2)).toEqual([])
  expect(
    await one(
      `SELECT count(*)::int FROM pg_tables WHERE schemaname = 'gated_sample_parts' AND tablename IN ('${before.join("', '")}')`,
    ),
  ).toBe(1)
  await expect(publish('r1')).rejects.toMatchObject({
    code: 'RELEASE_EXISTS',
    message: expect.stringContaining('withdrawn'),
  })
})

test('a working survey with releases or staged rows is not dropped; a demonstration goes with all that it has', async () => {
  const { client } = database
  const east = await writeGalaxies(folder.path('gated-east.fits'), { first: 5001, rows: 40 })
  await loadFiles(database.url, [gated], [east], { stage: true })
  const strange = 'CREATE SCHEMA gated_sample_private'
  await client.query(`${strange}; COMMENT ON SCHEMA gated_sample_private IS 'Release: r9 of gated_sample'`)
  const schemas = `SELECT array_agg(nspname::text ORDER BY nspname) FROM pg_namespace WHERE nspname LIKE 'gated%'`
  const before = await one(schemas)
  await expect(dropSurvey(client, gated)).rejects.toMatchObject({
    code: 'SCHEMA_KEPT',
    message: expect.stringMatching(
      /lose the release gated_sample_r2, the release gated_sample_r2_again, 40 rows in gated_sample_staging\.gated_galaxies$/,
    ),
  })
  expect(await one(schemas)).toEqual(before)
  await client.query("UPDATE almagest.survey SET purpose = 'demo'")
  await forgetReleases(client, gated)
  await dropSurvey(client, gated)
  expect(await findSideSchemas(client, gated)).toEqual([])
  // What only has a name like ours stays.
  expect(await one(schemas)).toEqual(['gated_sample_private'])
  expect(await readReleases(client)).toEqual([])
  await applySurvey(client, gated, plainSky, 'demo')
  await forgetSurvey(client, gated)
  await loadFiles(database.url, [gated], [folder.path('gated-north.fits')])
  expect(await verify(await publish('r1'))).toEqual([])
})
