// Adding a constraint to a table that is there: NOT VALID first, then validated; keys by an index built beside work.
import type { Fact } from '../fingerprint/fact.ts'
import { objectOf } from '../fingerprint/fact.ts'
import { quoteIdentifier } from '../identifiers.ts'
import type { Change, FindChanges, Step } from './change.ts'
import {
  type Delta,
  foreignKeysMadeAnew,
  isForeignKey,
  isKey,
  isPartitioned,
  onlyValidates,
  referencedTable,
} from './delta.ts'

export const addConstraint: FindChanges = (delta) => {
  const validated = delta
    .changed('constraint')
    .filter(onlyValidates)
    .map(({ after }) => after)
  const made = [
    ...delta.added('constraint'),
    ...delta
      .changed('constraint')
      .filter((each) => !onlyValidates(each))
      .map(({ after }) => after),
    ...foreignKeysMadeAnew(delta),
  ]
  return [
    ...validated.map(validate),
    ...made
      .filter((fact) => !delta.isNewTable(fact.of) || isForeignKey(fact))
      .map((fact) => (isKey(fact) ? addKey(delta, fact) : addCheck(delta, fact))),
  ]
}

function validate(fact: Fact): Change {
  const stage = isForeignKey(fact) ? 'validate keys' : 'validate'
  return change(
    fact,
    [{ stage, phase: 10, sql: `${alter(fact)} VALIDATE CONSTRAINT ${quoteIdentifier(fact.name!)}` }],
    {
      lock: 'SHARE UPDATE EXCLUSIVE',
    },
  )
}

function addCheck(delta: Delta, fact: Fact): Change {
  const add = `${alter(fact)} ADD CONSTRAINT ${quoteIdentifier(fact.name!)} ${fact.definition}`
  const target = referencedTable(fact)
  const late = target !== undefined && delta.tablesWithNewKeys().has(target)
  if (delta.isNewTable(fact.of) || / NOT VALID$/.test(fact.definition))
    return change(fact, [{ stage: late ? 'keys' : 'change', phase: 80, sql: add }], {
      lock: 'SHARE ROW EXCLUSIVE',
      work: 'none',
    })
  const foreign = target !== undefined
  // The server takes no such key of a partitioned table without reading its rows.
  if (foreign && isPartitioned(delta.to, fact.of))
    return change(fact, [{ stage: 'change', phase: 80, sql: add }], { lock: 'SHARE ROW EXCLUSIVE' })
  const steps: Step[] = [
    { stage: foreign ? 'keys' : 'change', phase: 70, sql: `${add} NOT VALID`, atomic: add },
    {
      stage: foreign ? 'validate keys' : 'validate',
      phase: 10,
      sql: `${alter(fact)} VALIDATE CONSTRAINT ${quoteIdentifier(fact.name!)}`,
      atomic: null,
    },
  ]
  return change(fact, steps, { lock: foreign ? 'SHARE ROW EXCLUSIVE' : 'ACCESS EXCLUSIVE' })
}

function addKey(delta: Delta, fact: Fact): Change {
  const name = quoteIdentifier(fact.name!)
  const [, type, list] =
    /^(PRIMARY KEY|UNIQUE(?: NULLS NOT DISTINCT)?) (\(.*\))$/s.exec(fact.definition) ?? []
  const add = `${alter(fact)} ADD CONSTRAINT ${name} ${fact.definition}`
  // Neither is a key of a partitioned table made from an index.
  if (isPartitioned(delta.to, fact.of)) return change(fact, [{ stage: 'change', phase: 68, sql: add }], {})
  if (!list) return change(fact, [{ stage: 'keys', phase: 10, sql: add }], {})
  const distinct = type!.endsWith('NULLS NOT DISTINCT') ? ' NULLS NOT DISTINCT' : ''
  return change(
    fact,
    [
      {
        stage: 'index',
        phase: 10,
        sql: `CREATE UNIQUE INDEX CONCURRENTLY ${name} ON ${quoteIdentifier(fact.of)} ${list}${distinct}`,
        atomic: null,
        undo: `DROP INDEX CONCURRENTLY ${name}`,
      },
      {
        stage: 'keys',
        phase: 10,
        sql: `${alter(fact)} ADD CONSTRAINT ${name} ${type!.split(' NULLS')[0]} USING INDEX ${name}`,
        atomic: add,
      },
    ],
    { hazards: [`fails when rows of ${fact.of} share ${list}`] },
  )
}

function alter(fact: Fact): string {
  return `ALTER TABLE ${quoteIdentifier(fact.of)}`
}

function change(fact: Fact, steps: readonly Step[], options: Partial<Change>): Change {
  const target = referencedTable(fact)
  return {
    kind: 'add-constraint',
    object: objectOf(fact),
    steps,
    lock: 'ACCESS EXCLUSIVE',
    tables: [fact.of, ...(target === undefined ? [] : [target])],
    work: 'scan',
    hazards: [`fails when a row of ${fact.of} breaks it: ${fact.definition}`],
    ...options,
  }
}
