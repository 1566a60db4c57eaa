// Dropping a column; its values can be kept beside the table's key.
import type { Fact } from '../fingerprint/fact.ts'
import { quoteIdentifier, shortName } from '../identifiers.ts'
import type { Change, FindChanges, KeptPlace } from './change.ts'
import type { Delta } from './delta.ts'
import { stableKey } from './key-columns.ts'

export const dropColumn: FindChanges = (delta) =>
  delta
    .removed('column')
    .filter(({ of }) => !delta.isGoneTable(of))
    .map((column) => dropOne(delta, column))

function dropOne(delta: Delta, column: Fact): Change {
  const table = column.of
  const name = quoteIdentifier(column.name!)
  const drop = `ALTER TABLE ${quoteIdentifier(table)} DROP COLUMN ${name}`
  const key = stableKey(delta, table)
  const change: Change = {
    kind: 'drop-column',
    object: `column ${table}.${column.name}`,
    steps: [{ stage: 'change', phase: 30, sql: drop }],
    lock: 'ACCESS EXCLUSIVE',
    tables: [table],
    work: 'none',
    hazards: [`queries that name ${table}.${column.name} fail from then on`],
    loses: `column ${table}.${column.name}`,
  }
  if (!key) return change
  const named = `column ${table}.${column.name}`
  const fallback = delta.from[`default of ${named}`]?.definition
  const alter = `ALTER TABLE ${quoteIdentifier(table)}`
  const keep: Change['keep'] = (kept) => ({
    forward: [...copyAside(kept, table, key, column.name!), drop],
    back: [
      `${alter} ADD COLUMN ${name} ${column.definition}`,
      ...bringBack(kept, table, key, column.name!),
      ...(fallback === undefined ? [] : [`${alter} ALTER COLUMN ${name} SET DEFAULT ${fallback}`]),
      ...(delta.from[`not null of ${named}`] ? [`${alter} ALTER COLUMN ${name} SET NOT NULL`] : []),
    ],
  })
  return {
    ...change,
    work: 'scan',
    hazards: [...change.hazards, `copies the column aside while nobody can write to ${table}`],
    keep,
  }
}

/** Copies a column aside with its key; the lock keeps others from writing what the copy would miss. */
export function copyAside(kept: KeptPlace, table: string, key: readonly string[], column: string): string[] {
  const list = [...key, column].map((each) => quoteIdentifier(each)).join(', ')
  return [
    `LOCK TABLE ${quoteIdentifier(table)} IN SHARE ROW EXCLUSIVE MODE`,
    `CREATE TABLE ${copyOf(kept, table, column)} AS SELECT ${list} FROM ${quoteIdentifier(table)}`,
  ]
}

/** Writes a column's values back by the key, to rows that meet the condition, and drops the copy. */
export function bringBack(
  kept: KeptPlace,
  table: string,
  key: readonly string[],
  column: string,
  condition = '',
): string[] {
  const match = key
    .map((each) => `present.${quoteIdentifier(each)} = kept.${quoteIdentifier(each)}`)
    .join(' AND ')
  const copy = copyOf(kept, table, column)
  const name = quoteIdentifier(column)
  return [
    `UPDATE ${quoteIdentifier(table)} present SET ${name} = kept.${name} FROM ${copy} kept WHERE ${match} AND kept.${name} IS NOT NULL${condition}`,
    `DROP TABLE ${copy}`,
  ]
}

function copyOf(kept: KeptPlace, table: string, column: string): string {
  return quoteIdentifier(kept.schema, shortName(`${table}.${column}`))
}
