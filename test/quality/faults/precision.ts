// What `precision` must find.
import { g, type InjectedFault } from '../fault.ts'

export const faults: readonly InjectedFault[] = [
  {
    check: 'precision:ra',
    what: 'RA through single precision',
    sql: `UPDATE ${g} SET ra = ra::real WHERE source_file = 1`,
    says: /hp\d\d\.fits/,
  },
  { check: 'precision:dec', what: 'Dec through single precision', sql: `UPDATE ${g} SET dec = dec::real` },
  {
    check: 'precision:id',
    what: 'identifiers through a double',
    sql: `UPDATE ${g} SET id = id::float8::bigint`,
    says: /rounded/,
  },
  {
    check: 'precision:id',
    what: 'identifiers through a float',
    sql: `UPDATE ${g} SET id = id::real::bigint`,
  },
]
