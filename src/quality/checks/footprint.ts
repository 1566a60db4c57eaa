// Whether positions lie where the survey looked.
import { quoteIdentifier } from '../../postgres/index.ts'
import { type CheckKind, rowRule } from '../check.ts'
import { skyExtremes } from '../screen.ts'

export const kind: CheckKind = {
  finds: 'positions outside the boxes that the catalogue declares as the footprint',
  limits: 'needs `expect.footprint`; boxes are coarse, holes and edges of the real footprint are not known',
  derive: ({ catalog: { sky, quality } }) => {
    const boxes = quality?.expect?.footprint
    if (!sky || !boxes) return []
    const [ra, dec] = [`${quoteIdentifier(sky.ra)}::float8`, `${quoteIdentifier(sky.dec)}::float8`]
    const inside = boxes.map((box) => {
      const turned = `(${ra} - ${box.ra[0]} - 360 * floor((${ra} - ${box.ra[0]}) / 360))`
      return `(${turned} <= ${box.ra[1] - box.ra[0]} AND ${dec} BETWEEN ${box.dec[0]} AND ${box.dec[1]})`
    })
    return [
      rowRule({
        name: 'footprint',
        about: 'positions lie in the footprint',
        columns: [sky.ra, sky.dec],
        failing: `NOT (${inside.join(' OR ')})`,
        screen: {
          aggregates: skyExtremes(sky),
          clears: ({ measures: m }) =>
            boxes.some(
              (box) =>
                m.lowRa! >= box.ra[0] &&
                m.highRa! <= box.ra[1] &&
                m.lowDec! >= box.dec[0] &&
                m.highDec! <= box.dec[1],
            ),
        },
        says: (rows) => `${rows} outside the footprint`,
      }),
    ]
  },
}
