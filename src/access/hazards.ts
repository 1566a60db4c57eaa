// What undermines declared rights from outside them: nothing of it is ours to change, all of it is told.
import type { Survey } from '../model/index.ts'
import type { Client, Row, SideSchema } from '../postgres/index.ts'
import { findBeside } from './beside.ts'
import type { Lab } from './lab.ts'
import { projectSchema, rolesOf } from './roles.ts'

export interface Hazard {
  readonly kind: string
  readonly object: string
  readonly why: string
}

/** $1 names of our roles, $2 schemas whose tables are protected, $3 the masks' role, $4 schemas of releases, $5 of their parts. */
const hazards = `
WITH pgaudit AS (SELECT classid, objid FROM pg_depend WHERE deptype = 'e' AND refobjid = (SELECT oid FROM pg_extension WHERE extname = 'pgaudit')),
system AS (SELECT oid FROM pg_namespace WHERE nspname ~ '^pg_' OR nspname = 'information_schema'),
foreign_role AS (SELECT * FROM pg_roles WHERE oid >= 16384 AND NOT rolname = ANY($1)),
ours AS (SELECT * FROM pg_roles WHERE rolname = ANY($1))
SELECT 'role' AS kind, rolname::text AS object, 'is a superuser: no right and no policy holds for it' AS why FROM foreign_role WHERE rolsuper AND rolname <> current_user
UNION ALL SELECT 'role', rolname, 'has BYPASSRLS: no row policy holds for it' FROM foreign_role WHERE rolbypassrls AND NOT rolsuper
UNION ALL SELECT 'role', rolname, 'has CREATEROLE' FROM foreign_role WHERE rolcreaterole AND NOT rolsuper
UNION ALL SELECT 'role', rolname, 'has REPLICATION: it can copy the whole server' FROM foreign_role WHERE rolreplication AND NOT rolsuper
UNION ALL SELECT 'membership', m.rolname || ' in ' || r.rolname, 'a predefined role reaches past all grants'
  FROM pg_auth_members a JOIN foreign_role m ON m.oid = member JOIN pg_roles r ON r.oid = roleid
  WHERE r.rolname ~ '^pg_(read_all_data|write_all_data|read_server_files|write_server_files|execute_server_program|create_subscription|maintain)$'
UNION ALL SELECT 'function', p.oid::regprocedure::text, 'is SECURITY DEFINER without a search_path of its own: a caller can put objects in its way'
  FROM pg_proc p WHERE prosecdef AND NOT pronamespace IN (SELECT oid FROM system) AND NOT EXISTS (SELECT FROM unnest(proconfig) c WHERE c ~ '^search_path=')
UNION ALL SELECT 'function', p.oid::regprocedure::text, 'is SECURITY DEFINER, belongs to ' || pg_get_userbyid(proowner) || ' and may be called by everybody'
  FROM pg_proc p WHERE prosecdef AND NOT pronamespace IN (SELECT oid FROM system) AND EXISTS (SELECT FROM aclexplode(coalesce(proacl, acldefault('f', proowner))) WHERE grantee = 0)
    AND NOT p.oid IN (SELECT objid FROM pgaudit)
UNION ALL SELECT 'function', p.oid::regprocedure::text, 'is declared LEAKPROOF: it is called on rows that a policy hides'
  FROM pg_proc p WHERE proleakproof AND p.oid >= 16384 AND NOT EXISTS (SELECT FROM pg_depend WHERE classid = 'pg_proc'::regclass AND objid = p.oid AND deptype = 'e')
UNION ALL SELECT DISTINCT 'view', v.oid::regclass::text, 'reads ' || t.oid::regclass || ' with the rights of ' || pg_get_userbyid(v.relowner) ||
    CASE WHEN v.relkind = 'm' THEN ' and keeps a copy' WHEN 'security_barrier=true' = ANY(v.reloptions) THEN '' ELSE ', without security_barrier' END
  FROM pg_class v JOIN pg_rewrite w ON ev_class = v.oid JOIN pg_depend d ON d.classid = 'pg_rewrite'::regclass AND d.objid = w.oid AND d.refclassid = 'pg_class'::regclass
  JOIN pg_class t ON t.oid = d.refobjid AND t.oid <> v.oid JOIN pg_namespace s ON s.oid = t.relnamespace
  WHERE v.relkind IN ('v', 'm') AND s.nspname = ANY($2) AND NOT coalesce(v.reloptions && '{security_invoker=true,security_invoker=on}', false)
    AND NOT pg_get_userbyid(v.relowner) = $3 AND NOT ((SELECT nspname FROM pg_namespace WHERE oid = v.relnamespace) = ANY($4) AND s.nspname = ANY($5))
UNION ALL SELECT 'event trigger', evtname, 'runs a function of ' || pg_get_userbyid(evtowner) || ' that is not Almagest''s' FROM pg_event_trigger
  WHERE evtname NOT LIKE 'almagest\\_audit\\_%' AND NOT oid IN (SELECT objid FROM pgaudit)
UNION ALL SELECT 'extension', extname, 'reaches files or other servers from within the database' FROM pg_extension WHERE extname IN ('dblink', 'postgres_fdw', 'file_fdw', 'adminpack', 'plpython3u', 'plperlu', 'pltclu')
UNION ALL SELECT 'schema', nspname, 'gives ' || privilege_type || ' to everybody' FROM pg_namespace, aclexplode(nspacl)
  WHERE grantee = 0 AND oid >= 16384
UNION ALL SELECT 'relation', c.oid::regclass::text, 'gives ' || privilege_type || ' to everybody' FROM pg_class c, aclexplode(relacl)
  WHERE grantee = 0 AND c.oid >= 16384 AND NOT EXISTS (SELECT FROM pg_depend WHERE classid = 'pg_class'::regclass AND objid = c.oid AND deptype = 'e')
UNION ALL SELECT 'publication', pubname, 'copies all tables to its subscribers' FROM pg_publication WHERE puballtables
UNION ALL SELECT 'rule', r.rulename || ' on ' || ev_class::regclass, 'rewrites statements on a table' FROM pg_rewrite r JOIN pg_class c ON c.oid = ev_class
  JOIN pg_namespace n ON n.oid = relnamespace WHERE nspname = ANY($2) AND rulename <> '_RETURN'
UNION ALL SELECT 'trigger', t.tgname || ' on ' || tgrelid::regclass, 'runs at each change of a table' FROM pg_trigger t JOIN pg_class c ON c.oid = tgrelid
  JOIN pg_namespace n ON n.oid = relnamespace WHERE nspname = ANY($2) AND NOT tgisinternal AND NOT starts_with(tgname, 'almagest_audit_')
  AND NOT (nspname = ANY($5) AND tgfoid = coalesce(to_regproc('almagest.refuse_change'), 0::oid))
UNION ALL SELECT 'setting', 'of ' || CASE setrole WHEN 0 THEN 'every role' ELSE pg_get_userbyid(setrole) END, each || ' can run code or lift policies'
  FROM pg_db_role_setting, unnest(setconfig) each WHERE each ~ '^(row_security=off|session_preload_libraries|local_preload_libraries|session_replication_role)'
UNION ALL SELECT 'setting', 'password_encryption', 'is ' || current_setting('password_encryption') || ', not scram-sha-256' WHERE current_setting('password_encryption') <> 'scram-sha-256'
UNION ALL SELECT 'role', rolname, 'has a password that is not SCRAM' FROM pg_authid WHERE rolpassword IS NOT NULL AND rolpassword NOT LIKE 'SCRAM-SHA-256$%'
ORDER BY 1, 2, 3`

/** Everything known that gets around grants and policies without changing them. */
export async function findHazards(client: Client, lab: Lab, surveys: readonly Survey[]): Promise<Hazard[]> {
  const names = rolesOf(lab).map(({ name }) => name)
  const beside = (await findBeside(client, surveys)).flatMap(({ schemas }) => schemas)
  const ofKind = (kind: SideSchema['kind']) =>
    beside.filter((each) => each.kind === kind).map(({ name }) => name)
  const parts = ofKind('parts')
  const guarded = ['almagest_vault', ...surveys.map(({ schema }) => schema), ...ofKind('staging'), ...parts]
  const masker = `${lab.prefix}_masker`
  const { rows } = await client.query<Hazard & Row>(hazards, [
    names,
    guarded,
    masker,
    ofKind('release'),
    parts,
  ])
  return [...rows, ...(await overQuota(client, lab))]
}

/** PostgreSQL has no limit for a schema: what a project stores, with indexes and large values, is measured. */
async function overQuota(client: Client, { projects }: Lab): Promise<Hazard[]> {
  const names = Object.keys(projects)
  const { rows } = await client.query<Hazard & Row>(
    `SELECT 'project' AS kind, project AS object, 'stores ' || pg_size_pretty(bytes) || ', more than its quota of ' || quota AS why
     FROM unnest($1::text[], $2::text[], $3::text[]) AS declared (project, schema, quota),
       LATERAL (SELECT coalesce(sum(pg_total_relation_size(oid)), 0) AS bytes FROM pg_class
         WHERE relnamespace = to_regnamespace(quote_ident(schema)) AND relkind IN ('r', 'm')) stored
     WHERE bytes > pg_size_bytes(quota) ORDER BY 2`,
    [names, names.map(projectSchema), names.map((name) => projects[name]!.quota)],
  )
  return rows
}
