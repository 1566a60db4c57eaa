// Roles and rights as declared: made once, found unchanged after it, and put right when somebody changed them.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { applyAccess, findHazards, planAccess } from '../../src/access/index.ts'
import { policyStatements } from '../../src/access/rows.ts'
import { connect } from '../../src/postgres/index.ts'
import { publishRelease } from '../../src/release/index.ts'
import { buildGuarded, embeddedCluster, type OwnCluster } from './cluster.ts'
import { embargoes, guarded, lab, noSky, targets } from './survey.ts'

let cluster: OwnCluster
beforeAll(async () => {
  cluster = await embeddedCluster()
  await buildGuarded(cluster)
})
afterAll(() => cluster.stop())

const nothing = { roles: [], database: [], hazards: [] }

test('a second plan and a second apply find nothing', async () => {
  expect(await planAccess(cluster.client, lab, [guarded])).toEqual(nothing)
  expect(await applyAccess(cluster.client, lab, [guarded])).toEqual(nothing)
})

/** What was done by hand, and how `diff` names it. */
const sabotages: [what: string, sql: string, named: RegExp][] = [
  [
    'a table granted to PUBLIC',
    'GRANT SELECT ON guarded.targets TO PUBLIC',
    /grant on table targets to PUBLIC/,
  ],
  [
    'a hidden column granted',
    'GRANT SELECT (secret) ON guarded.targets TO lab_analyst',
    /grant on column targets\.secret to lab_analyst/,
  ],
  [
    'a column granted with grant option',
    'GRANT SELECT (z) ON guarded.targets TO lab_analyst WITH GRANT OPTION',
    /grant on column targets\.z to lab_analyst/,
  ],
  ['a right to write', 'GRANT UPDATE ON guarded.lines TO lab_analyst', /grant on table lines to lab_analyst/],
  [
    'a right taken away',
    'REVOKE SELECT ON guarded.lines FROM lab_analyst',
    /grant on table lines to lab_analyst/,
  ],
  [
    'the schema opened for making',
    'GRANT CREATE ON SCHEMA guarded TO lab_analyst',
    /guarded: grant on schema to lab_analyst/,
  ],
  [
    "a project's schema opened",
    'GRANT USAGE ON SCHEMA project_voids TO lab_project_lenses',
    /project_voids: grant on schema to lab_project_lenses/,
  ],
  [
    'the vault opened',
    'GRANT USAGE ON SCHEMA almagest_vault TO lab_analyst',
    /almagest_vault: grant on schema/,
  ],
  [
    'the ledger opened',
    'GRANT SELECT ON almagest.load_reject TO lab_analyst',
    /grant on table load_reject to lab_analyst/,
  ],
  ['public opened', 'GRANT CREATE ON SCHEMA public TO PUBLIC', /public: grant on schema to PUBLIC/],
  ['the database opened', 'GRANT TEMPORARY ON DATABASE almagest TO PUBLIC', /grant on database to PUBLIC/],
  [
    'a dropped policy',
    'DROP POLICY embargo_validation ON guarded.targets',
    /policy targets\.embargo_validation/,
  ],
  [
    'a policy that lets everybody',
    'ALTER POLICY embargo_validation ON guarded.targets USING (true)',
    /policy targets\.embargo_validation/,
  ],
  [
    'a policy for fewer',
    'ALTER POLICY embargo_validation ON guarded.targets TO lab_ingest',
    /policy targets\.embargo_validation/,
  ],
  [
    'one more permissive policy',
    'CREATE POLICY open ON guarded.targets FOR ALL TO PUBLIC USING (true)',
    /policy targets\.open/,
  ],
  [
    'row security switched off',
    'ALTER TABLE guarded.targets DISABLE ROW LEVEL SECURITY',
    /row security of table targets/,
  ],
  ['a role with BYPASSRLS', 'ALTER ROLE lab_analyst BYPASSRLS', /role lab_analyst/],
  ['a login with BYPASSRLS', 'ALTER ROLE alice BYPASSRLS', /role alice/],
  ['a superuser', 'ALTER ROLE alice SUPERUSER', /role alice/],
  ['an owner that can log in', 'ALTER ROLE lab_owner LOGIN', /role lab_owner/],
  ['a role that makes roles', 'ALTER ROLE lab_analyst CREATEROLE', /role lab_analyst/],
  [
    'a membership in the owner',
    'GRANT lab_owner TO alice',
    /member of role lab_owner to alice|member of role lab_owner\.alice/,
  ],
  [
    'a membership in a predefined role',
    'GRANT pg_read_all_data TO lab_analyst',
    /member of role pg_read_all_data/,
  ],
  [
    'a membership with admin option',
    'GRANT lab_analyst TO alice WITH ADMIN OPTION',
    /member of role lab_analyst/,
  ],
  ['a connection limit lifted', 'ALTER ROLE vera CONNECTION LIMIT -1', /role vera/],
  [
    'a limit on temporary files lifted',
    "ALTER ROLE vera IN DATABASE almagest SET temp_file_limit = '-1'",
    /setting of role vera\.temp_file_limit/,
  ],
  [
    'another search path',
    'ALTER ROLE alice IN DATABASE almagest SET search_path = pg_temp, public',
    /setting of role alice\.search_path/,
  ],
  [
    'a setting on the whole server',
    'ALTER ROLE alice SET row_security = off',
    /setting of role alice\.row_security/,
  ],
  [
    'a view without security_barrier',
    'ALTER VIEW guarded_masked.targets RESET (security_barrier)',
    /view targets/,
  ],
  [
    'a view of another owner',
    'ALTER VIEW guarded_masked.targets OWNER TO lab_owner',
    /owner of view targets/,
  ],
  [
    'a view with its mask off',
    'CREATE OR REPLACE VIEW guarded_masked.targets WITH (security_barrier) AS SELECT targetid, survey, z, mass, proposer, note, source_file FROM guarded.targets',
    /view targets/,
  ],
  ['a table of another owner', 'ALTER TABLE guarded.lines OWNER TO alice', /owner of table lines/],
  [
    'default privileges',
    'ALTER DEFAULT PRIVILEGES FOR ROLE lab_owner GRANT SELECT ON TABLES TO lab_analyst',
    /default privileges/,
  ],
  [
    'staging opened',
    'GRANT USAGE ON SCHEMA guarded_staging TO lab_analyst; GRANT SELECT ON guarded_staging.lines TO lab_analyst',
    /guarded_staging: grant on table lines to lab_analyst/,
  ],
  [
    'a release with hidden columns opened',
    'GRANT SELECT ON guarded_r1.targets TO lab_collaborator',
    /guarded_r1: grant on view targets to lab_collaborator/,
  ],
  [
    'a release that reads past the policies',
    'ALTER VIEW guarded_r1.targets SET (security_invoker = false)',
    /guarded_r1: storage parameters of view targets/,
  ],
  [
    'parts opened',
    'GRANT SELECT (line) ON guarded_parts.lines_2 TO lab_monitor',
    /guarded_parts: grant on column lines_2\.line to lab_monitor/,
  ],
  [
    'a policy of a part dropped',
    'DROP POLICY embargo_validation ON guarded_parts.targets_1',
    /guarded_parts: policy targets_1\.embargo_validation/,
  ],
  [
    'a closed function opened',
    'GRANT EXECUTE ON FUNCTION lo_create(oid) TO PUBLIC',
    /grant on function lo_create\(oid\) to PUBLIC/,
  ],
]

/** Several at once, as long as none undoes another: those on one object go to different batches. */
function batches<T extends readonly [string, string, ...unknown[]]>(all: readonly T[]): T[][] {
  const found: { taken: Set<string>; batch: T[] }[] = []
  for (const each of all) {
    const object =
      /(?:targets|lines|load_reject|alice|vera|lab_\w+|public\.\w|mallory)(?=\b)/.exec(
        each[1].replace('lab_owner TO alice', ''),
      )?.[0] ?? each[1]
    const free = found.find(({ taken }) => !taken.has(object))
    if (free) {
      free.taken.add(object)
      free.batch.push(each)
    } else found.push({ taken: new Set([object]), batch: [each] })
  }
  return found.map(({ batch }) => batch)
}

describe('what was changed by hand is found, named and put right', () => {
  const all = batches(sabotages).map((batch) => [batch.map(([what]) => what).join('; '), batch] as const)
  test.each(all)('%s', async (_, batch) => {
    const { client } = cluster
    for (const [, sql] of batch) await client.query(sql)
    const { roles, database } = await planAccess(client, lab, [guarded])
    const found = [...roles, ...database].map(({ object }) => object).join('\n')
    for (const [, , named] of batch) expect(found).toMatch(named)
    await applyAccess(client, lab, [guarded])
    expect(await planAccess(client, lab, [guarded])).toEqual(nothing)
  })
})

/** What apply doesn't touch, as it isn't Almagest's; it is told each time. */
const hazards: [what: string, sql: string, undo: string, named: RegExp][] = [
  [
    "a stranger's role with BYPASSRLS",
    'CREATE ROLE mallory BYPASSRLS',
    'DROP ROLE mallory',
    /mallory has BYPASSRLS/,
  ],
  ["a stranger's superuser", 'CREATE ROLE mallory SUPERUSER', 'DROP ROLE mallory', /mallory is a superuser/],
  [
    'a stranger in a predefined role',
    'CREATE ROLE mallory; GRANT pg_read_server_files TO mallory',
    'DROP ROLE mallory',
    /mallory in pg_read_server_files/,
  ],
  [
    'a definer function without a search path',
    'CREATE FUNCTION public.f() RETURNS int LANGUAGE sql SECURITY DEFINER AS $$SELECT 1$$',
    'DROP FUNCTION public.f()',
    /f\(\) is SECURITY DEFINER without/,
  ],
  [
    'a definer function for everybody',
    'CREATE FUNCTION public.f() RETURNS int LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog AS $$SELECT 1$$',
    'DROP FUNCTION public.f()',
    /f\(\) is SECURITY DEFINER, belongs/,
  ],
  [
    'a function said not to leak',
    'CREATE FUNCTION public.f(float8) RETURNS bool LANGUAGE sql LEAKPROOF AS $$SELECT true$$',
    'DROP FUNCTION public.f(float8)',
    /f\(double precision\) is declared LEAKPROOF/,
  ],
  [
    'a view that reads past the policies',
    'CREATE VIEW public.v AS SELECT targetid FROM guarded.targets',
    'DROP VIEW public.v',
    /v reads guarded\.targets with the rights of/,
  ],
  [
    'a copy that no policy guards',
    'CREATE MATERIALIZED VIEW public.v AS SELECT targetid FROM guarded.targets',
    'DROP MATERIALIZED VIEW public.v',
    /v reads guarded\.targets .* keeps a copy/,
  ],
  [
    'a view on a part',
    'CREATE VIEW public.w AS SELECT targetid FROM guarded_parts.targets_1',
    'DROP VIEW public.w',
    /w reads guarded_parts\.targets_1 with the rights of/,
  ],
  [
    'a view on staging',
    'CREATE VIEW public.x AS SELECT line FROM guarded_staging.lines',
    'DROP VIEW public.x',
    /x reads guarded_staging\.lines with the rights of/,
  ],
  [
    'an event trigger',
    'CREATE FUNCTION public.e() RETURNS event_trigger LANGUAGE plpgsql AS $$BEGIN END$$; CREATE EVENT TRIGGER spy ON ddl_command_end EXECUTE FUNCTION public.e()',
    'DROP EVENT TRIGGER spy; DROP FUNCTION public.e()',
    /event trigger spy/,
  ],
  ['dblink', 'CREATE EXTENSION dblink', 'DROP EXTENSION dblink', /extension dblink/],
  [
    'a table in public for everybody',
    'CREATE TABLE public.t (x int); GRANT SELECT ON public.t TO PUBLIC',
    'DROP TABLE public.t',
    /relation t gives SELECT to everybody/,
  ],
  [
    'a trigger on a table',
    'CREATE TRIGGER t BEFORE UPDATE ON guarded.lines FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger()',
    'DROP TRIGGER t ON guarded.lines',
    /trigger t on guarded\.lines/,
  ],
  [
    'policies off for every role',
    'ALTER DATABASE almagest SET row_security = off',
    'ALTER DATABASE almagest RESET row_security',
    /row_security=off/,
  ],
]

describe('what undermines it from outside is told', () => {
  const all = batches(hazards).map((batch) => [batch.map(([what]) => what).join('; '), batch] as const)
  test.each(all)('%s', async (_, batch) => {
    const { client } = cluster
    for (const [, sql] of batch) await client.query(sql)
    const told = await findHazards(client, lab, [guarded])
    for (const [, , undo] of batch) await client.query(undo)
    const text = told.map(({ kind, object, why }) => `${kind} ${object} ${why}`).join('\n')
    for (const [, , , named] of batch) expect(text).toMatch(named)
    expect(await findHazards(client, lab, [guarded])).toEqual([])
  })
})

test('a release published later gives what apply gives, but belongs to whoever published it', async () => {
  const { client } = cluster
  const withAdmin = { ...lab, logins: { ...lab.logins, boss: 'admin' } }
  await applyAccess(client, withAdmin, [guarded])
  await client.query("ALTER ROLE boss PASSWORD 'of boss'; INSERT INTO guarded.lines VALUES (9, 1, 5, 1)")
  const url = new URL(cluster.url)
  url.username = 'boss'
  url.password = 'of boss'
  await using boss = await connect(url.href)
  const { parts } = await publishRelease(boss, guarded, 'r2', noSky)
  const { database, hazards: told } = await planAccess(client, withAdmin, [guarded])
  expect(database.map(({ object }) => object).sort()).toEqual([
    `guarded_parts: owner of table ${parts.find(({ table }) => table === 'guarded.lines')!.partTable}`,
    'guarded_r2: owner of schema',
  ])
  expect(told).toEqual([])
  await applyAccess(client, withAdmin, [guarded])
  expect(await planAccess(client, withAdmin, [guarded])).toEqual(nothing)
})

test('of a part without the columns of an embargo, all rows wait for the day', () => {
  const policies = policyStatements(lab, targets, embargoes.slice(0, 1), ['targetid', 'z'])
  expect(policies.filter((sql) => sql.includes('RESTRICTIVE'))).toEqual([
    expect.stringMatching(/USING \(now\(\) >= TIMESTAMPTZ '2999-01-01 00:00:00\+00'\)$/),
  ])
})
