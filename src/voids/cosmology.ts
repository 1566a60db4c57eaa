// Distances and times in Friedmann models: flat or curved, cosmological constant or constant w, with radiation.
import { AlmagestError } from '../model/index.ts'
import { integrate } from './quadrature.ts'

/** Speed of light, km/s (exact, SI). */
export const SPEED_OF_LIGHT = 299_792.458

// CODATA 2018 and IAU 2012/2015 values in SI, as astropy 5 uses them.
const GRAVITATIONAL_CONSTANT = 6.6743e-11
const STEFAN_BOLTZMANN = 5.670374419184431e-8
const METRES_PER_MPC = 3.085677581491367e22
const SECONDS_PER_GYR = 3.15576e16
/** Energy density of one massless neutrino species over that of photons: 7/8 (4/11)^(4/3). */
const NEUTRINO_TO_PHOTON = 0.22710731766

export type LengthUnit = 'Mpc/h' | 'Mpc'

export interface CosmologyParameters {
  /** Matter density over critical, today. */
  readonly omegaM: number
  /** Dark energy density over critical; left out, the model is flat. */
  readonly omegaDE?: number
  /** Equation of state of the dark energy; -1 (the default) is a cosmological constant. */
  readonly w?: number
  /** H0 / (100 km/s/Mpc); 1 by default. In `Mpc/h` it matters only to radiation and to times. */
  readonly h?: number
  /** Temperature of the microwave background, K; 0 (the default) means no radiation. */
  readonly tcmb?: number
  /** Number of massless neutrino species; counts only with a temperature. */
  readonly neff?: number
  /** Unit of every length that goes in or out; `Mpc/h` by default. */
  readonly lengthUnit?: LengthUnit
}

export interface Cosmology extends Required<CosmologyParameters> {
  /** Photons and massless neutrinos. */
  readonly omegaR: number
  /** Curvature: 0 where the model was declared flat, positive in an open one. */
  readonly omegaK: number
  /** c / H0 in `lengthUnit`. */
  readonly hubbleDistance: number
  /** 1 / H0, Gyr. */
  readonly hubbleTime: number
}

/**
 * A cosmology from its parameters.
 * @throws AlmagestError `COSMOLOGY_PARAMETER` for a parameter that is not finite or impossible
 */
export function cosmology(parameters: CosmologyParameters): Cosmology {
  const { omegaM, w = -1, h = 1, tcmb = 0, neff = 3.04, lengthUnit = 'Mpc/h' } = parameters
  requireParameter('omegaM', omegaM, omegaM >= 0)
  requireParameter('w', w, true)
  requireParameter('h', h, h > 0)
  requireParameter('tcmb', tcmb, tcmb >= 0)
  requireParameter('neff', neff, neff >= 0)
  const hubbleRate = (h * 1e5) / METRES_PER_MPC
  const omegaR = radiationDensity(tcmb, neff, hubbleRate)
  const omegaDE = parameters.omegaDE ?? 1 - omegaM - omegaR
  requireParameter('omegaDE', omegaDE, true)
  return Object.freeze({
    ...{ omegaM, omegaDE, omegaR, w, h, tcmb, neff, lengthUnit },
    omegaK: parameters.omegaDE === undefined ? 0 : 1 - omegaM - omegaDE - omegaR,
    hubbleDistance: SPEED_OF_LIGHT / (lengthUnit === 'Mpc/h' ? 100 : 100 * h),
    hubbleTime: 1 / (hubbleRate * SECONDS_PER_GYR),
  })
}

function requireParameter(name: string, value: number, possible: boolean): void {
  if (Number.isFinite(value) && possible) return
  throw new AlmagestError(
    'COSMOLOGY_PARAMETER',
    'data',
    `${name} = ${value} is no possible cosmological parameter`,
    'Densities, temperature and species must be at least 0, h above 0, and all of them finite.',
    { column: name, value: String(value) },
  )
}

/** Photons (4 sigma T^4 / c^3 over the critical density 3 H0^2 / 8 pi G) and massless neutrinos. */
function radiationDensity(tcmb: number, neff: number, hubbleRate: number): number {
  const c = SPEED_OF_LIGHT * 1000
  const critical = (3 * hubbleRate * hubbleRate) / (8 * Math.PI * GRAVITATIONAL_CONSTANT)
  const photons = (4 * STEFAN_BOLTZMANN * tcmb ** 4) / (c * c * c * critical)
  return photons * (1 + NEUTRINO_TO_PHOTON * neff)
}

/** One line that names the parameters, for messages and records, e.g. `flat, omegaM 0.26, h 1, Mpc/h`. */
export function describeCosmology(model: Cosmology): string {
  const { omegaM, omegaDE, omegaK, w, h, tcmb, neff, lengthUnit } = model
  return [
    omegaK === 0 ? 'flat' : `omegaDE ${omegaDE}`,
    `omegaM ${omegaM}`,
    ...(w === -1 ? [] : [`w ${w}`]),
    `h ${h}`,
    ...(tcmb === 0 ? [] : [`Tcmb ${tcmb} K`, `Neff ${neff}`]),
    lengthUnit,
  ].join(', ')
}

/** Dimensionless expansion rate H(z) / H0 (Hogg 1999, arXiv:astro-ph/9905116, eq. 14, with radiation and w). */
export function expansionRate(model: Cosmology, z: number): number {
  const a = 1 + z
  const dark = model.w === -1 ? model.omegaDE : model.omegaDE * a ** (3 * (1 + model.w))
  return Math.sqrt(a * a * (a * (model.omegaR * a + model.omegaM) + model.omegaK) + dark)
}

function requireRedshift(z: number): void {
  if (Number.isFinite(z) && z >= 0) return
  throw new AlmagestError(
    'COSMOLOGY_REDSHIFT',
    'data',
    `${z} is no cosmological redshift`,
    'Distances are defined for finite redshifts of at least 0: leave such rows out and count them.',
    { column: 'z', value: String(z) },
  )
}

/**
 * Line-of-sight comoving distance in the model's length unit (Hogg 1999, eq. 15), integrated over ln(1+z),
 * in which the integrand is smooth at all redshifts; about 1e-13 relative.
 * @throws AlmagestError `COSMOLOGY_REDSHIFT` for z below 0 or not finite
 */
export function comovingDistance(model: Cosmology, z: number): number {
  requireRedshift(z)
  const integrand = (x: number) => Math.exp(x) / expansionRate(model, Math.expm1(x))
  return model.hubbleDistance * integrate(integrand, 0, Math.log1p(z))
}

/** Comoving distance across the line of sight, in the model's length unit (Hogg 1999, eq. 16). */
export function transverseComovingDistance(model: Cosmology, z: number): number {
  const distance = comovingDistance(model, z)
  const { omegaK, hubbleDistance } = model
  if (omegaK === 0) return distance
  const root = Math.sqrt(Math.abs(omegaK))
  const angle = (root * distance) / hubbleDistance
  return (hubbleDistance / root) * (omegaK > 0 ? Math.sinh(angle) : Math.sin(angle))
}

/** Luminosity distance, in the model's length unit (Hogg 1999, eq. 21). */
export function luminosityDistance(model: Cosmology, z: number): number {
  return (1 + z) * transverseComovingDistance(model, z)
}

/** Angular diameter distance, in the model's length unit (Hogg 1999, eq. 18). */
export function angularDiameterDistance(model: Cosmology, z: number): number {
  return transverseComovingDistance(model, z) / (1 + z)
}

/** Lookback time, Gyr (Hogg 1999, eq. 30); it needs the true `h`, whatever the unit of length. */
export function lookbackTime(model: Cosmology, z: number): number {
  requireRedshift(z)
  const integrand = (x: number) => 1 / expansionRate(model, Math.expm1(x))
  return model.hubbleTime * integrate(integrand, 0, Math.log1p(z))
}
