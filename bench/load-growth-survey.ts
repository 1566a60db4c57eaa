// A survey of one narrow table, for loads of many rows.
import { defineCatalog, defineSurvey, float32, float64, fromHdu, int64 } from '../src/model/index.ts'

export const growthTable = defineCatalog({
  name: 'bench_growth.narrow',
  title: 'Narrow rows',
  columns: fromHdu('NARROW', {
    id: int64('ID', 'Number.'),
    ra: float64('RA', 'Right ascension.'),
    dec: float64('DEC', 'Declination.'),
    z: float32('Z', 'Redshift.'),
    mass: float32('MASS', 'Mass.'),
  }),
  key: ['id'],
  layouts: { narrow: { files: 'narrow-*.fits', hdus: ['NARROW'] } },
})

export const growthSurvey = defineSurvey({
  name: 'growth',
  title: 'Growth',
  schema: 'bench_growth',
  version: '1',
  catalogs: [growthTable as never],
})
