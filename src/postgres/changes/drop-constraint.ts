// Dropping constraints, foreign keys first; those that hang on a key that gives way are made anew.
import type { Fact } from '../fingerprint/fact.ts'
import { objectOf } from '../fingerprint/fact.ts'
import { quoteIdentifier } from '../identifiers.ts'
import type { Change, FindChanges } from './change.ts'
import { foreignKeysMadeAnew, isForeignKey, onlyValidates, referencedTable } from './delta.ts'

export const dropConstraint: FindChanges = (delta) => {
  const gone = [
    ...delta.removed('constraint').filter((fact) => !delta.isGoneTable(fact.of) || isForeignKey(fact)),
    ...delta
      .changed('constraint')
      .filter((each) => !onlyValidates(each))
      .map(({ before }) => before),
    ...foreignKeysMadeAnew(delta),
  ]
  return gone.map((fact) => drop(fact))
}

function drop(fact: Fact): Change {
  const foreign = isForeignKey(fact)
  const target = referencedTable(fact)
  return {
    kind: 'drop-constraint',
    object: objectOf(fact),
    steps: [
      {
        stage: 'change',
        phase: foreign ? 20 : 21,
        sql: `ALTER TABLE ${quoteIdentifier(fact.of)} DROP CONSTRAINT ${quoteIdentifier(fact.name!)}`,
      },
    ],
    lock: 'ACCESS EXCLUSIVE',
    tables: [fact.of, ...(target === undefined ? [] : [target])],
    work: 'none',
    hazards: [],
  }
}
