// What is published about DESI DR1's files, or was measured of them: what the checks hold a load of the release against.
import type { Expectations, QualityDeclaration, VastRelease } from '../../src/model/index.ts'

/** "Number of Targets" by file: documentation of FastSpecFit, page "Iron fastspec VAC (DR1)", version 3.0. */
const targets = {
  'fastspec-iron-cmx-other.fits': 2_762,
  'fastspec-iron-main-backup.fits': 15_163,
  'fastspec-iron-main-bright-nside1-hp00.fits': 101_838,
  'fastspec-iron-main-bright-nside1-hp01.fits': 1_017_041,
  'fastspec-iron-main-bright-nside1-hp02.fits': 1_358_627,
  'fastspec-iron-main-bright-nside1-hp03.fits': 403_581,
  'fastspec-iron-main-bright-nside1-hp04.fits': 981_600,
  'fastspec-iron-main-bright-nside1-hp05.fits': 301_057,
  'fastspec-iron-main-bright-nside1-hp06.fits': 1_347_464,
  'fastspec-iron-main-bright-nside1-hp07.fits': 673_711,
  'fastspec-iron-main-bright-nside1-hp08.fits': 81_734,
  'fastspec-iron-main-bright-nside1-hp09.fits': 66_856,
  'fastspec-iron-main-bright-nside1-hp10.fits': 45_570,
  'fastspec-iron-main-bright-nside1-hp11.fits': 66_848,
  'fastspec-iron-main-dark-nside1-hp00.fits': 352_447,
  'fastspec-iron-main-dark-nside1-hp01.fits': 1_118_746,
  'fastspec-iron-main-dark-nside1-hp02.fits': 1_699_122,
  'fastspec-iron-main-dark-nside1-hp03.fits': 214_658,
  'fastspec-iron-main-dark-nside1-hp04.fits': 1_739_317,
  'fastspec-iron-main-dark-nside1-hp05.fits': 579_026,
  'fastspec-iron-main-dark-nside1-hp06.fits': 2_851_879,
  'fastspec-iron-main-dark-nside1-hp07.fits': 1_032_151,
  'fastspec-iron-main-dark-nside1-hp08.fits': 216_757,
  'fastspec-iron-main-dark-nside1-hp09.fits': 156_454,
  'fastspec-iron-main-dark-nside1-hp10.fits': 74_463,
  'fastspec-iron-main-dark-nside1-hp11.fits': 40_609,
  'fastspec-iron-special-backup.fits': 552,
  'fastspec-iron-special-bright.fits': 43_261,
  'fastspec-iron-special-dark.fits': 14_954,
  'fastspec-iron-special-other.fits': 42_064,
  'fastspec-iron-sv1-backup.fits': 3_331,
  'fastspec-iron-sv1-bright.fits': 126_650,
  'fastspec-iron-sv1-dark.fits': 233_202,
  'fastspec-iron-sv1-other.fits': 34_112,
  'fastspec-iron-sv2-backup.fits': 105,
  'fastspec-iron-sv2-bright.fits': 46_486,
  'fastspec-iron-sv2-dark.fits': 52_690,
  'fastspec-iron-sv3-backup.fits': 1_524,
  'fastspec-iron-sv3-bright.fits': 265_293,
  'fastspec-iron-sv3-dark.fits': 592_191,
}

const brightFiles = 'fastspec-iron-main-bright-nside1-hp{pixel}.fits'
const brightFit = 'least squares over main-bright of version 3.0, masses of 10^6 to 10^13, Dn4000 of 0.5 to 5'
const fitted = 'logmstar BETWEEN 6 AND 13 AND dn4000 BETWEEN 0.5 AND 5'

/** The slopes are the laboratory's own, given to two and three digits: tolerances are wider than their rounding. */
export const galaxyExpectations: Expectations = {
  'row-count': { files: targets, source: 'FastSpecFit documentation, Iron v3.0, number of targets' },
  'scaling-relation': [
    {
      name: 'main-sequence',
      release: brightFiles,
      x: 'logmstar',
      y: 'log(sfr)',
      where: `sfr > 0 AND ${fitted}`,
      slope: { value: 1.01, tolerance: 0.05, source: brightFit },
    },
    {
      name: 'mass-redshift',
      release: brightFiles,
      x: 'z',
      y: 'logmstar',
      where: fitted,
      // Far galaxies are seen only if they are luminous: a selection effect, and a fingerprint of the sample.
      correlation: { value: 0.614, tolerance: 0.01, source: brightFit },
    },
  ],
}

const file = (finder: string, cap: 'NGC' | 'SGC') => `DESIVAST_BGS_VOLLIM_${finder}_${cap}.fits`
const files = (rows: Readonly<Record<string, readonly [ngc: number, sgc: number]>>) =>
  Object.fromEntries(
    Object.entries(rows).flatMap(([finder, [ngc, sgc]]) => [
      [file(finder, 'NGC'), ngc],
      [file(finder, 'SGC'), sgc],
    ]),
  )

const rowsOf = (hdus: string, rows: Parameters<typeof files>[0]): QualityDeclaration => ({
  owner: 'DESIVAST',
  expect: { 'row-count': { files: files(rows), source: `DESIVAST 1.0, NAXIS2 of ${hdus}` } },
})
const ofZones = (ngc: number, sgc: number) => ({
  V2_REVOLVER: [ngc, sgc] as const,
  V2_VIDE: [ngc, sgc] as const,
  V2_ZOBOV: [ngc, sgc] as const,
})

const voids = rowsOf('MAXIMALS and VOIDS', {
  VoidFinder: [3_241, 524],
  V2_REVOLVER: [1_692, 300],
  V2_VIDE: [1_258, 220],
  V2_ZOBOV: [2_950, 569],
})
const counted = (value: number) => ({ value, source: 'DESIVAST 1.0, NAXIS2 of both caps' })
const meanOf = (value: number) => ({
  value,
  // As given, to two digits.
  tolerance: 0.01,
  source: 'mean of RADIUS over both caps of DESIVAST 1.0, Mpc/h, voids at the edge included',
})

export const voidExpectations: NonNullable<VastRelease['quality']> = {
  voids: {
    ...voids,
    expect: {
      ...voids.expect,
      'void-statistics': {
        release: 'DESIVAST_BGS_VOLLIM_{finder}_{cap}.fits',
        finder: 'void_catalog_source',
        radius: 'radius',
        counts: {
          VoidFinder: counted(3_765),
          V2_REVOLVER: counted(1_992),
          V2_VIDE: counted(1_478),
          V2_ZOBOV: counted(3_519),
        },
        meanRadius: {
          VoidFinder: meanOf(12.6),
          V2_REVOLVER: meanOf(17.24),
          V2_VIDE: meanOf(17.25),
          V2_ZOBOV: meanOf(13.72),
        },
      },
    },
  },
  holes: rowsOf('HOLES', { VoidFinder: [89_003, 12_860] }),
  zones: rowsOf('ZONEVOID', ofZones(2_950, 569)),
  galaxyZones: rowsOf('GALZONE', ofZones(604_032, 90_610)),
}
