// Dropping an index; one whose definition changed is dropped before it is made anew.
import { objectOf } from '../fingerprint/fact.ts'
import { quoteIdentifier } from '../identifiers.ts'
import type { FindChanges } from './change.ts'
import { indexedTable } from './delta.ts'

export const dropIndex: FindChanges = (delta) =>
  [...delta.removed('index'), ...delta.changed('index').map(({ before }) => before)]
    .filter((fact) => !delta.isGoneTable(indexedTable(fact)))
    .map((fact) => ({
      kind: 'drop-index',
      object: objectOf(fact),
      steps: [{ stage: 'change', phase: 22, sql: `DROP INDEX ${quoteIdentifier(fact.of)}` }],
      lock: 'ACCESS EXCLUSIVE',
      tables: [indexedTable(fact)],
      work: 'none',
      hazards: ['queries that used it become slow'],
    }))
