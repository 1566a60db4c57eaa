// A migration whose way down has no statement, though its way up has.
import type { Rule } from '../rule.ts'

export const rule: Rule = {
  level: 'error',
  step: (step, other) =>
    step.way === 'down' && step.statements.length === 0 && other.statements.length > 0
      ? [
          {
            problem: 'the way down is empty, and the way up is not',
            remedy: 'Write what undoes it; where nothing is to undo, say so with `SELECT;` and a comment.',
          },
        ]
      : [],
}
