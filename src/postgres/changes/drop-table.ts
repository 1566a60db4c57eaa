// Dropping a table, or moving it out of the way with all its rows.
import { quoteIdentifier } from '../identifiers.ts'
import type { FindChanges } from './change.ts'

export const dropTable: FindChanges = (delta) =>
  delta.removed('table').map(({ of: table }) => ({
    kind: 'drop-table',
    object: `table ${table}`,
    steps: [{ stage: 'change', phase: 31, sql: `DROP TABLE ${quoteIdentifier(table)}` }],
    lock: 'ACCESS EXCLUSIVE',
    tables: [table],
    work: 'none',
    hazards: [`queries that name ${table} fail from then on`],
    loses: `table ${table}`,
    keep: (kept) => ({
      forward: [`ALTER TABLE ${quoteIdentifier(table)} SET SCHEMA ${quoteIdentifier(kept.schema)}`],
      back: [`ALTER TABLE ${quoteIdentifier(kept.schema, table)} SET SCHEMA ${quoteIdentifier(kept.from)}`],
    }),
  }))
