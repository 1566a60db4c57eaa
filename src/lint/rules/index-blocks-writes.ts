// An index built on a large table while nobody can write to it.
import { relationName } from '../nodes.ts'
import type { Rule } from '../rule.ts'

export const rule: Rule = {
  level: 'error',
  statement: ({ node }, story, { way }) => {
    if (way === 'down' || !('IndexStmt' in node) || node.IndexStmt.concurrent) return []
    const { relation } = node.IndexStmt
    const table = relationName(relation!, story.schema)
    // ON ONLY a partitioned table builds nothing.
    if (relation!.inh !== true || !story.isLargeTable(table)) return []
    return [
      {
        problem: `CREATE INDEX keeps writers of ${table} waiting until it is built`,
        remedy:
          'Use CREATE INDEX CONCURRENTLY in a migration of its own (`migrate new … --sql --no-transaction`).',
      },
    ]
  },
}
