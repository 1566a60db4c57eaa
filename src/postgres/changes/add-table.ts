// Adding a table with all that is its own: sequences, columns, keys, checks, indexes. Foreign keys come separately.
import type { Fact } from '../fingerprint/fact.ts'
import type { Fingerprint } from '../fingerprint/fingerprint.ts'
import { quoteIdentifier } from '../identifiers.ts'
import { columnSql } from './add-column.ts'
import type { FindChanges, Step } from './change.ts'
import { type Delta, indexedTable, indexSql, isForeignKey, ofKind, parentTable, wholeIndex } from './delta.ts'
import { createSequence, ownedBy } from './sequence.ts'

export const addTable: FindChanges = (delta) =>
  delta
    .added('table')
    .filter(({ of }) => !delta.rebuilt.has(of))
    .map((table) => ({
      kind: 'add-table',
      object: `table ${table.of}`,
      steps: [...newSequences(delta, table), ...createSteps(delta, table)],
      tables: [],
      work: 'none',
      hazards: [],
    }))

function newSequences({ to }: Delta, { of: table }: Fact): Step[] {
  return ownedSequences(to, table).map((fact) => step(40.5, createSequence(to[`sequence ${fact.of}`]!)))
}

function ownedSequences(to: Fingerprint, table: string): Fact[] {
  return ofKind(to, 'owner column of sequence').filter((fact) => ownedBy(fact).table === table)
}

/** A table as it is to be, or a partition, with its columns, keys, checks and indexes; sequences must be there. */
export function createSteps(delta: Delta, fact: Fact): Step[] {
  const { to } = delta
  const { of: table, definition } = fact
  const isPart = parentTable(fact) !== undefined
  const owned = delta.rebuilt.has(table) ? [] : ownedSequences(to, table)
  const indexes = ofKind(to, 'index').filter((each) => indexedTable(each) === table)
  return [
    step(isPart ? 42 : 41, isPart ? partSql(table, definition) : tableSql(to, table, definition)),
    ...owned.map(({ of, definition }) =>
      step(41.5, `ALTER SEQUENCE ${quoteIdentifier(of)} OWNED BY ${definition}`),
    ),
    ...indexes.map((each) => step(43, indexSql(each))),
    ...indexes.flatMap((each) => attachSql(each)).map((sql) => step(44, sql)),
  ]
}

function step(phase: number, sql: string): Step {
  return { stage: 'change', phase, sql }
}

function tableSql(to: Fingerprint, table: string, definition: string): string {
  const own = (kind: string) => ofKind(to, kind).filter((fact) => fact.of === table)
  const lines = [
    ...own('column').map((column) => columnSql(to, column)),
    ...own('constraint')
      .filter((fact) => !isForeignKey(fact))
      .map((fact) => `CONSTRAINT ${quoteIdentifier(fact.name!)} ${fact.definition}`),
  ]
  const head = /^UNLOGGED\b/.test(definition) ? 'CREATE UNLOGGED TABLE' : 'CREATE TABLE'
  const divided = /PARTITION BY .*/s.exec(definition)?.[0]
  return `${head} ${quoteIdentifier(table)} (\n  ${lines.join(',\n  ')}\n)${divided ? ` ${divided}` : ''}`
}

function partSql(table: string, definition: string): string {
  const unlogged = definition.startsWith('UNLOGGED ')
  return `CREATE ${unlogged ? 'UNLOGGED ' : ''}TABLE ${quoteIdentifier(table)} ${definition.replace(/^UNLOGGED /, '')}`
}

/** The statement that makes a partition's index part of the whole one. */
export function attachSql(index: Fact): string[] {
  const whole = wholeIndex(index)
  return whole === undefined
    ? []
    : [`ALTER INDEX ${quoteIdentifier(whole)} ATTACH PARTITION ${quoteIdentifier(index.of)}`]
}
