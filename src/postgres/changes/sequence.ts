// Adding and dropping the sequences behind `serial` columns of tables that are there.
import type { Fact } from '../fingerprint/fact.ts'
import { quoteIdentifier } from '../identifiers.ts'
import type { Change, FindChanges, Step } from './change.ts'
import type { Delta } from './delta.ts'

export const sequence: FindChanges = (delta) => [
  ...delta
    .added('sequence')
    .filter((fact) => !belongsToTable(delta, fact, 'to'))
    .map((fact) => add(delta, fact)),
  ...delta
    .removed('sequence')
    .filter((fact) => !belongsToTable(delta, fact, 'from'))
    .map(drop),
]

export function createSequence({ of, definition }: Fact): string {
  return `CREATE SEQUENCE ${quoteIdentifier(of)} ${definition}`
}

/** The column that an owned sequence serves. */
export function ownedBy({ definition }: Fact): { table: string; column: string } {
  const [table = '', column = ''] = definition
    .match(/"(?:[^"]|"")+"|[^.]+/g)!
    .map((part) => (part.startsWith('"') ? part.slice(1, -1).replaceAll('""', '"') : part))
  return { table, column }
}

/** A sequence of a table that comes or goes as a whole comes or goes with it. */
function belongsToTable(delta: Delta, { of }: Fact, side: 'from' | 'to'): boolean {
  const owner = delta[side][`owner column of sequence ${of}`]
  if (!owner) return false
  const { table } = ownedBy(owner)
  return side === 'to' ? delta.isNewTable(table) : delta.isGoneTable(table)
}

function add(delta: Delta, fact: Fact): Change {
  const owner = delta.to[`owner column of sequence ${fact.of}`]
  const name = quoteIdentifier(fact.of)
  const steps: Step[] = [{ stage: 'change', phase: 40, sql: createSequence(fact) }]
  if (owner) {
    const { table, column } = ownedBy(owner)
    const highest = `SELECT setval('${name.replaceAll("'", "''")}', coalesce(max(${quoteIdentifier(column)}), 0) + 1, false) FROM ${quoteIdentifier(table)}`
    steps.push({ stage: 'change', phase: 56, sql: `ALTER SEQUENCE ${name} OWNED BY ${owner.definition}` })
    steps.push({ stage: 'change', phase: 57, sql: highest })
  }
  return { ...plain(fact), steps }
}

function drop(fact: Fact): Change {
  // The column that owned it may have taken it along.
  return {
    ...plain(fact),
    steps: [{ stage: 'change', phase: 32, sql: `DROP SEQUENCE IF EXISTS ${quoteIdentifier(fact.of)}` }],
  }
}

function plain({ of }: Fact): Change {
  return { kind: 'sequence', object: `sequence ${of}`, steps: [], tables: [], work: 'none', hazards: [] }
}
