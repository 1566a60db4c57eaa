// What `range` must find.
import { g, type InjectedFault, one } from '../fault.ts'

export const faults: readonly InjectedFault[] = [
  { check: 'range:z', what: 'a redshift of -2', sql: `UPDATE ${g} SET z = -2 ${one}`, row: true },
  { check: 'range:z', what: 'an infinite redshift', sql: `UPDATE ${g} SET z = 'infinity' ${one}`, row: true },
  {
    check: 'range:sfr',
    what: 'NaN where the range is open',
    sql: `UPDATE ${g} SET sfr = 'NaN' ${one}`,
    row: true,
  },
  { check: 'range:ra', what: 'RA of exactly 360', sql: `UPDATE ${g} SET ra = 360 ${one}`, row: true },
]
