// What `unit` must find.
import { g, type InjectedFault, one } from '../fault.ts'

export const faults: readonly InjectedFault[] = [
  {
    check: 'unit:mag',
    what: 'fluxes as magnitudes',
    sql: `UPDATE ${g} SET mag = 10 ^ (9 - 0.4 * mag)`,
    says: /fluxes/,
  },
  {
    check: 'unit:z',
    what: 'a velocity as redshift',
    sql: `UPDATE ${g} SET z = z * 299792.458 ${one}`,
    row: true,
  },
  { check: 'unit:mass', what: 'a linear mass', sql: `UPDATE ${g} SET mass = 10 ^ mass ${one}`, row: true },
]
