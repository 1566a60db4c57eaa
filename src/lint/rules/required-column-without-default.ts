// A new column that is NOT NULL and has no default: it cannot be added to a table with rows.
import { columnConstraints, tableCommands } from '../nodes.ts'
import type { Rule } from '../rule.ts'

export const rule: Rule = {
  level: 'error',
  statement: ({ node }, story, { way, migration }) =>
    tableCommands(node, story.schema).flatMap(({ table, command, column }) => {
      const isNew = story.tables.get(table)?.madeIn === migration.number
      if (way === 'down' || command.subtype !== 'AT_AddColumn' || isNew) return []
      const kinds = columnConstraints(column!).map(({ contype }) => contype)
      const filled = kinds.some((each) => /^CONSTR_(DEFAULT|GENERATED|IDENTITY)$/.test(each ?? ''))
      if (!kinds.includes('CONSTR_NOTNULL') || filled) return []
      return [
        {
          problem: `${table}.${column!.colname} is required and has no default: this fails as soon as ${table} has a row`,
          remedy: 'Give it a default, or add it without NOT NULL, backfill it, and require it then.',
        },
      ]
    }),
}
