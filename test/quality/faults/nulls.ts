// What `nulls` must find.
import { g, type InjectedFault, one } from '../fault.ts'

export const faults: readonly InjectedFault[] = [
  {
    check: 'nulls:mass:nan',
    what: 'NaN instead of NULL',
    sql: `UPDATE ${g} SET mass = 'NaN' ${one}`,
    row: true,
  },
  {
    check: 'nulls:mass',
    what: 'a tenth of the masses lost',
    sql: `UPDATE ${g} SET mass = NULL WHERE source_row % 10 = 0`,
  },
  {
    check: 'nulls:mag',
    what: 'all magnitudes of a file lost',
    sql: `UPDATE ${g} SET mag = NULL WHERE source_file = 1`,
    says: /hp\d\d\.fits/,
  },
]
