// Migrations through the versions of a survey: written, proved, run, undone; and everything that can be wrong with them.
import { copyFileSync, cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  applySurvey,
  connect,
  findDrift,
  inspectSchema,
  migrateTo,
  migrationStatus,
  proveMigrations,
  readMigrations,
  sealMigrations,
  writeEmptyMigration,
  writeNewMigrations,
} from '../../src/postgres/index.ts'
import { rowHashes } from '../../src/postgres/migrate/row-hashes.ts'
import { seedRows } from '../../src/postgres/migrate/seed.ts'
import { v1, v2, v3 } from './migrating-survey.ts'
import { type ScratchDatabase, scratchDatabase, scratchServer } from './scratch.ts'

const plain = { name: 'plain', install: [], indexOn: () => 'USING btree ("ra", "dec")' }
const choose = async () => plain
const quick = { patience: { lockTries: 3, lockTimeout: 50, turnTimeout: 300 } }

const root = mkdtempSync(join(tmpdir(), 'almagest-migrations-'))
const folder = join(root, 'growing')
let copies = 0

/** The migrations in a folder of their own, to be damaged. */
function copyOfFolder(): string {
  const copy = join(root, `copy-${++copies}`)
  cpSync(folder, copy, { recursive: true })
  return copy
}

beforeAll(async () => {
  await writeNewMigrations(scratchServer(), choose, v1, folder, 'first')
  await writeNewMigrations(scratchServer(), choose, v2, folder, 'tauv')
  await writeNewMigrations(scratchServer(), choose, v3, folder, 'no_notes')
})
afterAll(() => rmSync(root, { recursive: true }))

describe('writing', () => {
  test('gives a migration to each part that runs by itself', () => {
    expect(
      readMigrations(folder).map(
        ({ number, name, transactional }) => `${number}_${name}${transactional ? '' : ' *'}`,
      ),
    ).toEqual([
      '0001_first',
      '0002_tauv',
      '0003_tauv_validate',
      '0004_tauv_index_1 *',
      '0005_tauv_index_2 *',
      '0006_tauv_keys',
      '0007_no_notes',
    ])
    const tauv = readFileSync(join(folder, '0002_tauv.up.sql'), 'utf8')
    expect(tauv).toContain('RENAME COLUMN "av" TO "tauv"')
    expect(tauv).toMatch(/ADD CONSTRAINT "galaxies_kind_check" CHECK .* NOT VALID/)
    expect(readFileSync(join(folder, '0003_tauv_validate.up.sql'), 'utf8')).toContain(
      'VALIDATE CONSTRAINT "galaxies_kind_check"',
    )
  })

  test('writes nothing when nothing is to change', async () => {
    expect(await writeNewMigrations(scratchServer(), choose, v3, folder, 'again')).toEqual([])
    expect(readdirSync(folder)).toHaveLength(21)
  })

  test('names what going down loses', () => {
    expect(readMigrations(folder)[1]!.irreversible).toEqual({ up: [], down: ['column galaxies.z'] })
  })

  test('names what keeps others waiting, up and down', () => {
    const [, tauv, validate, index, , keys] = readMigrations(folder)
    // Values of `spare` and of `flux` are set aside, and written back to every row on the way down.
    expect(tauv!.blocks.up).toEqual(expect.arrayContaining(['writes galaxies anew for column galaxies.flux']))
    expect(tauv!.blocks.down).toEqual(expect.arrayContaining(['writes column galaxies.spare to every row']))
    expect(tauv!.blocks.down.filter((each) => each.includes('galaxies.z'))).toEqual([])
    expect(validate!.blocks.up).toEqual([])
    expect(index!.blocks).toEqual({ up: [], down: [] })
    expect(keys!.blocks.down).toContain('reads all rows of galaxies for index galaxies_id_kind_key')
  })
})

describe('the proof', () => {
  test('holds for every version, rows and all', async () => {
    const proof = await proveMigrations(scratchServer(), choose, v3, folder)
    expect(proof).toMatchObject({ migrations: 7, irreversible: [] })
    expect(proof.rows).toBeGreaterThan(40)
  })

  test('fails when the last version is not what is declared', async () => {
    await expect(proveMigrations(scratchServer(), choose, v1, folder)).rejects.toMatchObject({
      code: 'PROOF_FAILED',
      message: expect.stringContaining('column galaxies.av'),
    })
  })

  test('fails when a way down loses values', async () => {
    const copy = copyOfFolder()
    const down = join(copy, '0002_tauv.down.sql')
    writeFileSync(
      down,
      readFileSync(down, 'utf8').replace(/UPDATE "galaxies" present SET "spare"[^;]*;/, 'SELECT;'),
    )
    await sealMigrations(scratchServer(), choose, v3, copy)
    await expect(proveMigrations(scratchServer(), choose, v3, copy)).rejects.toMatchObject({
      code: 'PROOF_FAILED',
      message: expect.stringContaining('the rows of galaxies differ'),
    })
  })
})

describe('running', () => {
  test('goes to any version and back on a populated database', async () => {
    await using database = await scratchDatabase()
    const { client } = database
    await migrateTo(client, v1, plain, folder, '0001')
    const facts = await inspectSchema(client, 'growing')
    await seedRows(client, 'growing', facts)
    await client.query("INSERT INTO growing.galaxies VALUES (1, 0.1, 0.1234567890123, 'BGS', NULL)")
    const before = await rowHashes(client, 'growing', facts)
    const up = await migrateTo(client, v3, plain, folder, 'last')
    expect(up).toMatchObject({ from: '0001', to: '0007' })
    expect((await findDrift(client, v3)).differences).toEqual([])
    const kinds = await client.query('SELECT tauv FROM growing.galaxies WHERE id = 1')
    expect(kinds.rows).toEqual([{ tauv: 0.1 }])
    await expect(migrateTo(client, v3, plain, folder, '0001')).rejects.toMatchObject({
      code: 'MIGRATION_IRREVERSIBLE',
    })
    expect((await migrationStatus(client, v3, folder)).version).toBe('0007')
    await migrateTo(client, v3, plain, folder, '0001', { verifiedBackup: 'tape 7' })
    expect(await inspectSchema(client, 'growing')).toEqual(facts)
    expect(await rowHashes(client, 'growing', facts)).toEqual(before)
    const next = await client.query('INSERT INTO growing.notes (galaxy) VALUES (1) RETURNING id')
    expect(next.rows[0]!.id).toBeGreaterThan(4)
    const ledger = await client.query('SELECT name, backup FROM almagest.migration WHERE backup IS NOT NULL')
    expect(ledger.rows).toEqual([{ name: 'tauv', backup: 'tape 7' }])
    await migrateTo(client, v1, plain, folder, '0000', { verifiedBackup: 'tape 8' })
    expect((await client.query("SELECT FROM pg_namespace WHERE nspname LIKE '%growing%'")).rowCount).toBe(0)
  })

  test('takes over a schema that apply built, and refuses one that leads nowhere', async () => {
    await using database = await scratchDatabase()
    await applySurvey(database.client, v1, plain)
    expect((await migrateTo(database.client, v3, plain, folder, '0001')).steps).toEqual([
      'found at 0001_first',
    ])
    expect((await migrateTo(database.client, v3, plain, folder, 'last')).steps).toHaveLength(6)
    await using other = await scratchDatabase()
    await other.client.query('CREATE SCHEMA growing; CREATE TABLE growing.galaxies (id integer)')
    await expect(migrateTo(other.client, v3, plain, folder, 'last')).rejects.toMatchObject({
      code: 'MIGRATION_BASELINE',
    })
  })

  test('runs hand-written steps, sealed first', async () => {
    await using database = await scratchDatabase()
    const copy = copyOfFolder()
    writeEmptyMigration(v3, copy, 'bright')
    expect(() => readMigrations(copy)).toThrow(expect.objectContaining({ code: 'MIGRATION_UNSEALED' }))
    writeFileSync(
      join(copy, '0008_bright.up.sql'),
      'CREATE VIEW bright AS SELECT id FROM galaxies WHERE flux > 1;\nGRANT SELECT ON bright TO PUBLIC;\n',
    )
    await expect(sealMigrations(scratchServer(), choose, v3, copy)).rejects.toMatchObject({
      code: 'MIGRATION_DOWN',
      message: expect.stringContaining('grant on view bright to PUBLIC, view bright'),
    })
    writeFileSync(join(copy, '0008_bright.down.sql'), 'DROP VIEW bright;\n')
    await sealMigrations(scratchServer(), choose, v3, copy)
    await migrateTo(database.client, v3, plain, copy, 'last')
    expect(Object.keys(await inspectSchema(database.client, 'growing'))).toContain('view bright')
    await proveMigrations(scratchServer(), choose, v3, copy)
  })
})

describe('what can be wrong', () => {
  let database: ScratchDatabase
  beforeAll(async () => {
    database = await scratchDatabase()
    await migrateTo(database.client, v1, plain, folder, '0001')
  })
  afterAll(() => database.drop())

  const refusals: [what: string, code: string, damage: (copy: string) => void][] = [
    [
      'an edited file',
      'MIGRATION_EDITED',
      (copy) => writeFileSync(join(copy, '0002_tauv.up.sql'), 'SELECT 1;'),
    ],
    [
      'a changed byte of white space',
      'MIGRATION_EDITED',
      (copy) =>
        writeFileSync(
          join(copy, '0001_first.down.sql'),
          `${readFileSync(join(copy, '0001_first.down.sql'), 'utf8')}\n`,
        ),
    ],
    [
      'a missing way down',
      'MIGRATION_FILE_MISSING',
      (copy) => rmSync(join(copy, '0003_tauv_validate.down.sql')),
    ],
    [
      'a missing number',
      'MIGRATION_FILE_MISSING',
      (copy) => {
        for (const end of ['up.sql', 'down.sql', 'json']) rmSync(join(copy, `0003_tauv_validate.${end}`))
      },
    ],
    [
      'two branches with one number',
      'MIGRATION_NUMBER_TWICE',
      (copy) => {
        for (const end of ['up.sql', 'down.sql', 'json'])
          copyFileSync(join(copy, `0003_tauv_validate.${end}`), join(copy, `0003_other.${end}`))
      },
    ],
    [
      'a changed manifest',
      'MIGRATION_CHAIN',
      (copy) => {
        const file = join(copy, '0002_tauv.json')
        writeFileSync(file, readFileSync(file, 'utf8').replace('"hazards"', '"Hazards"'))
      },
    ],
  ]
  test.each(refusals)('%s: %s', async (_, code, damage) => {
    const copy = copyOfFolder()
    damage(copy)
    await expect(migrateTo(database.client, v3, plain, copy, 'last')).rejects.toMatchObject({ code })
    expect((await migrationStatus(database.client, v3, folder)).version).toBe('0001')
  })

  test('an applied migration that was edited and sealed again', async () => {
    const copy = copyOfFolder()
    writeFileSync(
      join(copy, '0001_first.up.sql'),
      `-- new\n${readFileSync(join(copy, '0001_first.up.sql'), 'utf8')}`,
    )
    await sealMigrations(scratchServer(), choose, v3, copy)
    await expect(migrateTo(database.client, v3, plain, copy, 'last')).rejects.toMatchObject({
      code: 'MIGRATION_EDITED',
    })
    await expect(migrationStatus(database.client, v3, join(root, 'none'))).rejects.toMatchObject({
      code: 'MIGRATION_FILE_MISSING',
    })
  })

  test('rows that break the new rule: nothing is changed', async () => {
    await using other = await scratchDatabase()
    await migrateTo(other.client, v1, plain, folder, '0001')
    await other.client.query('INSERT INTO growing.galaxies (id) VALUES (5)')
    await expect(migrateTo(other.client, v3, plain, folder, 'last')).rejects.toMatchObject({
      code: 'MIGRATION_FAILED',
      message: expect.stringContaining('violated by some row'),
      hint: expect.stringContaining('rolled back'),
    })
    expect((await migrationStatus(other.client, v3, folder)).version).toBe('0002')
    expect((await findDrift(other.client, v3)).differences).toEqual([])
    await migrateTo(other.client, v3, plain, folder, '0001', { verifiedBackup: 'none needed' })
  })

  test('a way down that fails half-way: nothing is changed', async () => {
    await using other = await scratchDatabase()
    const copy = copyOfFolder()
    writeEmptyMigration(v3, copy, 'sheet')
    writeFileSync(join(copy, '0008_sheet.up.sql'), 'CREATE TABLE sheet (a integer);')
    writeFileSync(
      join(copy, '0008_sheet.down.sql'),
      'DROP TABLE sheet; SELECT 1 / (1 - count(*)) FROM galaxies;',
    )
    await sealMigrations(scratchServer(), choose, v3, copy)
    await migrateTo(other.client, v3, plain, copy, 'last')
    await other.client.query("INSERT INTO growing.galaxies (id, kind) VALUES (5, 'BGS')")
    const before = await inspectSchema(other.client, 'growing')
    await expect(migrateTo(other.client, v3, plain, copy, '0007')).rejects.toMatchObject({
      code: 'MIGRATION_FAILED',
    })
    expect(await inspectSchema(other.client, 'growing')).toEqual(before)
    expect((await migrationStatus(other.client, v3, copy)).version).toBe('0008')
  })

  test('drift: nothing is run until it is undone or accepted', async () => {
    await database.client.query('GRANT SELECT ON growing.galaxies TO PUBLIC')
    await expect(migrateTo(database.client, v3, plain, folder, 'last')).rejects.toMatchObject({
      code: 'DRIFT',
      message: expect.stringContaining('grant on table galaxies to PUBLIC'),
    })
    await database.client.query('REVOKE SELECT ON growing.galaxies FROM PUBLIC')
  })

  test('a reader that will not let go: no one waits behind us for long, and nothing is changed', async () => {
    await using reader = await connect(database.url)
    await reader.query('BEGIN; SELECT * FROM growing.galaxies')
    await expect(migrateTo(database.client, v3, plain, folder, 'last', quick)).rejects.toMatchObject({
      code: 'MIGRATION_LOCKED',
      message: expect.stringContaining('3 tries of 50 ms'),
    })
    await reader.query('COMMIT')
    expect((await migrationStatus(database.client, v3, folder)).version).toBe('0001')
  })

  test('another migration under way', async () => {
    await using other = await connect(database.url)
    await other.query("SELECT pg_advisory_lock(hashtextextended('almagest migrate growing', 0))")
    await expect(migrateTo(database.client, v3, plain, folder, 'last', quick)).rejects.toMatchObject({
      code: 'MIGRATION_BUSY',
    })
  })

  test('COMMIT in a transactional file', async () => {
    await using other = await scratchDatabase()
    const copy = copyOfFolder()
    writeEmptyMigration(v3, copy, 'commits')
    writeFileSync(join(copy, '0008_commits.up.sql'), 'CREATE TABLE sheet (a integer);\nCOMMIT;')
    writeFileSync(join(copy, '0008_commits.down.sql'), 'DROP TABLE sheet;')
    await expect(sealMigrations(scratchServer(), choose, v3, copy)).rejects.toMatchObject({
      code: 'MIGRATION_TRANSACTION',
    })
    expect((await inspectSchema(other.client, 'growing'))['table sheet']).toBeUndefined()
  })

  test('a role without rights', async () => {
    const role = `migrate_poor_${process.pid}`
    await database.client.query(
      `CREATE ROLE ${role}; GRANT ALL ON SCHEMA almagest TO ${role}; GRANT ALL ON ALL TABLES IN SCHEMA almagest TO ${role}`,
    )
    await using poor = await connect(database.url)
    await poor.query(`SET ROLE ${role}`)
    await expect(migrateTo(poor, v3, plain, folder, 'last')).rejects.toMatchObject({
      code: 'PERMISSION_DENIED',
    })
    await database.client.query(`DROP OWNED BY ${role}; DROP ROLE ${role}`)
    expect((await migrationStatus(database.client, v3, folder)).version).toBe('0001')
  })

  test('a concurrent build that was cut off is cleaned up by the next command', async () => {
    await using other = await scratchDatabase()
    await migrateTo(other.client, v3, plain, folder, '0003')
    await using holder = await connect(other.url)
    await holder.query('BEGIN; INSERT INTO growing.galaxies (id, kind) VALUES (9, $$BGS$$)')
    const lost = await connect(other.url)
    const building = migrateTo(lost, v3, plain, folder, '0004')
    const failed = expect(building).rejects.toMatchObject({
      code: 'SERVER_LOST',
      message: expect.stringContaining('0004_tauv_index_1 up'),
    })
    for (let invalid = 0; invalid === 0; )
      invalid = (await other.client.query('SELECT FROM pg_index WHERE NOT indisvalid')).rowCount
    await other.client.query('SELECT pg_terminate_backend($1)', [lost.processId])
    await failed
    await holder.query('COMMIT')
    expect((await migrationStatus(other.client, v3, folder)).migrations[3]).toMatchObject({
      state: 'cut off',
    })
    const { steps } = await migrateTo(other.client, v3, plain, folder, 'last')
    expect(steps[0]).toMatch(
      /0004_tauv_index_1 up had been cut off: it was taken back, invalid indexes dropped: \w+/,
    )
    expect((await other.client.query('SELECT FROM pg_index WHERE NOT indisvalid')).rowCount).toBe(0)
  })
})
