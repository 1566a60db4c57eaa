// What `counterpart` must find.
import { g, type InjectedFault, one, r } from '../fault.ts'

export const faults: readonly InjectedFault[] = [
  {
    check: 'counterpart:redshifts',
    what: 'another redshift',
    sql: `UPDATE ${g} SET z = z + 0.001 ${one}`,
    row: true,
  },
  {
    check: 'counterpart:redshifts',
    what: 'a position off by an arcsecond',
    sql: `UPDATE ${g} SET dec = dec + 1 / 3600.0 ${one}`,
    row: true,
  },
  {
    check: 'counterpart:redshifts',
    what: 'rows shifted by one',
    sql: `UPDATE ${r} AS t SET z = o.z FROM (SELECT id, lag(z) OVER (ORDER BY id) AS z FROM ${r}) AS o WHERE o.id = t.id`,
  },
]
