// How people connect: certificates, generated rules, and what comes of them on real servers over real TLS.
import { execFileSync } from 'node:child_process'
import { X509Certificate } from 'node:crypto'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { onEncryptedDevice } from '../../src/access/at-rest.ts'
import {
  applyAccess,
  checkCertificates,
  installTransport,
  issueCertificates,
  type Lab,
  proveAccess,
  rulesFile,
  transportDifferences,
} from '../../src/access/index.ts'
import { verifiedUrl } from '../../src/access/transport/install.ts'
import { connect } from '../../src/postgres/index.ts'
import { debianQ3cBin } from '../postgres/debian.ts'
import { needs } from '../require.ts'
import { buildGuarded, debianCluster, embeddedCluster, type OwnCluster } from './cluster.ts'
import { guarded, lab } from './survey.ts'

const folder = mkdtempSync(join(tmpdir(), 'almagest-certificates-'))
afterAll(() => rmSync(folder, { recursive: true }))
const networked: Lab = { ...lab, network: ['127.0.0.0/8', '2001:db8::/32'] }

/** The second address is one that no certificate here names. */
const listening = { listen_addresses: '127.0.0.1,127.0.0.2' }

describe('certificates', () => {
  const own = join(folder, 'own')
  test('are signed by the authority, name the hosts, and keep their keys to their owner', async () => {
    const made = await issueCertificates(own, ['db.lab.example', '10.1.2.3'], 30)
    expect(made.hosts).toEqual(['db.lab.example', '10.1.2.3', 'localhost', '127.0.0.1', '0:0:0:0:0:0:0:1'])
    const server = new X509Certificate(readFileSync(join(own, 'server.crt')))
    expect(server.checkHost('db.lab.example')).toBe('db.lab.example')
    expect(server.checkIP('10.1.2.3')).toBe('10.1.2.3')
    expect(server.checkHost('other.example')).toBeUndefined()
    expect(new Date(server.validTo).getTime() - Date.now()).toBeCloseTo(30 * 86_400_000, -5)
    expect(server.ca).toBe(false)
    for (const key of ['server.key', 'authority.key'])
      expect(statSync(join(own, key)).mode & 0o777).toBe(0o600)
  })
  test('are renewed by the same authority', async () => {
    const before = readFileSync(join(own, 'authority.crt'), 'utf8')
    await issueCertificates(own, ['db.lab.example'], 10)
    expect(readFileSync(join(own, 'authority.crt'), 'utf8')).toBe(before)
  })
  test.each([
    ['server.crt', 'ACCESS_CERTIFICATE_MISSING'],
    ['authority.crt', 'ACCESS_CERTIFICATE_MISSING'],
    ['server.key', 'ACCESS_KEY_MISSING'],
  ])('without %s: %s', async (name, code) => {
    const text = readFileSync(join(own, name))
    rmSync(join(own, name))
    expect(() => checkCertificates(own)).toThrow(expect.objectContaining({ code }))
    writeFileSync(join(own, name), 'no PEM')
    expect(() => checkCertificates(own)).toThrow(
      expect.objectContaining({ code: 'ACCESS_CERTIFICATE_INVALID' }),
    )
    writeFileSync(join(own, name), text)
  })
  test('of another authority, or of another key, do not serve', async () => {
    const other = join(folder, 'other')
    await issueCertificates(other, [], 10)
    for (const name of ['server.crt', 'server.key']) {
      const text = readFileSync(join(own, name))
      writeFileSync(join(own, name), readFileSync(join(other, name)))
      expect(() => checkCertificates(own)).toThrow(
        expect.objectContaining({ code: 'ACCESS_CERTIFICATE_MISMATCH' }),
      )
      writeFileSync(join(own, name), text)
    }
  })
  test('that have expired are told with their day, and an expired authority signs nothing', async () => {
    const later = new Date(Date.now() + 11 * 86_400_000)
    expect(() => checkCertificates(own, later)).toThrow(
      expect.objectContaining({
        code: 'ACCESS_CERTIFICATE_EXPIRED',
        place: expect.objectContaining({ file: join(own, 'server.crt') }),
      }),
    )
    const decades = new Date(Date.now() + 4000 * 86_400_000)
    await expect(issueCertificates(own, [], 10, decades)).rejects.toMatchObject({
      code: 'ACCESS_CERTIFICATE_EXPIRED',
    })
  })
})

test('a name that means something else in pg_hba.conf is quoted', () => {
  const text = rulesFile([
    {
      type: 'hostssl',
      database: 'My "db"',
      user: '+lab_analyst',
      address: '::1/128',
      method: 'scram-sha-256',
    },
  ])
  expect(text).toMatch(/^hostssl {2}"My ""db""" {2}\+lab_analyst {2}::1\/128 {2}scram-sha-256$/m)
})

test('an encrypted device is known by its dm-crypt name, through a volume upon it too', () => {
  const path = folder
  const device = BigInt(statSync(path).dev)
  const number = `${(device >> 8n) & 0xfffn}:${(device & 0xffn) | ((device >> 12n) & 0xfff00n)}`
  const sysfs = join(folder, 'sysfs')
  mkdirSync(join(sysfs, 'crypt', 'dm'), { recursive: true })
  mkdirSync(join(sysfs, number, 'slaves'), { recursive: true })
  expect(onEncryptedDevice(path, sysfs)).toBe(false)
  writeFileSync(join(sysfs, 'crypt', 'dm', 'uuid'), 'CRYPT-LUKS2-0123\n')
  symlinkSync(join(sysfs, 'crypt'), join(sysfs, number, 'slaves', 'dm-0'))
  expect(onEncryptedDevice(path, sysfs)).toBe(true)
  mkdirSync(join(sysfs, number, 'slaves', 'sda1'))
  expect(onEncryptedDevice(path, sysfs)).toBe(false)
  // The kernel's own numbers, as `stat` prints them.
  const [major, minor] = execFileSync('stat', ['-c', '%Hd:%Ld', path], { encoding: 'utf8' }).trim().split(':')
  expect(number).toBe(`${major}:${minor}`)
})

function suite(open: () => Promise<OwnCluster>) {
  let cluster: OwnCluster
  let certificates: string
  let authority: string
  beforeAll(async () => {
    cluster = await open()
    await buildGuarded(cluster)
    certificates = mkdtempSync(join(folder, 'server-'))
    authority = join(certificates, 'authority.crt')
    await issueCertificates(certificates, [], 30)
  })
  afterAll(() => cluster.stop())
  const state = async () => {
    const { rows } = await cluster.client.query(
      `SELECT (SELECT json_agg(r) FROM pg_hba_file_rules r)::text AS rules, (SELECT json_agg(f ORDER BY seqno) FROM pg_file_settings f)::text AS files`,
    )
    return rows[0]
  }

  test('before, it is told what differs', async () => {
    const found = await transportDifferences(cluster.client, networked)
    expect(found).toContainEqual({ object: 'setting ssl', desired: 'on', found: 'off' })
    expect(found.map(({ object }) => object)).toContain('line 1 of pg_hba.conf')
    expect(await transportDifferences(cluster.client, lab)).toEqual([])
  })

  test('a certificate that does not name the server is not kept: all is as it was', async () => {
    const before = await state()
    const elsewhere = mkdtempSync(join(folder, 'elsewhere-'))
    await issueCertificates(elsewhere, [], 30)
    const url = cluster.url.replace('127.0.0.1', '127.0.0.2')
    await expect(installTransport(cluster.client, url, networked, elsewhere)).rejects.toMatchObject({
      code: 'ACCESS_TRANSPORT_FAILED',
      message: expect.stringMatching(/127\.0\.0\.2 is not in the cert's list/),
    })
    expect(await state()).toEqual(before)
    await (await connect(cluster.url)).end()
  })

  test('installed, TLS with a verified name is the only way in, and the proof tries the others', async () => {
    await installTransport(cluster.client, cluster.url, networked, certificates)
    expect(await transportDifferences(cluster.client, networked)).toEqual([])
    const url = verifiedUrl(cluster.url, authority)
    const client = await connect(url)
    try {
      const { rows } = await client.query('SELECT ssl, version FROM pg_stat_ssl WHERE pid = pg_backend_pid()')
      expect(rows[0]).toEqual({ ssl: true, version: expect.stringMatching(/^TLSv1\.[23]$/) })
      const proof = await proveAccess(client, url, networked, [guarded])
      const ways = proof.cells.filter(({ object }) => object === 'connection')
      expect(ways.filter(({ holds }) => !holds)).toEqual([])
      expect(ways.length).toBe(4 * new Set(proof.cells.map(({ role }) => role)).size)
      expect(proof.unexpected).toBe(0)
      expect(proof.notAssessed).toContainEqual(expect.stringMatching(/encryption at rest/))
    } finally {
      await client.end()
    }
    await expect(connect(cluster.url)).rejects.toMatchObject({ code: 'SERVER_AUTH' })
    const other = join(folder, 'other', 'authority.crt')
    await expect(connect(verifiedUrl(cluster.url, other))).rejects.toMatchObject({ code: 'SERVER_TLS' })
    await expect(connect(url.replace('127.0.0.1', '127.0.0.2'))).rejects.toMatchObject({ code: 'SERVER_TLS' })
  })

  test('what is opened by hand is named, and found by trying', async () => {
    const { rows } = await cluster.client.query<{ file: string }>(
      "SELECT current_setting('hba_file') AS file",
    )
    const file = rows[0]!.file
    const text = readFileSync(file, 'utf8')
    writeFileSync(file, `host all all 127.0.0.1/32 scram-sha-256\n${text}`)
    await cluster.client.query('SELECT pg_reload_conf()')
    const found = await transportDifferences(cluster.client, networked)
    expect(found[0]).toMatchObject({
      object: 'line 1 of pg_hba.conf',
      found: 'host all all 127.0.0.1/32 scram-sha-256',
    })
    const proof = await proveAccess(cluster.client, verifiedUrl(cluster.url, authority), networked, [guarded])
    const open = proof.cells
      .filter(({ object, holds }) => object === 'connection' && !holds)
      .map(({ action }) => action)
    expect(new Set(open)).toEqual(new Set(['without TLS', 'another database']))
    writeFileSync(file, text)
    await cluster.client.query('SELECT pg_reload_conf()')
    await applyAccess(cluster.client, lab, [guarded])
  })
}

describe('on the embedded PostgreSQL', () => suite(() => embeddedCluster(listening)))
needs('debian-q3c')('on Debian’s PostgreSQL', () => suite(() => debianCluster(debianQ3cBin!, listening)))
