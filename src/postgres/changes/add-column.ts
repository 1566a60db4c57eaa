// Adding a column with its default and NOT NULL.
import type { Fact } from '../fingerprint/fact.ts'
import type { Fingerprint } from '../fingerprint/fingerprint.ts'
import { quoteIdentifier } from '../identifiers.ts'
import type { Change, FindChanges } from './change.ts'

export const addColumn: FindChanges = (delta) =>
  delta
    .added('column')
    .filter(({ of }) => !delta.isNewTable(of))
    .map((column) => addOne(delta.to, column))

function addOne(to: Fingerprint, column: Fact): Change {
  const table = column.of
  const fallback = to[`default of column ${table}.${column.name}`]?.definition
  const required = to[`not null of column ${table}.${column.name}`] !== undefined
  // A constant is stored once for all old rows; a function that gives another value each time is written to each.
  const rewrites = fallback !== undefined && /nextval|random|clock_timestamp/.test(fallback)
  return {
    kind: 'add-column',
    object: `column ${table}.${column.name}`,
    steps: [
      {
        stage: 'change',
        phase: 55,
        sql: `ALTER TABLE ${quoteIdentifier(table)} ADD COLUMN ${columnSql(to, column)}`,
      },
    ],
    lock: 'ACCESS EXCLUSIVE',
    tables: [table],
    work: rewrites ? 'rewrite' : 'none',
    hazards:
      required && fallback === undefined
        ? [`fails when ${table} has rows: the column is required and has no default`]
        : [],
  }
}

/** A column as CREATE TABLE and ADD COLUMN take it. */
export function columnSql(to: Fingerprint, { of, name, definition }: Fact): string {
  const fallback = to[`default of column ${of}.${name}`]?.definition
  const required = to[`not null of column ${of}.${name}`] !== undefined
  return `${quoteIdentifier(name!)} ${definition}${fallback === undefined ? '' : ` DEFAULT ${fallback}`}${required ? ' NOT NULL' : ''}`
}
