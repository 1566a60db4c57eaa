// The ledger without pgAudit, and against the database's own masters: what they change is found and named.
import { execFileSync } from 'node:child_process'
import { generateKeyPairSync, type KeyObject } from 'node:crypto'
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  applyAudit,
  auditEvents,
  ingestAudit,
  keepHead,
  readHeads,
  readPrivateKey,
  readPublicKey,
  type SignedHead,
  signAudit,
  verifyAudit,
} from '../../src/audit/index.ts'
import { connect } from '../../src/postgres/index.ts'
import { buildGuarded, embeddedCluster, type OwnCluster } from '../access/cluster.ts'
import { lab } from '../access/survey.ts'
import { almagest } from '../cli/almagest.ts'

let cluster: OwnCluster
let heads: SignedHead[]
const { privateKey, publicKey } = generateKeyPairSync('ed25519')
const folder = mkdtempSync(join(tmpdir(), 'almagest-audit-'))
const pem = (key: KeyObject) =>
  String(key.export({ format: 'pem', type: key.type === 'private' ? 'pkcs8' : 'spki' }))
const keyFile = join(folder, 'key.pem')
const publicFile = join(folder, 'public.pem')

beforeAll(async () => {
  cluster = await embeddedCluster()
  writeFileSync(keyFile, pem(privateKey), { mode: 0o600 })
  writeFileSync(publicFile, pem(publicKey))
})
afterAll(async () => {
  await cluster.stop()
  rmSync(folder, { recursive: true })
})

test('nothing is verified, taken over or applied where it cannot be', async () => {
  const { client } = cluster
  await expect(verifyAudit(client)).rejects.toMatchObject({ code: 'AUDIT_NOT_APPLIED' })
  await expect(ingestAudit(client)).rejects.toMatchObject({ code: 'AUDIT_NOT_APPLIED' })
  await expect(applyAudit(client, lab, true)).rejects.toMatchObject({ code: 'AUDIT_ROLES_MISSING' })
  await buildGuarded(cluster)
  await expect(applyAudit(client, lab)).rejects.toMatchObject({ code: 'AUDIT_NOT_LOADED' })
  await client.query("CREATE ROLE plain LOGIN PASSWORD 'p'; GRANT CONNECT ON DATABASE almagest TO plain")
  const url = new URL(cluster.url)
  url.username = 'plain'
  url.password = 'p'
  await using plain = await connect(url.href)
  await expect(applyAudit(plain, lab, true)).rejects.toMatchObject({ code: 'AUDIT_NEEDS_SUPERUSER' })
  expect((await client.query("SELECT to_regnamespace('almagest_audit') AS there")).rows).toEqual([
    { there: null },
  ])
})

test('without pgAudit definitions, roles and settings are recorded, and reads counted', async () => {
  const { client } = cluster
  const applied = await applyAudit(client, lab, true)
  expect(applied).toMatchObject({ level: 'without reads', mended: ['there was no ledger'] })
  expect(await applyAudit(client, lab, true)).toMatchObject({ mended: [] })
  await client.query(
    'CREATE TABLE public.made (x int); ALTER TABLE public.made ADD y int; DROP TABLE public.made',
  )
  await client.query("CREATE ROLE mallory PASSWORD 'sesame'")
  await client.query("ALTER SYSTEM SET work_mem = '5MB'")
  await client.query('BEGIN; CREATE TABLE public.gone (x int); ROLLBACK')
  await client.query('CREATE TEMP TABLE passing (x int); DROP TABLE passing')
  await client.query("COMMENT ON TABLE guarded.lines IS 'the password is sesame'")
  await client.query('SELECT note FROM guarded.targets; SELECT pg_stat_force_next_flush()')
  expect(await ingestAudit(client)).toMatchObject({ log: null })
  await client.query('TRUNCATE guarded.targets CASCADE')
  const events = await auditEvents(client, { limit: 1000 })
  const lines = events.map(({ kind, command, object }) => `${kind} ${command} ${object}`)
  for (const each of [
    'ddl CREATE TABLE public.made',
    'ddl ALTER TABLE public.made',
    'ddl DROP TABLE public.made',
    'ddl COMMENT guarded.lines',
    'state role mallory',
    'state setting of server work_mem',
    'state uses guarded.targets',
    'write TRUNCATE TABLE guarded.targets',
  ])
    expect(lines).toContain(each)
  expect(lines.join('\n')).not.toMatch(/gone|passing/)
  expect(JSON.stringify(events, (_, each) => (typeof each === 'bigint' ? String(each) : each))).not.toMatch(
    /sesame/,
  )
  expect(await auditEvents(client, { kind: 'state', object: 'mallory', limit: 5 })).toHaveLength(1)
})

test('writers wait for each other only while they commit; none is lost, and the chain is whole', async () => {
  const { client, url } = cluster
  const before = (await verifyAudit(client)).entries
  const sessions = await Promise.all(Array.from({ length: 8 }, () => connect(url)))
  // Its transaction is open all the while, and keeps nobody waiting.
  const slow = sessions[0]!
  await slow.query('BEGIN; CREATE TABLE public.slow (x int)')
  await Promise.all(
    sessions.slice(1).map(async (session, i) => {
      for (let k = 0; k < 20; k++) await session.query(`CREATE TABLE public.w_${i}_${k} (x int)`)
    }),
  )
  await slow.query('COMMIT')
  // A snapshot from before others appended can't go on with the chain: it is told to try again.
  await slow.query('BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT 1; CREATE TABLE public.stale (x int)')
  await client.query('CREATE TABLE public.between (x int)')
  await expect(slow.query('COMMIT')).rejects.toMatchObject({ code: '40001' })
  const { entries, faults } = await verifyAudit(client)
  expect(faults).toEqual([])
  expect(entries - before).toBe(7 * 20 + 2)
  for (const session of sessions) await session.end()
})

describe('what the masters of the database change', () => {
  /** The server's own words for an entry's hash, with which a chain can be computed anew. */
  const rehash = `DO $$DECLARE e record; link bytea := decode(repeat('00', 32), 'hex'); n bigint := 0; BEGIN
    FOR e IN SELECT ctid, * FROM almagest_audit.entry ORDER BY seq LOOP
      n := n + 1;
      UPDATE almagest_audit.entry SET seq = n, previous = link, hash = sha256(link || int8send(n) || int8send((extract(epoch FROM e.at) * 1000000)::bigint)
        || int4send(octet_length(e.kind)) || convert_to(e.kind, 'UTF8') || convert_to(e.content, 'UTF8')) WHERE ctid = e.ctid RETURNING hash INTO link;
    END LOOP; END$$`
  const table = 'almagest_audit.entry'
  const noKey = `ALTER TABLE ${table} DROP CONSTRAINT entry_pkey`
  let middle: bigint
  let end: bigint

  beforeAll(async () => {
    const { client } = cluster
    const first = await signAudit(client, privateKey, [], publicKey)
    await client.query('CREATE TABLE public.a (x int); DROP TABLE public.a; CREATE TABLE public.b (x int)')
    heads = [first, await signAudit(client, privateKey, [first], publicKey)]
    middle = first.seq - 20n
    end = heads[1]!.seq
    expect(await verifyAudit(client, heads, publicKey)).toMatchObject({
      faults: [],
      guards: [],
      heads: 2,
      signedTo: end,
    })
  })

  type Sabotage = [
    what: string,
    sql: (at: bigint, last: bigint) => string,
    named: (at: bigint, last: bigint) => string,
    signed?: true,
  ]
  const sabotages: Sabotage[] = [
    [
      'an edited content',
      (n) => `UPDATE ${table} SET content = content || ' ' WHERE seq = ${n}`,
      (n) => `entry ${n} was changed`,
    ],
    [
      'an edited kind',
      (n) => `UPDATE ${table} SET kind = 'read' WHERE seq = ${n}`,
      (n) => `entry ${n} was changed`,
    ],
    [
      'a changed time',
      (n) => `UPDATE ${table} SET at = at - interval '1 microsecond' WHERE seq = ${n}`,
      (n) => `entry ${n} was changed`,
    ],
    [
      'an edited entry with its own hash anew',
      (
        n,
      ) => `UPDATE ${table} e SET content = '{}', hash = sha256(previous || int8send(seq) || int8send((extract(epoch FROM at) * 1000000)::bigint)
      || int4send(octet_length(kind)) || convert_to(kind, 'UTF8') || convert_to('{}', 'UTF8')) WHERE seq = ${n}`,
      (n) => `entry ${n + 1n} does not follow entry ${n}`,
    ],
    [
      'a changed hash',
      (n) => `UPDATE ${table} SET hash = sha256(hash) WHERE seq = ${n}`,
      (n) => `entry ${n} was changed`,
    ],
    [
      'a changed link',
      (n) => `UPDATE ${table} SET previous = sha256(previous) WHERE seq = ${n}`,
      (n) => `entry ${n} does not follow entry ${n - 1n}`,
    ],
    [
      'a letter that moved from content to kind',
      (n) =>
        `UPDATE ${table} SET kind = kind || left(content, 1), content = substr(content, 2) WHERE seq = ${n}`,
      (n) => `entry ${n} was changed`,
    ],
    [
      'an entry removed from the middle',
      (n) => `DELETE FROM ${table} WHERE seq = ${n}`,
      (n) => `entry ${n} is missing`,
    ],
    [
      'many entries removed',
      (n) => `DELETE FROM ${table} WHERE seq BETWEEN ${n} AND ${n + 9n}`,
      (n) => `entries ${n} to ${n + 9n} are missing`,
    ],
    ['the first entry removed', () => `DELETE FROM ${table} WHERE seq = 1`, () => 'entry 1 is missing'],
    [
      'two entries that changed places',
      (n) => `${noKey}; UPDATE ${table} SET seq = ${n * 2n + 1n} - seq WHERE seq IN (${n}, ${n + 1n})`,
      (n) => `entry ${n} does not follow entry ${n - 1n}`,
    ],
    [
      'contents that changed places',
      (n) =>
        `UPDATE ${table} e SET content = (SELECT content FROM ${table} o WHERE o.seq = ${n * 2n + 1n} - e.seq) WHERE seq IN (${n}, ${n + 1n})`,
      (n) => `entry ${n} was changed`,
    ],
    [
      'an entry put in twice',
      (n) => `${noKey}; INSERT INTO ${table} SELECT * FROM ${table} WHERE seq = ${n}`,
      (n) => `entry ${n} is one too many`,
    ],
    [
      'an entry put in before all',
      () => `INSERT INTO ${table} SELECT 0, at, kind, content, previous, hash FROM ${table} WHERE seq = 1`,
      () => 'entry 0 is one too many',
    ],
    [
      'an entry put in at the end',
      (_, last) =>
        `INSERT INTO ${table} SELECT ${last + 1n}, now(), 'ddl', '{}', hash, sha256('x') FROM ${table} WHERE seq = ${last}`,
      (_, last) => `entry ${last + 1n} was changed`,
    ],
    [
      'an entry put in between, the rest renumbered',
      (n) =>
        `${noKey}; UPDATE ${table} SET seq = seq + 1 WHERE seq >= ${n}; INSERT INTO ${table} SELECT ${n}, now(), 'ddl', '{}', hash, sha256('x') FROM ${table} WHERE seq = ${n - 1n}`,
      (n) => `entry ${n} was changed`,
    ],
    [
      'the last entry removed',
      (_, last) => `DELETE FROM ${table} WHERE seq = ${last}`,
      (_, last) => `entry ${last} is missing: the end was cut off`,
      true,
    ],
    [
      'the tail removed',
      (_, last) => `DELETE FROM ${table} WHERE seq > ${last - 3n}`,
      (_, last) => `entries ${last - 2n} to ${last} are missing: the end was cut off`,
      true,
    ],
    [
      'a changed entry with the whole chain anew',
      (n) => `UPDATE ${table} SET content = '{}' WHERE seq = ${n}; ${rehash}`,
      (n) => `entry ${n + 20n} is not the one that was signed`,
      true,
    ],
    [
      'a changed entry after the first head, with the chain anew',
      (_, last) => `UPDATE ${table} SET content = '{}' WHERE seq = ${last - 1n}; ${rehash}`,
      (_, last) => `from ${last - 2n} to ${last} was changed or removed, and the chain computed anew`,
      true,
    ],
    [
      'a removed entry with the chain renumbered and anew',
      (n) => `DELETE FROM ${table} WHERE seq = ${n}; ${rehash}`,
      (_, last) => `entry ${last} is missing`,
      true,
    ],
    [
      'everything removed',
      () => `DELETE FROM ${table}`,
      (_, last) => `entries 1 to ${last} are missing`,
      true,
    ],
    [
      'another ledger in its place',
      () =>
        `UPDATE ${table} SET content = replace(content, substr(content, 12, 8), '00000000') WHERE seq = 1; ${rehash}`,
      () => 'is of another ledger',
      true,
    ],
  ]

  test.each(sabotages)('%s is found and named', async (_, sql, named, signed) => {
    const { client } = cluster
    await client.query(`CREATE TEMP TABLE kept AS SELECT * FROM ${table}`)
    await client.query(
      `ALTER EVENT TRIGGER almagest_audit_ddl DISABLE; ALTER EVENT TRIGGER almagest_audit_drop DISABLE; ALTER TABLE ${table} DISABLE TRIGGER append_only`,
    )
    await client.query(sql(middle, end))
    const { faults, guards } = await verifyAudit(client, heads, publicKey)
    const without = await verifyAudit(client)
    await client.query(`DELETE FROM ${table}; INSERT INTO ${table} SELECT * FROM kept; DROP TABLE kept`)
    await client.query(`ALTER TABLE ${table} DROP CONSTRAINT IF EXISTS entry_pkey; ALTER TABLE ${table} ADD PRIMARY KEY (seq); ALTER TABLE ${table} ENABLE ALWAYS TRIGGER append_only;
      ALTER EVENT TRIGGER almagest_audit_ddl ENABLE ALWAYS; ALTER EVENT TRIGGER almagest_audit_drop ENABLE ALWAYS`)
    expect(faults.map(({ what }) => what).join('\n')).toContain(named(middle, end))
    if (!signed) expect(faults[0]!.what).toContain(named(middle, end))
    // Only a head that was kept shows these.
    else if (!/everything/.test(_)) expect(without.faults).toEqual([])
    if (guards.length > 0) expect(guards.join('\n')).toMatch(/append_only/)
    expect(await verifyAudit(client, heads, publicKey)).toMatchObject({ faults: [], guards: [] })
  })

  test('a head that somebody else signed, or that was edited, vouches for nothing', async () => {
    const other = generateKeyPairSync('ed25519')
    const forged = await signAudit(cluster.client, other.privateKey, [], other.publicKey)
    for (const head of [
      forged,
      { ...heads[1]!, seq: heads[1]!.seq + 1n },
      { ...heads[1]!, signature: 'AAAA' },
    ]) {
      const { faults, signedTo } = await verifyAudit(cluster.client, [head], publicKey)
      expect(faults[0]!.what).toMatch(/is not signed with this key/)
      expect(signedTo).toBe(0n)
    }
  })

  test('a broken ledger is not signed', async () => {
    const { client } = cluster
    await client.query(
      `ALTER TABLE ${table} DISABLE TRIGGER append_only; UPDATE ${table} SET kind = kind || 'x' WHERE seq = 9`,
    )
    await expect(signAudit(client, privateKey, heads, publicKey)).rejects.toMatchObject({
      code: 'AUDIT_BROKEN',
    })
    await client.query(
      `UPDATE ${table} SET kind = rtrim(kind, 'x') WHERE seq = 9; ALTER TABLE ${table} ENABLE ALWAYS TRIGGER append_only`,
    )
  })

  test('the ledger itself refuses changes, to everybody', async () => {
    for (const sql of [`UPDATE ${table} SET kind = kind`, `DELETE FROM ${table}`, `TRUNCATE ${table}`])
      await expect(cluster.client.query(sql)).rejects.toThrow(/append-only/)
  })

  const loosened: [what: string, sql: string, named: RegExp][] = [
    [
      'a trigger switched off',
      'ALTER TABLE almagest_audit.inbox DISABLE TRIGGER chain',
      /trigger almagest_audit\.inbox\.chain/,
    ],
    [
      'a trigger only for some',
      'ALTER TABLE almagest_audit.inbox ENABLE TRIGGER chain',
      /trigger almagest_audit\.inbox\.chain/,
    ],
    [
      'an event trigger switched off',
      'ALTER EVENT TRIGGER almagest_audit_ddl DISABLE',
      /event trigger almagest_audit_ddl/,
    ],
    [
      'an event trigger dropped',
      'DROP EVENT TRIGGER almagest_audit_drop',
      /event trigger almagest_audit_drop is missing/,
    ],
    [
      'a function that records nothing',
      "CREATE OR REPLACE FUNCTION almagest_audit.note(kind text, command text, type text, object text) RETURNS void LANGUAGE sql AS ''",
      /function note/,
    ],
    [
      'a function of another owner',
      'ALTER FUNCTION almagest_audit.append(text[], text[]) OWNER TO lab_owner',
      /function append/,
    ],
    ['a right to write', 'GRANT INSERT ON almagest_audit.entry TO lab_ingest', /right entry/],
    ['a right on a column', 'GRANT UPDATE (content) ON almagest_audit.entry TO lab_ingest', /entry\.content/],
    [
      'a function for everybody',
      'GRANT EXECUTE ON FUNCTION almagest_audit.append(text[], text[]) TO PUBLIC',
      /right append/,
    ],
    ['another reader', 'GRANT SELECT ON almagest_audit.event TO lab_analyst', /right event/],
    [
      'rows that are hidden',
      'ALTER TABLE almagest_audit.entry ENABLE ROW LEVEL SECURITY',
      /table entry is not as it was made: .*row security/,
    ],
    [
      'a rule that swallows entries',
      'CREATE RULE swallow AS ON INSERT TO almagest_audit.inbox DO INSTEAD NOTHING',
      /table inbox is not as it was made: .*rules/,
    ],
    [
      'a truncation that is not told',
      'DROP TRIGGER almagest_audit_truncate ON guarded.targets',
      /guarded\.targets does not tell/,
    ],
    ['another owner', 'ALTER TABLE almagest_audit.entry OWNER TO lab_owner', /table entry/],
  ]
  test.each(loosened)('%s is told, and put right', async (_, sql, named) => {
    const { client } = cluster
    // Somebody who knows what he does keeps the ledger from failing under his hands.
    await client.query(
      'ALTER EVENT TRIGGER almagest_audit_ddl DISABLE; ALTER EVENT TRIGGER almagest_audit_drop DISABLE',
    )
    await client.query(sql)
    expect((await verifyAudit(client)).guards.join('\n')).toMatch(named)
    const { left } = await applyAudit(client, lab, true)
    // Whose rule it is, the audit can't know.
    if (/RULE/.test(sql)) {
      expect(left.join('\n')).toMatch(named)
      await client.query('DROP RULE swallow ON almagest_audit.inbox')
    } else expect(left).toEqual([])
    expect((await verifyAudit(client)).guards).toEqual([])
  })

  test('entries that were not chained wait, are told, and are chained with the next', async () => {
    const { client } = cluster
    await client.query('ALTER TABLE almagest_audit.inbox DISABLE TRIGGER chain')
    await client.query('CREATE TABLE public.waiting (x int)')
    expect((await verifyAudit(client)).guards.join('\n')).toMatch(/\d entries wait in the inbox/)
    await applyAudit(client, lab, true)
    await client.query('DROP TABLE public.waiting')
    expect((await verifyAudit(client)).guards).toEqual([])
    const events = await auditEvents(client, { object: 'public.waiting', limit: 10 })
    expect(events.map(({ command }) => command)).toEqual(['CREATE TABLE', 'DROP TABLE'])
  })
})

test('keys and files of heads that cannot be used are refused', () => {
  const file = join(folder, 'other')
  const refused = (text: string, mode: number, read: (file: string) => unknown) => {
    writeFileSync(file, text)
    chmodSync(file, mode)
    return () => read(file)
  }
  expect(() => readPrivateKey(join(folder, 'none'))).toThrow(/there is no such file/)
  expect(refused(pem(privateKey), 0o644, readPrivateKey)).toThrow(/others than its owner/)
  expect(refused('x', 0o600, readPrivateKey)).toThrow(/no PEM key/)
  expect(
    refused(pem(generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey), 0o600, readPrivateKey),
  ).toThrow(/it is ec, not Ed25519/)
  expect(refused('', 0o600, readPublicKey)).toThrow(/no PEM key/)
  expect(refused('', 0o600, readHeads)).toThrow(/empty/)
  expect(refused('{}\n', 0o600, readHeads)).toThrow(/line 1 .* lacks/)
  rmSync(file)
  keepHead(file, heads[0]!)
  writeFileSync(file, `${readFileSync(file, 'utf8')}not JSON\n`)
  expect(() => readHeads(file)).toThrow(/line 2 .* no JSON/)
  expect(() => readHeads(join(folder, 'none'))).toThrow(/no such file/)
})

test('a head is an Ed25519 signature that openssl verifies as well', () => {
  const { ledger, seq, hash, signedAt, signature } = heads[0]!
  writeFileSync(join(folder, 'text'), ['almagest audit head', ledger, seq, hash, signedAt].join('\n'))
  writeFileSync(join(folder, 'signature'), Buffer.from(signature, 'base64'))
  const out = execFileSync('openssl', [
    'pkeyutl',
    '-verify',
    '-pubin',
    '-inkey',
    publicFile,
    '-rawin',
    '-in',
    join(folder, 'text'),
    '-sigfile',
    join(folder, 'signature'),
  ])
  expect(String(out)).toMatch(/Verified Successfully/)
})

test('the commands: the auditor signs and verifies; a cut tail is exit code 8', async () => {
  const { client, url } = cluster
  await client.query("CREATE ROLE otto LOGIN PASSWORD 'of otto' IN ROLE lab_auditor")
  const own = new URL(url)
  own.username = 'otto'
  own.password = 'of otto'
  const environment = { DATABASE_URL: own.href }
  const file = join(folder, 'heads.jsonl')
  const signed = await almagest(['audit', 'head', '--key', keyFile, '--heads', file], environment)
  expect(signed).toMatchObject({ code: 0, out: expect.stringMatching(/^entry \d+ signed/) })
  const verify = ['audit', 'verify', '--heads', file, '--public-key', publicFile]
  expect(await almagest(verify, environment)).toMatchObject({
    code: 0,
    out: expect.stringMatching(/1 signed heads? vouch/),
  })
  await client.query(
    'ALTER EVENT TRIGGER almagest_audit_ddl DISABLE; ALTER TABLE almagest_audit.entry DISABLE TRIGGER append_only; DELETE FROM almagest_audit.entry WHERE seq = (SELECT max(seq) FROM almagest_audit.entry)',
  )
  const cut = await almagest(verify, environment)
  expect(cut.code).toBe(8)
  expect(cut.out).toMatch(
    /the ledger is broken, first at entry \d+:\n {2}entry \d+ is missing: the end was cut off/,
  )
  const shown = await almagest(['audit', 'show', '--kind', 'ddl', '--limit', '2', '--json'], environment)
  expect(JSON.parse(shown.out)).toHaveLength(2)
  expect(await almagest(['audit', 'verify', '--heads', file], environment)).toMatchObject({ code: 2 })
  expect((await almagest(['audit', 'ingest'], environment)).err).toMatch(/AUDIT_NEEDS_SUPERUSER/)
}, 60_000)
