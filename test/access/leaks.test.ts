// What hidden rows and columns could leak through: errors, plans, statistics, keys, other people's schemas; and quotas.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Lab, planAccess } from '../../src/access/index.ts'
import { sqlState } from '../../src/postgres/index.ts'
import { buildGuarded, embeddedCluster, type OwnCluster } from './cluster.ts'
import { guarded, lab } from './survey.ts'

describe('an analyst, for whom rows 3 and 4 and some columns are hidden', () => {
  let cluster: OwnCluster
  beforeAll(async () => {
    cluster = await embeddedCluster()
    await buildGuarded(cluster)
    await cluster.client.query('ANALYZE guarded.targets')
  })
  afterAll(() => cluster.stop())

  const as = async (role: string, sql: string) => {
    await cluster.client.query(`BEGIN; SET LOCAL ROLE ${role}; SET LOCAL default_transaction_read_only = off`)
    try {
      return (await cluster.client.query<Record<string, unknown>>(sql)).rows
    } finally {
      await cluster.client.query('ROLLBACK')
    }
  }
  const refused = async (role: string, sql: string) => {
    const error = await as(role, sql).then(
      () => undefined,
      (reason) => reason,
    )
    return sqlState(error)
  }

  test('meets no error that a hidden value would make: 1 / (3 - targetid) is never reckoned for row 3', async () => {
    const sql = 'SELECT targetid FROM guarded.targets WHERE 1 / (3 - targetid) IS NOT NULL'
    expect((await as('lab_analyst', sql)).map(({ targetid }) => targetid)).toEqual([1n, 2n])
    // Who sees the row meets the error: the test can fail.
    expect(await refused('lab_collaborator', sql)).toBe('22012')
  })

  test('sees no hidden value in a plan, but the number of hidden rows', async () => {
    const lines = await as('lab_analyst', 'EXPLAIN (ANALYZE, VERBOSE) SELECT targetid FROM guarded.targets')
    const plan = lines.map((line) => Object.values(line)[0]).join('\n')
    expect(plan).toMatch(/Rows Removed by Filter: 2/)
    // `sv3` stands in it as a word of the policy, not as a value.
    expect(plan).not.toMatch(/Eve|n3|n4|0\.3|0\.4/)
  })

  test('sees the statistics of no column of a table with embargoes, and none of hidden columns', async () => {
    expect(
      await as(
        'lab_analyst',
        "SELECT * FROM pg_stats WHERE schemaname = 'guarded' AND tablename = 'targets'",
      ),
    ).toEqual([])
    expect(await refused('lab_analyst', 'SELECT * FROM pg_statistic')).toBe('42501')
    expect(await refused('lab_analyst', 'SELECT * FROM pg_statistic_ext_data')).toBe('42501')
  })

  test('cannot ask a key whether it exists: neither by inserting nor by a reference', async () => {
    expect(await refused('lab_analyst', 'INSERT INTO guarded.targets (targetid) VALUES (3)')).toBe('42501')
    const reference = 'CREATE TABLE project_voids.ask (id bigint REFERENCES guarded.targets)'
    expect(await refused('lab_project_voids', reference)).toBe('42501')
    expect(await refused('lab_analyst', 'SELECT 1 FROM guarded.targets FOR KEY SHARE')).toBe('42501')
  })

  test('reads no hidden column by way of the row, JSON, sorting, grouping or a condition', async () => {
    for (const sql of [
      'SELECT t FROM guarded.targets t',
      'SELECT to_jsonb(t) FROM guarded.targets t',
      'SELECT t::text FROM guarded.targets t',
      'SELECT targetid FROM guarded.targets ORDER BY secret',
      'SELECT count(*) FROM guarded.targets GROUP BY secret',
      'SELECT targetid FROM guarded.targets WHERE secret > 1',
      'SELECT a.targetid FROM guarded.targets a JOIN guarded.targets b USING (secret)',
      'COPY guarded.targets (secret) TO STDOUT',
    ])
      expect([sql, await refused('lab_analyst', sql)]).toEqual([sql, '42501'])
  })

  test('is not shadowed: what a project makes in its schema or in pg_temp serves nobody else', async () => {
    await cluster.client.query(
      `SET ROLE lab_project_voids; CREATE TABLE project_voids.targets (targetid bigint)`,
    )
    await cluster.client.query('RESET ROLE')
    expect(await refused('lab_analyst', 'SELECT * FROM project_voids.targets')).toBe('42501')
    expect(await refused('lab_project_lenses', 'SELECT * FROM project_voids.targets')).toBe('42501')
    expect(await refused('lab_analyst', 'CREATE TEMP TABLE targets (targetid bigint)')).toBe('42501')
    await cluster.client.query('DROP TABLE project_voids.targets')
  })

  test('a project that stores more than its quota is named', async () => {
    const small: Lab = {
      ...lab,
      projects: { ...lab.projects, voids: { ...lab.projects.voids!, quota: '100kB' } },
    }
    const over = async () =>
      (await planAccess(cluster.client, small, [guarded])).hazards.filter(({ kind }) => kind === 'project')
    expect(await over()).toEqual([])
    await cluster.client.query(`SET ROLE lab_project_voids;
      CREATE TABLE project_voids.big AS SELECT repeat(md5(i::text), 8) AS text FROM generate_series(1, 1000) i`)
    await cluster.client.query('RESET ROLE')
    expect(await over()).toEqual([
      {
        kind: 'project',
        object: 'voids',
        why: expect.stringMatching(/stores \d+ kB, more than its quota of 100kB/),
      },
    ])
    await cluster.client.query('DROP TABLE project_voids.big')
  })
})
