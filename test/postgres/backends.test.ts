// The embedded server through its life, and given servers, by really running them.
import { randomBytes } from 'node:crypto'
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { serverAccount } from '../../src/postgres/backends/embedded/account.ts'
import { packagedBinaries } from '../../src/postgres/backends/embedded/binaries.ts'
import { closedFolder, homeFolder } from '../../src/postgres/backends/embedded/home.ts'
import { defaultSettings } from '../../src/postgres/backends/embedded/settings.ts'
import { checkVersion } from '../../src/postgres/backends/server/backend.ts'
import {
  connect,
  maskUrl,
  openBackend,
  parseConnectionUrl,
  type RunningServer,
  startEmbedded,
  statusEmbedded,
  stopEmbedded,
  translateServerError,
} from '../../src/postgres/index.ts'
import { needs } from '../require.ts'
import { debianQ3cServer } from './scratch.ts'
import { scratchSettings } from './scratch-servers.ts'

const home = inject('scratchFolder')
const which = { home, instance: `life-${randomBytes(3).toString('hex')}` }
const folder = join(home, 'instances', which.instance)
const pidFile = join(folder, 'data', 'postmaster.pid')
let server: RunningServer

beforeAll(async () => {
  server = await startEmbedded({ ...which, settings: scratchSettings })
})
afterAll(() => stopEmbedded(which))

const start = (options = {}) => startEmbedded({ ...which, settings: scratchSettings, ...options })

async function ask(url: { connectionUrl: string }, sql: string): Promise<unknown[]> {
  await using client = await connect(url)
  const { rows } = await client.query(sql)
  return rows.flatMap((row) => Object.values(row))
}

describe('an embedded server', () => {
  test('is PostgreSQL 16 with UTF-8, checksums and passwords, open to this machine only', async () => {
    expect(server).toMatchObject({ host: '127.0.0.1', user: 'almagest', database: 'almagest', started: true })
    expect(server.version).toMatch(/^16\./)
    const names = ['server_encoding', 'data_checksums', 'password_encryption', 'listen_addresses']
    const values = await ask(server, `SELECT current_setting(name) FROM unnest('{${names}}'::text[]) AS name`)
    expect(values).toEqual(['UTF8', 'on', 'scram-sha-256', '127.0.0.1'])
    const locale = 'SELECT datctype, datcollate FROM pg_database WHERE datname = current_database()'
    expect(await ask(server, locale)).toEqual(['C.UTF-8', 'C.UTF-8'])
    expect(await ask(server, 'SELECT DISTINCT auth_method FROM pg_hba_file_rules')).toEqual(['scram-sha-256'])
  })

  test('shows its password nowhere but in a file of its user', async () => {
    const { password } = new URL(server.connectionUrl)
    expect(password.length).toBeGreaterThanOrEqual(24)
    expect(JSON.stringify(server) + server.publicUrl + server.psql).not.toContain(password)
    expect(server.psql).toContain(join(folder, 'pgpass'))
    expect(statSync(join(folder, 'pgpass'))).toMatchObject({ uid: process.getuid?.() })
    expect(statSync(join(folder, 'pgpass')).mode & 0o777).toBe(0o600)
    expect(readFileSync(join(folder, 'pgpass'), 'utf8')).toBe(`127.0.0.1:*:*:almagest:${password}\n`)
    expect(existsSync(join(folder, 'initdb-password'))).toBe(false)
  })

  test('that runs already is returned as it is', async () => {
    const before = readFileSync(pidFile, 'utf8')
    expect(await start()).toEqual({ ...server, started: false })
    expect(await statusEmbedded(which)).toEqual({ state: 'running', server: { ...server, started: false } })
    expect(readFileSync(pidFile, 'utf8')).toBe(before)
    await expect(start({ port: server.port + 1 })).rejects.toMatchObject({ code: 'ALREADY_RUNNING' })
  })

  test('takes new extension files while it runs', async () => {
    const files = (answer: number) => ({
      'almagest_probe.control': "default_version = '1'\nrelocatable = true\n",
      'almagest_probe--1.sql': `CREATE FUNCTION almagest_probe() RETURNS int LANGUAGE sql AS 'SELECT ${answer}';\n`,
    })
    for (const answer of [1, 2]) {
      await start({ extensionFiles: files(answer) })
      const make = 'DROP EXTENSION IF EXISTS almagest_probe; CREATE EXTENSION almagest_probe;'
      expect(await ask(server, `${make} SELECT almagest_probe()`)).toEqual([answer])
    }
  })

  test('keeps data, port and password over a stop', async () => {
    await ask(server, 'CREATE TABLE kept AS SELECT 1 AS n')
    expect(await stopEmbedded(which)).toBe(true)
    expect(await statusEmbedded(which)).toEqual({ state: 'stopped', dataFolder: join(folder, 'data') })
    expect(await stopEmbedded(which)).toBe(false)
    const again = await start()
    expect(again).toEqual({ ...server, started: true })
    expect(await ask(again, 'SELECT n FROM kept')).toEqual([1])
  })

  test('recovers after SIGKILL; a session that it cut learns so', async () => {
    const client = await connect(server)
    await client.query('SET synchronous_commit = on')
    await client.query('CREATE TABLE survived AS SELECT generate_series(1, 1000) AS n')
    const copy = await client.copyIn('COPY survived FROM STDIN')
    const pid = Number(readFileSync(pidFile, 'utf8').split('\n')[0])
    process.kill(pid, 'SIGKILL')
    const cut = async () => {
      for (;;) await copy.write(Buffer.from('1\n')).then(() => sleep(10))
    }
    const error = await cut().catch(translateServerError)
    expect(error).toMatchObject({ code: 'SERVER_LOST', kind: 'server' })
    await expect(
      client.query('SELECT 1').catch((e) => Promise.reject(translateServerError(e))),
    ).rejects.toMatchObject({
      code: 'SERVER_LOST',
    })
    await client.end()
    expect(await statusEmbedded(which)).toMatchObject({ state: 'stopped' })
    expect(await start()).toEqual({ ...server, started: true })
    expect(await ask(server, 'SELECT count(*)::int FROM survived')).toEqual([1000])
  })

  test('starts although its old process id is another program now', async () => {
    await stopEmbedded(which)
    writeFileSync(pidFile, `${process.pid}\n${folder}/data\n1\n${server.port}\n\n127.0.0.1\n1 2\nready\n`)
    expect(await statusEmbedded(which)).toMatchObject({ state: 'stopped' })
    expect(await start()).toMatchObject({ started: true })
  })

  test('says that the port asked for is taken, and takes another when none is asked for', async () => {
    await stopEmbedded(which)
    const holder = createServer().listen(server.port, '127.0.0.1')
    await expect(start({ port: server.port })).rejects.toMatchObject({
      code: 'PORT_IN_USE',
      message: expect.stringContaining(String(server.port)),
    })
    const moved = await start()
    expect(moved.port).not.toBe(server.port)
    expect(await ask(moved, 'SELECT inet_server_port()')).toEqual([moved.port])
    await new Promise((resolve) => holder.close(resolve))
  })

  test('that cannot start says why in the words of its log', async () => {
    await stopEmbedded(which)
    await expect(start({ settings: { shared_buffers: 'plenty' } })).rejects.toMatchObject({
      code: 'SERVER_NOT_STARTED',
      message: expect.stringContaining('invalid value for parameter "shared_buffers": "plenty"'),
    })
    expect(await start()).toMatchObject({ started: true })
  })

  test('is set up and started once, however many ask for it at the same time', async () => {
    const both = { home, instance: `${which.instance}-twice`, settings: scratchSettings }
    try {
      const [one, other] = await Promise.all([startEmbedded(both), startEmbedded(both)])
      expect(one.connectionUrl).toBe(other.connectionUrl)
      expect(await ask(one, 'SELECT 1')).toEqual([1])
      expect(
        readdirSync(join(home, 'instances')).filter((name) => name.endsWith(`-${both.instance}`)),
      ).toEqual([])
    } finally {
      await stopEmbedded(both)
    }
  })

  test("leaves another major version's data alone", async () => {
    await stopEmbedded(which)
    const version = join(folder, 'data', 'PG_VERSION')
    writeFileSync(version, '15\n')
    await expect(start()).rejects.toMatchObject({
      code: 'DATA_FOLDER_VERSION',
      message: expect.stringMatching(/PostgreSQL 15\b.*PostgreSQL 16\b/),
    })
    writeFileSync(version, '16\n')
    expect(await start()).toMatchObject({ started: true })
  })
})

describe('before anything starts', () => {
  test.each([80, 65536, 5433.5])('port %s is refused', async (port) => {
    await expect(startEmbedded({ home, instance: 'never', port })).rejects.toMatchObject({
      code: 'PORT_INVALID',
    })
  })

  test('a home that cannot be written is named', async () => {
    const file = join(home, 'a-file')
    writeFileSync(file, '')
    await expect(startEmbedded({ home: join(file, 'home') })).rejects.toMatchObject({
      code: 'HOME_UNWRITABLE',
      message: expect.stringContaining(file),
    })
    await expect(startEmbedded({ home: '/proc/almagest' })).rejects.toMatchObject({ code: 'HOME_UNWRITABLE' })
  })

  test('the home is where the caller, the environment or the platform says', () => {
    const before = { ...process.env }
    try {
      process.env.ALMAGEST_HOME = '/from/environment'
      expect(homeFolder('relative')).toBe(join(process.cwd(), 'relative'))
      expect(homeFolder()).toBe('/from/environment')
      delete process.env.ALMAGEST_HOME
      process.env.XDG_DATA_HOME = '/xdg'
      expect(homeFolder()).toBe(process.getuid?.() === 0 ? '/var/lib/almagest' : '/xdg/almagest')
    } finally {
      process.env = before
    }
  })

  test('an instance that was never set up is absent, and a path is no name for one', async () => {
    expect(await statusEmbedded({ home, instance: 'none' })).toEqual({ state: 'absent' })
    await expect(statusEmbedded({ home, instance: '../main' })).rejects.toMatchObject({
      code: 'INSTANCE_NAME',
    })
  })

  test('a platform without binaries is named', () => {
    const missing = { code: 'BINARIES_MISSING', message: expect.stringContaining('plan9-x64') }
    expect(() => packagedBinaries('plan9-x64')).toThrow(expect.objectContaining(missing))
  })

  test('root lends the account postgres, else nobody; others none', () => {
    const postgres =
      'root:x:0:0::/root:/bin/sh\nnobody:x:65534:65534::/:/bin/false\npostgres:x:101:104::/:/bin/sh'
    expect(serverAccount(0, () => postgres)).toEqual({ uid: 101, gid: 104 })
    expect(serverAccount(0, () => 'root:x:0:0::/:\nnobody:x:65534:65533::/:')).toEqual({
      uid: 65534,
      gid: 65533,
    })
    expect(serverAccount(1000)).toBeUndefined()
    expect(() => serverAccount(0, () => 'root:x:0:0::/root:')).toThrow(
      expect.objectContaining({ code: 'NO_UNPRIVILEGED_ACCOUNT' }),
    )
  })

  test('the folder on the way that an account may not enter is found', () => {
    const outer = join(home, 'closed')
    mkdirSync(join(outer, 'inner'), { recursive: true })
    chmodSync(outer, 0o700)
    expect(closedFolder(join(outer, 'inner'), { uid: 4242, gid: 4242 })).toBe(outer)
    expect(closedFolder(join(outer, 'inner'), { uid: statSync(outer).uid, gid: 4242 })).toBeUndefined()
  })

  test('memory settings follow the machine, within bounds', () => {
    const gib = 2 ** 30
    expect(defaultSettings(5433, gib, gib)).toMatchObject({
      shared_buffers: '256MB',
      maintenance_work_mem: '64MB',
    })
    expect(defaultSettings(5433, 512 * gib, gib)).toMatchObject({
      shared_buffers: '2048MB',
      work_mem: '64MB',
    })
    expect(defaultSettings(5433, gib, 2 ** 26)).toMatchObject({ dynamic_shared_memory_type: 'sysv' })
  })
})

describe('a database URL', () => {
  test.each([
    ['mysql://u:SECRET@h/d', '"mysql:"'],
    ['host=h password=SECRET', 'not a URL'],
    ['postgresql://u:SECRET@h:port/d', 'cannot be parsed'],
    ['postgresql://u:SECRET%@h/d', '"%"'],
  ])('%s is refused without showing its password', (url, what) => {
    try {
      parseConnectionUrl(url)
      expect.unreachable()
    } catch (error) {
      expect(error).toMatchObject({ code: 'DATABASE_URL_INVALID', kind: 'usage' })
      expect((error as Error).message).toContain(what)
      expect(JSON.stringify([error, (error as Error).message])).not.toContain('SECRET')
    }
  })

  test('is shown without any password, and otherwise unchanged', () => {
    const word = fc.stringMatching(/^[a-z]{1,8}$/)
    fc.assert(
      fc.property(word, fc.stringMatching(/^[0-9A-Z%@/:?#&=+ ]{1,20}$/), word, (user, secret, host) => {
        const escaped = encodeURIComponent(secret)
        const url = parseConnectionUrl(
          `postgres://${user}:${escaped}@${host}/db?password=${escaped}&sslmode=disable`,
        )
        expect(maskUrl(url)).toBe(`postgres://${user}:***@${host}/db?password=***&sslmode=disable`)
      }),
    )
  })

  test('picks the given server; none picks the embedded one', () => {
    expect(openBackend({ databaseUrl: server.connectionUrl }).kind).toBe('server')
    expect(openBackend(which).kind).toBe('embedded')
    expect(openBackend({ databaseUrl: '' }).kind).toBe('embedded')
    expect(() => openBackend({ databaseUrl: 'ftp://h' })).toThrow()
  })

  test('describes the server it leads to, and never stops it', async () => {
    const { port } = await start()
    const url = new URL(server.connectionUrl)
    url.port = String(port)
    const given = openBackend({ databaseUrl: url.href })
    const described = await given.start()
    expect(described).toMatchObject({ host: '127.0.0.1', port, user: 'almagest', started: false })
    expect(JSON.stringify(described)).not.toContain(url.password)
    await expect(given.stop()).rejects.toMatchObject({ code: 'SERVER_NOT_OURS' })
    expect(await given.status()).toMatchObject({ state: 'running', server: { version: server.version } })
  })

  const wrong: [string, string, (url: URL) => void][] = [
    ['a port without server', 'SERVER_REFUSED', (url) => (url.port = '1')],
    ['a host without address', 'SERVER_UNKNOWN_HOST', (url) => (url.hostname = 'nowhere.invalid')],
    ['a wrong password', 'SERVER_AUTH', (url) => (url.password = 'SECRET')],
    ['an unknown user', 'SERVER_AUTH', (url) => (url.username = 'stranger')],
    ['a missing database', 'DATABASE_MISSING', (url) => (url.pathname = '/nothing')],
    ['TLS asked of a server without', 'SERVER_TLS', (url) => url.searchParams.set('sslmode', 'verify-full')],
  ]
  test.each(wrong)('with %s fails as %s', async (_, code, spoil) => {
    const { connectionUrl } = await start()
    const url = new URL(connectionUrl)
    spoil(url)
    const error = await openBackend({ databaseUrl: url.href })
      .start()
      .catch((error: unknown) => error)
    expect(error).toMatchObject({ code, kind: 'server' })
    expect((error as Error).message).not.toContain(url.password)
  })

  test.each([
    [140_011, '14.11', false],
    [150_000, '15.0', true],
    [180_004, '18.4', true],
    [190_000, '19.0', false],
  ])('of server version %i (%s) is supported: %s', (number, version, supported) => {
    const check = () => checkVersion(number, version)
    if (supported) expect(check).not.toThrow()
    else expect(check).toThrow(expect.objectContaining({ code: 'SERVER_VERSION', place: { value: version } }))
  })
})

describe('rights and limits', () => {
  test('are translated with their SQLSTATE', async () => {
    const { connectionUrl } = await start()
    await ask({ connectionUrl }, "CREATE ROLE guest LOGIN PASSWORD 'guest'; CREATE TABLE private (n int)")
    const url = new URL(connectionUrl)
    url.username = url.password = 'guest'
    const denied = await ask({ connectionUrl: url.href }, 'SELECT * FROM private').catch((error) =>
      translateServerError(error, { column: 'n' }),
    )
    expect(denied).toMatchObject({ code: 'PERMISSION_DENIED', place: { column: 'n' } })
    expect((denied as Error).message).toContain('42501')
    await ask({ connectionUrl }, 'ALTER ROLE guest CONNECTION LIMIT 0')
    await expect(connect(url.href)).rejects.toMatchObject({ code: 'TOO_MANY_CONNECTIONS' })
  })
})

needs('debian-q3c')("Debian's server", () => {
  test('serves as a given server, with the Q3C C extension', async () => {
    const databaseUrl = await debianQ3cServer()
    const described = await openBackend({ databaseUrl }).start()
    expect(Number.parseInt(described.version, 10)).toBeGreaterThanOrEqual(15)
    const found = "SELECT count(*)::int FROM pg_available_extensions WHERE name = 'q3c'"
    expect(await ask(described, found)).toEqual([1])
  })
})
