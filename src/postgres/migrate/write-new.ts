// New migrations: from the state that the last one leaves to what the survey declares, or an empty one to fill.
import type { Survey } from '../../model/index.ts'
import { AlmagestError } from '../../model/index.ts'
import { declaredFacts, declaredFingerprint } from '../apply.ts'
import { type Change, type KeptPlace, type Stage, type Step, stages } from '../changes/change.ts'
import { Delta } from '../changes/delta.ts'
import { keptSchema } from '../changes/kept.ts'
import { findChanges } from '../changes/kinds.ts'
import type { Client } from '../connection.ts'
import { type Fingerprint, fingerprintHash } from '../fingerprint/fingerprint.ts'
import { quoteIdentifier } from '../identifiers.ts'
import { inspectSchema } from '../inspect.ts'
import {
  atomicSql,
  changesBack,
  orderedSteps,
  type PlannedChanges,
  planChanges,
  stageSql,
} from '../plan-changes.ts'
import { declaredRenames } from '../renames.ts'
import { usualBatch } from './backfill.ts'
import { onlyIn, whoWaits, whoWaitsBack } from './blocking.ts'
import { type Migration, nextNumber, readMigrations, writeMigration } from './folder.ts'
import { createPlace, dropPlace, keeping, keepsData, losses, restoring } from './keeping.ts'
import { statedRights } from './rights.ts'
import { migrateTo } from './run.ts'
import { type ChooseSky, withScratchDatabase } from './scratch-database.ts'
import { nothing, runSql } from './step.ts'

const namePattern = /^[a-z0-9_]{1,40}$/

/**
 * Writes the migrations that lead from the folder's last state to the declaration: one for what a transaction
 * takes, one for each index built concurrently, others for what must wait for those.
 * @returns the migrations written; none when nothing is to change
 */
export async function writeNewMigrations(
  connectionUrl: string,
  choose: ChooseSky,
  survey: Survey,
  folder: string,
  name: string,
): Promise<Migration[]> {
  refuseName(name)
  return withScratchDatabase(connectionUrl, choose, async (client, sky) => {
    await migrateTo(client, survey, sky, folder, 'last', { verifiedBackup: 'scratch' })
    const from = await inspectSchema(client, survey.schema)
    const planned = await client.transaction(async () => {
      const to = await declaredFingerprint(client, survey, sky)
      return planChanges(client, from, to, declaredRenames(survey))
    })
    return writeStages(client, survey, folder, name, from, planned)
  })
}

async function writeStages(
  client: Client,
  survey: Survey,
  folder: string,
  name: string,
  from: Fingerprint,
  planned: PlannedChanges,
): Promise<Migration[]> {
  const written: Migration[] = []
  let before = from
  const first = nextNumber(readMigrations(folder))
  const place: KeptPlace = { schema: keptSchema(survey.schema, first), from: survey.schema }
  const changes = [...planned.renames, ...keeping(planned.changes, place)]
  const parts = partsOf(changes, name)
  for (const [i, part] of parts.entries()) {
    const isNew = i === 0 && fingerprintHash(from) === nothing
    const keeps = i === 0 && keepsData(planned.changes)
    const upSql = script([
      ...(isNew ? [`CREATE SCHEMA ${quoteIdentifier(survey.schema)}`] : []),
      ...(keeps ? [createPlace(place)] : []),
      ...part.statements,
    ])
    if (part.transactional) await client.transaction(() => runSql(client, survey.schema, upSql, true))
    else await runSql(client, survey.schema, upSql, false)
    const after = await inspectSchema(client, survey.schema)
    const back = i === 0 ? changesBack(after, planned) : changesBetween(after, before)
    const restored = i === 0 ? restoring(back, planned.changes, place) : back
    const downSql = part.transactional
      ? script([
          ...atomicSql(restored),
          ...(keeps ? [dropPlace(place)] : []),
          ...(isNew ? [`DROP SCHEMA ${quoteIdentifier(survey.schema)}`] : []),
        ])
      : script([part.undo!])
    const migrations = readMigrations(folder)
    written.push(
      writeMigration(folder, {
        number: nextNumber(migrations),
        name: part.name,
        survey: survey.name,
        schema: survey.schema,
        transactional: part.transactional,
        previous: migrations.at(-1)?.digest ?? null,
        after: fingerprintHash(after),
        rights: statedRights(after),
        blocks: {
          up: part.transactional ? whoWaits(changes.filter((each) => onlyIn(each, part.stage))) : [],
          down: part.transactional ? whoWaitsBack(restored, i === 0 ? planned.changes : []) : [],
        },
        irreversible: {
          up: i === 0 ? losses(planned.changes) : [],
          down: i === 0 ? lossesBack(restored, planned.changes) : [],
        },
        ...(part.batches
          ? { backfill: { table: part.batches.table, key: part.batches.key, batch: usualBatch } }
          : {}),
        hazards: i === 0 ? [...new Set(changes.flatMap(({ hazards }) => hazards))] : [],
        upSql,
        downSql,
      }),
    )
    before = after
  }
  return written
}

/** What going down loses: whatever was written since into what going up had added. */
function lossesBack(back: readonly Change[], forward: readonly Change[]): string[] {
  const kept = new Set(forward.filter(({ keep }) => keep).map(({ object }) => object))
  return back.flatMap(({ loses, object }) => (loses !== undefined && !kept.has(object) ? [loses] : []))
}

function changesBetween(from: Fingerprint, to: Fingerprint): Change[] {
  return findChanges(new Delta(declaredFacts(from), declaredFacts(to)))
}

interface Part {
  readonly stage: Stage
  readonly name: string
  readonly transactional: boolean
  readonly statements: readonly string[]
  readonly batches?: Step['batches']
  /** For a part outside any transaction. */
  readonly undo?: string
}

function partsOf(changes: readonly Change[], name: string): Part[] {
  const parts = stages.flatMap((stage): Part[] => {
    const statements = stageSql(changes, stage)
    if (statements.length === 0) return []
    const suffix = stage.replace(' ', '_')
    if (stage === 'backfill' || stage === 'index')
      return orderedSteps(changes)
        .filter((step) => step.stage === stage)
        .map(({ sql, batches, undo }, i) => ({
          stage,
          name: `${name}_${stage}_${i + 1}`,
          transactional: false,
          statements: [sql],
          undo: undo!,
          ...(batches ? { batches } : {}),
        }))
    return [{ stage, name: stage === 'change' ? name : `${name}_${suffix}`, transactional: true, statements }]
  })
  // The first part carries the way back of all renames and losses, so it is there whenever any part is.
  const [first] = parts
  if (!first || (first.transactional && first.name === name)) return parts
  return [{ stage: 'change', name, transactional: true, statements: ['SELECT'] }, ...parts]
}

function script(statements: readonly string[]): string {
  return statements.map((each) => `${each};\n`).join('')
}

/** Writes a migration to be filled by hand, and then sealed. */
export function writeEmptyMigration(
  survey: Survey,
  folder: string,
  name: string,
  transactional = true,
): Migration {
  refuseName(name)
  const migrations = readMigrations(folder)
  const head = (way: string) =>
    `-- ${way}: runs ${transactional ? 'in a transaction' : 'as one statement outside any transaction'}, with the search path at the schema ${survey.schema}.\n`
  return writeMigration(folder, {
    number: nextNumber(migrations),
    name,
    survey: survey.name,
    schema: survey.schema,
    transactional,
    previous: migrations.at(-1)?.digest ?? null,
    after: null,
    rights: {},
    irreversible: { up: [], down: [] },
    hazards: [],
    blocks: { up: [], down: [] },
    upSql: head('up'),
    downSql: head('down'),
  })
}

function refuseName(name: string): void {
  if (namePattern.test(name)) return
  throw new AlmagestError(
    'MIGRATION_NAME',
    'usage',
    `"${name}" cannot be part of a migration's file name`,
    'Use up to 40 lower-case letters, digits and underscores.',
    { value: name },
  )
}
