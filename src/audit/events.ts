// What the ledger holds, for people: the latest entries that fit.
import type { Client, Row } from '../postgres/index.ts'
import { needSetup } from './ledger.ts'

export interface EventFilter {
  readonly kind?: string
  readonly user?: string
  /** A part of the object's name. */
  readonly object?: string
  /** A date or a time that PostgreSQL reads. */
  readonly since?: string
  readonly limit: number
}

export interface AuditEvent {
  readonly seq: bigint
  readonly time: Date
  readonly kind: string
  readonly source: string | null
  readonly user: string | null
  readonly command: string | null
  readonly object: string | null
  readonly statement: string | null
  readonly before: string | null
  readonly after: string | null
}

/**
 * The latest entries that fit the filter, in their order.
 * @throws AlmagestError `AUDIT_NOT_APPLIED`
 */
export async function auditEvents(client: Client, filter: EventFilter): Promise<AuditEvent[]> {
  await needSetup(client)
  const { kind = null, user = null, object = null, since = null, limit } = filter
  const { rows } = await client.query<AuditEvent & Row>(
    `SELECT * FROM (SELECT seq, "time", kind, source, "user", coalesce(command, type) AS command, object, statement, "before", "after" FROM almagest_audit.event
       WHERE ($1::text IS NULL OR kind = $1) AND ($2::text IS NULL OR "user" = $2) AND ($3::text IS NULL OR strpos(object, $3) > 0)
         AND ($4::timestamptz IS NULL OR "time" >= $4) ORDER BY seq DESC LIMIT $5) latest ORDER BY seq`,
    [kind, user, object, since, limit],
  )
  return rows
}
