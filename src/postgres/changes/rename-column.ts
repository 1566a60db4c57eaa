// Renaming a column, as its declaration says.
import { quoteIdentifier } from '../identifiers.ts'
import type { Change } from './change.ts'

export function renameColumn(table: string, before: string, after: string): Change {
  const sql = `ALTER TABLE ${quoteIdentifier(table)} RENAME COLUMN ${quoteIdentifier(before)} TO ${quoteIdentifier(after)}`
  return {
    kind: 'rename-column',
    object: `column ${table}.${before}`,
    steps: [{ stage: 'change', phase: 11, sql }],
    lock: 'ACCESS EXCLUSIVE',
    tables: [table],
    work: 'none',
    inverse: () => renameColumn(table, after, before),
    hazards: [`queries that name ${table}.${before} fail from then on`],
  }
}
