// What `healpix` must find.
import { g, type InjectedFault, one } from '../fault.ts'

export const faults: readonly InjectedFault[] = [
  {
    check: 'healpix',
    what: 'RA and Dec swapped',
    sql: `UPDATE ${g} SET ra = abs(dec), dec = 30 - ra / 10 ${one}`,
    row: true,
  },
  {
    check: 'healpix',
    what: 'RA and Dec of a file swapped',
    sql: `UPDATE ${g} SET ra = dec, dec = ra WHERE dec >= 0 AND ra < 90`,
    says: /RA and Dec are swapped/,
  },
  {
    check: 'healpix',
    what: 'an hour of RA',
    sql: `UPDATE ${g} SET ra = ra + 15 WHERE ra < 40`,
    says: /one hour too large/,
  },
  {
    check: 'healpix',
    what: 'radians',
    sql: `UPDATE ${g} SET ra = radians(ra), dec = radians(dec)`,
    says: /radians/,
  },
  { check: 'healpix', what: 'hours', sql: `UPDATE ${g} SET ra = ra / 15`, says: /RA is in hours/ },
  {
    check: 'healpix',
    what: 'the sign of Dec',
    sql: `UPDATE ${g} SET dec = -dec ${one}`,
    says: /wrong sign/,
    row: true,
  },
  { check: 'healpix:file', what: 'a row of another file', sql: `UPDATE ${g} SET ra = 200 ${one}`, row: true },
]
