// Declares a catalogue, shows the SQL it becomes, and what happens when it is faulty.
import { AlmagestError, defineCatalog, float64, fromHdu, int64 } from '../src/model/index.ts'
import { catalogDdl } from '../src/postgres/index.ts'

const quasars = defineCatalog({
  name: 'my_survey.quasars',
  title: 'Quasars of my survey',
  columns: fromHdu('QSO', {
    id: int64('ID', 'Identifier.', { ucd: 'meta.id;meta.main' }),
    ra: float64('RA', 'Right ascension.', {
      unit: 'deg',
      ucd: 'pos.eq.ra;meta.main',
      range: { from: 0, below: 360 },
    }),
    dec: float64('DEC', 'Declination.', {
      unit: 'deg',
      ucd: 'pos.eq.dec;meta.main',
      range: { from: -90, to: 90 },
    }),
    z: float64('Z', 'Redshift.', { ucd: 'src.redshift', range: { above: 0 } }),
  }),
  key: ['id'],
  sky: { ra: 'ra', dec: 'dec', frame: 'icrs', index: 'quasars_q3c' },
  selections: { distant: (c) => [c.z.above(3)] },
  indexes: { distant_quasars: { btree: ['z'], only: 'distant' } },
})

const q3c = {
  name: 'q3c',
  install: [],
  indexOn: ({ ra, dec }: { ra: string; dec: string }) => `USING btree (q3c_ang2ipix("${ra}", "${dec}"))`,
}
for (const { sql } of catalogDdl(quasars, q3c)) console.log(`${sql};`)

try {
  defineCatalog({
    name: 'my_survey.Quasars',
    title: 'With three faults',
    columns: fromHdu('QSO', {
      id: int64('ID', 'Identifier.', { ucd: 'meta.idd' }),
      ra: float64('RA', 'RA.', { unit: 'degr' }),
    }),
    key: ['id'],
  })
} catch (error) {
  if (error instanceof AlmagestError) console.log(`\n${error.message}`)
}
