// The ways known for PostgreSQL to get more than one was given; each is really tried.
import type { Catalog, Embargo, Survey } from '../model/index.ts'
import { quoteIdentifier, quoteLiteral } from '../postgres/index.ts'
import type { Attempt, Outcome } from './attempts.ts'
import type { Lab } from './lab.ts'
import { hasMasks } from './rights.ts'
import { kindsOf, projectSchema, roleName } from './roles.ts'
import { releasedSql } from './rows.ts'

const never: readonly Outcome[] = ['refused']

/** pg_read_all_data reaches the system's own tables too: a backup's login is to be guarded like the backups. */
const backupOnly = (kind: string): readonly Outcome[] => (kind === 'backup' ? ['allowed'] : never)

type Steps = readonly string[]

/** pg_stat_activity refuses nothing, it blanks: no statement of another login's shown is the refusal. */
const othersStatements = `DO $$ BEGIN
  IF NOT EXISTS (SELECT FROM pg_stat_activity WHERE backend_type = 'client backend' AND usename <> session_user AND query <> '<insufficient privilege>')
  THEN RAISE insufficient_privilege; END IF; END $$`

/** Statements that nobody who acts in a role may run; `expect` tells the exceptions. */
export function escalationAttempts(
  lab: Lab,
  surveys: readonly Survey[],
  kinds: readonly string[],
  superuser: string,
): Attempt[] {
  const survey = surveys[0]!
  const catalog = survey.catalogs[0]!
  const table = quoteIdentifier(catalog.schema, catalog.table)
  const schema = quoteIdentifier(catalog.schema)
  const role = (kind: string) => quoteIdentifier(roleName(lab, kind))
  const owners = ['admin', 'migrator']
  const list = (kind: string): [string, Steps, (readonly Outcome[])?][] => [
    ...kindsOf(lab)
      .filter((other) => other !== kind)
      .map((other): [string, Steps, (readonly Outcome[])?] => [
        `SET ROLE ${other}`,
        [`SET ROLE ${role(other)}`],
        other === 'owner' && owners.includes(kind) ? ['allowed'] : never,
      ]),
    ['SET ROLE of the superuser', [`SET ROLE ${quoteIdentifier(superuser)}`]],
    ['SET SESSION AUTHORIZATION', [`SET SESSION AUTHORIZATION ${quoteIdentifier(superuser)}`]],
    ['CREATE ROLE', ['CREATE ROLE almagest_probe_child']],
    ['CREATE ROLE SUPERUSER', ['CREATE ROLE almagest_probe_child SUPERUSER']],
    ['ALTER ROLE SUPERUSER', ['ALTER ROLE CURRENT_USER SUPERUSER']],
    ['ALTER ROLE BYPASSRLS', ['ALTER ROLE CURRENT_USER BYPASSRLS']],
    ['GRANT of the owner', [`GRANT ${role('owner')} TO ${role('analyst')}`]],
    ['GRANT pg_read_all_data', ['GRANT pg_read_all_data TO CURRENT_USER']],
    ['GRANT pg_execute_server_program', ['GRANT pg_execute_server_program TO CURRENT_USER']],
    ['CREATE DATABASE right', ['ALTER ROLE CURRENT_USER CREATEDB']],
    ['COPY to a program', [`COPY (SELECT 1) TO PROGRAM 'cat > /dev/null'`]],
    ['COPY from a program', ['CREATE TEMP TABLE p (x text)', `COPY p FROM PROGRAM 'id'`]],
    ['COPY to a file', [`COPY (SELECT 1) TO '/tmp/almagest_probe'`]],
    ['COPY from a file', ['CREATE TEMP TABLE p (x text)', `COPY p FROM '/etc/passwd'`]],
    ['lo_import', [`SELECT lo_import('/etc/passwd')`]],
    ['lo_export', [`SELECT lo_export(1, '/tmp/almagest_probe')`]],
    ['lo_create', ['SELECT lo_create(0)']],
    ['lo_from_bytea', [`SELECT lo_from_bytea(0, 'x')`]],
    ['pg_read_file', [`SELECT pg_read_file('postgresql.conf')`]],
    ['pg_read_binary_file', [`SELECT pg_read_binary_file('postgresql.conf')`]],
    ['pg_ls_dir', [`SELECT pg_ls_dir('.')`]],
    ['pg_stat_file', [`SELECT pg_stat_file('postgresql.conf')`]],
    ['pg_ls_logdir', ['SELECT pg_ls_logdir()']],
    ['pg_reload_conf', ['SELECT pg_reload_conf()']],
    ['pg_rotate_logfile', ['SELECT pg_rotate_logfile()']],
    ['ALTER SYSTEM', ['ALTER SYSTEM RESET application_name']],
    ['passwords of roles', ['SELECT rolpassword FROM pg_authid'], backupOnly(kind)],
    ['pg_shadow', ['SELECT passwd FROM pg_shadow'], backupOnly(kind)],
    ['statistics of columns', ['SELECT stavalues1 FROM pg_statistic'], backupOnly(kind)],
    ['statements of others', [othersStatements], kind === 'monitor' ? ['allowed'] : never],
    ['CREATE EXTENSION dblink', ['CREATE EXTENSION dblink']],
    ['CREATE EXTENSION file_fdw', ['CREATE EXTENSION file_fdw']],
    ['foreign data wrapper', ['CREATE FOREIGN DATA WRAPPER almagest_probe']],
    [
      'event trigger',
      [
        'CREATE EVENT TRIGGER almagest_probe ON ddl_command_end EXECUTE FUNCTION pg_catalog.suppress_redundant_updates_trigger()',
      ],
    ],
    ['function in C', [`CREATE FUNCTION pg_temp.f() RETURNS int LANGUAGE c AS 'libc', 'system'`]],
    [
      'leakproof function',
      [`CREATE FUNCTION pg_temp.f(int) RETURNS bool LANGUAGE sql LEAKPROOF AS 'SELECT true'`],
    ],
    ['object in public', ['CREATE TABLE public.almagest_probe (x int)']],
    [
      'function in public that shadows',
      [`CREATE FUNCTION public.lower(text) RETURNS text LANGUAGE sql AS 'SELECT $1'`],
    ],
    [
      'function in pg_catalog',
      [`CREATE FUNCTION pg_catalog.almagest_probe() RETURNS int LANGUAGE sql AS 'SELECT 1'`],
    ],
    ['row security off', ['SET row_security = off', ...embargoed(survey)], rowSecurityOff(kind, survey)],
    ['session_replication_role', ['SET session_replication_role = replica']],
    ['log_statement', ['SET log_statement = none']],
    ['temp_file_limit', [`SET temp_file_limit = '-1'`]],
    ...(surveys.some((each) => each.catalogs.some(hasMasks))
      ? ([
          [
            'salt of the hashes',
            ['SELECT salt FROM almagest_vault.salt'],
            ['backup', 'admin'].includes(kind) ? ['allowed'] : never,
          ],
        ] as [string, Steps, (readonly Outcome[])?][])
      : []),
    ['publication', ['CREATE PUBLICATION almagest_probe FOR ALL TABLES']],
    [
      'subscription',
      [`CREATE SUBSCRIPTION almagest_probe CONNECTION 'host=127.0.0.1' PUBLICATION p WITH (connect = false)`],
    ],
    ['replication slot', [`SELECT pg_create_physical_replication_slot('almagest_probe')`]],
    ...(kind === 'admin'
      ? []
      : ([
          ['schema of one’s own', ['CREATE SCHEMA almagest_probe']],
          ['table in the survey', [`CREATE TABLE ${schema}.almagest_probe (x int)`]],
          ['owner changed', [`ALTER TABLE ${table} OWNER TO CURRENT_USER`]],
          ['row security disabled', [`ALTER TABLE ${table} DISABLE ROW LEVEL SECURITY`]],
          ['policy added', [`CREATE POLICY almagest_probe ON ${table} USING (true)`]],
          ['rule added', [`CREATE RULE almagest_probe AS ON INSERT TO ${table} DO INSTEAD NOTHING`]],
          ['table dropped', [`DROP TABLE ${table} CASCADE`]],
          [
            'statistics object',
            [`CREATE STATISTICS ${schema}.almagest_probe (ndistinct) ON ${pair(catalog)} FROM ${table}`],
          ],
          [
            'default privileges of the owner',
            [`ALTER DEFAULT PRIVILEGES FOR ROLE ${role('owner')} GRANT ALL ON TABLES TO PUBLIC`],
            kind === 'migrator' ? ['allowed', 'refused'] : never,
          ],
          [
            'exclusive lock',
            [`LOCK TABLE ${table} IN ACCESS EXCLUSIVE MODE`],
            kind === 'ingest' ? ['allowed'] : never,
          ],
        ] as [string, Steps, (readonly Outcome[])?][])),
    ...Object.keys(lab.projects)
      .filter((name) => kind !== `project:${name}`)
      .flatMap((name): [string, Steps, (readonly Outcome[])?][] => [
        [
          `table in project ${name}`,
          [`CREATE TABLE ${quoteIdentifier(projectSchema(name))}.x (i int)`],
          kind === 'admin' ? ['allowed'] : never,
        ],
      ]),
  ]
  return kinds.flatMap((kind) =>
    list(kind).map(
      ([action, statements, expected]): Attempt => ({
        kind,
        object: 'escalation',
        action,
        statements,
        expected: expected ?? never,
        // It runs in no transaction; what it would undo has no effect on a server.
        alone: action === 'ALTER SYSTEM',
      }),
    ),
  )
}

const pair = ({ columns }: Survey['catalogs'][number]) =>
  Object.keys(columns)
    .slice(0, 2)
    .map((each) => quoteIdentifier(each))
    .join(', ')

const embargoed = ({ embargoes = [] }: Survey) =>
  embargoes
    .slice(0, 1)
    .map(
      ({ catalog }) =>
        `SELECT count(${quoteIdentifier(catalog.key[0]!)}) FROM ${quoteIdentifier(catalog.schema, catalog.table)}`,
    )

/** Without row security a statement on a table with policies is refused, but for those whom no policy binds. */
function rowSecurityOff(kind: string, { embargoes = [] }: Survey): readonly Outcome[] {
  const first = embargoes[0]
  if (!first) return ['allowed']
  return kind === 'backup' || kind === 'ingest' || (kind === 'admin' && !first.force) ? ['allowed'] : never
}

/** Identifies a row by all its key columns. */
const keySql = ({ key }: Catalog) =>
  `concat_ws(chr(31), ${key.map((each) => `${quoteIdentifier(each)}::text`).join(', ')})`

/** Counts the row of a key ($1) that the session sees. */
export function rowSql(catalog: Catalog): string {
  return `SELECT count(*)::int AS rows FROM ${quoteIdentifier(catalog.schema, catalog.table)} WHERE ${keySql(catalog)} = $1`
}

/** Up to 50 rows that an embargo holds back now, each with the names of all embargoes that do. */
export function heldRowsSql(embargo: Embargo, all: readonly Embargo[]): string {
  const { catalog } = embargo
  const holding = all
    .filter((each) => each.catalog.name === catalog.name)
    .map((each) => `CASE WHEN (${releasedSql(each)}) IS NOT TRUE THEN ${quoteLiteral(each.name)} END`)
  return `SELECT ${keySql(catalog)} AS key, array_remove(ARRAY[${holding.join(', ')}], NULL) AS held
    FROM ${quoteIdentifier(catalog.schema, catalog.table)} WHERE (${releasedSql(embargo)}) IS NOT TRUE ORDER BY 1 LIMIT 50`
}
