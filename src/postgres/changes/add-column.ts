// Adding a column with its default and NOT NULL.

import { AlmagestError } from '../../model/index.ts'
import type { Fact } from '../fingerprint/fact.ts'
import type { Fingerprint } from '../fingerprint/fingerprint.ts'
import { quoteIdentifier } from '../identifiers.ts'
import type { Change, FindChanges, Step } from './change.ts'
import type { Delta } from './delta.ts'
import { keyOf } from './key-columns.ts'
import { demandSteps } from './set-not-null.ts'

export const addColumn: FindChanges = (delta) =>
  delta
    .added('column')
    .filter(({ of }) => !delta.isNewTable(of))
    .map((column) => addOne(delta, column))

function addOne(delta: Delta, column: Fact): Change {
  const { to } = delta
  const table = column.of
  const filling = delta.backfills.get(`${table}.${column.name}`)
  if (filling !== undefined) return addFilled(delta, column, filling)
  const fallback = to[`default of column ${table}.${column.name}`]?.definition
  const required = to[`not null of column ${table}.${column.name}`] !== undefined
  // A constant is stored once for all old rows; a function that gives another value each time is written to each.
  const rewrites = fallback !== undefined && /nextval|random|clock_timestamp/.test(fallback)
  return {
    kind: 'add-column',
    object: `column ${table}.${column.name}`,
    steps: [
      {
        stage: 'change',
        phase: 55,
        sql: `ALTER TABLE ${quoteIdentifier(table)} ADD COLUMN ${columnSql(to, column)}`,
      },
    ],
    lock: 'ACCESS EXCLUSIVE',
    tables: [table],
    work: rewrites ? 'rewrite' : 'none',
    hazards:
      required && fallback === undefined
        ? [`fails when ${table} has rows: the column is required and has no default`]
        : [],
  }
}

/** A column as CREATE TABLE and ADD COLUMN take it. */
export function columnSql(to: Fingerprint, { of, name, definition }: Fact): string {
  const fallback = to[`default of column ${of}.${name}`]?.definition
  const required = to[`not null of column ${of}.${name}`] !== undefined
  return `${quoteIdentifier(name!)} ${definition}${fallback === undefined ? '' : ` DEFAULT ${fallback}`}${required ? ' NOT NULL' : ''}`
}

/** A column that is filled from others for the rows that were there, in batches, and required only then. */
function addFilled(delta: Delta, column: Fact, filling: string): Change {
  const { of: table, name } = column
  const [quoted, target] = [quoteIdentifier(name!), quoteIdentifier(table)]
  const key = keyOf(delta.to, table)
  const lost = delta
    .removed('column')
    .find((each) => each.of === table && new RegExp(`(^|\\W)"?${each.name}"?($|\\W)`).test(filling))
  if (!key || lost) throw cannotFill(column, lost?.name)
  const required = delta.to[`not null of column ${table}.${name}`] !== undefined
  const fallback = delta.to[`default of column ${table}.${name}`]?.definition
  const fill: Step = {
    stage: 'backfill',
    phase: 10,
    sql: `UPDATE ${target} SET ${quoted} = (${filling}) WHERE ${quoted} IS NULL AND (${filling}) IS NOT NULL`,
    batches: { table, key },
    undo: `UPDATE ${target} SET ${quoted} = NULL WHERE ${quoted} IS NOT NULL AND ${quoted} IS NOT DISTINCT FROM (${filling})::${column.definition.replace(/ COLLATE .*/, '')}`,
  }
  const add = `ALTER TABLE ${target} ADD COLUMN ${quoted} ${column.definition}`
  const steps: Step[] = [
    { stage: 'change', phase: 55, sql: add },
    // A default at once would fill the rows that were there.
    ...(fallback === undefined
      ? []
      : [
          {
            stage: 'change' as const,
            phase: 56,
            sql: `ALTER TABLE ${target} ALTER COLUMN ${quoted} SET DEFAULT ${fallback}`,
          },
        ]),
    fill,
    ...(required ? demandSteps(table, name!) : []),
  ]
  return {
    kind: 'add-column',
    object: `column ${table}.${name}`,
    steps,
    lock: 'ACCESS EXCLUSIVE',
    tables: [table],
    work: 'backfill',
    hazards: [
      `fills ${name} in batches while others work; rows that somebody writes without it after their batch are filled in another round`,
      ...(required ? [`fails when a row of ${table} has no ${name} even then`] : []),
    ],
  }
}

function cannotFill({ of, name }: Fact, lost: string | undefined): AlmagestError {
  return new AlmagestError(
    'PLAN_UNSUPPORTED',
    'usage',
    lost === undefined
      ? `${of} has no primary key by whose order ${name} could be filled`
      : `${name} is filled from ${lost}, and ${lost} goes in the same plan`,
    lost === undefined
      ? 'Write this step by hand: `almagest migrate new NAME --sql`.'
      : `Keep ${lost} in the declaration for one migration more: first expand, then contract.`,
  )
}
