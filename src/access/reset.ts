// Taking away what was granted, by whomever: statements that the server itself writes from its catalogues.
import type { Client, Row } from '../postgres/index.ts'
import type { Lab } from './lab.ts'
import { auditSchema } from './rights.ts'
import { roleName } from './roles.ts'

const grantee = `CASE held.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(held.grantee)) END`

/** Statements that leave every object of the schemas to its owner alone; $1 schemas, $2 owner, $3 masked schemas. */
const objectResets = `
SELECT DISTINCT 1, format('REVOKE ALL ON SCHEMA %I FROM %s CASCADE', nspname, ${grantee})
FROM pg_namespace, aclexplode(nspacl) held WHERE nspname = ANY($1) AND held.grantee <> nspowner
UNION
SELECT 1, format('REVOKE ALL ON DATABASE %I FROM %s CASCADE', datname, ${grantee})
FROM pg_database, aclexplode(datacl) held WHERE datname = current_database() AND held.grantee NOT IN (0, datdba)
UNION
SELECT 2, format('REVOKE ALL ON %s %s FROM %s CASCADE', CASE relkind WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END, c.oid::regclass, ${grantee})
FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace, aclexplode(relacl) held
WHERE nspname = ANY($1) AND nspname <> 'public' AND held.grantee <> relowner
UNION
SELECT 2, format('REVOKE ALL (%I) ON TABLE %s FROM %s CASCADE', attname, c.oid::regclass, ${grantee})
FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace JOIN pg_attribute a ON attrelid = c.oid AND NOT attisdropped,
  aclexplode(attacl) held WHERE nspname = ANY($1) AND nspname <> 'public' AND held.grantee <> relowner
UNION
SELECT 2, format('REVOKE ALL ON ROUTINE %s FROM %s CASCADE', p.oid::regprocedure, ${grantee})
FROM pg_proc p JOIN pg_namespace n ON n.oid = pronamespace, aclexplode(coalesce(proacl, acldefault('f', proowner))) held
WHERE nspname = ANY($1) AND nspname <> 'public' AND held.grantee <> proowner
UNION
SELECT 3, format('ALTER %s %s OWNER TO %I', CASE relkind WHEN 'v' THEN 'VIEW' WHEN 'S' THEN 'SEQUENCE' WHEN 'm' THEN 'MATERIALIZED VIEW' ELSE 'TABLE' END, c.oid::regclass, $2::text)
FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace
WHERE nspname = ANY($1) AND nspname <> 'public' AND NOT nspname = ANY($3) AND relkind IN ('r', 'p', 'v', 'm', 'S')
  AND relowner::regrole::text <> quote_ident($2::text)
  AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype IN ('a', 'i') AND d.refobjsubid > 0)
UNION
SELECT 4, format('DROP POLICY %I ON %s', polname, polrelid::regclass)
FROM pg_policy JOIN pg_class c ON c.oid = polrelid JOIN pg_namespace n ON n.oid = relnamespace WHERE nspname = ANY($1)
UNION
SELECT 4, format('ALTER TABLE %s DISABLE ROW LEVEL SECURITY, NO FORCE ROW LEVEL SECURITY', c.oid::regclass)
FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace
WHERE nspname = ANY($1) AND nspname <> 'public' AND (relrowsecurity OR relforcerowsecurity)
UNION
SELECT 4, format('DROP VIEW %s CASCADE', c.oid::regclass)
FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace WHERE nspname = ANY($3) AND relkind = 'v'
UNION
SELECT 5, format('ALTER DEFAULT PRIVILEGES FOR ROLE %I%s REVOKE ALL ON %s FROM %s', pg_get_userbyid(defaclrole),
  CASE defaclnamespace WHEN 0 THEN '' ELSE format(' IN SCHEMA %I', (SELECT nspname FROM pg_namespace WHERE oid = defaclnamespace)) END,
  CASE defaclobjtype WHEN 'r' THEN 'TABLES' WHEN 'S' THEN 'SEQUENCES' WHEN 'f' THEN 'FUNCTIONS' WHEN 'T' THEN 'TYPES' ELSE 'SCHEMAS' END, ${grantee})
FROM pg_default_acl, aclexplode(defaclacl) held WHERE held.grantee <> defaclrole
  AND (defaclnamespace = 0 OR defaclnamespace IN (SELECT oid FROM pg_namespace WHERE nspname = ANY($1)))`

/** Memberships and settings of roles; $1 their names. From 16 on a membership is its grantor's. */
const roleResets = (version: number) => `
SELECT DISTINCT format('REVOKE %I FROM %I%s', pg_get_userbyid(roleid), pg_get_userbyid(member),
  ${version >= 16 ? `' GRANTED BY ' || quote_ident(pg_get_userbyid(grantor)) || ' CASCADE'` : `' CASCADE'`}) AS sql
FROM pg_auth_members WHERE pg_get_userbyid(roleid) = ANY($1) OR pg_get_userbyid(member) = ANY($1)
UNION ALL
SELECT format('ALTER ROLE %I%s RESET ALL', pg_get_userbyid(setrole),
  CASE setdatabase WHEN 0 THEN '' ELSE format(' IN DATABASE %I', (SELECT datname FROM pg_database WHERE oid = setdatabase)) END)
FROM pg_db_role_setting WHERE pg_get_userbyid(setrole) = ANY($1) AND setdatabase IN (0, (SELECT oid FROM pg_database WHERE datname = current_database()))`

/** @param roles  names; memberships by which others are in them count too */
export async function resetRoles(
  client: Client,
  version: number,
  roles: readonly string[],
): Promise<string[]> {
  const { rows } = await client.query<{ sql: string } & Row>(roleResets(version), [roles])
  return rows.map(({ sql }) => sql)
}

export async function resetObjects(
  client: Client,
  schemas: readonly string[],
  owner: string,
  masked: readonly string[],
): Promise<string[]> {
  const { rows } = await client.query<{ sql: string } & Row>(
    `SELECT sql FROM (${objectResets}) AS each(step, sql) ORDER BY step, sql`,
    [schemas, owner, masked],
  )
  return rows.map(({ sql }) => sql)
}

/** Statements that leave the audit ledger to the ledger's role alone. */
export async function resetAudit(client: Client, lab: Lab): Promise<string[]> {
  const statements = await resetObjects(client, [auditSchema], roleName(lab, 'ledger'), [])
  return statements.filter((sql) => !sql.startsWith('REVOKE ALL ON DATABASE'))
}
