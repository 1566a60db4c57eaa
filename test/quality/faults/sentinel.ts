// What `sentinel` must find.
import { g, type InjectedFault, one } from '../fault.ts'

export const faults: readonly InjectedFault[] = [
  { check: 'sentinel:mass', what: 'a mass of -99', sql: `UPDATE ${g} SET mass = -99 ${one}`, row: true },
  {
    check: 'sentinel:mag',
    what: 'a magnitude of -9999',
    sql: `UPDATE ${g} SET mag = -9999 ${one}`,
    row: true,
  },
  { check: 'sentinel:z', what: 'a redshift of -999', sql: `UPDATE ${g} SET z = -999 ${one}`, row: true },
  {
    check: 'sentinel:mass:unmeasured',
    what: 'a mass of 0 without inverse variance',
    sql: `UPDATE ${g} SET mass = 0, mass_error = NULL ${one}`,
    row: true,
  },
]
