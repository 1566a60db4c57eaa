// What `round-trip` must find.
import { g, type InjectedFault, one } from '../fault.ts'

export const faults: readonly InjectedFault[] = [
  {
    check: 'round-trip',
    what: 'the last bit of a redshift',
    sql: `UPDATE ${g} SET z = z * (1 + 2.3e-16) ${one}`,
    row: true,
  },
  {
    check: 'round-trip',
    what: 'a changed mass',
    sql: `UPDATE ${g} SET mass = mass + 0.001 ${one}`,
    row: true,
    says: /mass is .*PHOT row 17/,
  },
  { check: 'round-trip', what: 'a value lost', sql: `UPDATE ${g} SET mag = NULL ${one}`, row: true },
  { check: 'round-trip', what: 'rows confused', sql: `UPDATE ${g} SET source_row = source_row + 1` },
]
