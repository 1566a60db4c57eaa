// Comoving distance and redshift into each other, in the cosmology that the release's headers state.

/** Matter density of the flat model; distances in Mpc/h, h = 1. */
export const omegaM = 0.315
/** c / (100 km/s), in Mpc/h. */
const hubbleDistance = 2997.92458
const step = 0.001
const highest = 7

/** dr/dz = c / H(z) (Hogg 1999, arXiv:astro-ph/9905116, eq. 14 and 15), Mpc/h. */
function slope(z: number): number {
  return hubbleDistance / Math.sqrt(omegaM * (1 + z) ** 3 + 1 - omegaM)
}

/** Distances at multiples of the step, by the rule of Boole over each step: about 1e-12 Mpc/h a step. */
const table = (() => {
  const distances = new Float64Array(Math.round(highest / step) + 2)
  for (let i = 1; i < distances.length; i++) {
    const at = (part: number) => slope((i - 1 + part) * step)
    const mean = (7 * at(0) + 32 * at(0.25) + 12 * at(0.5) + 32 * at(0.75) + 7 * at(1)) / 90
    distances[i] = distances[i - 1]! + step * mean
  }
  return distances
})()

/** Line-of-sight comoving distance in Mpc/h for 0 <= z < 7, to about 1e-9 (cubic Hermite between the nodes). */
export function distanceOf(z: number): number {
  const i = Math.floor(z / step)
  const t = z / step - i
  const [low, high] = [table[i]!, table[i + 1]!]
  const [rise, fall] = [step * slope(i * step), step * slope((i + 1) * step)]
  const s = 1 - t
  return s * s * ((1 + 2 * t) * low + t * rise) + t * t * ((3 - 2 * t) * high - s * fall)
}

/** Redshift of a comoving distance in Mpc/h, by Newton's method to the rounding of `distanceOf`. */
export function redshiftOf(distance: number): number {
  let z = distance / hubbleDistance
  for (let i = 0; i < 8; i++) z += (distance - distanceOf(z)) / slope(z)
  return z
}
