// What `sky-bounds` must find.
import { g, type InjectedFault, one } from '../fault.ts'

export const faults: readonly InjectedFault[] = [
  { check: 'sky-bounds', what: 'a declination of 95', sql: `UPDATE ${g} SET dec = 95 ${one}`, row: true },
  { check: 'sky-bounds', what: 'NaN as RA', sql: `UPDATE ${g} SET ra = 'NaN' ${one}`, row: true },
  { check: 'sky-bounds', what: 'a negative RA', sql: `UPDATE ${g} SET ra = -1 ${one}`, row: true },
]
