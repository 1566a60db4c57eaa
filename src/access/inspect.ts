// Everything that decides who may do what, as the server tells it: cluster-wide roles, and each schema's facts.
import {
  type Client,
  type Fact,
  type Fingerprint,
  inspectSchema,
  objectOf,
  type Row,
} from '../postgres/index.ts'
import type { Role } from './roles.ts'

/** Facts of a schema that are about access; the rest is the business of `almagest drift`. */
const aboutAccess =
  /^(published )?(owner of|grant on|default privileges|database-wide default privileges|policy$|row security of|storage parameters of view|view$|event trigger|function|procedure)/

const roleFacts = (version: number) => `
WITH ours AS (SELECT * FROM pg_roles WHERE rolname = ANY($1))
SELECT 'role' AS kind, rolname::text AS "of", NULL AS name, concat_ws(' ',
  CASE WHEN rolsuper THEN 'SUPERUSER' END, CASE WHEN rolcreatedb THEN 'CREATEDB' END,
  CASE WHEN rolcreaterole THEN 'CREATEROLE' END, CASE WHEN rolreplication THEN 'REPLICATION' END,
  CASE WHEN rolbypassrls THEN 'BYPASSRLS' END, CASE WHEN rolcanlogin THEN 'LOGIN' ELSE 'NOLOGIN' END,
  CASE WHEN rolinherit THEN 'INHERIT' ELSE 'NOINHERIT' END, 'CONNECTION LIMIT ' || rolconnlimit) AS definition
FROM ours
UNION ALL
SELECT 'member of role', pg_get_userbyid(roleid)::text, pg_get_userbyid(member)::text, concat_ws(' ', CASE WHEN bool_or(admin_option) THEN 'WITH ADMIN OPTION' END
  ${version >= 16 ? `, CASE WHEN bool_or(inherit_option) THEN 'inherited' END, CASE WHEN bool_or(set_option) THEN 'by SET ROLE' END` : ''})
FROM pg_auth_members WHERE pg_get_userbyid(roleid) = ANY($1) OR pg_get_userbyid(member) = ANY($1) GROUP BY roleid, member
UNION ALL
SELECT 'setting of role', pg_get_userbyid(setrole)::text, split_part(each, '=', 1), substr(each, strpos(each, '=') + 1)
FROM pg_db_role_setting, unnest(setconfig) each WHERE pg_get_userbyid(setrole) = ANY($1)
  AND setdatabase IN (0, (SELECT oid FROM pg_database WHERE datname = current_database()))
UNION ALL
SELECT 'grant on database', '', CASE grantee WHEN 0 THEN 'PUBLIC' ELSE pg_get_userbyid(grantee)::text END, string_agg(privilege_type, ', ' ORDER BY privilege_type)
FROM pg_database, aclexplode(coalesce(datacl, acldefault('d', datdba))) WHERE datname = current_database() AND grantee <> datdba GROUP BY grantee
UNION ALL
SELECT 'grant on function', p.oid::regprocedure::text, CASE grantee WHEN 0 THEN 'PUBLIC' ELSE pg_get_userbyid(grantee)::text END, string_agg(privilege_type, ', ' ORDER BY privilege_type)
FROM pg_proc p, aclexplode(coalesce(proacl, acldefault('f', proowner))) WHERE p.oid::regprocedure::text = ANY($2) AND grantee <> proowner GROUP BY p.oid, grantee`

/** Roles, memberships, settings and rights on the database; the first three belong to the whole server. */
export async function inspectRoles(
  client: Client,
  version: number,
  roles: readonly Role[],
  functions: readonly string[],
): Promise<Fingerprint> {
  const { rows } = await client.query<
    { kind: string; of: string; name: string | null; definition: string } & Row
  >(roleFacts(version), [
    roles.map(({ name }) => name),
    functions.map((each) => each.replace('pg_catalog.', '').replace(', ', ',')),
  ])
  const facts = rows.map(({ name, ...fact }): Fact => ({ ...fact, ...(name === null ? {} : { name }) }))
  return Object.fromEntries(facts.map((fact) => [objectOf(fact), fact]))
}

/** The facts about access of each schema that is there, named `schema: fact`. */
export async function inspectObjects(client: Client, schemas: readonly string[]): Promise<Fingerprint> {
  const { rows } = await client.query<{ name: string } & Row>(
    'SELECT nspname::text AS name FROM pg_namespace WHERE nspname = ANY($1) ORDER BY 1',
    [schemas],
  )
  const found: Record<string, Fact> = {}
  for (const { name } of rows) {
    for (const [object, fact] of Object.entries(await inspectSchema(client, name))) {
      if (aboutAccess.test(fact.kind) && !ofProject(name, fact)) found[`${name}: ${object}`] = fact
    }
  }
  return found
}

/** What a project makes in its schema is its own affair; the schema itself isn't. */
function ofProject(schema: string, { kind }: Fact): boolean {
  return schema.startsWith('project_') && !/schema$|default privileges/.test(kind)
}
