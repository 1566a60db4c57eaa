// DROP … CASCADE, which takes along what it does not name.
import { tableCommands } from '../nodes.ts'
import type { Rule } from '../rule.ts'

export const rule: Rule = {
  level: 'error',
  statement: ({ node }, story) => {
    const dropped = 'DropStmt' in node && node.DropStmt.behavior === 'DROP_CASCADE'
    const emptied = 'TruncateStmt' in node && node.TruncateStmt.behavior === 'DROP_CASCADE'
    const altered = tableCommands(node, story.schema).some(
      ({ command }) =>
        /^AT_Drop(Column|Constraint)$/.test(command.subtype ?? '') && command.behavior === 'DROP_CASCADE',
    )
    if (!dropped && !emptied && !altered) return []
    return [
      {
        problem: `${emptied ? 'TRUNCATE' : 'DROP'} … CASCADE takes along objects or rows that it does not name, and no way down knows them`,
        remedy: 'Name everything that is to go, one statement each.',
      },
    ]
  },
}
