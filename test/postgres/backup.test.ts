// Backups before a step that loses data: what they hold, what they refuse, and that they bring it back.
import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  migrateTo,
  migrationStatus,
  readBackup,
  restoreBackup,
  takeBackup,
  writeNewMigrations,
} from '../../src/postgres/index.ts'
import { v1, v2 } from './migrating-survey.ts'
import { type ScratchDatabase, scratchDatabase, scratchServer } from './scratch.ts'

const plain = { name: 'plain', install: [], indexOn: () => 'USING btree ("ra", "dec")' }
const choose = async () => plain
const root = mkdtempSync(join(tmpdir(), 'almagest-backup-'))
const folder = join(root, 'growing')
let database: ScratchDatabase
let last: string
let taken = 0

const go = (version: string, backup?: string) =>
  migrateTo(database.client, v2, plain, folder, version, backup === undefined ? {} : { backup })
async function take(goal = '0001') {
  const out = join(root, `backup-${++taken}`)
  const { losses, backup } = await takeBackup(database.client, database.url, choose, v2, folder, goal, out)
  return { out, losses, backup }
}
const content = async (sql: string) => (await database.client.query(sql)).rows

beforeAll(async () => {
  await writeNewMigrations(scratchServer(), choose, v1, folder, 'first')
  const written = await writeNewMigrations(scratchServer(), choose, v2, folder, 'tauv')
  last = written.at(-1)!.number
  database = await scratchDatabase()
  await go('last')
  await database.client.query(
    "INSERT INTO growing.galaxies SELECT i, i * 0.1, i * 0.3, 'BGS', CASE WHEN i % 3 > 0 THEN i / 7.0 END FROM generate_series(1, 500) i",
  )
})
afterAll(async () => {
  await database.drop()
  rmSync(root, { recursive: true })
})

describe('a step that loses data', () => {
  test('names what it loses, and asks for a backup before anything is done', async () => {
    await expect(go('0001')).rejects.toMatchObject({
      code: 'MIGRATION_IRREVERSIBLE',
      message: expect.stringContaining('column galaxies.z'),
      hint: expect.stringContaining('migrate backup'),
    })
    expect((await migrationStatus(database.client, v2, folder)).version).toBe(last)
  })

  test('runs with a verified backup, and the lost values come back from it', async () => {
    const { out, losses, backup } = await take()
    expect(losses).toEqual(['column galaxies.z'])
    expect(backup.tables.map(({ name, rows }) => [name, rows])).toEqual([['galaxies', 500]])
    expect(Date.parse(backup.verifiedAt)).toBeGreaterThanOrEqual(Date.parse(backup.takenAt))
    const values = 'SELECT id, z FROM growing.galaxies ORDER BY id'
    const before = await content(values)
    expect(await go('0001', out)).toMatchObject({ from: last, to: '0001' })
    const ledger = await content('SELECT DISTINCT backup FROM almagest.migration WHERE backup IS NOT NULL')
    expect(ledger).toEqual([{ backup: out }])
    await restoreBackup(database.client, out, readBackup(out), 'restored')
    expect(await content('SELECT id, z FROM restored.galaxies ORDER BY id')).toEqual(before)
    await go('last')
    await database.client.query(
      'UPDATE growing.galaxies g SET z = r.z FROM restored.galaxies r WHERE r.id = g.id; DROP SCHEMA restored CASCADE',
    )
    expect(await content(values)).toEqual(before)
  })

  test('where nothing is lost nothing is written', async () => {
    const { out, losses } = await take('last')
    expect(losses).toEqual([])
    expect(readdirSync(out)).toEqual([])
  })
})

describe('is refused, and nothing is migrated:', () => {
  const refusals: [string, string, (out: string) => Promise<unknown> | unknown][] = [
    ['a folder without one', 'BACKUP_MISSING', (out) => rmSync(join(out, 'backup.json'))],
    ['a byte more', 'BACKUP_DAMAGED', (out) => appendFileSync(join(out, 'galaxies.copy'), 'x')],
    [
      'another byte',
      'BACKUP_DAMAGED',
      (out) => {
        const bytes = readFileSync(join(out, 'galaxies.copy'))
        bytes[100]! ^= 1
        writeFileSync(join(out, 'galaxies.copy'), bytes)
      },
    ],
    ['a missing file', 'BACKUP_DAMAGED', (out) => rmSync(join(out, 'galaxies.copy'))],
    [
      'one value written since',
      'BACKUP_STALE',
      () => database.client.query('UPDATE growing.galaxies SET z = 0.5 WHERE id = 77'),
    ],
    [
      'a row more',
      'BACKUP_STALE',
      () => database.client.query("INSERT INTO growing.galaxies (id, kind) VALUES (501, 'BGS')"),
    ],
    [
      'a backup of another database',
      'BACKUP_OTHER',
      (out) => edit(out, (backup) => ({ ...backup, database: '1/2' })),
    ],
    ['of another survey', 'BACKUP_OTHER', (out) => edit(out, (backup) => ({ ...backup, survey: 'sdss' }))],
    ['of another version', 'BACKUP_OTHER', (out) => edit(out, (backup) => ({ ...backup, version: '0002' }))],
    ['without the table', 'BACKUP_INCOMPLETE', (out) => edit(out, (backup) => ({ ...backup, tables: [] }))],
  ]
  const edit = (out: string, change: (backup: ReturnType<typeof readBackup>) => object) =>
    writeFileSync(join(out, 'backup.json'), JSON.stringify(change(readBackup(out))))

  test.each(refusals)('%s: %s', async (_, code, damage) => {
    const { out } = await take()
    await damage(out)
    await expect(go('0001', out)).rejects.toMatchObject({ code })
    expect((await migrationStatus(database.client, v2, folder)).version).toBe(last)
  })

  test('a backup over another', async () => {
    const { out } = await take()
    await expect(
      takeBackup(database.client, database.url, choose, v2, folder, '0001', out),
    ).rejects.toMatchObject({ code: 'BACKUP_FOLDER' })
  })
})
