// Making a column required, or not: by a check that is validated first, so that no scan holds a strong lock.
import { quoteIdentifier } from '../identifiers.ts'
import type { Change, FindChanges, Step } from './change.ts'

export const setNotNull: FindChanges = (delta) => [
  ...delta
    .added('not null of column')
    .filter(({ of, name }) => !delta.isNewTable(of) && !delta.isNewColumn(of, name!))
    .map(({ of, name }) => demand(of, name!)),
  ...delta
    .removed('not null of column')
    .filter(({ of, name }) => !delta.isGoneTable(of) && !delta.isGoneColumn(of, name!))
    .map(({ of, name }) => release(of, name!)),
]

/** A check that is not valid yet, its validation, and NOT NULL, for which the server sees the valid check and scans nothing. */
export function demandSteps(table: string, column: string): Step[] {
  const alter = `ALTER TABLE ${quoteIdentifier(table)}`
  const set = `${alter} ALTER COLUMN ${quoteIdentifier(column)} SET NOT NULL`
  const check = quoteIdentifier(`almagest_${column}`.slice(0, 63))
  return [
    {
      stage: 'change',
      phase: 71,
      sql: `${alter} ADD CONSTRAINT ${check} CHECK (${quoteIdentifier(column)} IS NOT NULL) NOT VALID`,
      atomic: null,
    },
    { stage: 'validate', phase: 10, sql: `${alter} VALIDATE CONSTRAINT ${check}`, atomic: null },
    { stage: 'validate', phase: 20, sql: set },
    { stage: 'validate', phase: 21, sql: `${alter} DROP CONSTRAINT ${check}`, atomic: null },
  ]
}

function demand(table: string, column: string): Change {
  return {
    kind: 'set-not-null',
    object: `not null of column ${table}.${column}`,
    steps: demandSteps(table, column),
    lock: 'ACCESS EXCLUSIVE',
    tables: [table],
    work: 'scan',
    hazards: [`fails when a row of ${table} has no ${column}`],
  }
}

function release(table: string, column: string): Change {
  const sql = `ALTER TABLE ${quoteIdentifier(table)} ALTER COLUMN ${quoteIdentifier(column)} DROP NOT NULL`
  return {
    kind: 'set-not-null',
    object: `not null of column ${table}.${column}`,
    steps: [{ stage: 'change', phase: 61, sql }],
    lock: 'ACCESS EXCLUSIVE',
    tables: [table],
    work: 'none',
    hazards: [],
  }
}
