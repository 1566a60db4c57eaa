// What `healpix` must find.
import { g, type InjectedFault, one } from '../fault.ts'

/** Degrees in [0, 360). */
const turned = (ra: string) => `(${ra}) - 360 * floor((${ra}) / 360)`

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
  {
    check: 'healpix',
    what: 'equinox 1950',
    // Annual precession in RA and Dec of the middle of the half-century (Meeus, Astronomical Algorithms, chapter 21).
    sql: `UPDATE ${g} SET ra = ${turned('ra - 50 * (46.1244 + 20.0431 * sind(ra) * tand(dec)) / 3600')},
      dec = dec - 50 * 20.0431 * cosd(ra) / 3600`,
    says: /equinox 1950/,
  },
  {
    check: 'healpix',
    what: 'galactic coordinates of a file',
    // By the pole at 192.85948, 27.12825 and the longitude of the north celestial pole, 122.93192 (Hipparcos 1.5.3).
    sql: `UPDATE ${g} SET ra = ${turned('122.93192 - atan2d(cosd(dec) * sind(ra - 192.85948), sind(dec) * cosd(27.12825) - cosd(dec) * sind(27.12825) * cosd(ra - 192.85948))')},
      dec = asind(sind(dec) * sind(27.12825) + cosd(dec) * cosd(27.12825) * cosd(ra - 192.85948)) WHERE source_file = 1`,
    says: /galactic/,
  },
  {
    check: 'healpix',
    what: 'ecliptic coordinates of one row',
    sql: `UPDATE ${g} SET ra = ${turned('atan2d(sind(ra) * cosd(23.43928) + tand(dec) * sind(23.43928), cosd(ra))')},
      dec = asind(sind(dec) * cosd(23.43928) - cosd(dec) * sind(23.43928) * sind(ra)) ${one}`,
    says: /ecliptic/,
    row: true,
  },
  { check: 'healpix:file', what: 'a row of another file', sql: `UPDATE ${g} SET ra = 200 ${one}`, row: true },
]
