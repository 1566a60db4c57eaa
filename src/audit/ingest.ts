// What the ledger takes over from outside the database's own triggers: the log, and what changed on the server.
import type { Client } from '../postgres/index.ts'
import { needsSuperuser } from './errors.ts'
import { needSetup } from './ledger.ts'
import { type LogTotals, readLogs } from './log-files.ts'
import { recordState } from './state.ts'

export interface Ingested {
  readonly log: LogTotals | null
  /** Facts about roles, settings and tables that changed since the last time. */
  readonly changes: number
}

/**
 * Reads the log from where the last reading ended, and compares roles, settings and connection rules with the
 * snapshot that the ledger holds.
 * @throws AlmagestError `AUDIT_NOT_APPLIED`, `AUDIT_NEEDS_SUPERUSER`
 */
export async function ingestAudit(client: Client): Promise<Ingested> {
  const { database, superuser, logged } = await standingOf(client)
  if (!superuser) throw needsSuperuser()
  const { prefix } = await needSetup(client)
  const log = logged ? await readLogs(client, database) : null
  const changes = await client.transaction(async () => {
    await client.query('LOCK TABLE almagest_audit.inbox IN SHARE UPDATE EXCLUSIVE MODE')
    return await recordState(client, prefix)
  })
  return { log, changes }
}

export async function standingOf(client: Client) {
  const { rows } = await client.query<{
    database: string
    superuser: boolean
    version: number
    /** Whether the server keeps its log as JSON. */
    logged: boolean
    loaded: boolean
    available: boolean
    collector: string
    destination: string
  }>(`SELECT current_database()::text AS database, (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) AS superuser,
      current_setting('server_version_num')::int / 10000 AS version,
      current_setting('logging_collector') = 'on' AND current_setting('log_destination') ~ '\\mjsonlog\\M' AS logged,
      EXISTS (SELECT FROM pg_settings WHERE name = 'pgaudit.log_rows') AS loaded,
      EXISTS (SELECT FROM pg_available_extensions WHERE name = 'pgaudit') AS available,
      current_setting('logging_collector') AS collector, current_setting('log_destination') AS destination`)
  return rows[0]!
}
