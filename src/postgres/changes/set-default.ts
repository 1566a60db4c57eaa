// Setting and dropping a column's default: for rows to come; those that are there keep their values.
import { quoteIdentifier } from '../identifiers.ts'
import type { Change, FindChanges } from './change.ts'
import type { Delta } from './delta.ts'

export const setDefault: FindChanges = (delta) => {
  const given = [
    ...delta.added('default of column'),
    ...delta.changed('default of column').map(({ after }) => after),
  ]
  return [
    ...delta
      .removed('default of column')
      .filter(({ of, name }) => isPlain(delta, of, name!))
      .map(({ of, name }) => alter(of, name!, 'DROP DEFAULT', 25)),
    ...given
      .filter(({ of, name }) => isPlain(delta, of, name!))
      .map(({ of, name, definition }) => alter(of, name!, `SET DEFAULT ${definition}`, 60)),
  ]
}

/** Neither a new nor a dropped column, nor one whose type or table changes: those take their default along. */
function isPlain(delta: Delta, table: string, column: string): boolean {
  const object = `column ${table}.${column}`
  if (delta.rebuilt.has(table)) return false
  return delta.from[object] !== undefined && delta.from[object].definition === delta.to[object]?.definition
}

function alter(table: string, column: string, action: string, phase: number): Change {
  return {
    kind: 'set-default',
    object: `default of column ${table}.${column}`,
    steps: [
      {
        stage: 'change',
        phase,
        sql: `ALTER TABLE ${quoteIdentifier(table)} ALTER COLUMN ${quoteIdentifier(column)} ${action}`,
      },
    ],
    lock: 'ACCESS EXCLUSIVE',
    tables: [table],
    work: 'none',
    hazards: [],
  }
}
