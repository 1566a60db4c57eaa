// The migration ledger: what was run on this database, when, by whom, and how it ended.
import type { Client, Row } from '../connection.ts'
import type { Migration } from './folder.ts'

export type Way = 'up' | 'down'

export interface LedgerEntry {
  readonly number: string
  readonly name: string
  /** `adopt`: the database was found in this state. */
  readonly action: Way | 'adopt'
  /** `running` is left behind by a run that was cut off outside a transaction. */
  readonly state: 'running' | 'done' | 'failed'
  readonly manifest: string
  readonly startedAt: Date
  readonly by: string
  readonly backup: string | null
}

const ledgerDdl = `
CREATE TABLE IF NOT EXISTS almagest.migration (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  survey text NOT NULL,
  number text NOT NULL,
  name text NOT NULL,
  action text NOT NULL CHECK (action IN ('up', 'down', 'adopt')),
  state text NOT NULL CHECK (state IN ('running', 'done', 'failed')),
  manifest text NOT NULL,
  backup text,
  started_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  finished_at timestamptz,
  run_by text NOT NULL DEFAULT session_user
);
COMMENT ON TABLE almagest.migration IS 'Every migration run, in the order of id; a transactional one is written in its own transaction'`

export async function ensureMigrationLedger(client: Client): Promise<void> {
  const { rows } = await client.query("SELECT to_regclass('almagest.migration') IS NOT NULL AS there")
  if (rows[0]?.there) return
  await client.transaction(async () => {
    await client.query("SELECT pg_advisory_xact_lock(hashtextextended('almagest register', 0))")
    await client.query(ledgerDdl)
  })
}

/** All entries of a survey, oldest first; none when nothing was ever migrated here. */
export async function readMigrationLedger(client: Client, survey: string): Promise<LedgerEntry[]> {
  const there = await client.query("SELECT to_regclass('almagest.migration') IS NOT NULL AS there")
  if (!there.rows[0]?.there) return []
  const { rows } = await client.query<LedgerEntry & Row>(
    `SELECT number, name, action, state, manifest, started_at AS "startedAt", run_by AS by, backup
     FROM almagest.migration WHERE survey = $1 ORDER BY id`,
    [survey],
  )
  return rows
}

/** The migrations that are in force: done upwards, or adopted, and not undone since. */
export function inForce(entries: readonly LedgerEntry[]): LedgerEntry[] {
  const stack: LedgerEntry[] = []
  for (const entry of entries) {
    if (entry.state !== 'done') continue
    if (entry.action === 'down') stack.pop()
    else stack.push(entry)
  }
  return stack
}

export async function writeEntry(
  client: Client,
  migration: Migration,
  action: LedgerEntry['action'],
  state: LedgerEntry['state'],
  backup: string | null = null,
): Promise<void> {
  await client.query(
    `INSERT INTO almagest.migration (survey, number, name, action, state, manifest, backup, finished_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, CASE WHEN $5 <> 'running' THEN clock_timestamp() END)`,
    [migration.survey, migration.number, migration.name, action, state, migration.digest, backup],
  )
}

/** Closes the entry that a step outside a transaction opened. */
export async function closeRunning(client: Client, survey: string, state: 'done' | 'failed'): Promise<void> {
  await client.query(
    `UPDATE almagest.migration SET state = $2, finished_at = clock_timestamp() WHERE survey = $1 AND state = 'running'`,
    [survey, state],
  )
}
