// A change of type that reads values anew: what comes out depends on their text, or on the session's settings.
import { tableCommands } from '../nodes.ts'
import type { Rule } from '../rule.ts'
import { typeChange, typeText } from '../types.ts'

export const rule: Rule = {
  level: 'error',
  statement: ({ node }, story, { way }) =>
    tableCommands(node, story.schema).flatMap(({ table, command, column }) => {
      const before = story.tables.get(table)?.columns.get(command.name ?? '')
      if (way === 'down' || command.subtype !== 'AT_AlterColumnType' || before === undefined) return []
      const after = typeText(column!.typeName!)
      if (typeChange(before, after) !== 'other') return []
      const zone = /^timestamp/.test(before) && /^timestamp/.test(after)
      return [
        {
          problem: zone
            ? `${table}.${command.name} goes from ${before} to ${after} by the time zone that the session happens to have`
            : `${table}.${command.name} goes from ${before} to ${after}: one value that is not of that form makes the migration fail`,
          remedy: zone
            ? "Say the zone: USING column AT TIME ZONE 'UTC', in a new column with a backfill."
            : 'Add a new column, fill it where the value is of that form, look at the rest, then drop the old one.',
        },
      ]
    }),
}
