// What `footprint` must find.
import { g, type InjectedFault, one } from '../fault.ts'

export const faults: readonly InjectedFault[] = [
  {
    check: 'footprint',
    what: 'one row on the other side',
    sql: `UPDATE ${g} SET ra = 180 ${one}`,
    row: true,
  },
  { check: 'footprint', what: 'a row in the far south', sql: `UPDATE ${g} SET dec = -70 ${one}`, row: true },
  { check: 'footprint', what: 'an hour of RA', sql: `UPDATE ${g} SET ra = ra + 15` },
]
