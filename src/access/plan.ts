// From what is to what is declared: the plan is what a rehearsal, rolled back, would have changed.
import { AlmagestError, type Survey } from '../model/index.ts'
import {
  acceptDrift,
  type Client,
  type Difference,
  deployments,
  differences,
  type Fingerprint,
  findDrift,
  type Row,
  sqlState,
  translateServerError,
} from '../postgres/index.ts'
import { findBeside } from './beside.ts'
import { findHazards, type Hazard } from './hazards.ts'
import { inspectObjects, inspectRoles } from './inspect.ts'
import type { Lab } from './lab.ts'
import { resetAudit, resetObjects, resetRoles } from './reset.ts'
import { auditSchema, hasMasks, maskedSchema, refuseContradictions, schemaUsers } from './rights.ts'
import { roleName, rolesOf } from './roles.ts'
import { closedFunctions, databaseStatements, roleMark, roleStatements, type Standing } from './statements.ts'

export interface AccessPlan {
  /** Changes of roles, which belong to the whole server. */
  readonly roles: readonly Difference[]
  /** Changes within this database. */
  readonly database: readonly Difference[]
  /** What undermines the declarations and isn't ours to change. */
  readonly hazards: readonly Hazard[]
}

/**
 * What `applyAccess` would change. Everything is really done in a transaction, looked at, and rolled back: rights
 * compare in the server's own words. Row policies take an ACCESS EXCLUSIVE lock for that moment.
 * @param surveys  those that are built in the database
 * @throws AlmagestError as {@link applyAccess}
 */
export async function planAccess(client: Client, lab: Lab, surveys: readonly Survey[]): Promise<AccessPlan> {
  return await rehearse(client, lab, surveys, false)
}

/**
 * Makes roles and rights be as declared, all or nothing: what was granted by hand is taken away again. Nothing is
 * written when nothing differs.
 * @throws AlmagestError `ACCESS_NEEDS_SUPERUSER`, `ACCESS_ROLE_EXISTS` for a role of the name that is not
 *   Almagest's, `ACCESS_SURVEY_NOT_BUILT`, `ACCESS_BUSY` when others hold the locks, and those of `refuseContradictions`
 */
export async function applyAccess(client: Client, lab: Lab, surveys: readonly Survey[]): Promise<AccessPlan> {
  const undrifted: Survey[] = []
  for (const survey of surveys)
    if ((await findDrift(client, survey)).differences.length === 0) undrifted.push(survey)
  const plan = await rehearse(client, lab, surveys, true)
  // Rights are part of what drift is measured from; a drift that was there before stays one.
  if (plan.database.length > 0) for (const survey of undrifted) await acceptDrift(client, survey)
  return plan
}

async function rehearse(
  client: Client,
  lab: Lab,
  surveys: readonly Survey[],
  keep: boolean,
): Promise<AccessPlan> {
  refuseContradictions(lab, surveys)
  await refuseUnbuilt(client, surveys)
  const hazards = await findHazards(client, lab, surveys)
  const standing = await standingOf(client)
  await refuseForeignRoles(client, lab)
  const roles = rolesOf(lab)
  const masked = surveys.filter((each) => each.catalogs.some(hasMasks)).map(maskedSchema)
  const published = surveys.flatMap((each) => (each.published ?? []).map(({ name }) => name))
  const beside = await findBeside(client, surveys)
  const besides = beside.flatMap((each) => each.schemas.map(({ name }) => name))
  const schemas = [...new Set([...schemaUsers(lab, surveys).keys(), ...published, ...besides])]
  const looked = standing.audit ? [...schemas, auditSchema] : schemas
  const looking = async (): Promise<[Fingerprint, Fingerprint]> => [
    await inspectRoles(client, standing.version, roles, closedFunctions),
    await inspectObjects(client, looked),
  ]
  let unchanged: AccessPlan | undefined
  try {
    return await client.transaction(async () => {
      await client.query("SET LOCAL lock_timeout = '10s'")
      await client.query("SELECT pg_advisory_xact_lock(hashtextextended('almagest access', 0))")
      const before = await looking()
      const run = async (statements: readonly string[]) => {
        for (const sql of statements) await client.query(sql)
      }
      await run(
        await resetRoles(
          client,
          standing.version,
          roles.map(({ name }) => name),
        ),
      )
      await run(roleStatements(lab, standing))
      const ours = schemas.filter((each) => !each.startsWith('project_') || each === 'public')
      await run(await resetObjects(client, ours, roleName(lab, 'owner'), masked))
      if (standing.audit) await run(await resetAudit(client, lab))
      await run(await resetProjectSchemas(client, lab))
      await run(databaseStatements(lab, surveys, standing, beside))
      const after = await looking()
      const plan = {
        roles: rolesOnly(differences(after[0], before[0]), true),
        database: [
          ...rolesOnly(differences(after[0], before[0]), false),
          ...differences(after[1], before[1]),
        ],
        hazards,
      }
      if (keep && plan.roles.length + plan.database.length > 0) return plan
      unchanged = plan
      throw new Rehearsed()
    })
  } catch (error) {
    if (error instanceof Rehearsed && unchanged) return unchanged
    if (sqlState(error) === '55P03') throw busy(error)
    throw translateServerError(error)
  }
}

/** Ends a rehearsal: its transaction rolls back. */
class Rehearsed extends Error {}

const rolesOnly = (found: readonly Difference[], yes: boolean) =>
  found.filter(({ object }) => /^(role|member of role|setting of role) /.test(object) === yes)

/** Rights on the schemas of projects, not on what projects made in them. */
async function resetProjectSchemas(client: Client, lab: Lab): Promise<string[]> {
  const { rows } = await client.query<{ sql: string } & Row>(
    `SELECT DISTINCT format('REVOKE ALL ON SCHEMA %I FROM %s CASCADE', nspname,
       CASE held.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(held.grantee)) END) AS sql
     FROM pg_namespace, aclexplode(nspacl) held WHERE nspname = ANY($1) AND held.grantee <> nspowner`,
    [Object.keys(lab.projects).map((name) => `project_${name}`)],
  )
  return rows.map(({ sql }) => sql)
}

async function standingOf(client: Client): Promise<Standing> {
  const { rows } = await client.query<{
    database: string
    version: number
    superuser: boolean
    roles: string[]
    registers: string[]
    audit: boolean
  }>(`SELECT current_database()::text AS database, current_setting('server_version_num')::int / 10000 AS version,
      (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) AS superuser,
      ARRAY(SELECT rolname::text FROM pg_roles) AS roles,
      ARRAY(SELECT relname::text FROM pg_class WHERE relnamespace = to_regnamespace('almagest') AND relkind = 'r') AS registers,
      to_regclass('almagest_audit.entry') IS NOT NULL AS audit`)
  const { superuser, roles, registers, ...rest } = rows[0]!
  if (!superuser) {
    throw new AlmagestError(
      'ACCESS_NEEDS_SUPERUSER',
      'server',
      'roles that bypass row policies, and limits that users cannot raise, are set by a superuser alone',
      'Connect as a superuser for `almagest access`.',
    )
  }
  return { ...rest, roles: new Set(roles), registers: new Set(registers) }
}

/** A role of ours carries our mark; one of the same name that doesn't is somebody else's. */
async function refuseForeignRoles(client: Client, lab: Lab): Promise<void> {
  const { rows } = await client.query<
    { name: string; mark: string | null; login: boolean; super: boolean } & Row
  >(
    `SELECT rolname::text AS name, shobj_description(oid, 'pg_authid') AS mark, rolcanlogin AS login, rolsuper AS super
     FROM pg_roles WHERE rolname = ANY($1) AND NOT coalesce(starts_with(shobj_description(oid, 'pg_authid'), $2), false) ORDER BY 1`,
    [rolesOf(lab).map(({ name }) => name), roleMark],
  )
  if (rows.length === 0) return
  const list = rows.map(
    ({ name, login, super: superuser }) =>
      `${name} (${superuser ? 'SUPERUSER, ' : ''}${login ? 'LOGIN' : 'NOLOGIN'})`,
  )
  throw new AlmagestError(
    'ACCESS_ROLE_EXISTS',
    'server',
    `the server has ${rows.length === 1 ? 'a role' : 'roles'} of that name already, not made by Almagest: ${list.join(', ')}`,
    'Choose another "prefix" or another login name in the file given with --lab, or drop the role.',
    { value: rows[0]!.name },
  )
}

async function refuseUnbuilt(client: Client, surveys: readonly Survey[]): Promise<void> {
  const built = new Set((await deployments(client)).map(({ name }) => name))
  const missing = surveys.find(({ name }) => !built.has(name))
  if (!missing && surveys.length > 0) return
  throw new AlmagestError(
    'ACCESS_SURVEY_NOT_BUILT',
    'usage',
    missing
      ? `the survey "${missing.name}" is not built in this database`
      : 'no survey is built in this database',
    'Build it first with `almagest apply`.',
  )
}

function busy(cause: unknown): AlmagestError {
  return new AlmagestError(
    'ACCESS_BUSY',
    'server',
    'other sessions held locks that the row policies need for more than 10 s; nothing was changed',
    'Try again when long queries on the tables with embargoes are over.',
    {},
    { cause },
  )
}
