// Dropping an index; one whose definition changed is dropped before it is made anew.
import { type Fact, objectOf } from '../fingerprint/fact.ts'
import { quoteIdentifier } from '../identifiers.ts'
import type { FindChanges } from './change.ts'
import { type Delta, indexedTable, wholeIndex } from './delta.ts'

export const dropIndex: FindChanges = (delta) =>
  [...delta.removed('index'), ...delta.changed('index').map(({ before }) => before)]
    .filter((fact) => !delta.isGoneTable(indexedTable(fact)) && !goesWithWhole(delta, fact))
    .map((fact) => ({
      kind: 'drop-index',
      object: objectOf(fact),
      steps: [{ stage: 'change', phase: 22, sql: `DROP INDEX ${quoteIdentifier(fact.of)}` }],
      lock: 'ACCESS EXCLUSIVE',
      tables: [indexedTable(fact)],
      work: 'none',
      hazards: ['queries that used it become slow'],
    }))

/** Dropping the index of a partitioned table drops those of its partitions. */
function goesWithWhole({ from, to }: Delta, fact: Fact): boolean {
  const whole = wholeIndex(fact)
  return whole !== undefined && from[`index ${whole}`]?.definition !== to[`index ${whole}`]?.definition
}
