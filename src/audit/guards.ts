// Whether everything that records is in place: functions, triggers, owners, rights, pgAudit's settings.
import { createHash } from 'node:crypto'
import type { Client, Row } from '../postgres/index.ts'
import type { Setup } from './ledger.ts'
import {
  eventTriggers,
  functionSettings,
  ledgerFunctions,
  ledgerTriggers,
  truncateTrigger,
} from './ledger-ddl.ts'

/** Names of the laboratory's roles that the audit needs. */
export const auditRoles = (prefix: string) => ({
  ledger: `${prefix}_ledger`,
  auditor: `${prefix}_auditor`,
  audited: `${prefix}_audited`,
})

/**
 * pgAudit's settings: rows off, as COPY loses records of objects otherwise; parameters off, as they hold what must not
 * get to the log (the values and keys of encrypted columns).
 */
export const pgauditSettings = (prefix: string): Readonly<Record<string, string>> => ({
  'pgaudit.log': 'ddl, role, misc_set',
  'pgaudit.role': auditRoles(prefix).audited,
  'pgaudit.log_catalog': 'off',
  'pgaudit.log_client': 'off',
  'pgaudit.log_level': 'log',
  'pgaudit.log_parameter': 'off',
  'pgaudit.log_rows': 'off',
  'pgaudit.log_statement': 'on',
  'pgaudit.log_statement_once': 'off',
})

interface Found {
  readonly kind: string
  readonly name: string
  readonly text: string | null
}

/** $1 the audited role. Needs no more than what everybody may look at. */
const standing = `
SELECT 'table' AS kind, c.relname::text AS name, concat_ws(' ', c.relkind, pg_get_userbyid(relowner),
  CASE WHEN relrowsecurity THEN 'row security' END, CASE WHEN relkind = 'r' AND EXISTS (SELECT FROM pg_rewrite WHERE ev_class = c.oid) THEN 'rules' END,
  CASE WHEN EXISTS (SELECT FROM pg_inherits WHERE inhparent = c.oid) THEN 'children' END, CASE WHEN relpersistence <> 'p' THEN 'not logged' END,
  (SELECT 'key ' || string_agg(attname, ',') FROM pg_index i JOIN pg_attribute a ON attrelid = c.oid AND attnum = ANY(indkey::int2[]) WHERE indrelid = c.oid AND indisprimary)) AS text
FROM pg_class c WHERE relnamespace = to_regnamespace('almagest_audit') AND relkind IN ('r', 'p', 'v', 'm', 'f')
UNION ALL
SELECT 'schema', nspname, pg_get_userbyid(nspowner) FROM pg_namespace WHERE nspname = 'almagest_audit'
UNION ALL
SELECT 'right', coalesce(c.relname, n.nspname), string_agg(concat_ws(' ', CASE grantee WHEN 0 THEN 'PUBLIC' ELSE pg_get_userbyid(grantee)::text END, privilege_type), ', ' ORDER BY grantee, privilege_type)
FROM pg_namespace n LEFT JOIN LATERAL (SELECT relname, relacl, relowner FROM pg_class WHERE relnamespace = n.oid UNION ALL SELECT NULL, nspacl, nspowner) c ON true, aclexplode(c.relacl)
WHERE nspname = 'almagest_audit' AND grantee <> c.relowner GROUP BY 2
UNION ALL
SELECT 'right', attrelid::regclass || '.' || attname, 'is granted by itself' FROM pg_attribute JOIN pg_class c ON c.oid = attrelid
WHERE relnamespace = to_regnamespace('almagest_audit') AND attacl IS NOT NULL
UNION ALL
SELECT 'function', p.proname, concat_ws(' ', pg_get_userbyid(proowner), CASE WHEN prosecdef THEN 'definer' END, pg_get_function_arguments(p.oid),
  array_to_string(proconfig, '; '), encode(sha256(convert_to(prosrc, 'UTF8')), 'hex'))
FROM pg_proc p WHERE pronamespace = to_regnamespace('almagest_audit')
UNION ALL
SELECT 'right', p.proname, CASE grantee WHEN 0 THEN 'PUBLIC' ELSE pg_get_userbyid(grantee)::text END || ' EXECUTE' FROM pg_proc p, aclexplode(coalesce(proacl, acldefault('f', proowner)))
WHERE pronamespace = to_regnamespace('almagest_audit') AND grantee <> proowner
UNION ALL
SELECT 'trigger', tgrelid::regclass || '.' || tgname, concat_ws(' ', tgenabled, pg_get_triggerdef(t.oid)) FROM pg_trigger t JOIN pg_class c ON c.oid = tgrelid
WHERE relnamespace = to_regnamespace('almagest_audit') AND NOT tgisinternal
UNION ALL
SELECT 'event trigger', evtname, concat_ws(' ', evtenabled, evtevent, evtfoid::regproc, evttags) FROM pg_event_trigger WHERE starts_with(evtname, 'almagest_audit_')
UNION ALL
SELECT 'setting', name, coalesce(reset_val, '') FROM pg_settings WHERE name LIKE 'pgaudit.%' OR name = 'event_triggers'
UNION ALL
SELECT 'override', concat_ws(' ', split_part(each, '=', 1), 'of', CASE setrole WHEN 0 THEN 'every role' ELSE pg_get_userbyid(setrole) END), substr(each, strpos(each, '=') + 1)
FROM pg_db_role_setting, unnest(setconfig) each WHERE each ~ '^(pgaudit\\.|event_triggers)'
UNION ALL
SELECT 'audited table', c.oid::regclass::text, (SELECT tgenabled::text FROM pg_trigger WHERE tgrelid = c.oid AND tgname = '${truncateTrigger}')
FROM pg_class c, aclexplode(relacl) WHERE grantee = to_regrole($1) AND privilege_type = 'SELECT' AND relkind IN ('r', 'p')
  AND NOT EXISTS (SELECT FROM pg_trigger JOIN pg_proc p ON p.oid = tgfoid JOIN pg_namespace n ON n.oid = pronamespace
    WHERE tgrelid = c.oid AND nspname = 'almagest' AND proname = 'refuse_change')`

/**
 * What keeps the audit from recording, or lets somebody else write or read the ledger.
 * @returns a sentence each; none when all is as `applyAudit` makes it
 */
export async function auditFaults(
  client: Client,
  { prefix, level }: Pick<Setup, 'prefix' | 'level'>,
): Promise<string[]> {
  const roles = auditRoles(prefix)
  const { rows } = await client.query<Found & Row>(standing, [roles.audited])
  const of = (kind: string) =>
    new Map(rows.filter((row) => row.kind === kind).map(({ name, text }) => [name, text]))
  const faults: string[] = []
  const compare = (kind: string, expected: Readonly<Record<string, string | undefined>>) => {
    const found = of(kind)
    for (const [name, text] of Object.entries(expected)) {
      const is = found.get(name)
      if (is === text) continue
      faults.push(
        is === undefined ? `${kind} ${name} is missing` : `${kind} ${name} is not as it was made: ${is}`,
      )
    }
    for (const [name, text] of found) {
      if (!(name in expected)) faults.push(`${kind} ${name} does not belong there: ${text}`)
    }
  }
  const { ledger, auditor } = roles
  compare('schema', { almagest_audit: ledger })
  compare('table', { entry: `r ${ledger} key seq`, inbox: `r ${ledger}`, event: `v ${ledger}` })
  const read = `${auditor} SELECT`
  compare('right', { almagest_audit: `${auditor} USAGE`, entry: read, inbox: read, event: read })
  compare(
    'function',
    Object.fromEntries(ledgerFunctions.map((each) => [each.name, functionText(each, ledger)])),
  )
  compare(
    'trigger',
    Object.fromEntries(
      ledgerTriggers.map(({ table, name, definition }) => [
        `almagest_audit.${table}.${name}`,
        `A ${definition}`,
      ]),
    ),
  )
  compare(
    'event trigger',
    Object.fromEntries(
      eventTriggers.map(({ name, event, calls }) => [name, `A ${event} almagest_audit.${calls}`]),
    ),
  )
  // Parts of releases refuse to be truncated; views can't be.
  for (const [table, state] of of('audited table')) {
    if (state !== 'A') faults.push(`table ${table} does not tell when it is truncated`)
  }
  if (of('setting').get('event_triggers') === 'off') faults.push('event triggers are off on this server')
  if (level === 'pgaudit') faults.push(...settingFaults(of('setting'), prefix))
  for (const [name, value] of of('override'))
    faults.push(`setting ${name} is ${value} whatever the server says`)
  return faults
}

function settingFaults(found: ReadonlyMap<string, string | null>, prefix: string): string[] {
  const expected = Object.entries(pgauditSettings(prefix))
  if (!found.has('pgaudit.log_rows')) return ['pgAudit is not loaded any more: reads are not recorded']
  return expected
    .filter(([name, value]) => found.get(name) !== value)
    .map(([name, value]) => `setting ${name} is ${found.get(name) || 'empty'}, not ${value}`)
}

function functionText({ parameters, body }: (typeof ledgerFunctions)[number], owner: string): string {
  const digest = createHash('sha256').update(body).digest('hex')
  return [owner, 'definer', parameters, functionSettings.join('; '), digest].join(' ')
}
