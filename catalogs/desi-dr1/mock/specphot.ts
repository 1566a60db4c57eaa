// Values of SPECPHOT: what the fit says about the stars, and magnitudes that follow from the fluxes.
import { type Block, type Filled, float32Of, identification } from './blocks.ts'
import { distanceOf } from './distance.ts'
import { physicsOf } from './physics.ts'
import { uniformOf } from './random.ts'

export function specphotValues(block: Block): Filled {
  const { galaxies, seed } = block.mock
  const physics = physicsOf(galaxies, block.from, block.to, seed)
  const { logMass, sfr, dn4000, vdisp, vdispIvar, tauV, age, fluxR } = physics
  /** Inverse variance of a value: 0 where the value is missing. */
  const ivarOf = (values: Float32Array, error: (value: number) => number) =>
    values.map((value) => (Number.isNaN(value) ? 0 : 1 / error(value) ** 2))
  const rchi2 = float32Of(block, (galaxy) => 0.9 + 0.3 * uniformOf(seed, galaxy, 60))
  const magnitude = float32Of(block, (galaxy, i) => {
    const z = galaxies.z[galaxy]!
    return 22.5 - 2.5 * Math.log10(fluxR[i]!) - 5 * Math.log10(distanceOf(z) * (1 + z)) - 25
  })
  const brighter = (by: number) => magnitude.map((value) => value - by)
  const hundred = new Float32Array(magnitude.length).fill(100)
  return {
    ...identification(block),
    SEED: BigInt64Array.from({ length: rchi2.length }, (_, i) => BigInt(block.from + i)),
    RCHI2: rchi2,
    RCHI2_LINE: rchi2,
    RCHI2_CONT: rchi2,
    RCHI2_PHOT: rchi2,
    COEFF: coefficients(block, fluxR),
    VDISP: vdisp,
    VDISP_IVAR: vdispIvar,
    TAUV: tauV,
    TAUV_IVAR: ivarOf(tauV, () => 0.1),
    AGE: age,
    AGE_IVAR: ivarOf(age, (value) => 0.2 * value),
    ZZSUN: float32Of(block, (_, i) => (physics.quiescent[i] ? 0.1 : -0.3)),
    LOGMSTAR: logMass,
    LOGMSTAR_IVAR: ivarOf(logMass, () => 0.08),
    SFR: sfr,
    SFR_IVAR: ivarOf(sfr, (value) => 0.3 * value + 0.01),
    DN4000: dn4000,
    DN4000_OBS: dn4000.map((value) => 0.99 * value),
    DN4000_IVAR: ivarOf(dn4000, () => 0.03),
    DN4000_MODEL: dn4000,
    FLUX_SYNTH_R: fluxR,
    FLUX_SYNTH_SPECMODEL_R: fluxR,
    FLUX_SYNTH_PHOTMODEL_R: fluxR,
    ABSMAG10_DECAM_G: brighter(-0.9),
    ABSMAG10_DECAM_R: magnitude,
    ABSMAG10_DECAM_Z: brighter(0.6),
    ABSMAG10_IVAR_DECAM_R: hundred,
    ABSMAG01_SDSS_G: brighter(-0.7),
    ABSMAG01_SDSS_R: magnitude,
    // Synthesised from the model: an inverse variance of 0 says so.
    ABSMAG01_SYNTH_SDSS_R: magnitude,
    ABSMAG00_V: brighter(-0.3),
    KCORR10_DECAM_R: float32Of(block, (galaxy) => 0.8 * (galaxies.z[galaxy]! - 1)),
    KCORR01_SDSS_R: float32Of(block, (galaxy) => 0.9 * (galaxies.z[galaxy]! - 0.1)),
    FHALPHA_CONT: fluxR.map((value) => 0.03 * value),
  }
}

/** Five coefficients a row, the first and the third of them not zero. */
function coefficients({ from, to }: Block, fluxR: Float32Array): Float32Array {
  const values = new Float32Array(5 * (to - from))
  fluxR.forEach((flux, i) => {
    values[5 * i] = 0.7 * flux
    values[5 * i + 2] = 0.3 * flux
  })
  return values
}
