// Whether every position is on the sphere.
import { quoteIdentifier } from '../../postgres/index.ts'
import { type CheckKind, rowRule } from '../check.ts'
import { nullsOf, skyExtremes } from '../screen.ts'

export const kind: CheckKind = {
  finds:
    'positions that are missing, not finite, or off the sphere: RA outside [0, 360), Dec outside [-90, 90]',
  limits: 'a wrong place on the sphere is the matter of coordinates, healpix and footprint',
  derive: ({ catalog: { sky } }) => {
    if (!sky) return []
    const [ra, dec] = [quoteIdentifier(sky.ra), quoteIdentifier(sky.dec)]
    return [
      rowRule({
        name: 'sky-bounds',
        about: 'every row has a position on the sphere',
        columns: [sky.ra, sky.dec],
        // NaN is above all numbers for PostgreSQL, so the upper ends refuse it.
        failing: `(${ra} >= 0 AND ${ra} < 360 AND ${dec} >= -90 AND ${dec} <= 90) IS NOT TRUE`,
        screen: {
          aggregates: { ...skyExtremes(sky), nullsRa: nullsOf(sky.ra), nullsDec: nullsOf(sky.dec) },
          clears: ({ measures: m }) =>
            m.nullsRa === 0 &&
            m.nullsDec === 0 &&
            m.lowRa! >= 0 &&
            m.highRa! < 360 &&
            m.lowDec! >= -90 &&
            m.highDec! <= 90,
        },
        says: (rows) => `${rows} without a position on the sphere`,
      }),
    ]
  },
}
