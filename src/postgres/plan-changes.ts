// From one fingerprint to another: renames as declared, then every other change, in an order that works.
import { AlmagestError } from '../model/index.ts'
import { comparisonSchema, declaredFacts } from './apply.ts'
import { type Change, type Stage, type Step, stages } from './changes/change.ts'
import { Delta } from './changes/delta.ts'
import { findChanges } from './changes/kinds.ts'
import { renameEqual } from './changes/rename-equal.ts'
import type { Client } from './connection.ts'
import { objectOf } from './fingerprint/fact.ts'
import type { Fingerprint } from './fingerprint/fingerprint.ts'
import { quoteIdentifier } from './identifiers.ts'
import { inspectSchema } from './inspect.ts'
import { pendingRenames, type Renames, renameChanges } from './renames.ts'

export interface PlannedChanges {
  /** In the order in which they are done: tables, columns, then what is alike but for its name. */
  readonly renames: readonly Change[]
  /** Everything else. */
  readonly changes: readonly Change[]
  /** The schema between the two: renamed, and else as it was. */
  readonly renamed: Fingerprint
}

/**
 * The changes that bring a schema from one state to another, as far as declarations speak of it. What a rename
 * does to the texts of constraints and indexes is found out on an empty copy of the schema.
 * @param client  in a transaction: the copy is rolled back
 * @throws AlmagestError `PLAN_UNSUPPORTED` for a difference that no kind of change covers
 */
export async function planChanges(
  client: Client,
  fromAll: Fingerprint,
  toAll: Fingerprint,
  renames: Renames,
): Promise<PlannedChanges> {
  const from = declaredFacts(fromAll)
  const to = declaredFacts(toAll)
  const declared = renameChanges(pendingRenames(from, to, renames))
  const renamed = declared.length ? await onCopy(client, from, declared) : from
  const alike: Change[] = []
  let ready = renamed
  // What hangs on a partition is alike only when that has its new name.
  for (
    let found = renameEqual(new Delta(ready, to));
    found.length > 0;
    found = renameEqual(new Delta(ready, to))
  ) {
    alike.push(...found)
    ready = await onCopy(client, from, [...declared, ...alike])
  }
  const delta = new Delta(ready, to, undefined, renames.backfills)
  refuseUnsupported(delta)
  refuseUnkept(delta, fromAll)
  return { renames: [...declared, ...alike], changes: findChanges(delta), renamed: ready }
}

/** The way back from where the changes led: undone first what was done last, so that all names agree. */
export function changesBack(reached: Fingerprint, { renames, renamed }: PlannedChanges): Change[] {
  const delta = new Delta(declaredFacts(reached), renamed)
  refuseUnsupported(delta)
  refuseUnkept(delta, reached)
  const undone = renames.map((each) => each.inverse!()).reverse()
  const last = undone.map((change, i) => ({
    ...change,
    steps: change.steps.map((step) => ({ ...step, stage: 'publish' as const, phase: 900 + i / 100 })),
  }))
  return [...findChanges(delta), ...last]
}

/** All steps in the order in which they run. */
export function orderedSteps(changes: readonly Change[]): Step[] {
  const order = (step: Step) => stages.indexOf(step.stage) * 1000 + step.phase
  return changes.flatMap(({ steps }) => steps).sort((a, b) => order(a) - order(b))
}

/** The statements that make all changes in one transaction. */
export function atomicSql(changes: readonly Change[]): string[] {
  return orderedSteps(changes).flatMap(({ sql, atomic }) => (atomic === null ? [] : [atomic ?? sql]))
}

/** The statements of one stage, for making the changes beside other work. */
export function stageSql(changes: readonly Change[], stage: Stage): string[] {
  return orderedSteps(changes)
    .filter((step) => step.stage === stage)
    .map(({ sql }) => sql)
}

/** The fingerprint of an empty copy of a schema after some changes. */
async function onCopy(client: Client, from: Fingerprint, changes: readonly Change[]): Promise<Fingerprint> {
  const schema = comparisonSchema('copy')
  const quoted = quoteIdentifier(schema)
  await client.query(`SAVEPOINT copy; CREATE SCHEMA ${quoted}; SET LOCAL search_path TO ${quoted}, pg_temp`)
  for (const sql of atomicSql([...findChanges(new Delta({}, from, comparisonSchema))]))
    await client.query(sql)
  for (const sql of atomicSql(changes)) await client.query(sql)
  const inspected = await inspectSchema(client, schema)
  await client.query('ROLLBACK TO SAVEPOINT copy')
  return declaredFacts(inspected)
}

function refuseUnsupported(delta: Delta): void {
  const kept = ['table', 'sequence', 'owner column of sequence']
    .flatMap((kind) => delta.changed(kind))
    .filter(({ after }) => !(after.kind === 'table' && delta.rebuilt.has(after.of)))
  const columns = delta
    .changed('column')
    .filter(({ before, after }) => / GENERATED /.test(before.definition + after.definition))
  const [first] = [...kept, ...columns]
  if (!first) return
  throw new AlmagestError(
    'PLAN_UNSUPPORTED',
    'usage',
    `${objectOf(first.after)} should become "${first.after.definition}" and is "${first.before.definition}": no kind of change does that`,
    'Write this step by hand: `almagest migrate new NAME --sql`.',
  )
}

/** A table that is made anew would lose what no declaration speaks of: rights, policies, triggers, tuning. */
function refuseUnkept({ rebuilt }: Delta, all: Fingerprint): void {
  const declared = declaredFacts(all)
  const lost = Object.entries(all).filter(
    ([object, { of }]) =>
      !declared[object] && [...rebuilt].some((table) => of === table || of.startsWith(`${table}.`)),
  )
  if (lost.length === 0) return
  const names = lost.map(([object]) => object).join(', ')
  throw new AlmagestError(
    'PLAN_UNSUPPORTED',
    'usage',
    `${[...rebuilt][0]} is to be made anew, which would lose what no declaration speaks of: ${names}`,
    'Take these away by a hand-written step before, and give them again by one after: `almagest migrate new NAME --sql`.',
  )
}
