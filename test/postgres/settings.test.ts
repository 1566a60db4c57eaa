// Settings as code: judged by the server, applied as versions, measured, rolled back; a run that was cut off is taken back.
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import {
  applySettings,
  type Client,
  connect,
  planSettings,
  readSettings,
  rollBackSettings,
  type Settings,
  settingsDrift,
  startEmbedded,
  stopEmbedded,
} from '../../src/postgres/index.ts'

const root = mkdtempSync(join(tmpdir(), 'almagest-settings-'))
// As root the server runs as another user, who must get to its folder.
chmodSync(root, 0o755)
const home = join(root, 'home')
let url: string
let client: Client

beforeAll(async () => {
  url = (await startEmbedded({ home })).connectionUrl
  client = await connect(url)
  await client.query('CREATE ROLE astronomer; CREATE ROLE "Odd role" CREATEDB')
})
afterAll(async () => {
  await client.end()
  await stopEmbedded({ home })
  rmSync(root, { recursive: true, force: true })
})
afterEach(async () => {
  while ((await settingsDrift(client)).version > 0) await rollBackSettings(client)
})

const none: Settings = { server: {}, database: {}, roles: {} }
const first: Settings = {
  server: { log_min_duration_statement: '5s', max_wal_senders: '12' },
  database: { work_mem: '32768kB', search_path: 'public, "Odd schema"' },
  roles: { astronomer: { statement_timeout: '60s' }, 'Odd role': { 'almagest.note': "o'clock" } },
}

async function inNewSession(name: string, role?: string): Promise<string> {
  await using session = await connect(url)
  if (role) {
    // The settings of a role hold for those who connect as it; so does asking the catalogue.
    const { rows } = await session.query<{ value: string }>(
      `SELECT substr(entry, strpos(entry, '=') + 1) AS value FROM pg_db_role_setting JOIN pg_roles ON pg_roles.oid = setrole,
       unnest(setconfig) entry WHERE rolname = $1 AND entry LIKE $2 || '=%'`,
      [role, name],
    )
    return rows[0]?.value ?? ''
  }
  return String((await session.query(`SHOW ${name}`)).rows[0]![name])
}

describe('settings', () => {
  test('are planned, applied, in force for new sessions, and taken back to exactly what was', async () => {
    const before = await client.query('SELECT * FROM pg_db_role_setting ORDER BY 1, 2')
    expect(await planSettings(client, first)).toHaveLength(6)
    expect((await settingsDrift(client)).version).toBe(0)
    const applied = await applySettings(client, first)
    expect(applied).toMatchObject({ version: expect.any(Number) })
    expect(applied.changed.map(({ name, desired }) => [name, desired])).toEqual([
      ['search_path', 'public, "Odd schema"'],
      ['work_mem', '32MB'],
      ['almagest.note', "o'clock"],
      ['statement_timeout', '1min'],
      ['log_min_duration_statement', '5s'],
      ['max_wal_senders', '12'],
    ])
    expect(await inNewSession('work_mem')).toBe('32MB')
    await using session = await connect(url)
    await session.query('CREATE SCHEMA IF NOT EXISTS "Odd schema"')
    expect((await session.query('SELECT current_schemas(false)::text[] AS path')).rows[0]!.path).toEqual([
      'public',
      'Odd schema',
    ])
    expect(await inNewSession('statement_timeout', 'astronomer')).toBe('1min')
    expect(await inNewSession('almagest.note', 'Odd role')).toBe("o'clock")
    await expect.poll(() => inNewSession('log_min_duration_statement'), { timeout: 20_000 }).toBe('5s')
    await expect
      .poll(async () => (await settingsDrift(client)).awaitingRestart, { timeout: 20_000 })
      .toEqual(['max_wal_senders'])
    expect((await applySettings(client, first)).changed).toEqual([])
    await rollBackSettings(client)
    expect(await client.query('SELECT * FROM pg_db_role_setting ORDER BY 1, 2')).toEqual(before)
    const file = await client.query("SELECT name FROM pg_file_settings WHERE sourcefile LIKE '%auto.conf'")
    expect(file.rows).toEqual([])
  })

  test('a second version gives back what it leaves out, and each is taken back by itself', async () => {
    const { rows } = await client.query('SELECT quote_ident(current_database()) AS name')
    await client.query(`ALTER DATABASE ${rows[0]!.name} SET work_mem = '7MB'`)
    await applySettings(client, { ...none, database: { work_mem: '8MB', temp_buffers: '16MB' } })
    const second = await applySettings(client, { ...none, database: { temp_buffers: '24MB' } })
    expect(second.changed).toEqual([
      { at: 'database', name: 'temp_buffers', desired: '24MB', found: '16MB' },
      { at: 'database', name: 'work_mem', desired: '7MB', found: '8MB' },
    ])
    await rollBackSettings(client)
    expect([await inNewSession('work_mem'), await inNewSession('temp_buffers')]).toEqual(['8MB', '16MB'])
    await rollBackSettings(client)
    expect([await inNewSession('work_mem'), await inNewSession('temp_buffers')]).toEqual(['7MB', '8MB'])
    await client.query(`ALTER DATABASE ${rows[0]!.name} RESET work_mem`)
  })

  test.each<[string, Settings, RegExp]>([
    ['a value out of range', { ...none, database: { work_mem: '1kB' } }, /work_mem.*outside the valid range/],
    [
      'a word that is none',
      { ...none, server: { wal_level: 'maximal' } },
      /invalid value for parameter "wal_level"/,
    ],
    [
      'a parameter that is none',
      { ...none, server: { work_mem: '8MB', wrok_mem: '8MB' } },
      /knows no such parameter/,
    ],
    ['one for the whole server only', { ...none, database: { max_connections: '5' } }, /whole server only/],
    [
      'a role that is none',
      { ...none, roles: { nobody_at_all: { work_mem: '8MB' } } },
      /role "nobody_at_all" does not exist/,
    ],
  ])('%s: the server says why, and all is as before', async (_, settings, why) => {
    const good = { ...settings, server: { ...settings.server, log_min_messages: 'error' } }
    await expect(applySettings(client, good)).rejects.toMatchObject({
      code: 'SETTINGS_INVALID',
      message: expect.stringMatching(why),
    })
    const file = await client.query("SELECT name FROM pg_file_settings WHERE sourcefile LIKE '%auto.conf'")
    expect(file.rows).toEqual([])
    expect((await settingsDrift(client)).version).toBe(0)
  })

  test('what somebody changed is named, and nothing is rolled back over it', async () => {
    await applySettings(client, { ...none, server: { log_min_duration_statement: '5s' } })
    await client.query("ALTER SYSTEM SET log_min_duration_statement = '1s'")
    const { version, differences } = await settingsDrift(client)
    expect(differences).toEqual([
      { at: 'server', name: 'log_min_duration_statement', desired: '5s', found: '1s' },
    ])
    await expect(rollBackSettings(client)).rejects.toMatchObject({
      code: 'DRIFT',
      message: expect.stringContaining(`version ${version}`),
    })
    await applySettings(client, { ...none, server: { log_min_duration_statement: '5s' } })
    expect((await settingsDrift(client)).differences).toEqual([])
  })

  test('a run that was cut off half-way is taken back by the next command', async () => {
    await applySettings(client, { ...none, server: { log_min_messages: 'error' } })
    // As it is left behind: one of two settings made, the version still running.
    await client.query(
      `INSERT INTO almagest.setting_version (version, settings, before, state) SELECT max(version) + 1,
       '[{"at": "server", "name": "deadlock_timeout", "value": "3s"}]', '[{"at": "server", "name": "deadlock_timeout", "value": null}]', 'running'
       FROM almagest.setting_version`,
    )
    await client.query("ALTER SYSTEM SET deadlock_timeout = '3s'")
    await rollBackSettings(client)
    const file = await client.query("SELECT name FROM pg_file_settings WHERE sourcefile LIKE '%auto.conf'")
    expect(file.rows).toEqual([])
    await expect(rollBackSettings(client)).rejects.toMatchObject({ code: 'SETTINGS_NONE' })
  })

  test('a role without rights', async () => {
    await using poor = await connect(url)
    await client.query(
      'GRANT ALL ON SCHEMA almagest TO astronomer; GRANT ALL ON ALL TABLES IN SCHEMA almagest TO astronomer',
    )
    await client.query(
      'GRANT EXECUTE ON FUNCTION pg_show_all_file_settings() TO astronomer; GRANT SELECT ON pg_file_settings TO astronomer',
    )
    await poor.query('SET ROLE astronomer')
    await expect(
      applySettings(poor, { ...none, server: { log_min_messages: 'error' } }),
    ).rejects.toMatchObject({
      code: 'PERMISSION_DENIED',
    })
    expect((await settingsDrift(client)).version).toBe(0)
  })
})

test('a faulty file: every fault at once', () => {
  const file = join(root, 'settings.json')
  writeFileSync(file, '{"server": {"work mem": "1MB"}, "database": {"a": [1]}, "rolls": {}}')
  expect(() => readSettings(file)).toThrow(
    /"rolls" is none of.*"work mem" is no name.*database.a is no text/s,
  )
  writeFileSync(file, '{"server": {"jit": false, "max_connections": 50}}')
  expect(readSettings(file)).toEqual({ ...none, server: { jit: 'off', max_connections: '50' } })
  expect(() => readSettings(join(root, 'none.json'))).toThrow(
    expect.objectContaining({ code: 'SETTINGS_FILE' }),
  )
})
