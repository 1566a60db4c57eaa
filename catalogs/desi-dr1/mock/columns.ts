// The columns of the FastSpecFit files of DESI DR1, version 3.0, as facts: name, format, unit, in the files' order.
// Source: the FastSpecFit data model, https://fastspecfit.readthedocs.io/en/latest/fastspec.html, with the units as
// the code of version 3 writes them (LOGMSTAR and the LOGL errors included, which say something else than they mean).
import type { MockColumn } from '../../../src/model/index.ts'

const units: Readonly<Record<string, string>> = {
  deg: 'deg',
  nmgy: 'nmgy',
  'nmgy-2': '1 / nmgy2',
  nanomaggies: 'nanomaggies',
  mag: 'mag',
  'mag-2': '1 / mag2',
  kms: 'km / s',
  'kms-2': 's2 / km2',
  Gyr: 'Gyr',
  'Gyr-2': '1 / Gyr2',
  mass: 'solMass',
  'mass-2': '1 / solMass2',
  sfr: 'solMass / yr',
  'sfr-2': 'yr2 / solMass2',
  lnu: '1e-28 erg / (Hz s)',
  lum: '1e+10 solLum',
  flam: '1e-17 erg / (Angstrom cm2 s)',
}

/** Columns from words of the form NAME:TFORM or NAME:TFORM:unit. */
function columns(words: string): MockColumn[] {
  return words
    .trim()
    .split(/\s+/)
    .map((word) => {
      const [name = '', tform = '', unit] = word.split(':')
      return { name, tform, ...(unit === undefined ? {} : { unit: units[unit]! }) }
    })
}

/**
 * Widths that depend on the file: SURVEY is as wide as the survey's name ("main"), TILEID_LIST as the longest list.
 */
export const metadataColumns: readonly MockColumn[] = columns(`
  TARGETID:K SURVEY:4A PROGRAM:6A HEALPIX:J TILEID_LIST:40A RA:D:deg DEC:D:deg COADD_FIBERSTATUS:K
  DESI_TARGET:K BGS_TARGET:K MWS_TARGET:K SCND_TARGET:K Z:D ZWARN:B DELTACHI2:D SPECTYPE:6A SUBTYPE:20A
  Z_RR:D ZWARN_RR:B TSNR2_BGS:E TSNR2_LRG:E TSNR2_ELG:E TSNR2_QSO:E TSNR2_LYA:E PHOTSYS:1A LS_ID:K
  FIBERFLUX_G:E:nmgy FIBERFLUX_R:E:nmgy FIBERFLUX_Z:E:nmgy FIBERTOTFLUX_G:E:nmgy FIBERTOTFLUX_R:E:nmgy
  FIBERTOTFLUX_Z:E:nmgy FLUX_G:E:nmgy FLUX_R:E:nmgy FLUX_Z:E:nmgy FLUX_W1:E:nmgy FLUX_W2:E:nmgy
  FLUX_W3:E:nmgy FLUX_W4:E:nmgy FLUX_IVAR_G:E:nmgy-2 FLUX_IVAR_R:E:nmgy-2 FLUX_IVAR_Z:E:nmgy-2
  FLUX_IVAR_W1:E:nmgy-2 FLUX_IVAR_W2:E:nmgy-2 FLUX_IVAR_W3:E:nmgy-2 FLUX_IVAR_W4:E:nmgy-2 EBV:E:mag
  MW_TRANSMISSION_G:E MW_TRANSMISSION_R:E MW_TRANSMISSION_Z:E MW_TRANSMISSION_W1:E MW_TRANSMISSION_W2:E
  MW_TRANSMISSION_W3:E MW_TRANSMISSION_W4:E
`)

export const specphotColumns: readonly MockColumn[] = columns(`
  TARGETID:K SURVEY:4A PROGRAM:6A HEALPIX:J SEED:K COEFF:5E RCHI2:E RCHI2_LINE:E RCHI2_CONT:E RCHI2_PHOT:E
  VDISP:E:kms VDISP_IVAR:E:kms-2 TAUV:E TAUV_IVAR:E AGE:E:Gyr AGE_IVAR:E:Gyr-2 ZZSUN:E ZZSUN_IVAR:E
  LOGMSTAR:E:mass LOGMSTAR_IVAR:E:mass-2 SFR:E:sfr SFR_IVAR:E:sfr-2 DN4000:E DN4000_OBS:E DN4000_IVAR:E
  DN4000_MODEL:E DN4000_MODEL_IVAR:E FLUX_SYNTH_G:E:nanomaggies FLUX_SYNTH_R:E:nanomaggies
  FLUX_SYNTH_Z:E:nanomaggies FLUX_SYNTH_SPECMODEL_G:E:nanomaggies FLUX_SYNTH_SPECMODEL_R:E:nanomaggies
  FLUX_SYNTH_SPECMODEL_Z:E:nanomaggies FLUX_SYNTH_PHOTMODEL_G:E:nanomaggies
  FLUX_SYNTH_PHOTMODEL_R:E:nanomaggies FLUX_SYNTH_PHOTMODEL_Z:E:nanomaggies
  FLUX_SYNTH_PHOTMODEL_W1:E:nanomaggies FLUX_SYNTH_PHOTMODEL_W2:E:nanomaggies
  FLUX_SYNTH_PHOTMODEL_W3:E:nanomaggies FLUX_SYNTH_PHOTMODEL_W4:E:nanomaggies ABSMAG10_DECAM_G:E:mag
  ABSMAG10_IVAR_DECAM_G:E:mag-2 ABSMAG10_SYNTH_DECAM_G:E:mag ABSMAG10_SYNTH_IVAR_DECAM_G:E:mag-2
  ABSMAG10_DECAM_R:E:mag ABSMAG10_IVAR_DECAM_R:E:mag-2 ABSMAG10_SYNTH_DECAM_R:E:mag
  ABSMAG10_SYNTH_IVAR_DECAM_R:E:mag-2 ABSMAG10_DECAM_Z:E:mag ABSMAG10_IVAR_DECAM_Z:E:mag-2
  ABSMAG10_SYNTH_DECAM_Z:E:mag ABSMAG10_SYNTH_IVAR_DECAM_Z:E:mag-2 ABSMAG00_U:E:mag ABSMAG00_IVAR_U:E:mag-2
  ABSMAG00_SYNTH_U:E:mag ABSMAG00_SYNTH_IVAR_U:E:mag-2 ABSMAG00_B:E:mag ABSMAG00_IVAR_B:E:mag-2
  ABSMAG00_SYNTH_B:E:mag ABSMAG00_SYNTH_IVAR_B:E:mag-2 ABSMAG00_V:E:mag ABSMAG00_IVAR_V:E:mag-2
  ABSMAG00_SYNTH_V:E:mag ABSMAG00_SYNTH_IVAR_V:E:mag-2 ABSMAG00_TWOMASS_J:E:mag
  ABSMAG00_IVAR_TWOMASS_J:E:mag-2 ABSMAG00_SYNTH_TWOMASS_J:E:mag ABSMAG00_SYNTH_IVAR_TWOMASS_J:E:mag-2
  ABSMAG01_SDSS_U:E:mag ABSMAG01_IVAR_SDSS_U:E:mag-2 ABSMAG01_SYNTH_SDSS_U:E:mag
  ABSMAG01_SYNTH_IVAR_SDSS_U:E:mag-2 ABSMAG01_SDSS_G:E:mag ABSMAG01_IVAR_SDSS_G:E:mag-2
  ABSMAG01_SYNTH_SDSS_G:E:mag ABSMAG01_SYNTH_IVAR_SDSS_G:E:mag-2 ABSMAG01_SDSS_R:E:mag
  ABSMAG01_IVAR_SDSS_R:E:mag-2 ABSMAG01_SYNTH_SDSS_R:E:mag ABSMAG01_SYNTH_IVAR_SDSS_R:E:mag-2
  ABSMAG01_SDSS_I:E:mag ABSMAG01_IVAR_SDSS_I:E:mag-2 ABSMAG01_SYNTH_SDSS_I:E:mag
  ABSMAG01_SYNTH_IVAR_SDSS_I:E:mag-2 ABSMAG01_SDSS_Z:E:mag ABSMAG01_IVAR_SDSS_Z:E:mag-2
  ABSMAG01_SYNTH_SDSS_Z:E:mag ABSMAG01_SYNTH_IVAR_SDSS_Z:E:mag-2 ABSMAG01_W1:E:mag ABSMAG01_IVAR_W1:E:mag-2
  ABSMAG01_SYNTH_W1:E:mag ABSMAG01_SYNTH_IVAR_W1:E:mag-2 KCORR10_DECAM_G:E:mag KCORR10_DECAM_R:E:mag
  KCORR10_DECAM_Z:E:mag KCORR00_U:E:mag KCORR00_B:E:mag KCORR00_V:E:mag KCORR00_TWOMASS_J:E:mag
  KCORR01_SDSS_U:E:mag KCORR01_SDSS_G:E:mag KCORR01_SDSS_R:E:mag KCORR01_SDSS_I:E:mag KCORR01_SDSS_Z:E:mag
  KCORR01_W1:E:mag LOGLNU_1500:E:lnu LOGLNU_1500_IVAR:E:lnu LOGLNU_2800:E:lnu LOGLNU_2800_IVAR:E:lnu
  LOGL_1450:E:lum LOGL_1450_IVAR:E:lum LOGL_1700:E:lum LOGL_1700_IVAR:E:lum LOGL_3000:E:lum
  LOGL_3000_IVAR:E:lum LOGL_5100:E:lum LOGL_5100_IVAR:E:lum FLYA_1215_CONT:E:flam FLYA_1215_CONT_IVAR:E:flam
  FOII_3727_CONT:E:flam FOII_3727_CONT_IVAR:E:flam FHBETA_CONT:E:flam FHBETA_CONT_IVAR:E:flam
  FOIII_5007_CONT:E:flam FOIII_5007_CONT_IVAR:E:flam FHALPHA_CONT:E:flam FHALPHA_CONT_IVAR:E:flam
`)

/** Emission lines with their vacuum wavelengths in Angstrom, at rest. */
export const emissionLines: readonly { readonly name: string; readonly wavelength: number }[] = `
  LYALPHA:1215.670 NV_1240:1240.14 OI_1304:1304.35 SILIV_1396:1396.76 CIV_1549:1549.06 HEII_1640:1640.42
  ALIII_1857:1857.40 SILIII_1892:1892.03 CIII_1908:1908.73 MGII_2796:2796.352 MGII_2803:2803.530
  NEV_3346:3346.79 NEV_3426:3426.85 OII_3726:3727.10 OII_3729:3729.86 NEIII_3869:3869.86 H6:3890.166
  H6_BROAD:3890.166 HEPSILON:3971.198 HEPSILON_BROAD:3971.198 HDELTA:4102.892 HDELTA_BROAD:4102.892
  HGAMMA:4341.692 HGAMMA_BROAD:4341.692 OIII_4363:4364.436 HEI_4471:4472.7350 HEII_4686:4687.02
  HBETA:4862.71 HBETA_BROAD:4862.71 OIII_4959:4960.295 OIII_5007:5008.240 NII_5755:5756.191
  HEI_5876:5877.249 OI_6300:6302.046 SIII_6312:6313.81 NII_6548:6549.861 HALPHA:6564.60 HALPHA_BROAD:6564.60
  NII_6584:6585.273 SII_6716:6718.294 SII_6731:6732.674 ARIII_7135:7137.77 OII_7320:7321.94 OII_7330:7332.21
  SIII_9069:9071.1 SIII_9532:9533.2
`
  .trim()
  .split(/\s+/)
  .map((word) => word.split(':'))
  .map(([name = '', wavelength]) => ({ name, wavelength: Number(wavelength) }))

const flux = '1e-17 erg / (cm2 s)'
const density = '1e-17 erg / (Angstrom cm2 s)'
const densityIvar = '1e+34 Angstrom2 cm4 s2 / erg2'
const fluxIvar = '1e+34 cm4 s2 / erg2'

/** What is measured of each line: suffix, unit. */
const perLine: readonly (readonly [suffix: string, unit?: string])[] = [
  ['MODELAMP', density],
  ['AMP', density],
  ['AMP_IVAR', densityIvar],
  ['FLUX', flux],
  ['FLUX_IVAR', fluxIvar],
  ['BOXFLUX', flux],
  ['BOXFLUX_IVAR', fluxIvar],
  ['VSHIFT', 'km / s'],
  ['VSHIFT_IVAR', 's2 / km2'],
  ['SIGMA', 'km / s'],
  ['SIGMA_IVAR', 's2 / km2'],
  ['CONT', density],
  ['CONT_IVAR', densityIvar],
  ['EW', 'Angstrom'],
  ['EW_IVAR', '1 / Angstrom2'],
  // Without the factor 1e-17 that the fluxes have: so it stands in the files.
  ['FLUX_LIMIT', 'erg / (cm2 s)'],
  ['CHI2'],
  ['NPIX'],
]

const momentLines = ['CIV_1549', 'MGII_2800', 'HBETA', 'OIII_5007']

function lineColumns(line: string): MockColumn[] {
  return perLine.map(([suffix, unit]) => ({
    name: `${line}_${suffix}`,
    tform: suffix === 'NPIX' ? 'J' : 'E',
    ...(unit === undefined ? {} : { unit }),
  }))
}

/** The n-th moment has the unit Angstrom to the n, its inverse variance 1 over that squared. */
function momentColumns(line: string): MockColumn[] {
  return [1, 2, 3].flatMap((n) => [
    { name: `${line}_MOMENT${n}`, tform: 'E', unit: n === 1 ? 'Angstrom' : `Angstrom${n}` },
    { name: `${line}_MOMENT${n}_IVAR`, tform: 'E', unit: `1 / Angstrom${2 * n}` },
  ])
}

export const fastspecColumns: readonly MockColumn[] = [
  ...columns(`
  TARGETID:K SURVEY:4A PROGRAM:6A HEALPIX:J SNR_B:E SNR_R:E SNR_Z:E SMOOTHCORR_B:E SMOOTHCORR_R:E
  SMOOTHCORR_Z:E APERCORR:E APERCORR_G:E APERCORR_R:E APERCORR_Z:E INIT_SIGMA_UV:E:kms
  INIT_SIGMA_NARROW:E:kms INIT_SIGMA_BALMER:E:kms INIT_VSHIFT_UV:E:kms INIT_VSHIFT_NARROW:E:kms
  INIT_VSHIFT_BALMER:E:kms INIT_BALMER_BROAD:L DELTA_LINECHI2:E DELTA_LINENDOF:J MGII_DOUBLET_RATIO:E
  MGII_DOUBLET_RATIO_IVAR:E OII_DOUBLET_RATIO:E OII_DOUBLET_RATIO_IVAR:E OIII_DOUBLET_RATIO:E
  OIII_DOUBLET_RATIO_IVAR:E NII_DOUBLET_RATIO:E NII_DOUBLET_RATIO_IVAR:E SII_DOUBLET_RATIO:E
  SII_DOUBLET_RATIO_IVAR:E OIIRED_DOUBLET_RATIO:E OIIRED_DOUBLET_RATIO_IVAR:E
  `),
  ...emissionLines.flatMap((line) => lineColumns(line.name)),
  ...momentLines.flatMap(momentColumns),
]
