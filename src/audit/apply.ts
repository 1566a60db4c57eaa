// Makes the audit: the ledger, its triggers, and pgAudit's settings; a second time it changes nothing.
import { randomUUID } from 'node:crypto'
import { auditGrants, type Lab, resetAudit } from '../access/index.ts'
import { type Client, quoteIdentifier, quoteLiteral, quoteQualified, type Row } from '../postgres/index.ts'
import { needsSuperuser, noLog, notLoaded, rolesMissing } from './errors.ts'
import { auditFaults, auditRoles, pgauditSettings } from './guards.ts'
import { standingOf } from './ingest.ts'
import { append, findSetup, type Level, type Setup } from './ledger.ts'
import {
  eventTriggers,
  functionSql,
  ledgerFunctions,
  ledgerTables,
  ledgerTriggers,
  truncateTrigger,
} from './ledger-ddl.ts'
import { recordState } from './state.ts'

export interface AuditApplied {
  readonly level: Level
  /** What was missing or otherwise than it should be; empty when nothing had to be done. */
  readonly mended: readonly string[]
  /** What is not as it should be still. */
  readonly left: readonly string[]
  /** Tables whose every use is recorded. */
  readonly tables: readonly string[]
  /** What is recorded at a cost that one may not expect. */
  readonly notes: readonly string[]
}

/**
 * Makes the ledger and everything that records, owned by the laboratory's ledger role.
 * @param withoutReads  do without pgAudit: definitions, roles and settings are recorded, reads only counted
 * @throws AlmagestError `AUDIT_NEEDS_SUPERUSER`, `AUDIT_ROLES_MISSING`, `AUDIT_NOT_LOADED`, `AUDIT_NO_LOG`
 */
export async function applyAudit(client: Client, lab: Lab, withoutReads = false): Promise<AuditApplied> {
  const server = await standingOf(client)
  if (!server.superuser) throw needsSuperuser()
  const roles = auditRoles(lab.prefix)
  const { rows } = await client.query<{ missing: string } & Row>(
    'SELECT role AS missing FROM unnest($1::text[]) role WHERE to_regrole(role) IS NULL',
    [Object.values(roles)],
  )
  if (rows.length > 0) throw rolesMissing(rows.map(({ missing }) => missing))
  if (!withoutReads && !server.loaded) throw notLoaded(server.available)
  if (!withoutReads && !server.logged)
    throw noLog(`logging_collector is ${server.collector}, log_destination is ${server.destination}`)
  const level: Level = withoutReads ? 'without reads' : 'pgaudit'
  const before = await findSetup(client)
  const faults = before ? await auditFaults(client, { prefix: lab.prefix, level }) : ['there was no ledger']
  const tables = await auditedTables(client, roles.audited)
  const names = tables.map(({ name }) => name)
  let left: readonly string[] = []
  if (faults.length > 0 || before?.level !== level || before.prefix !== lab.prefix) {
    await make(client, lab, level, names, before, faults)
    if (level === 'pgaudit') await setPgaudit(client, lab.prefix)
    left = await auditFaults(client, { prefix: lab.prefix, level })
  }
  return {
    level,
    mended: faults.filter((each) => !left.includes(each)),
    left,
    tables: names,
    notes: tables
      .filter(({ referred }) => referred && level === 'pgaudit')
      .map(
        ({ name }) =>
          `${name}: others refer to it, and pgAudit logs a line for each row that is checked; put its restricted columns into a table of their own`,
      ),
  }
}

async function make(
  client: Client,
  lab: Lab,
  level: Level,
  tables: readonly string[],
  before: Setup | undefined,
  mended: readonly string[],
): Promise<void> {
  const ledger = quoteIdentifier(auditRoles(lab.prefix).ledger)
  // What mends the audit must not depend on the parts that are broken; the entry `setup` tells of it.
  const dropped = eventTriggers.map(({ name }) => `DROP EVENT TRIGGER IF EXISTS ${name}`)
  const ledgerStatements = [
    // The functions run as the ledger's role from here on, which must have its schema by then.
    ...auditGrants(lab),
    ...ledgerFunctions.flatMap((each) => {
      const name = `almagest_audit.${each.name}(${each.parameters.replaceAll(/\w+ (\w+(?:\[\])?)/g, '$1')})`
      return [
        functionSql(each),
        `ALTER FUNCTION ${name} OWNER TO ${ledger}`,
        `REVOKE ALL ON FUNCTION ${name} FROM PUBLIC`,
      ]
    }),
    ...ledgerTriggers.flatMap(({ table, name, definition }) => [
      `DROP TRIGGER IF EXISTS ${name} ON almagest_audit.${table}`,
      definition,
      `ALTER TABLE almagest_audit.${table} ENABLE ALWAYS TRIGGER ${name}`,
    ]),
  ]
  const recording = [
    ...eventTriggers.flatMap(({ name, event, calls }) => [
      `CREATE EVENT TRIGGER ${name} ON ${event} EXECUTE FUNCTION almagest_audit.${calls}()`,
      `ALTER EVENT TRIGGER ${name} ENABLE ALWAYS`,
    ]),
    ...tables.flatMap((table) => truncateStatements(table)),
    ...(level === 'pgaudit' ? ['CREATE EXTENSION IF NOT EXISTS pgaudit WITH SCHEMA public'] : []),
  ]
  await client.transaction(async () => {
    await client.query("SET LOCAL lock_timeout = '10s'; SET LOCAL client_min_messages = warning")
    // A table whose deferred triggers wait can't be altered: what this records of itself is chained at once.
    await client.query('SET CONSTRAINTS ALL IMMEDIATE')
    const run = async (statements: readonly string[]) => {
      for (const sql of statements) await client.query(sql)
    }
    await run([...dropped, ledgerTables])
    await run(await resetAudit(client, lab))
    await run(ledgerStatements)
    // A ledger's first entry says which one it is.
    const content: Setup = { ledger: before?.ledger || randomUUID(), prefix: lab.prefix, level }
    await append(client, [{ kind: 'setup', content: { ...content, mended } }])
    await run(recording)
    await recordState(client, lab.prefix)
  })
}

function truncateStatements(table: string): string[] {
  return [
    `DROP TRIGGER IF EXISTS ${truncateTrigger} ON ${table}`,
    `CREATE TRIGGER ${truncateTrigger} AFTER TRUNCATE ON ${table} FOR EACH STATEMENT EXECUTE FUNCTION almagest_audit.on_truncate()`,
    `ALTER TABLE ${table} ENABLE ALWAYS TRIGGER ${truncateTrigger}`,
  ]
}

/** Tables that are granted to the audited role, as the server writes their names, and whether foreign keys lead to them. */
async function auditedTables(client: Client, role: string): Promise<{ name: string; referred: boolean }[]> {
  const { rows } = await client.query<{ name: string; referred: boolean } & Row>(
    `SELECT c.oid::regclass::text AS name, EXISTS (SELECT FROM pg_constraint WHERE confrelid = c.oid) AS referred
     FROM pg_class c, aclexplode(relacl)
     WHERE grantee = to_regrole($1) AND privilege_type = 'SELECT' AND relkind IN ('r', 'p') ORDER BY 1`,
    [role],
  )
  return rows
}

/** For the whole server, as roles are the whole server's; ALTER SYSTEM runs in no transaction. */
async function setPgaudit(client: Client, prefix: string): Promise<void> {
  const { rows } = await client.query<{ name: string; value: string } & Row>(
    "SELECT name, coalesce(reset_val, '') AS value FROM pg_settings WHERE name LIKE 'pgaudit.%'",
  )
  const found = new Map(rows.map(({ name, value }) => [name, value]))
  const differing = Object.entries(pgauditSettings(prefix)).filter(
    ([name, value]) => found.get(name) !== value,
  )
  for (const [name, value] of differing)
    await client.query(`ALTER SYSTEM SET ${quoteQualified(name)} = ${quoteLiteral(value)}`)
  if (differing.length === 0) return
  await client.query('SELECT pg_reload_conf()')
  // The postmaster tells the sessions a moment later.
  for (let i = 0; i < 100; i++) {
    const now = await client.query<{ log: string }>("SELECT current_setting('pgaudit.role') AS log")
    if (now.rows[0]!.log === auditRoles(prefix).audited) return
    await client.query('SELECT pg_sleep(0.05)')
  }
}
