// After a run that was cut off outside a transaction: clean up, and find out which side of the step we are on.
import { AlmagestError } from '../../model/index.ts'
import type { Client } from '../connection.ts'
import { fingerprintHash } from '../fingerprint/fingerprint.ts'
import { quoteIdentifier } from '../identifiers.ts'
import { inspectSchema } from '../inspect.ts'
import { type Migration, stemOf } from './folder.ts'
import { closeRunning, type LedgerEntry, readMigrationLedger } from './ledger.ts'
import { nothing, recordState, type Target } from './step.ts'

/** @returns what was found and done, or undefined when no step was cut off */
export async function recover(
  client: Client,
  target: Target,
  migrations: readonly Migration[],
): Promise<string | undefined> {
  const { survey } = target
  const entry = (await readMigrationLedger(client, survey.name)).find(({ state }) => state === 'running')
  if (!entry) return undefined
  const at = migrations.findIndex(({ number }) => number === entry.number)
  const dropped = await dropInvalidIndexes(client, survey.schema)
  const facts = await inspectSchema(client, survey.schema)
  const hash = fingerprintHash(facts)
  const [before, after] = [migrations[at - 1]?.after ?? nothing, migrations[at]?.after]
  const filling = migrations[at]?.backfill !== undefined
  // A backfill changes no fact: only its end says that it is done, and it goes on where it stopped.
  const outcome = !filling && hash === (entry.action === 'up' ? after : before) ? 'done' : 'failed'
  if (hash !== before && hash !== after) throw between(entry, hash)
  await client.transaction(async () => {
    await recordState(client, survey, target.skyIndex, facts, hash)
    await closeRunning(client, survey.name, outcome)
  })
  const cleaned = dropped.length ? `, invalid indexes dropped: ${dropped.join(', ')}` : ''
  return `${stemOf(entry)} ${entry.action} had been cut off: ${outcome === 'done' ? 'it is done' : filling ? 'it goes on where it stopped' : 'it was taken back'}${cleaned}`
}

/** An interrupted CREATE or DROP INDEX CONCURRENTLY leaves an index that costs writes and serves nobody. */
async function dropInvalidIndexes(client: Client, schema: string): Promise<string[]> {
  const { rows } = await client.query<{ name: string }>(
    `SELECT relname::text AS name FROM pg_index JOIN pg_class c ON c.oid = indexrelid
     JOIN pg_namespace n ON n.oid = relnamespace WHERE nspname = $1 AND NOT indisvalid AND relkind = 'i' ORDER BY 1`,
    [schema],
  )
  for (const { name } of rows) await client.query(`DROP INDEX CONCURRENTLY ${quoteIdentifier(schema, name)}`)
  return rows.map(({ name }) => name)
}

function between(entry: LedgerEntry, hash: string): AlmagestError {
  return new AlmagestError(
    'MIGRATION_INTERRUPTED',
    'check',
    `${stemOf(entry)} ${entry.action} was cut off, and the schema (${hash.slice(0, 12)}…) is as it was neither before it nor after it`,
    'Somebody else changed it meanwhile: see `almagest drift` and undo what is not of the migration.',
  )
}
