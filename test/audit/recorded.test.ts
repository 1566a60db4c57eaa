// What is done on a real server with pgAudit appears in the ledger, or is seen by what stands in for it.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  certificateFiles,
  installTransport,
  issueCertificates,
  planAccess,
  proveAccess,
} from '../../src/access/index.ts'
import { verifiedUrl } from '../../src/access/transport/install.ts'
import { applyAudit, auditEvents, ingestAudit, verifyAudit } from '../../src/audit/index.ts'
import { type Client, connect, findDrift } from '../../src/postgres/index.ts'
import { buildGuarded, debianCluster, type OwnCluster } from '../access/cluster.ts'
import { guarded, lab } from '../access/survey.ts'
import { debianPgauditBin } from '../postgres/debian.ts'
import { needs } from '../require.ts'

const preloaded = {
  shared_preload_libraries: 'pgaudit',
  logging_collector: 'on',
  log_destination: 'jsonlog',
}

needs('debian-pgaudit')('the audit with pgAudit', () => {
  let cluster: OwnCluster
  let alice: Client
  /** By TLS, with the server's name verified: there is no other way in. */
  let url: string
  const certificates = mkdtempSync(join(tmpdir(), 'almagest-audit-'))
  beforeAll(async () => {
    cluster = await debianCluster(debianPgauditBin!, preloaded)
    await buildGuarded(cluster)
    await issueCertificates(certificates, [], 2)
    await installTransport(cluster.client, cluster.url, { ...lab, network: ['127.0.0.1/32'] }, certificates)
    url = verifiedUrl(cluster.url, join(certificates, certificateFiles.authority))
    await applyAudit(cluster.client, lab)
    await cluster.client.query(`ALTER ROLE alice PASSWORD 'pass of alice';
      CREATE VIEW public.through AS SELECT note FROM guarded.targets;
      CREATE FUNCTION public.definer() RETURNS SETOF text LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS 'SELECT note FROM guarded.targets';
      CREATE FUNCTION public.inlined() RETURNS SETOF text LANGUAGE sql STABLE AS 'SELECT note FROM guarded.targets';
      CREATE FUNCTION public.dynamic() RETURNS text LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS
        $$DECLARE x text; BEGIN EXECUTE 'SELECT note FROM guarded.targets LIMIT 1' INTO x; RETURN x; END$$;
      CREATE MATERIALIZED VIEW public.copied AS SELECT note FROM guarded.targets`)
    const own = new URL(url)
    own.username = 'alice'
    own.password = 'pass of alice'
    alice = await connect(own.href)
  })
  afterAll(async () => {
    await alice.end()
    await cluster.stop()
    rmSync(certificates, { recursive: true })
  })

  /** What the ledger got through one piece of work, once the log is written. */
  const recorded = async (work: () => Promise<unknown>) => {
    await sleep(50)
    await ingestAudit(cluster.client)
    const before = await last(cluster.client)
    await work()
    await sleep(100)
    await ingestAudit(cluster.client)
    const events = await auditEvents(cluster.client, { limit: 1000 })
    return events.filter(({ seq }) => seq > before)
  }
  const does = (...statements: string[]) =>
    recorded(async () => {
      for (const sql of statements) await cluster.client.query(sql)
    })

  test('a second apply finds everything in place; access and drift see no difference', async () => {
    expect(await applyAudit(cluster.client, lab)).toMatchObject({
      level: 'pgaudit',
      mended: [],
      tables: ['guarded.targets', 'guarded_parts.targets_1'],
    })
    const { roles, database } = await planAccess(cluster.client, lab, [guarded])
    expect([...roles, ...database]).toEqual([])
    expect((await findDrift(cluster.client, guarded)).differences).toEqual([])
    expect((await verifyAudit(cluster.client)).guards).toEqual([])
  })

  const roads: [road: string, statements: string[]][] = [
    ['a plain query', ['SELECT note FROM guarded.targets']],
    ['the whole row', ['SELECT t FROM guarded.targets t']],
    ['every column', ['TABLE guarded.targets']],
    ['the row as JSON', ['SELECT to_jsonb(t) FROM guarded.targets t']],
    ['the row by a function', ['SELECT row_to_json(t.*) FROM guarded.targets t']],
    ['only a condition', ["SELECT 1 FROM guarded.targets WHERE note LIKE 'n%'"]],
    ['a view', ['SELECT * FROM public.through']],
    ['the masked view', ['SELECT * FROM guarded_masked.targets']],
    ['a definer function', ['SELECT public.definer()']],
    ['an inlined function', ['SELECT * FROM public.inlined()']],
    ['dynamic SQL in a definer function', ['SELECT public.dynamic()']],
    [
      'a cursor',
      ['BEGIN', 'DECLARE c CURSOR FOR SELECT note FROM guarded.targets', 'FETCH 1 FROM c', 'COMMIT'],
    ],
    ['a prepared statement', ['PREPARE p AS SELECT note FROM guarded.targets', 'EXECUTE p', 'DEALLOCATE p']],
    ['EXPLAIN ANALYZE', ['EXPLAIN ANALYZE SELECT note FROM guarded.targets']],
    ['EXPLAIN, which runs nothing', ['EXPLAIN SELECT note FROM guarded.targets']],
    [
      'a copy into a table',
      ['CREATE TEMP TABLE kept AS SELECT note FROM guarded.targets', 'DROP TABLE kept'],
    ],
    ['a block', ['DO $$BEGIN PERFORM note FROM guarded.targets; END$$']],
    ['a query in a text', ["SELECT query_to_xml('SELECT note FROM guarded.targets', true, false, '')"]],
    ['a join', ['SELECT l.line FROM guarded.lines l JOIN guarded.targets USING (targetid)']],
    ['a refreshed copy', ['REFRESH MATERIALIZED VIEW public.copied']],
    ['a transaction that is rolled back', ['BEGIN', 'SELECT note FROM guarded.targets', 'ROLLBACK']],
    [
      'a session that switched the classes off',
      ["SET pgaudit.log = 'none'", 'SELECT note FROM guarded.targets', 'RESET pgaudit.log'],
    ],
    ['RETURNING', ["UPDATE guarded.targets SET note = 'n1' WHERE targetid = 1 RETURNING note"]],
  ]
  test.each(roads)('a restricted column read by %s is recorded', async (_, statements) => {
    const events = await does(...statements)
    const uses = events.filter(
      ({ kind, object }) => /^(read|write)$/.test(kind) && object === 'guarded.targets',
    )
    expect(uses.length).toBeGreaterThan(0)
    expect(uses[0]).toMatchObject({ source: 'log', user: 'almagest' })
  })

  test('COPY is recorded in both directions', async () => {
    const out = await recorded(async () => {
      for await (const _ of cluster.client.copyOut('COPY guarded.targets (note) TO STDOUT'));
    })
    expect(out.map(({ kind, command }) => `${kind} ${command}`)).toContain('read SELECT')
    const into = await recorded(async () => {
      const copy = await cluster.client.copyIn('COPY guarded.targets (targetid, note) FROM STDIN')
      await copy.write(Buffer.from('77\tx\n'))
      await copy.finish()
    })
    expect(into.map(({ kind, command }) => `${kind} ${command}`)).toContain('write INSERT')
    await cluster.client.query('DELETE FROM guarded.targets WHERE targetid = 77')
  })

  test('checks of a foreign key are counted, not written down one by one', async () => {
    const events = await does(
      'INSERT INTO guarded.lines (line, targetid) SELECT 1000 + i, 1 FROM generate_series(1, 200) i',
      'DELETE FROM guarded.lines WHERE line > 1000',
    )
    const checks = events.filter(({ command }) => command === 'check of a foreign key')
    expect(checks).toHaveLength(1)
    const { rows } = await cluster.client.query(
      "SELECT content ->> 'times' AS times FROM almagest_audit.event WHERE seq = $1",
      [checks[0]!.seq],
    )
    expect(rows).toEqual([{ times: '200' }])
  })

  test('a copy that the table’s owner kept is not seen when it is read: the hazards name it', async () => {
    const events = await does('SELECT * FROM public.copied')
    expect(events.filter(({ kind }) => kind === 'read')).toEqual([])
    const { hazards } = await planAccess(cluster.client, lab, [guarded])
    expect(hazards.map(({ object, why }) => `${object} ${why}`).join('\n')).toMatch(
      /copied reads guarded\.targets .* keeps a copy/,
    )
  })

  test('public tables are read unrecorded', async () => {
    const events = await does('SELECT * FROM guarded.lines')
    expect(events.filter(({ kind }) => kind === 'read')).toEqual([])
  })

  const changes: [change: string, statements: string[], expected: RegExp][] = [
    [
      'a new table',
      ['CREATE TABLE public.made (x int)'],
      /ddl trigger CREATE TABLE public\.made[\s\S]*ddl log CREATE TABLE public\.made/,
    ],
    ['a changed table', ['ALTER TABLE public.made ADD y int'], /ddl trigger ALTER TABLE public\.made/],
    ['a dropped column', ['ALTER TABLE public.made DROP y'], /ddl trigger ALTER TABLE public\.made\.y/],
    ['a grant', ['GRANT SELECT ON public.made TO alice'], /ddl trigger GRANT/],
    ['a dropped table', ['DROP TABLE public.made'], /ddl trigger DROP TABLE public\.made/],
    [
      'a definition that is rolled back',
      ['BEGIN', 'CREATE TABLE public.gone (x int)', 'ROLLBACK'],
      /ddl log CREATE TABLE public\.gone/,
    ],
    [
      'a role',
      ['CREATE ROLE mallory SUPERUSER LOGIN'],
      /role log CREATE ROLE[\s\S]*state snapshot role mallory/,
    ],
    [
      'a membership',
      ['GRANT lab_owner TO mallory'],
      /role log GRANT ROLE[\s\S]*state snapshot membership mallory in lab_owner/,
    ],
    [
      'an attribute',
      ['ALTER ROLE mallory BYPASSRLS'],
      /role log ALTER ROLE[\s\S]*state snapshot role mallory/,
    ],
    [
      'a password',
      ["ALTER ROLE mallory PASSWORD 'sesame'"],
      /role log ALTER ROLE[\s\S]*state snapshot role mallory/,
    ],
    [
      'a setting of a role',
      ["ALTER ROLE mallory SET work_mem = '1GB'"],
      /role log ALTER ROLE[\s\S]*state snapshot setting of role mallory work_mem/,
    ],
    ['a dropped role', ['DROP ROLE mallory'], /role log DROP ROLE[\s\S]*state snapshot role mallory/],
    [
      'a setting of the server',
      ["ALTER SYSTEM SET work_mem = '5MB'", 'SELECT pg_reload_conf()'],
      /ddl log ALTER SYSTEM[\s\S]*state snapshot setting of server work_mem/,
    ],
    ['a database', ['CREATE DATABASE aside'], /ddl log CREATE DATABASE[\s\S]*state snapshot database aside/],
    ['another role taken on', ['SET ROLE lab_owner', 'RESET ROLE'], /setting log SET/],
    [
      'a truncated table',
      ['BEGIN', 'TRUNCATE guarded.targets CASCADE', 'SAVEPOINT s', 'COMMIT'],
      /write trigger TRUNCATE TABLE guarded\.targets[\s\S]*state snapshot storage guarded\.targets/,
    ],
  ]
  test.each(changes)('%s is recorded', async (_, statements, expected) => {
    const events = await does(...statements)
    expect(
      events
        .map(({ kind, source, command, object }) => [kind, source, command, object].filter(Boolean).join(' '))
        .join('\n'),
    ).toMatch(expected)
    expect(JSON.stringify(events.map(({ statement }) => statement))).not.toMatch(/sesame/)
  })

  test('who acts is the login, and a refusal is recorded', async () => {
    const events = await recorded(() => alice.query('SELECT secret FROM guarded.targets').catch(() => {}))
    expect(events.find(({ kind }) => kind === 'refused')).toMatchObject({
      user: 'alice',
      command: '42501',
      object: 'permission denied for table targets',
    })
    const own = await recorded(() => alice.query('SELECT targetid FROM guarded.targets'))
    expect(own.find(({ kind }) => kind === 'read')).toMatchObject({
      user: 'alice',
      object: 'guarded.targets',
    })
  })

  test('a forged record is told as forged', async () => {
    const events = await does(
      "DO $$BEGIN RAISE LOG 'AUDIT: OBJECT,1,1,READ,SELECT,TABLE,guarded.targets,x,<not logged>'; END$$",
    )
    expect(events.map(({ kind }) => kind)).toContain('forged')
    expect(events.map(({ kind }) => kind)).not.toContain('read')
  })

  test('each byte of the log is taken once', async () => {
    const { rows } = await cluster.client.query<{ from: number; to: number }>(
      `SELECT (content ->> 'from')::int AS "from", (content ->> 'to')::int AS "to" FROM almagest_audit.event WHERE kind = 'log' ORDER BY seq`,
    )
    expect(rows.length).toBeGreaterThan(10)
    expect(rows.map(({ from }) => from)).toEqual([0, ...rows.slice(0, -1).map(({ to }) => to)])
  })

  test('the proof covers the ledger: the auditor reads, nobody writes', async () => {
    const proof = await proveAccess(cluster.client, url, lab, [guarded])
    const own = proof.cells.filter(({ object }) => object === 'audit' || object.startsWith('almagest_audit.'))
    expect(own.filter(({ holds }) => !holds)).toEqual([])
    expect(own.length).toBeGreaterThan(200)
    const got = own
      .filter(({ observed }) => observed === 'allowed')
      .map(({ role, object, action }) => `${role} ${action} ${object}`)
    // The backup reads everything: its dumps hold the ledger too.
    expect(got.sort()).toEqual(
      ['auditor', 'backup'].flatMap((role) =>
        ['entry', 'event', 'inbox'].map((name) => `${role} SELECT almagest_audit.${name}`),
      ),
    )
    for (const sql of [
      'GRANT UPDATE ON almagest_audit.entry TO lab_ingest; GRANT USAGE ON SCHEMA almagest_audit TO lab_ingest',
      'GRANT SET ON PARAMETER "pgaudit.log" TO lab_analyst',
    ])
      await cluster.client.query(sql)
    const spoilt = await proveAccess(cluster.client, url, lab, [guarded])
    const found = spoilt.cells
      .filter(({ holds }) => !holds)
      .map(({ role, object, action }) => `${role} ${action} ${object}`)
    expect(found).toContain('ingest entry altered audit')
    expect(found).toContain('analyst pgAudit switched off audit')
    expect((await verifyAudit(cluster.client)).guards.join('\n')).toMatch(/right entry .*lab_ingest UPDATE/)
    const { database } = await planAccess(cluster.client, lab, [guarded])
    expect(database.map(({ object }) => object).join('\n')).toMatch(/grant on table entry to lab_ingest/)
  })
})

async function last(client: Client): Promise<bigint> {
  const { rows } = await client.query<{ seq: bigint }>('SELECT max(seq) AS seq FROM almagest_audit.entry')
  return rows[0]!.seq
}
