// Adding an index to a table that is there: CONCURRENTLY, in a step of its own; on a partitioned table by its partitions.
import { type Fact, objectOf } from '../fingerprint/fact.ts'
import { quoteIdentifier } from '../identifiers.ts'
import { attachSql } from './add-table.ts'
import type { FindChanges, Step } from './change.ts'
import { type Delta, indexedTable, indexSql, isPartitioned, wholeIndex } from './delta.ts'

export const addIndex: FindChanges = (delta) =>
  [...delta.added('index'), ...delta.changed('index').map(({ after }) => after)]
    .filter((fact) => !delta.isNewTable(indexedTable(fact)))
    .map((fact) => ({
      kind: 'add-index',
      object: objectOf(fact),
      steps: stepsOf(delta, fact),
      lock: 'SHARE UPDATE EXCLUSIVE',
      tables: [indexedTable(fact)],
      // A partitioned table's own index holds no rows.
      work: isPartitioned(delta.to, indexedTable(fact)) ? 'none' : 'scan',
      hazards: [],
    }))

/** The statement that builds an index while others write. */
export function concurrently(sql: string): string {
  return sql.replace(/^CREATE (UNIQUE )?INDEX /, 'CREATE $1INDEX CONCURRENTLY ')
}

/**
 * A partitioned table's own index is an empty shell, made at once; those of its partitions are built beside work,
 * and attached when all are there, which makes the shell valid.
 */
function stepsOf(delta: Delta, fact: Fact): Step[] {
  const sql = indexSql(fact)
  const whole = wholeIndex(fact)
  const attach =
    whole !== undefined && delta.to[`index ${whole}`]
      ? attachSql(fact).map((each): Step => ({ stage: 'keys', phase: 5, sql: each }))
      : []
  if (isPartitioned(delta.to, indexedTable(fact))) return [{ stage: 'change', phase: 75, sql }, ...attach]
  const build: Step = {
    stage: 'index',
    phase: 20,
    sql: concurrently(sql),
    atomic: sql,
    undo: `DROP INDEX CONCURRENTLY ${quoteIdentifier(fact.of)}`,
  }
  return [build, ...attach]
}
