// Dropping an index; one whose definition changed is dropped before it is made anew.
import { type Fact, objectOf } from '../fingerprint/fact.ts'
import { quoteIdentifier } from '../identifiers.ts'
import { concurrently } from './add-index.ts'
import type { FindChanges, Step } from './change.ts'
import { type Delta, indexedTable, indexSql, isPartitioned, wholeIndex } from './delta.ts'

export const dropIndex: FindChanges = (delta) =>
  [...delta.removed('index'), ...delta.changed('index').map(({ before }) => before)]
    .filter((fact) => !delta.isGoneTable(indexedTable(fact)) && !goesWithWhole(delta, fact))
    .map((fact) => ({
      kind: 'drop-index',
      object: objectOf(fact),
      steps: [dropStep(delta, fact)],
      lock: 'ACCESS EXCLUSIVE',
      tables: [indexedTable(fact)],
      work: 'none',
      hazards: ['queries that used it become slow'],
    }))

/**
 * Beside work where nothing of the same plan depends on its being gone: so is the way back, which builds it again. In the
 * plan's transaction where columns of its table come, go or change.
 */
function dropStep(delta: Delta, fact: Fact): Step {
  const sql = `DROP INDEX ${quoteIdentifier(fact.of)}`
  const table = indexedTable(fact)
  const columns = [...delta.removed('column'), ...delta.changed('column').map(({ before }) => before)].some(
    ({ of }) => of === table,
  )
  if (columns || isPartitioned(delta.from, table) || wholeIndex(fact) !== undefined)
    return { stage: 'change', phase: 22, sql }
  return {
    stage: 'index',
    phase: 5,
    sql: `DROP INDEX CONCURRENTLY ${quoteIdentifier(fact.of)}`,
    atomic: sql,
    undo: concurrently(indexSql(fact)),
  }
}

/** Dropping the index of a partitioned table drops those of its partitions. */
function goesWithWhole({ from, to }: Delta, fact: Fact): boolean {
  const whole = wholeIndex(fact)
  return whole !== undefined && from[`index ${whole}`]?.definition !== to[`index ${whole}`]?.definition
}
