// A statement that reads all rows of a large table while others wait for it.
import { columnConstraints, type TableCommand, tableCommands } from '../nodes.ts'
import type { Objection, Rule } from '../rule.ts'
import type { Story } from '../story.ts'

export const rule: Rule = {
  level: 'error',
  statement: ({ node }, story, { way }) =>
    way === 'down'
      ? []
      : tableCommands(node, story.schema)
          .filter(({ table }) => story.isLargeTable(table))
          .flatMap((each) => scanIn(each, story)),
}

function scanIn({ table, command, column, constraint }: TableCommand, story: Story): Objection[] {
  const name = command.name ?? ''
  switch (command.subtype) {
    case 'AT_SetNotNull':
      if (story.isValidNotNull(table, name)) return []
      return [
        {
          problem: `SET NOT NULL reads all of ${table} under ACCESS EXCLUSIVE`,
          remedy: `Add CHECK (${name} IS NOT NULL) NOT VALID, validate it in the next migration, then set NOT NULL: the server trusts the check.`,
        },
      ]
    case 'AT_AddConstraint':
      return added(table, constraint!)
    case 'AT_AddColumn':
      return columnConstraints(column!)
        .filter(
          ({ contype }) =>
            contype === 'CONSTR_CHECK' || contype === 'CONSTR_PRIMARY' || contype === 'CONSTR_UNIQUE',
        )
        .flatMap((each) => added(table, each))
    case 'AT_ValidateConstraint':
      if (!story.isAddedHere(table, name)) return []
      return [
        {
          problem: `${name} is validated in the transaction that adds it, which holds its lock on ${table} while all rows are read`,
          remedy: 'Validate it in a migration of its own.',
        },
      ]
    case 'AT_AttachPartition':
      return [
        {
          problem: `ATTACH PARTITION to ${table} reads all rows of the partition unless a valid check says what its bounds say`,
          remedy:
            'Add and validate such a check on the partition first, then allow this rule here with that reason.',
        },
      ]
    default:
      return []
  }
}

function added(
  table: string,
  { contype, skip_validation, indexname }: NonNullable<TableCommand['constraint']>,
): Objection[] {
  if ((contype === 'CONSTR_CHECK' || contype === 'CONSTR_FOREIGN') && !skip_validation)
    return [
      {
        problem: `the new constraint reads all of ${table} while others wait`,
        remedy: 'Add it NOT VALID, and validate it in the next migration.',
      },
    ]
  if ((contype === 'CONSTR_PRIMARY' || contype === 'CONSTR_UNIQUE') && indexname === undefined)
    return [
      {
        problem: `the new key builds its index on ${table} under ACCESS EXCLUSIVE`,
        remedy:
          'Build a unique index CONCURRENTLY in a migration of its own, then ADD CONSTRAINT … USING INDEX.',
      },
    ]
  return []
}
