// A statement that writes a large table anew while nobody can read it.
import { columnConstraints, functionsIn, tableCommands } from '../nodes.ts'
import type { Rule } from '../rule.ts'
import type { Story } from '../story.ts'
import { typeText } from '../types.ts'

export const rule: Rule = {
  level: 'error',
  statement: ({ node }, story, { way }) => {
    if (way === 'down') return []
    if ('ClusterStmt' in node) return [objection('CLUSTER')]
    if ('VacuumStmt' in node)
      return (node.VacuumStmt.options ?? []).some(
        (each) => 'DefElem' in each && each.DefElem.defname === 'full',
      )
        ? [objection('VACUUM FULL')]
        : []
    return tableCommands(node, story.schema)
      .filter(({ table }) => story.isLargeTable(table))
      .flatMap((each) => {
        const what = rewriteIn(each, story)
        return what === undefined ? [] : [objection(`${what} of ${each.table}`)]
      })
  },
}

function objection(what: string) {
  return {
    problem: `${what} writes the whole table anew under ACCESS EXCLUSIVE: nobody reads or writes it meanwhile`,
    remedy:
      'Add a new column with a backfill, let queries move over by a read schema, and drop the old one later.',
  }
}

/** Functions whose value is fixed within a transaction: a default of them is stored once for all old rows. */
const stable = /^(now|current_\w+|localtime\w*|SVFOP_\w+|transaction_timestamp|statement_timestamp)$/

function rewriteIn(
  { table, command, column }: ReturnType<typeof tableCommands>[number],
  story: Story,
): string | undefined {
  switch (command.subtype) {
    case 'AT_SetLogged':
    case 'AT_SetUnLogged':
    case 'AT_SetAccessMethod':
    case 'AT_SetTableSpace':
      return command.subtype.slice(3)
    case 'AT_AddColumn': {
      const given = columnConstraints(column!)
      if (given.some(({ contype }) => contype === 'CONSTR_GENERATED' || contype === 'CONSTR_IDENTITY'))
        return `ADD COLUMN ${column!.colname} GENERATED`
      const fallback = given.find(({ contype }) => contype === 'CONSTR_DEFAULT')?.raw_expr
      const serial = /serial/.test(JSON.stringify(column!.typeName))
      const writes = functionsIn(fallback).some((name) => !stable.test(name))
      return serial || writes
        ? `ADD COLUMN ${column!.colname} with a default of its own for each row`
        : undefined
    }
    case 'AT_AlterColumnType': {
      const before = story.tables.get(table)?.columns.get(command.name!)
      const after = typeText(column!.typeName!)
      return before !== undefined && sameBytes(before, after)
        ? undefined
        : `ALTER COLUMN ${command.name} TYPE ${after}`
    }
    default:
      return undefined
  }
}

/** Changes of type for which the server leaves the rows as they are. */
function sameBytes(before: string, after: string): boolean {
  if (before === after) return true
  if (after === 'numeric') return before.startsWith('numeric')
  const [digits, more] = [before, after].map((type) => /^numeric\((\d+),(\d+)\)$/.exec(type))
  if (digits && more) return digits[2] === more[2] && Number(more[1]) >= Number(digits[1])
  const limit = (type: string) =>
    Number(/^varchar\((\d+)\)$/.exec(type)?.[1] ?? (type === 'varchar' || type === 'text' ? Infinity : NaN))
  return limit(after) >= limit(before)
}
