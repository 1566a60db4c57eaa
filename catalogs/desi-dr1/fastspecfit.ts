// The galaxies: FastSpecFit's measurements of the spectra of DESI DR1 ("iron"), one row per target.
import {
  absent,
  byServer,
  defineCatalog,
  fileNumber,
  fits,
  float32,
  float64,
  fromHdu,
  int32,
  int64,
  rowNumber,
  text,
  timestamp,
} from '../../src/model/index.ts'
import { galaxyExpectations } from './expected.ts'

export const schema = 'desi_analysis'

const error = (column: string) => fits('SPECPHOT', column, { convert: { kind: 'ivar-to-error' } })

/** A_V / tau_V = 2.5 log10(e), because a flux falls by exp(-tau) and a magnitude is -2.5 log10 of a flux. */
const magnitudesPerOpticalDepth = 2.5 * Math.LOG10E

const attenuation = fits('SPECPHOT', 'TAUV', {
  convert: {
    kind: 'scale',
    factor: magnitudesPerOpticalDepth,
    reason:
      'A_V = 2.5 log10(e) tau_V = 1.0857 tau_V, from the definitions of optical depth and of the magnitude',
  },
})

const files = 'fastspec-iron-{survey:main|special|sv1|sv2|sv3|cmx}-{program:bright|dark|backup|other}*.fits'

const notInV21 = absent('version 2.1 of the catalogue has no such column')

export const fastspecfit = defineCatalog({
  name: `${schema}.fastspecfit_iron`,
  title: 'DESI DR1 FastSpecFit (iron)',
  columns: {
    ...fromHdu('METADATA', {
      targetid: int64('TARGETID', 'DESI target identifier; unique within one survey and program.', {
        ucd: 'meta.id;meta.main',
      }),
      ra: float64(
        // The release reaches up to 360 by rounding; 360 and 0 are the same place.
        fits('METADATA', 'RA', { convert: { kind: 'wrap-ra' } }),
        'Right ascension from the target catalogue.',
        { unit: 'deg', ucd: 'pos.eq.ra;meta.main', range: { from: 0, below: 360 }, required: true },
      ),
      dec: float64('DEC', 'Declination from the target catalogue.', {
        unit: 'deg',
        ucd: 'pos.eq.dec;meta.main',
        range: { from: -90, to: 90 },
        required: true,
      }),
      z: float64('Z', 'Redshift that the fit used.', {
        ucd: 'src.redshift',
        range: { above: -0.01, below: 10 },
      }),
    }),
    ...fromHdu('SPECPHOT', {
      logmstar: float32(
        'LOGMSTAR',
        // The files say solMass, but the values are logarithms.
        'Decimal logarithm of the stellar mass, for h = 1 and the initial mass function of Chabrier (2003).',
        { unit: 'log(solMass)', ucd: 'phys.mass', range: { from: -20, to: 20 } },
      ),
      sfr: float32('SFR', 'Star formation rate, for h = 1 and the same initial mass function.', {
        unit: 'solMass/yr',
        ucd: 'phys.SFR',
        range: { from: 0 },
      }),
      vdisp: float32('VDISP', 'Velocity dispersion of the stars.', {
        unit: 'km/s',
        ucd: 'phys.veloc.dispersion',
        range: { from: 0 },
      }),
      age: float32('AGE', 'Age of the stars, weighted by light.', {
        unit: 'Gyr',
        ucd: 'time.age',
        range: { from: 0 },
      }),
      av: float32(attenuation, 'Attenuation of the starlight by dust in the V band.', {
        unit: 'mag',
        ucd: 'phys.absorption;em.opt.V',
        range: { from: 0 },
      }),
      dn4000: float32(
        'DN4000',
        'Narrow break index at 4000 Angstrom (Balogh et al. 1999) of the spectrum without emission lines.',
        { ucd: 'spect.index' },
      ),
    }),
    created_at: timestamp(byServer('clock'), 'When the row was loaded.', {
      ucd: 'time.creation',
      default: 'CURRENT_TIMESTAMP',
    }),
    ...fromHdu('METADATA', {
      survey: text('SURVEY', 'Survey that observed the target, e.g. main or sv3.', { ucd: 'meta.id;obs' }),
      program: text('PROGRAM', 'Program by sky brightness: bright, dark, backup or other.', {
        ucd: 'meta.code;obs',
      }),
      healpix: int32('HEALPIX', 'HEALPix pixel (nside 64, nested) whose spectra were coadded.', {
        ucd: 'pos.healpix',
        range: { from: 0, to: 49151 },
      }),
      spectype: text('SPECTYPE', 'Spectral class by Redrock: GALAXY, QSO or STAR.', { ucd: 'src.class' }),
      zwarn: int64('ZWARN', 'Bit mask of warnings about the redshift; 0 means none.', {
        ucd: 'meta.code.qual',
      }),
      deltachi2: float64('DELTACHI2', 'Chi-squared by which the best redshift beats the next one.', {
        ucd: 'stat.fit.chi2;arith.diff',
      }),
    }),
    ...fromHdu('SPECPHOT', {
      tauv: float32('TAUV', 'Optical depth of dust in the V band.', {
        ucd: 'phys.absorption.opticalDepth;em.opt.V',
        range: { from: 0 },
      }),
      // Inverse variances in the files; their units there are the values' own or those of a linear mass.
      logmstar_error: float32(error('LOGMSTAR_IVAR'), 'Standard error of logmstar.', {
        unit: "'dex'",
        ucd: 'stat.error;phys.mass',
      }),
      sfr_error: float32(error('SFR_IVAR'), 'Standard error of sfr.', {
        unit: 'solMass/yr',
        ucd: 'stat.error;phys.SFR',
      }),
      vdisp_error: float32(error('VDISP_IVAR'), 'Standard error of vdisp.', {
        unit: 'km/s',
        ucd: 'stat.error;phys.veloc.dispersion',
      }),
      age_error: float32(error('AGE_IVAR'), 'Standard error of age.', {
        unit: 'Gyr',
        ucd: 'stat.error;time.age',
      }),
      tauv_error: float32(error('TAUV_IVAR'), 'Standard error of tauv.', {
        ucd: 'stat.error;phys.absorption.opticalDepth',
      }),
      dn4000_error: float32(error('DN4000_IVAR'), 'Standard error of dn4000.', {
        ucd: 'stat.error;spect.index',
      }),
    }),
    source_file: int32(fileNumber(), 'File the row was loaded from, as numbered in almagest.load_file.', {
      ucd: 'meta.id',
    }),
    source_row: int32(rowNumber(), 'Row within the HDU, counted from 1.', { ucd: 'meta.id' }),
  },
  key: ['targetid'],
  duplicates: {
    keep: 'first',
    reason:
      'a target observed in several surveys or programs has a row in the files of each; the table has one row per target',
    uniqueWithin: ['survey', 'program'],
  },
  sky: { ra: 'ra', dec: 'dec', frame: 'icrs', index: 'idx_fastspecfit_q3c' },
  selections: {
    /** The redshifts that the volume-limited void catalogues cover, with a mass to compare. */
    void_sample: (c) => [c.z.between(0.01, 0.24), c.logmstar.isNotNull()],
    /** Without failed fits, whose masses reach from -12 to 15.6. */
    plausible: (c) => [c.logmstar.between(6, 13), c.dn4000.between(0.5, 5)],
  },
  indexes: {
    idx_fastspecfit_z: { btree: ['z'] },
    idx_fastspecfit_logmstar: { btree: ['logmstar'] },
    /** Redshifts of a range of masses, a hundred thousand at a time, without reading the table. */
    idx_fastspecfit_mass_range: { btree: ['logmstar'], include: ['targetid', 'z'] },
    idx_fastspecfit_void_sample: { btree: ['z', 'logmstar'], only: 'void_sample' },
  },
  layouts: {
    'v3.0': { files, hdus: ['METADATA', 'SPECPHOT', 'FASTSPEC'], alignedBy: 'TARGETID' },
    'v2.1': {
      files,
      hdus: ['METADATA', 'FASTSPEC'],
      alignedBy: 'TARGETID',
      columns: {
        logmstar: fits('FASTSPEC', 'LOGMSTAR'),
        sfr: fits('FASTSPEC', 'SFR'),
        vdisp: fits('FASTSPEC', 'VDISP'),
        age: fits('FASTSPEC', 'AGE'),
        av: fits('FASTSPEC', 'AV'),
        dn4000: fits('FASTSPEC', 'DN4000'),
        tauv: absent('version 2.1 gives the attenuation itself, see av'),
        logmstar_error: notInV21,
        sfr_error: notInV21,
        vdisp_error: fits('FASTSPEC', 'VDISP_IVAR', { convert: { kind: 'ivar-to-error' } }),
        age_error: notInV21,
        tauv_error: notInV21,
        dn4000_error: fits('FASTSPEC', 'DN4000_IVAR', { convert: { kind: 'ivar-to-error' } }),
      },
    },
  },
  quality: {
    owner: 'FastSpecFit',
    // How the cuts were made in detail is not recorded: a difference is to be looked at, not a proof of a fault.
    severity: { 'scaling-relation': 'warn' },
    expect: {
      ...galaxyExpectations,
      healpix: { column: 'healpix', nside: 64, file: { pattern: '-nside1-hp(\\d\\d)', nside: 1 } },
      // The tiles of the main survey, coarsely: declinations as far as those of its targets.
      footprint: [{ ra: [0, 360], dec: [-30, 90] }],
    },
  },
})
