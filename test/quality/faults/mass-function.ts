// What `mass-function` must find.
import { g, type InjectedFault } from '../fault.ts'

export const faults: readonly InjectedFault[] = [
  { check: 'mass-function:masses', what: 'masses for h = 0.5', sql: `UPDATE ${g} SET mass = mass - 0.6` },
  { check: 'mass-function:masses', what: 'all masses alike', sql: `UPDATE ${g} SET mass = 10.5` },
  { check: 'mass-function:masses', what: 'the heavy ones lost', sql: `DELETE FROM ${g} WHERE mass > 11.5` },
]
