// Comoving positions as VoidFinder computes them: in single precision, so that its galaxies touch its holes.
import type { Positions } from '../../comoving.ts'
import type { Cosmology } from '../../cosmology.ts'
import type { GalaxyBatch } from '../../galaxies.ts'

/** VAST's speed of light, km/s. */
const SPEED_OF_LIGHT = 299_792

// The 21-point Kronrod rule on [-1, 1], right half from the end to the centre (QUADPACK's QK21, Piessens et al. 1983).
const nodes = Float64Array.of(
  0.9956571630258081,
  0.9739065285171717,
  0.9301574913557082,
  0.8650633666889845,
  0.7808177265864169,
  0.6794095682990244,
  0.5627571346686047,
  0.4333953941292472,
  0.2943928627014602,
  0.14887433898163122,
)
const weights = Float64Array.of(
  0.011694638867371874,
  0.032558162307964725,
  0.054755896574351995,
  0.07503967481091996,
  0.0931254545836976,
  0.10938715880229764,
  0.12349197626206584,
  0.13470921731147334,
  0.14277593857706009,
  0.1477391049013385,
)
const centreWeight = 0.1494455540029169

/**
 * Distances of a flat model with a cosmological constant, rounded where VAST 1.7 rounds to float32: redshift,
 * scale factor, abscissas and values of the integrand da / sqrt(a Om + (1 - Om) a^4), integral, and product with c / H0.
 * The scale factor alone moves a galaxy by up to 1e-4 Mpc/h and c by 5e-4, enough to carry galaxies that define a
 * hole's surface across its tolerance. Where VAST's integrator would halve its interval (far beyond any void), this
 * doesn't: the 21 points are exact to float32 there too.
 * @returns one per redshift, in the cosmology's unit; NaN for a redshift that is negative or not a number
 */
export function singlePrecisionDistances(
  { omegaM, h, lengthUnit }: Cosmology,
  redshift: Float64Array,
): Float64Array {
  const matter = Math.fround(omegaM)
  const dark = (1 - matter) / matter
  const hubbleDistance = Math.fround(SPEED_OF_LIGHT / Math.fround(lengthUnit === 'Mpc/h' ? 100 : 100 * h))

  const integrand = (abscissa: number): number => {
    const a = Math.fround(abscissa)
    return Math.fround(1 / Math.sqrt(Math.fround(a * matter) * (1 + dark * a * a * a)))
  }

  const distance = new Float64Array(redshift.length)
  for (let i = 0; i < redshift.length; i++) {
    const z = redshift[i]!
    const start = Math.fround(1 / (1 + Math.fround(z)))
    const centre = (start + 1) / 2
    const half = (1 - start) / 2
    let sum = centreWeight * integrand(centre)
    for (let k = 0; k < nodes.length; k++) {
      const offset = half * nodes[k]!
      sum += weights[k]! * (integrand(centre - offset) + integrand(centre + offset))
    }
    distance[i] = z >= 0 ? Math.fround(Math.fround(sum * half) * hubbleDistance) : Number.NaN
  }
  return distance
}

/**
 * Positions from those distances. Where RA and declination are float32 values, numpy computes in float32
 * throughout, and so does this (but for the last bit of its sines); float64 angles stay as they are.
 */
export function singlePrecisionPositions(
  cosmology: Cosmology,
  { ra, dec, z: redshift }: GalaxyBatch,
): Positions {
  const count = ra.length
  const distance = singlePrecisionDistances(cosmology, redshift)
  const [x, y, z] = [new Float64Array(count), new Float64Array(count), new Float64Array(count)]
  for (let i = 0; i < count; i++) {
    const single = Math.fround(ra[i]!) === ra[i] && Math.fround(dec[i]!) === dec[i]
    const place = single ? placeSingle : placeDouble
    place(x, y, z, i, ra[i]!, dec[i]!, distance[i]!)
  }
  return { x, y, z }
}

type Place = (
  x: Float64Array,
  y: Float64Array,
  z: Float64Array,
  i: number,
  ra: number,
  dec: number,
  r: number,
) => void

const radian = Math.PI / 180

const placeDouble: Place = (x, y, z, i, ra, dec, r) => {
  x[i] = r * Math.cos(ra * radian) * Math.cos(dec * radian)
  y[i] = r * Math.sin(ra * radian) * Math.cos(dec * radian)
  z[i] = r * Math.sin(dec * radian)
}

const { fround } = Math

const placeSingle: Place = (x, y, z, i, ra, dec, r) => {
  const alpha = fround(ra * fround(radian))
  const delta = fround(dec * fround(radian))
  const cosine = fround(Math.cos(delta))
  x[i] = fround(fround(r * fround(Math.cos(alpha))) * cosine)
  y[i] = fround(fround(r * fround(Math.sin(alpha))) * cosine)
  z[i] = fround(r * fround(Math.sin(delta)))
}
