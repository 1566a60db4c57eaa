// Adding a table with all that is its own: sequences, columns, keys, checks, indexes. Foreign keys come separately.
import type { Fact } from '../fingerprint/fact.ts'
import { quoteIdentifier } from '../identifiers.ts'
import { columnSql } from './add-column.ts'
import type { Change, FindChanges } from './change.ts'
import { type Delta, indexedTable, isForeignKey, ofKind } from './delta.ts'
import { createSequence, ownedBy } from './sequence.ts'

export const addTable: FindChanges = (delta) => delta.added('table').map((table) => addOne(delta, table))

function addOne(delta: Delta, { of: table, definition }: Fact): Change {
  const { to } = delta
  const own = (kind: string) => ofKind(to, kind).filter((fact) => fact.of === table)
  const owned = ofKind(to, 'owner column of sequence').filter((fact) => ownedBy(fact).table === table)
  const lines = [
    ...own('column').map((column) => columnSql(to, column)),
    ...own('constraint')
      .filter((fact) => !isForeignKey(fact))
      .map((fact) => `CONSTRAINT ${quoteIdentifier(fact.name!)} ${fact.definition}`),
  ]
  const head = definition === 'UNLOGGED' ? 'CREATE UNLOGGED TABLE' : 'CREATE TABLE'
  const create = `${head} ${quoteIdentifier(table)} (\n  ${lines.join(',\n  ')}\n)`
  const indexes = ofKind(to, 'index').filter((fact) => indexedTable(fact) === table)
  const sql = [
    ...owned.map(({ of }) => createSequence(to[`sequence ${of}`]!)),
    create,
    ...owned.map(({ of, definition }) => `ALTER SEQUENCE ${quoteIdentifier(of)} OWNED BY ${definition}`),
    ...indexes.map((fact) => fact.definition),
  ]
  return {
    kind: 'add-table',
    object: `table ${table}`,
    steps: sql.map((each, i) => ({ stage: 'change', phase: 41 + i / 1000, sql: each })),
    tables: [],
    work: 'none',
    hazards: [],
  }
}
