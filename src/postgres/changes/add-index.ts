// Adding an index to a table that is there: CONCURRENTLY, in a step of its own.
import { objectOf } from '../fingerprint/fact.ts'
import type { FindChanges } from './change.ts'
import { indexedTable } from './delta.ts'

export const addIndex: FindChanges = (delta) =>
  [...delta.added('index'), ...delta.changed('index').map(({ after }) => after)]
    .filter((fact) => !delta.isNewTable(indexedTable(fact)))
    .map((fact) => ({
      kind: 'add-index',
      object: objectOf(fact),
      steps: [
        {
          stage: 'index',
          phase: 20,
          sql: fact.definition.replace(/^CREATE (UNIQUE )?INDEX /, 'CREATE $1INDEX CONCURRENTLY '),
          atomic: fact.definition,
        },
      ],
      lock: 'SHARE UPDATE EXCLUSIVE',
      tables: [indexedTable(fact)],
      work: 'scan',
      hazards: [],
    }))
