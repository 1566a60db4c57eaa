// Dividing a table into partitions, in another way, or not any more: made anew with all its rows in one transaction.
import { AlmagestError } from '../../model/index.ts'
import { objectOf } from '../fingerprint/fact.ts'
import { quoteIdentifier, shortName } from '../identifiers.ts'
import { createSteps } from './add-table.ts'
import type { Change, FindChanges, Step } from './change.ts'
import { commentSql } from './comment.ts'
import { type Delta, ofKind, parentTable, partitionFacts } from './delta.ts'
import { ownedBy } from './sequence.ts'

export const rebuildTable: FindChanges = (delta) =>
  [...delta.rebuilt]
    .filter((table) => delta.from[`table ${table}`] && delta.to[`table ${table}`])
    .filter((table) => parentTable(delta.from[`table ${table}`]) === undefined)
    .map((table) => rebuild(delta, table))

function rebuild(delta: Delta, table: string): Change {
  const { from, to } = delta
  refuseOtherChanges(delta, table)
  const aside = shortName(`almagest_moving_${table}`)
  const partsOf = (facts: Delta['from']) => partitionFacts(facts, table).map(({ of }) => of)
  const sequences = ofKind(to, 'owner column of sequence').filter(
    (fact) => ownedBy(fact).table === table && from[objectOf(fact)],
  )
  const columns = ofKind(to, 'column').filter(({ of }) => of === table)
  const list = columns.map(({ name }) => quoteIdentifier(name!)).join(', ')
  const step = (phase: number, sql: string): Step => ({ stage: 'change', phase, sql })
  const comments = ofKind(to, 'comment on table')
    .concat(ofKind(to, 'comment on column'))
    .filter(({ of }) => of === table)
  const made = [table, ...partsOf(to)].flatMap((each) => createSteps(delta, to[`table ${each}`]!))
  return {
    kind: 'rebuild-table',
    object: `table ${table}`,
    steps: [
      step(33, `CREATE SCHEMA ${quoteIdentifier(aside)}`),
      ...sequences.map(({ of }) => step(34, `ALTER SEQUENCE ${quoteIdentifier(of)} OWNED BY NONE`)),
      ...[table, ...partsOf(from)].map((each) =>
        step(35, `ALTER TABLE ${quoteIdentifier(each)} SET SCHEMA ${quoteIdentifier(aside)}`),
      ),
      ...made,
      step(
        46,
        `INSERT INTO ${quoteIdentifier(table)} (${list}) SELECT ${list} FROM ${quoteIdentifier(aside, table)}`,
      ),
      ...sequences.map(({ of, definition }) =>
        step(47, `ALTER SEQUENCE ${quoteIdentifier(of)} OWNED BY ${definition}`),
      ),
      step(48, `DROP TABLE ${quoteIdentifier(aside, table)}`),
      step(49, `DROP SCHEMA ${quoteIdentifier(aside)}`),
      ...comments.map((fact) => step(89, commentSql(fact))),
    ],
    lock: 'ACCESS EXCLUSIVE',
    tables: [table],
    work: 'rewrite',
    hazards: [
      `writes ${table} and its indexes anew while nobody can read it, and needs the space for both meanwhile`,
    ],
  }
}

/** Columns that come, go or change their type meanwhile would have no way back: that is a plan of its own. */
function refuseOtherChanges(delta: Delta, table: string): void {
  const columns = [
    ...delta.added('column'),
    ...delta.removed('column'),
    ...delta.changed('column').map(({ after }) => after),
  ]
  const [first] = columns.filter(({ of }) => of === table)
  if (!first) return
  throw new AlmagestError(
    'PLAN_UNSUPPORTED',
    'usage',
    `${table} is to be divided in another way, and ${objectOf(first)} comes, goes or changes its type in the same plan`,
    'Make two migrations of it: declare one of the two first.',
  )
}
