// SDSS DR7 galaxies of a volume-limited sample, and the voids that VAST finds in them.
import {
  defineCatalog,
  defineSurvey,
  fileNumber,
  float32,
  fromHdu,
  int32,
  int64,
  rowNumber,
  vastCatalogs,
  voidCatalogOrder,
} from '../../src/model/index.ts'

const schema = 'sdss_dr7_voids'

export const galaxies = defineCatalog({
  name: `${schema}.galaxies`,
  title: 'SDSS DR7 main galaxies, volume-limited',
  columns: {
    galaxy: int64(
      rowNumber(0),
      'Row of the sample file, counted from 0: the identifier the void files use.',
      {
        ucd: 'meta.id;meta.main',
      },
    ),
    ...fromHdu('#1', {
      ra: float32('ra', 'Right ascension; single precision in the file.', {
        unit: 'deg',
        ucd: 'pos.eq.ra;meta.main',
        range: { from: 0, below: 360 },
        required: true,
      }),
      dec: float32('dec', 'Declination; single precision in the file.', {
        unit: 'deg',
        ucd: 'pos.eq.dec;meta.main',
        range: { from: -90, to: 90 },
        required: true,
      }),
      z: float32('z', 'Redshift.', { ucd: 'src.redshift', range: { from: 0, below: 1 } }),
      weight: float32('weight', 'Weight of the galaxy in the sample.', { ucd: 'stat.weight' }),
    }),
    source_file: int32(fileNumber(), 'File the row was loaded from, as numbered in almagest.load_file.', {
      ucd: 'meta.id',
    }),
  },
  key: ['galaxy'],
  sky: { ra: 'ra', dec: 'dec', frame: 'icrs', index: 'idx_galaxies_q3c' },
  indexes: { idx_galaxies_z: { btree: ['z'] } },
  layouts: { sample: { files: 'vollim_dr7_cbp_102709.fits', hdus: ['#1'] } },
})

const voids = vastCatalogs({
  schema,
  prefix: 'vast',
  files: 'SDSSDR7_VOLLIM_{finder}_{cap:NGC|SGC}.fits',
  masks: 'SDSSDR7_VOLLIM_MASKS.fits',
  galaxies: { catalog: galaxies, key: 'galaxy', ra: 'ra', dec: 'dec', z: 'z' },
})

export default defineSurvey({
  name: 'sdss-dr7-voids',
  title: 'SDSS DR7 void catalogues made with VAST',
  schema,
  version: '1',
  catalogs: [galaxies, ...voidCatalogOrder(voids)],
  voids,
})
