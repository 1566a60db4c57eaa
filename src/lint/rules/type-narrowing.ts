// A change of type to one that cannot hold every value of the old one.
import { tableCommands } from '../nodes.ts'
import type { Rule } from '../rule.ts'
import { typeChange, typeText } from '../types.ts'

export const rule: Rule = {
  level: 'warning',
  statement: ({ node }, story, { way }) =>
    tableCommands(node, story.schema).flatMap(({ table, command, column }) => {
      const before = story.tables.get(table)?.columns.get(command.name ?? '')
      if (way === 'down' || command.subtype !== 'AT_AlterColumnType' || before === undefined) return []
      const after = typeText(column!.typeName!)
      if (typeChange(before, after) !== 'narrower') return []
      return [
        {
          problem: `${table}.${command.name} goes from ${before} to ${after}, which rounds or refuses some values`,
          remedy: 'Keep the wider type; or set the old values aside first, as `migrate new` does.',
        },
      ]
    }),
}
