// The proof by attack on real servers: nothing unexpected as declared, and each sabotage found by trying.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { applyAccess, type Cell, proofPage, proveAccess } from '../../src/access/index.ts'
import { scramVerifier } from '../../src/access/scram.ts'
import { type ColumnToPack, writeFits } from '../../src/fits/index.ts'
import { loadFiles, publishStaged } from '../../src/load/index.ts'
import { connect } from '../../src/postgres/index.ts'
import { table } from '../load/sample.ts'
import { debianQ3cBin } from '../postgres/debian.ts'
import { needs } from '../require.ts'
import { buildGuarded, debianCluster, embeddedCluster, type OwnCluster } from './cluster.ts'
import { guarded, lab } from './survey.ts'

const folder = mkdtempSync(join(tmpdir(), 'almagest-prove-'))
afterAll(() => rmSync(folder, { recursive: true }))

const unexpected = (cells: readonly Cell[]) =>
  cells
    .filter(({ holds }) => !holds)
    .map(
      ({ role, object, action, observed, sqlState, expected }) =>
        `${role}: ${action} on ${object}: ${observed} ${sqlState}, expected ${expected}`,
    )

const prove = ({ client, url }: OwnCluster) => proveAccess(client, url, lab, [guarded])

test('a password’s verifier is the one of RFC 7677’s example', () => {
  const salt = Buffer.from('W22ZaJ0SNY7soEsUEjb6gQ==', 'base64')
  // Keys derived with Python's hashlib from the example's password, salt and 4096 iterations.
  expect(scramVerifier('pencil', salt)).toBe(
    'SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=',
  )
})

function suite(open: () => Promise<OwnCluster>) {
  let cluster: OwnCluster
  beforeAll(async () => {
    cluster = await open()
    await buildGuarded(cluster)
  })
  afterAll(() => cluster.stop())

  test('at least 500 attempts end as declared, and no probe is left', async () => {
    const proof = await prove(cluster)
    expect(unexpected(proof.cells)).toEqual([])
    expect(proof.attempts).toBeGreaterThanOrEqual(500)
    for (const [role, action, object, observed] of [
      ['ingest', 'INSERT', 'guarded_staging.lines', 'allowed'],
      ['ingest', 'SELECT', 'guarded_staging.lines.flux', 'refused'],
      ['analyst', 'SELECT', 'guarded_staging.lines.line', 'refused'],
      ['analyst', 'SELECT', 'guarded_r1.lines', 'allowed'],
      ['collaborator', 'SELECT', 'guarded_r1.targets.targetid', 'refused'],
      ['analyst', 'SELECT', 'guarded_parts.lines_2', 'refused'],
      ['admin', 'DELETE', 'guarded_parts.lines_2', 'failed'],
    ])
      expect(proof.cells).toContainEqual(expect.objectContaining({ role, action, object, observed }))
    expect(proof.notAssessed).toEqual([
      expect.stringMatching(/embargo lifted/),
      expect.stringMatching(/connections: the laboratory declares no network/),
      expect.stringMatching(/encryption at rest/),
    ])
    const { rows } = await cluster.client.query("SELECT FROM pg_roles WHERE rolname LIKE '%probe%'")
    expect(rows).toEqual([])
    expect(proofPage(proof)).toContain(`${proof.attempts} attempts, 0 with an unexpected outcome`)
  })

  test('what was opened by hand is found by trying', async () => {
    const opened: [string, RegExp][] = [
      [
        'GRANT SELECT (secret) ON guarded.targets TO lab_analyst',
        /analyst: SELECT on guarded\.targets\.secret: allowed/,
      ],
      ['GRANT TRUNCATE ON guarded.lines TO PUBLIC', /project:lenses: TRUNCATE on guarded\.lines: allowed/],
      [
        'DROP POLICY embargo_validation ON guarded.targets',
        /analyst: embargoed row 3 \(validation\) on guarded\.targets: seen/,
      ],
      ['GRANT lab_owner TO lab_monitor', /monitor: SET ROLE owner on escalation: allowed/],
      [
        'GRANT EXECUTE ON FUNCTION pg_read_file(text) TO PUBLIC',
        /auditor: pg_read_file on escalation: allowed/,
      ],
      ['GRANT pg_execute_server_program TO lab_ingest', /ingest: COPY to a program on escalation: allowed/],
      ['GRANT CREATE ON SCHEMA public TO PUBLIC', /analyst: object in public on escalation: allowed/],
      [
        'GRANT CREATE ON SCHEMA project_voids TO lab_project_lenses; GRANT USAGE ON SCHEMA project_voids TO lab_project_lenses',
        /project:lenses: table in project voids on escalation: allowed/,
      ],
      [
        'GRANT USAGE ON SCHEMA guarded_staging, guarded_parts TO lab_analyst; GRANT SELECT ON guarded_staging.lines TO lab_analyst',
        /analyst: SELECT on guarded_staging\.lines: allowed/,
      ],
      [
        'GRANT SELECT (targetid) ON guarded_parts.targets_1 TO lab_analyst',
        /analyst: SELECT on guarded_parts\.targets_1: allowed/,
      ],
      [
        'ALTER VIEW guarded_r1.targets SET (security_invoker = false); GRANT USAGE ON SCHEMA guarded_r1 TO lab_monitor; GRANT SELECT (secret) ON guarded_r1.targets TO lab_monitor',
        /monitor: SELECT on guarded_r1\.targets\.secret: allowed/,
      ],
      [
        'GRANT SELECT ON guarded.lines TO lab_collaborator WITH GRANT OPTION',
        /collaborator: GRANT to PUBLIC on guarded\.lines: allowed/,
      ],
      [
        'GRANT SET ON PARAMETER temp_file_limit TO lab_project_voids',
        /project:voids: temp_file_limit on escalation: allowed/,
      ],
    ]
    for (const [sql] of opened) await cluster.client.query(sql)
    const found = unexpected((await prove(cluster)).cells).join('\n')
    for (const [, named] of opened) expect(found).toMatch(named)
    await applyAccess(cluster.client, lab, [guarded])
  })

  test('a login of the loader copies into a table with embargoes, and reads no more than its columns', async () => {
    const withLoader = { ...lab, logins: { ...lab.logins, nightly: 'ingest' } }
    await applyAccess(cluster.client, withLoader, [guarded])
    await cluster.client.query("ALTER ROLE nightly PASSWORD 'of nightly'")
    const url = new URL(cluster.url)
    url.username = 'nightly'
    url.password = 'of nightly'
    await using nightly = await connect(url.href)
    const copy = await nightly.copyIn('COPY guarded.targets (targetid, survey, mass) FROM STDIN')
    await copy.write(Buffer.from('900\tsv3\t1.5\n'))
    await copy.finish()
    await expect(nightly.query('SELECT mass FROM guarded.targets')).rejects.toMatchObject({ code: '42501' })
    expect((await nightly.query('DELETE FROM guarded.targets WHERE targetid = 900')).rowCount).toBe(1)
    // It fills staging; publishing is for those who may read what the checks read.
    const file = join(folder, 'lines-new.fits')
    const columns: ColumnToPack[] = [
      { name: 'LINE', tform: 'K', values: BigInt64Array.of(10n, 11n, 1n) },
      { name: 'TARGETID', tform: 'K', values: BigInt64Array.of(1n, 77n, 1n) },
      { name: 'FLUX', tform: 'D', values: Float64Array.of(1, 2, 3) },
    ]
    await writeFits(file, [table('L', columns, 3)])
    const staged = await loadFiles(url.href, [guarded], [file], { stage: true, maxRejects: 2 })
    expect(staged).toMatchObject({ rowsLoaded: 1, rowsRejected: 2 })
    await expect(publishStaged(nightly, guarded)).rejects.toMatchObject({ code: '42501' })
    const { client } = cluster
    expect(await publishStaged(client, guarded)).toMatchObject([
      { name: 'lines-new.fits', outcome: 'loaded' },
    ])
    expect((await client.query('DELETE FROM guarded.lines WHERE line = 10')).rowCount).toBe(1)
  })

  test('masks show what they should, on released rows only, and no one reads past them', async () => {
    const { rows } = await cluster.client.query(
      'SET ROLE lab_analyst; SELECT targetid, mass, note, length(proposer) AS hash FROM guarded_masked.targets ORDER BY 1',
    )
    await cluster.client.query('RESET ROLE')
    expect(rows).toEqual([
      { targetid: 1n, mass: 10.1, note: null, hash: 64 },
      { targetid: 2n, mass: 11.6, note: null, hash: 64 },
    ])
  })

  test('a function that costs nothing is not called on hidden rows; statistics are not shown', async () => {
    const { client } = cluster
    await client.query(`ANALYZE guarded.targets; SET ROLE lab_project_lenses;
      CREATE TABLE project_lenses.seen (id bigint);
      CREATE FUNCTION project_lenses.spy(bigint) RETURNS boolean LANGUAGE plpgsql COST 0.0000001 AS
        $$BEGIN INSERT INTO project_lenses.seen VALUES ($1); RETURN true; END$$`)
    await client.query('SELECT targetid FROM guarded.targets WHERE project_lenses.spy(targetid)')
    const { rows } = await client.query('SELECT DISTINCT id FROM project_lenses.seen ORDER BY 1')
    const { rowCount } = await client.query(
      "SELECT FROM pg_stats WHERE schemaname = 'guarded' AND tablename = 'targets'",
    )
    await client.query('RESET ROLE')
    expect(rows).toEqual([{ id: 1n }, { id: 2n }])
    expect(rowCount).toBe(0)
  })
}

describe('on the embedded PostgreSQL', () => suite(() => embeddedCluster()))
needs('debian-q3c')('on Debian’s PostgreSQL', () => suite(() => debianCluster(debianQ3cBin!)))
