// What `not-null` must find.
import { g, type InjectedFault, one } from '../fault.ts'

export const faults: readonly InjectedFault[] = [
  { check: 'not-null:ra', what: 'a position lost', sql: `UPDATE ${g} SET ra = NULL ${one}`, row: true },
  { check: 'not-null:dec', what: 'a declination lost', sql: `UPDATE ${g} SET dec = NULL ${one}`, row: true },
  { check: 'not-null:id', what: 'a key lost', sql: `UPDATE ${g} SET id = NULL ${one}` },
]
