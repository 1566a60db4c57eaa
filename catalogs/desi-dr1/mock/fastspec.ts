// Values of FASTSPEC: emission lines where they fall into the spectrograph, zero elsewhere, as in the release.
import { type Block, type Filled, float32Of, identification } from './blocks.ts'
import { emissionLines } from './columns.ts'
import { type Physics, physicsOf } from './physics.ts'
import { uniformOf } from './random.ts'

/** The spectrographs cover these observed wavelengths, Angstrom. */
const bluest = 3600
const reddest = 9824

/** Flux over that of H alpha; lines that aren't named are weak, broad components absent. */
const strengths: Readonly<Record<string, number>> = {
  HALPHA: 1,
  HBETA: 0.35,
  HGAMMA: 0.16,
  HDELTA: 0.09,
  OII_3726: 0.3,
  OII_3729: 0.4,
  OIII_4959: 0.13,
  OIII_5007: 0.4,
  NII_6548: 0.12,
  NII_6584: 0.36,
  SII_6716: 0.2,
  SII_6731: 0.15,
}
const weak = 0.015

const perLine = [
  'MODELAMP',
  'AMP',
  'AMP_IVAR',
  'FLUX',
  'FLUX_IVAR',
  'BOXFLUX',
  'BOXFLUX_IVAR',
  'SIGMA',
] as const
const continuum = ['CONT', 'CONT_IVAR', 'EW', 'EW_IVAR', 'FLUX_LIMIT', 'CHI2'] as const

export function fastspecValues(block: Block): Filled {
  const { galaxies, seed } = block.mock
  const physics = physicsOf(galaxies, block.from, block.to, seed)
  const signal = float32Of(block, (galaxy) => 2 + 18 * uniformOf(seed, galaxy, 80) ** 2)
  const width = float32Of(block, (galaxy) => 60 + 120 * uniformOf(seed, galaxy, 81))
  return {
    ...identification(block),
    SNR_B: signal.map((value) => 0.5 * value),
    SNR_R: signal,
    SNR_Z: signal.map((value) => 1.2 * value),
    APERCORR: float32Of(block, (galaxy) => 1.5 + uniformOf(seed, galaxy, 82)),
    INIT_SIGMA_NARROW: width,
    INIT_SIGMA_BALMER: width,
    OII_DOUBLET_RATIO: new Float32Array(signal.length).fill(0.75),
    ...Object.assign({}, ...emissionLines.map((line) => lineValues(block, line, physics, width, signal))),
  }
}

interface Line {
  readonly name: string
  readonly wavelength: number
}

function lineValues(
  { mock: { galaxies }, from, to }: Block,
  { name, wavelength }: Line,
  physics: Physics,
  width: Float32Array,
  signal: Float32Array,
): Filled {
  if (name.endsWith('_BROAD')) return {}
  const rows = to - from
  const strength = strengths[name] ?? weak
  const [modelAmp, amp, ampIvar, flux, fluxIvar, box, boxIvar, sigma] = perLine.map(
    () => new Float32Array(rows),
  ) as Eight
  const [cont, contIvar, ew, ewIvar, limit, chi2] = continuum.map(() => new Float32Array(rows)) as Six
  const npix = new Int32Array(rows)
  for (let i = 0; i < rows; i++) {
    const stretch = 1 + galaxies.z[from + i]!
    if (wavelength * stretch < bluest || wavelength * stretch > reddest) continue
    const total = finite(strength * physics.halpha[i]!)
    const error = 0.03 * total + 20 / signal[i]!
    // Area over height of a Gaussian: sqrt(2 pi) sigma, with sigma in Angstrom as observed.
    const spread = (2.5066 * width[i]! * wavelength * stretch) / 299792.458
    const level = 0.3 * physics.fluxR[i]!
    flux[i] = box[i] = total
    fluxIvar[i] = boxIvar[i] = 1 / (error * error)
    amp[i] = modelAmp[i] = total / spread
    ampIvar[i] = (spread / error) ** 2
    sigma[i] = width[i]!
    cont[i] = level
    contIvar[i] = (signal[i]! / level) ** 2
    ew[i] = total / level / stretch
    ewIvar[i] = ((level * stretch) / error) ** 2
    limit[i] = 1e-17 * error
    chi2[i] = 1
    npix[i] = 20
  }
  return {
    ...named(name, perLine, [modelAmp, amp, ampIvar, flux, fluxIvar, box, boxIvar, sigma]),
    ...named(name, continuum, [cont, contIvar, ew, ewIvar, limit, chi2]),
    [`${name}_NPIX`]: npix,
  }
}

type Column = Float32Array<ArrayBuffer>
type Six = [Column, Column, Column, Column, Column, Column]
type Eight = [...Six, Column, Column]

const finite = (value: number) => (Number.isFinite(value) ? value : 0)

function named(line: string, suffixes: readonly string[], columns: readonly Float32Array[]): Filled {
  return Object.fromEntries(suffixes.map((suffix, i) => [`${line}_${suffix}`, columns[i]!]))
}
