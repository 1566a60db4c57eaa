// What `coordinates` must find.
import { g, type InjectedFault } from '../fault.ts'

export const faults: readonly InjectedFault[] = [
  {
    check: 'coordinates',
    what: 'a file in radians',
    sql: `UPDATE ${g} SET ra = radians(ra), dec = radians(dec) WHERE source_file = 1`,
    says: /hp\d\d\.fits: .*radians/,
  },
  { check: 'coordinates', what: 'RA in hours', sql: `UPDATE ${g} SET ra = ra / 15`, says: /hours/ },
  {
    check: 'coordinates',
    what: 'RA and Dec swapped',
    sql: `UPDATE ${g} SET ra = dec, dec = ra`,
    says: /swapped/,
  },
]
