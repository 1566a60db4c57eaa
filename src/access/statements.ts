// The statements that lead from anything to what is declared: take everything away, then give what is due.
import type { Survey } from '../model/index.ts'
import { quoteIdentifier, quoteLiteral } from '../postgres/index.ts'
import { type Beside, besideStatements } from './beside.ts'
import type { Lab } from './lab.ts'
import {
  auditRights,
  auditSchema,
  hasMasks,
  maskedSchema,
  type RelationRights,
  registerRights,
  schemaUsers,
  surveyRights,
} from './rights.ts'
import { actingKinds, kindsOf, projectSchema, type Role, roleName, rolesOf } from './roles.ts'
import { maskedView, policyStatements } from './rows.ts'

/** What has to be known of the server before. */
export interface Standing {
  readonly database: string
  /** Major version. */
  readonly version: number
  readonly roles: ReadonlySet<string>
  /** Tables of the schema `almagest` that are there. */
  readonly registers: ReadonlySet<string>
  /** Whether the database has an audit ledger. */
  readonly audit: boolean
}

/** Comment by which a role of ours is known again. */
export const roleMark = 'Almagest access: '

/** Makes or alters the roles; memberships and settings of before are gone by then. */
export function roleStatements(lab: Lab, { roles, database, version }: Standing): string[] {
  const all = rolesOf(lab)
  return [
    ...all.flatMap((role) => {
      const name = quoteIdentifier(role.name)
      return [
        `${roles.has(role.name) ? 'ALTER' : 'CREATE'} ROLE ${name} WITH ${attributes(role)}`,
        `COMMENT ON ROLE ${name} IS ${quoteLiteral(`${roleMark}${role.kind}`)}`,
      ]
    }),
    ...all.flatMap((role) => joinStatements(role, version)),
    ...all.flatMap((role) => settingStatements(role, database)),
  ]
}

export function attributes({ login, inherit, bypassRls, connections }: Role): string {
  return [
    'NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION',
    login ? 'LOGIN' : 'NOLOGIN',
    inherit ? 'INHERIT' : 'NOINHERIT',
    bypassRls ? 'BYPASSRLS' : 'NOBYPASSRLS',
    `CONNECTION LIMIT ${connections}`,
  ].join(' ')
}

export function joinStatements(role: Role, version: number): string[] {
  // From 16 on a membership says itself whether it is inherited.
  const how = version >= 16 ? ` WITH INHERIT ${role.inherit ? 'TRUE' : 'FALSE'}, SET TRUE, ADMIN FALSE` : ''
  return role.memberOf.map(
    (group) => `GRANT ${quoteIdentifier(group)} TO ${quoteIdentifier(role.name)}${how}`,
  )
}

export function settingStatements(role: Role, database: string): string[] {
  const head = `ALTER ROLE ${quoteIdentifier(role.name)} IN DATABASE ${quoteIdentifier(database)} SET`
  return Object.entries(role.settings).map(([name, value]) =>
    name === 'search_path'
      ? `${head} search_path TO ${value
          .split(', ')
          .map((each) => quoteIdentifier(each))
          .join(', ')}`
      : `${head} ${quoteIdentifier(name)} TO ${quoteLiteral(value)}`,
  )
}

/** Functions of PostgreSQL that everybody may call and nobody here needs: they write outside every limit. */
export const closedFunctions = [
  'pg_catalog.lo_creat(integer)',
  'pg_catalog.lo_create(oid)',
  'pg_catalog.lo_from_bytea(oid, bytea)',
]

/** Everything within the database, after {@link resetSql} took away what was there. */
export function databaseStatements(
  lab: Lab,
  surveys: readonly Survey[],
  standing: Standing,
  beside: readonly Beside[],
): string[] {
  const name = (kind: string) => quoteIdentifier(roleName(lab, kind))
  const names = (kinds: readonly string[]) => kinds.map(name).join(', ')
  const database = quoteIdentifier(standing.database)
  const owner = name('owner')
  const masked = surveys.filter((survey) => survey.catalogs.some(hasMasks))
  const projects = Object.keys(lab.projects)
  const makers = ['ingest', 'owner', 'admin', 'migrator', ...projects.map((each) => `project:${each}`)]
  return [
    `REVOKE ALL ON DATABASE ${database} FROM PUBLIC`,
    `GRANT CONNECT ON DATABASE ${database} TO ${names(actingKinds(lab))}`,
    `GRANT TEMPORARY ON DATABASE ${database} TO ${names(makers)}`,
    `GRANT CREATE ON DATABASE ${database} TO ${owner}`,
    'REVOKE ALL ON SCHEMA public FROM PUBLIC',
    ...closedFunctions.map((each) => `REVOKE ALL ON FUNCTION ${each} FROM PUBLIC`),
    `ALTER SCHEMA almagest OWNER TO ${owner}`,
    // Its owner alone may set it before tables, as publishing a release does.
    ...(standing.registers.has('release')
      ? [`ALTER FUNCTION almagest.refuse_change() OWNER TO ${owner}`]
      : []),
    ...masked.map((survey) => `CREATE SCHEMA IF NOT EXISTS ${quoteIdentifier(maskedSchema(survey))}`),
    ...masked.map(
      (survey) => `ALTER SCHEMA ${quoteIdentifier(maskedSchema(survey))} OWNER TO ${name('masker')}`,
    ),
    ...surveys.map((survey) => `ALTER SCHEMA ${quoteIdentifier(survey.schema)} OWNER TO ${owner}`),
    ...projects.flatMap((each) => {
      const schema = quoteIdentifier(projectSchema(each))
      // The project doesn't own it: it can't let anybody else in.
      return [`CREATE SCHEMA IF NOT EXISTS ${schema}`, `ALTER SCHEMA ${schema} OWNER TO ${owner}`]
    }),
    ...(masked.length ? vault(owner, name('masker')) : []),
    ...masked.flatMap((survey) =>
      survey.catalogs.filter(hasMasks).flatMap((catalog) => maskedView(lab, survey, catalog)),
    ),
    ...[...schemaUsers(lab, surveys)].map(
      ([schema, kinds]) => `GRANT USAGE ON SCHEMA ${quoteIdentifier(schema)} TO ${names(kinds)}`,
    ),
    ...projects.map(
      (each) =>
        `GRANT CREATE ON SCHEMA ${quoteIdentifier(projectSchema(each))} TO ${name(`project:${each}`)}`,
    ),
    ...relationGrants(lab, surveys, standing),
    ...(standing.audit ? auditGrants(lab) : []),
    ...surveys.flatMap(publishedGrants),
    ...beside.flatMap((each) => besideStatements(lab, each, name, (relations) => grantsOf(lab, relations))),
    ...surveys.flatMap(({ catalogs, embargoes = [] }) =>
      catalogs.flatMap((catalog) =>
        policyStatements(
          lab,
          catalog,
          embargoes.filter((each) => each.catalog.name === catalog.name),
        ),
      ),
    ),
    // What the owners make from now on is nobody else's until it is granted.
    ...kindsOf(lab)
      .filter((kind) => kind === 'owner' || kind.startsWith('project:'))
      .flatMap((kind) =>
        ['FUNCTIONS', 'TYPES'].map(
          (what) => `ALTER DEFAULT PRIVILEGES FOR ROLE ${name(kind)} REVOKE ALL ON ${what} FROM PUBLIC`,
        ),
      ),
  ]
}

function vault(owner: string, masker: string): string[] {
  return [
    'CREATE SCHEMA IF NOT EXISTS almagest_vault',
    `ALTER SCHEMA almagest_vault OWNER TO ${owner}`,
    'CREATE TABLE IF NOT EXISTS almagest_vault.salt (salt bytea NOT NULL)',
    `ALTER TABLE almagest_vault.salt OWNER TO ${owner}`,
    `INSERT INTO almagest_vault.salt SELECT sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()))
     WHERE NOT EXISTS (SELECT FROM almagest_vault.salt)`,
    `GRANT SELECT ON almagest_vault.salt TO ${masker}`,
  ]
}

/** The audit ledger is the ledger's role's, and the auditor reads it. */
export function auditGrants(lab: Lab): string[] {
  const name = (kind: string) => quoteIdentifier(roleName(lab, kind))
  return [
    `ALTER SCHEMA ${auditSchema} OWNER TO ${name('ledger')}`,
    `GRANT USAGE ON SCHEMA ${auditSchema} TO ${name('auditor')}`,
    ...grantsOf(lab, auditRights()),
  ]
}

function grantsOf(lab: Lab, relations: readonly RelationRights[]): string[] {
  return relations.flatMap(({ schema, name, grants }) =>
    grants.map(({ kind, privileges, columns }) => {
      const list = columns ? ` (${columns.map((each) => quoteIdentifier(each)).join(', ')})` : ''
      return `GRANT ${privileges.map((each) => `${each}${list}`).join(', ')} ON ${quoteIdentifier(schema, name)} TO ${quoteIdentifier(roleName(lab, kind))}`
    }),
  )
}

function relationGrants(lab: Lab, surveys: readonly Survey[], { registers }: Standing): string[] {
  const kept = registerRights(lab).filter(({ name }) => registers.has(name))
  const grants = grantsOf(lab, [...surveys.flatMap((survey) => surveyRights(lab, survey)), ...kept])
  const ingest = quoteIdentifier(roleName(lab, 'ingest'))
  const schemas = ['almagest', ...surveys.map(({ schema }) => schema)]
  return [
    ...grants,
    ...schemas.map(
      (schema) => `GRANT USAGE ON ALL SEQUENCES IN SCHEMA ${quoteIdentifier(schema)} TO ${ingest}`,
    ),
  ]
}

/** To readers that the published schema itself names. */
function publishedGrants({ published = [] }: Survey): string[] {
  return published.flatMap(({ name, views, readers }) =>
    readers.flatMap((reader) => [
      `GRANT USAGE ON SCHEMA ${quoteIdentifier(name)} TO ${quoteIdentifier(reader)}`,
      ...Object.keys(views).map(
        (view) => `GRANT SELECT ON ${quoteIdentifier(name, view)} TO ${quoteIdentifier(reader)}`,
      ),
    ]),
  )
}
