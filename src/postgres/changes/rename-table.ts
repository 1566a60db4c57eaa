// Renaming a table, as its declaration says.
import { quoteIdentifier } from '../identifiers.ts'
import type { Change } from './change.ts'

export function renameTable(before: string, after: string): Change {
  return {
    kind: 'rename-table',
    object: `table ${before}`,
    steps: [
      {
        stage: 'change',
        phase: 10,
        sql: `ALTER TABLE ${quoteIdentifier(before)} RENAME TO ${quoteIdentifier(after)}`,
      },
    ],
    lock: 'ACCESS EXCLUSIVE',
    tables: [before],
    work: 'none',
    inverse: () => renameTable(after, before),
    hazards: [`queries that name ${before} fail from then on`],
  }
}
