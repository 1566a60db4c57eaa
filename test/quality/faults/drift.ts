// What `drift` must find.
import { g, type InjectedFault } from '../fault.ts'

export const faults: readonly InjectedFault[] = [
  {
    check: 'drift:z',
    what: 'redshifts of another sample',
    sql: `UPDATE ${g} SET z = z * 1.3`,
    says: /Kolmogorov/,
  },
  {
    check: 'drift:mag',
    what: 'magnitudes of another system',
    sql: `UPDATE ${g} SET mag = mag - 0.9`,
    says: /stability index/,
  },
  {
    check: 'drift:mass',
    what: 'three in a hundred masses more lost',
    sql: `UPDATE ${g} SET mass = NULL WHERE source_row % 33 = 0`,
    says: /fraction of NULLs/,
  },
  { check: 'drift:sfr', what: 'one value for all', sql: `UPDATE ${g} SET sfr = 1` },
]
