// One migration run in one direction, checked before and after, with its ledger entry.
import { AlmagestError, type Survey } from '../../model/index.ts'
import type { Client } from '../connection.ts'
import { recordedFingerprint, recordFingerprint } from '../drift.ts'
import { type Fingerprint, fingerprintHash } from '../fingerprint/fingerprint.ts'
import { quoteIdentifier } from '../identifiers.ts'
import { differences, inspectSchema } from '../inspect.ts'
import { recordDeployment } from '../register.ts'
import { translateServerError } from '../server-errors.ts'
import { runBackfill } from './backfill.ts'
import { type Migration, stemOf } from './folder.ts'
import { type Patience, patientTransaction } from './guard.ts'
import { closeRunning, type Way, writeEntry } from './ledger.ts'
import { keepRights, missingRights } from './rights.ts'

/** What a step needs to know besides its migration. */
export interface Target {
  readonly survey: Survey
  readonly skyIndex: string
  readonly patience: Patience
  /** The backup that was checked: its folder goes into the ledger. */
  readonly backup: string | null
}

/** Hash of the fingerprint of a schema that is not there. */
export const nothing = fingerprintHash({})

/** What a step must lead to, or comes from. */
export type State = Pick<Migration, 'after' | 'rights'>

/** The schema that is not there. */
export const nowhere: State = { after: nothing, rights: {} }

/**
 * Runs one migration. A transactional one leaves nothing behind when it fails; another one is completed or taken
 * back by the next command.
 * @param from  the state that it starts from, to where `to` must be reached
 */
export async function runStep(
  client: Client,
  target: Target,
  migration: Migration,
  way: Way,
  from: State,
  to: State,
): Promise<void> {
  const { survey, patience } = target
  const backup = migration.irreversible[way].length > 0 ? target.backup : null
  const sql = way === 'up' ? migration.upSql : migration.downSql
  try {
    if (migration.transactional) {
      refuseTransactionWords(migration, way, sql)
      await patientTransaction(client, patience, async () => {
        const before = await inspectSchema(client, survey.schema)
        await runSql(client, survey.schema, sql, true)
        const withdrawn = (object: string) => from.rights[object] !== to.rights[object]
        const reached = await keepRights(client, survey.schema, before, withdrawn)
        await finish(client, target, migration, way, to, reached)
        await writeEntry(client, migration, way, 'done', backup)
      })
    } else {
      await writeEntry(client, migration, way, 'running', backup)
      await client.query(`SET statement_timeout = ${patience.statementTimeout}`)
      if (migration.backfill) await runBackfill(client, survey, migration, way, patience)
      else await runSql(client, survey.schema, sql, false)
      await client.transaction(async () => {
        await finish(client, target, migration, way, to, await inspectSchema(client, survey.schema))
        await closeRunning(client, survey.name, 'done')
      })
    }
  } catch (error) {
    throw failed(migration, way, error)
  }
}

/** Runs a file's SQL with the schema's own names in reach. */
export async function runSql(client: Client, schema: string, sql: string, local: boolean): Promise<void> {
  const path = `SET ${local ? 'LOCAL ' : ''}search_path TO ${quoteIdentifier(schema)}, pg_temp`
  await client.query(path)
  try {
    await client.query(sql)
  } finally {
    if (!local) await client.query('RESET search_path').catch(() => {})
  }
  // Nothing after the file may find other objects than before it.
  if (local) await client.query('SET LOCAL search_path TO DEFAULT')
}

async function finish(
  client: Client,
  target: Target,
  migration: Migration,
  way: Way,
  to: State,
  reached: Fingerprint,
): Promise<void> {
  const { survey, skyIndex } = target
  const hash = fingerprintHash(reached)
  if (hash !== to.after) throw otherResult(migration, way, hash, to.after!)
  const missing = missingRights(to.rights, reached)
  if (missing.length > 0) throw rightsMissing(migration, way, missing)
  await recordState(client, survey, skyIndex, reached, hash)
}

/** Records where the schema stands now; a schema that is gone is forgotten. */
export async function recordState(
  client: Client,
  survey: Survey,
  skyIndex: string,
  facts: Fingerprint,
  hash: string,
): Promise<void> {
  if (hash === nothing) {
    await client.query('DELETE FROM almagest.survey WHERE name = $1', [survey.name])
    return
  }
  await recordDeployment(client, survey, skyIndex, 'work')
  await recordFingerprint(client, survey, facts)
}

/** @throws AlmagestError `DRIFT` when the schema is not as it was left */
export async function refuseDrift(client: Client, survey: Survey): Promise<void> {
  const recorded = await recordedFingerprint(client, survey)
  if (!recorded) return
  const drift = differences(recorded.facts, await inspectSchema(client, survey.schema))
  if (drift.length === 0) return
  throw new AlmagestError(
    'DRIFT',
    'check',
    `the schema "${survey.schema}" was changed in ${drift.length} ${drift.length === 1 ? 'way' : 'ways'} since Almagest last made it: ${drift.map(({ object }) => object).join(', ')}`,
    'See `almagest drift`; undo these changes, or take them for right with `almagest drift --accept`. Nothing was migrated.',
  )
}

/** Statement starts that would end the step's own transaction. */
const transactionWords = /^\s*(BEGIN|START TRANSACTION|COMMIT|ROLLBACK|ABORT)(\s+(WORK|TRANSACTION))?\s*;/im

/** @throws AlmagestError `MIGRATION_TRANSACTION` when a file would end the transaction that it runs in */
export function refuseTransactionWords(migration: Migration, way: Way, sql: string): void {
  const word = transactionWords.exec(sql)?.[1]
  if (!word) return
  throw new AlmagestError(
    'MIGRATION_TRANSACTION',
    'usage',
    `${stemOf(migration)}.${way}.sql holds ${word}, and the step runs in a transaction of its own`,
    'Leave it out; for a statement that no transaction takes, set "transactional" to false in the manifest and seal it.',
  )
}

function otherResult(migration: Migration, way: Way, found: string, expected: string): AlmagestError {
  return new AlmagestError(
    'MIGRATION_RESULT',
    'check',
    `${stemOf(migration)} ${way} led to the fingerprint ${found.slice(0, 12)}…, expected was ${expected.slice(0, 12)}…`,
    'This server understands the files differently (another version or sky index), or they were never proved: run `almagest migrate prove`.',
  )
}

function rightsMissing(migration: Migration, way: Way, missing: readonly string[]): AlmagestError {
  return new AlmagestError(
    'MIGRATION_RESULT',
    'check',
    `${stemOf(migration)} ${way} led to a schema without rights that its manifest states: ${missing.join(', ')}`,
    'Somebody took them away on this database: give them again, then run the command again.',
  )
}

function failed(migration: Migration, way: Way, error: unknown): AlmagestError {
  const fault = translateServerError(error)
  const state = migration.transactional
    ? 'The step was rolled back: the database is as it was before it.'
    : 'The step ran outside a transaction: the next migrate command cleans up after it.'
  if (['MIGRATION_LOCKED', 'MIGRATION_TRANSACTION', 'MIGRATION_BACKFILL'].includes(fault.code)) return fault
  return new AlmagestError(
    fault.code === 'SERVER_ERROR' ? 'MIGRATION_FAILED' : fault.code,
    fault.kind,
    `${stemOf(migration)} ${way}: ${fault.message}`,
    `${state} ${fault.hint}`,
    fault.place,
    { cause: error },
  )
}
