// What `vocabulary` must find.
import { g, type InjectedFault, one } from '../fault.ts'

export const faults: readonly InjectedFault[] = [
  {
    check: 'vocabulary:class',
    what: 'another spelling',
    sql: `UPDATE ${g} SET class = 'Galaxy' ${one}`,
    row: true,
  },
  {
    check: 'vocabulary:class',
    what: 'a trailing blank',
    sql: `UPDATE ${g} SET class = 'QSO ' ${one}`,
    row: true,
  },
  { check: 'vocabulary:class', what: 'a new class', sql: `UPDATE ${g} SET class = 'STAR' ${one}`, row: true },
]
