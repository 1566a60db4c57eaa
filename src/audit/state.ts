// Snapshots of what no event trigger sees: roles, settings, rules of pg_hba.conf; the ledger itself keeps the last one.
import type { Client, Row } from '../postgres/index.ts'
import { append, type NewEntry } from './ledger.ts'

interface StateFact {
  readonly type: string
  readonly object: string
  readonly definition: string
}

/** Values that may be passwords are told by a digest: that they changed is seen, what they are is not. */
const digest = (sql: string) => `left(encode(sha256(convert_to(${sql}, 'UTF8')), 'hex'), 16)`
const secretSettings = '(conninfo|password|passphrase|_command)'

/** $1 the role whose grants say which tables are audited. */
const facts = (version: number) => `
SELECT 'role' AS type, rolname::text AS object, concat_ws(' ', CASE WHEN rolsuper THEN 'SUPERUSER' END, CASE WHEN rolcreatedb THEN 'CREATEDB' END,
  CASE WHEN rolcreaterole THEN 'CREATEROLE' END, CASE WHEN rolreplication THEN 'REPLICATION' END, CASE WHEN rolbypassrls THEN 'BYPASSRLS' END,
  CASE WHEN rolcanlogin THEN 'LOGIN' ELSE 'NOLOGIN' END, CASE WHEN rolinherit THEN 'INHERIT' ELSE 'NOINHERIT' END,
  'CONNECTION LIMIT ' || rolconnlimit, 'VALID UNTIL ' || rolvaliduntil, 'PASSWORD ' || ${digest('rolpassword')}) AS definition
FROM pg_authid
UNION ALL
SELECT 'membership', pg_get_userbyid(member) || ' in ' || pg_get_userbyid(roleid), string_agg(concat_ws(' ', 'granted by', pg_get_userbyid(grantor),
  CASE WHEN admin_option THEN 'WITH ADMIN OPTION' END ${version >= 16 ? ", CASE WHEN inherit_option THEN 'INHERIT' END, CASE WHEN set_option THEN 'SET' END" : ''}), ', ' ORDER BY grantor)
FROM pg_auth_members GROUP BY member, roleid
UNION ALL
SELECT 'setting of role', concat_ws(' ', CASE setrole WHEN 0 THEN 'every role' ELSE pg_get_userbyid(setrole) END, 'in ' || datname, split_part(each, '=', 1)),
  substr(each, strpos(each, '=') + 1)
FROM pg_db_role_setting LEFT JOIN pg_database d ON d.oid = setdatabase, unnest(setconfig) each
UNION ALL
SELECT * FROM (SELECT DISTINCT ON (lower(name)) 'setting of server', lower(name), CASE WHEN name ~* '${secretSettings}' THEN 'digest ' || ${digest('setting')} ELSE setting END
  FROM pg_file_settings WHERE name IS NOT NULL ORDER BY lower(name), seqno DESC) AS last_one
UNION ALL
SELECT 'setting of server', name || ' (command line)', setting FROM pg_settings WHERE source = 'command line'
UNION ALL
SELECT 'connection rule', lpad(row_number() OVER (ORDER BY line_number)::text, 3, '0'),
  concat_ws(' ', type, array_to_string(database, ','), array_to_string(user_name, ','), address, netmask, auth_method, array_to_string(options, ','), error)
FROM pg_hba_file_rules
UNION ALL
SELECT 'database', datname, concat_ws(' ', 'OWNER', pg_get_userbyid(datdba), CASE WHEN datallowconn THEN 'ALLOW_CONNECTIONS' END, datacl::text) FROM pg_database
UNION ALL
SELECT 'tablespace', spcname, concat_ws(' ', 'OWNER', pg_get_userbyid(spcowner), spcacl::text) FROM pg_tablespace
UNION ALL
SELECT 'event trigger', evtname, concat_ws(' ', 'ON', evtevent, 'EXECUTE', evtfoid::regproc, evtenabled, ${digest('(SELECT prosrc FROM pg_proc WHERE oid = evtfoid)')})
FROM pg_event_trigger
UNION ALL
SELECT 'storage', c.oid::regclass::text, 'file ' || relfilenode FROM pg_class c, aclexplode(relacl) WHERE grantee = to_regrole($1) AND privilege_type = 'SELECT' AND relfilenode <> 0
UNION ALL
SELECT 'uses', c.oid::regclass::text, format('%s scans, %s by index, %s inserted, %s updated, %s deleted', sum(s.seq_scan), sum(coalesce(s.idx_scan, 0)),
  sum(n_tup_ins), sum(n_tup_upd), sum(n_tup_del))
FROM pg_class c, aclexplode(relacl), LATERAL (SELECT relid FROM pg_partition_tree(c.oid) UNION SELECT c.oid) part JOIN pg_stat_all_tables s ON s.relid = part.relid
WHERE grantee = to_regrole($1) AND privilege_type = 'SELECT' GROUP BY c.oid
${version >= 15 ? "UNION ALL SELECT 'right on setting', parname, paracl::text FROM pg_parameter_acl" : ''}`

/**
 * Compares with the snapshot that the ledger holds and appends what changed since; the first time, everything.
 * In the caller's transaction.
 * @returns how many facts changed
 */
export async function recordState(client: Client, prefix: string): Promise<number> {
  const version = await client.query<{ version: number }>(
    "SELECT current_setting('server_version_num')::int / 10000 AS version",
  )
  const { rows: now } = await client.query<StateFact & Row>(facts(version.rows[0]!.version), [
    `${prefix}_audited`,
  ])
  const { rows: before } = await client.query<{ type: string; object: string; after: string | null } & Row>(
    `SELECT DISTINCT ON (type, object) type, object, "after" FROM almagest_audit.event WHERE kind = 'state' ORDER BY type, object, seq DESC`,
  )
  const name = ({ type, object }: { type: string; object: string }) => `${type}\0${object}`
  const known = new Map(
    before.flatMap((each) => (each.after === null ? [] : [[name(each), each.after] as const])),
  )
  const found = new Map(now.map((each) => [name(each), each.definition]))
  const changed = [...new Set([...known.keys(), ...found.keys()])]
    .filter((each) => known.get(each) !== found.get(each))
    .sort()
  const time = new Date().toISOString()
  const entries = changed.map((each): NewEntry => {
    const [type, object] = each.split('\0')
    return {
      kind: 'state',
      content: { source: 'snapshot', time, type, object, before: known.get(each), after: found.get(each) },
    }
  })
  await append(client, entries)
  return entries.length
}
