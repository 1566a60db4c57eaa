// The ledger as the other files use it: whether it is there, what it belongs to, appending to it.
import type { Client, Row } from '../postgres/index.ts'
import { notApplied } from './errors.ts'

/** How much is recorded: with pgAudit reads too; without it definitions, roles and settings. */
export type Level = 'pgaudit' | 'without reads'

/** What the ledger says of itself, from its latest entry of the kind `setup`. */
export interface Setup {
  readonly ledger: string
  /** What the names of the laboratory's roles begin with. */
  readonly prefix: string
  readonly level: Level
}

export interface NewEntry {
  readonly kind: string
  readonly content: Readonly<Record<string, unknown>>
}

/** @returns the setup, or undefined when the database has no ledger */
export async function findSetup(client: Client): Promise<Setup | undefined> {
  const there = await client.query<{ there: boolean }>(
    "SELECT to_regclass('almagest_audit.entry') IS NOT NULL AS there",
  )
  if (!there.rows[0]!.there) return undefined
  const { rows } = await client.query<{ content: string } & Row>(
    "SELECT content FROM almagest_audit.entry WHERE kind = 'setup' ORDER BY seq DESC LIMIT 1",
  )
  // The entry may have been removed, or be no JSON any more: `verify` is to tell that, not to stumble over it.
  try {
    return rows[0] ? (JSON.parse(rows[0].content) as Setup) : silent
  } catch {
    return silent
  }
}

/** Of a ledger that says nothing of itself. */
const silent: Setup = { ledger: '', prefix: '', level: 'without reads' }

/** @throws AlmagestError `AUDIT_NOT_APPLIED` */
export async function needSetup(client: Client): Promise<Setup> {
  const setup = await findSetup(client)
  if (!setup) throw notApplied()
  return setup
}

/** Appends in the transaction that is open, or in one of its own. */
export async function append(client: Client, entries: readonly NewEntry[]): Promise<void> {
  if (entries.length === 0) return
  await client.query('SELECT almagest_audit.append($1, $2)', [
    entries.map(({ kind }) => kind),
    // What PostgreSQL's text cannot hold is told as what it is.
    entries.map(({ content }) => JSON.stringify(content).replaceAll('\\u0000', '\\u2400')),
  ])
}
