// Comoving distances for whole columns: a table of cubic Hermite pieces that measures its own error.
import { AlmagestError } from '../model/index.ts'
import { type Cosmology, comovingDistance, expansionRate } from './cosmology.ts'
import { panel } from './quadrature.ts'

export interface ComovingTable {
  readonly cosmology: Cosmology
  readonly zMax: number
  /** Upper bound of the error inside the table, in the cosmology's length unit. */
  readonly errorBound: number
  /** Comoving distance; NaN for a redshift that is negative or not a number, by quadrature beyond `zMax`. */
  distance(z: number): number
  /** `distance` of each element; writes into `out` where given. */
  distances(z: Float64Array, out?: Float64Array): Float64Array
  /** The inverse: the redshift at a comoving distance; NaN below 0 and beyond the table. */
  redshift(distance: number): number
}

const FIRST_STEPS_PER_REDSHIFT = 512
const MAX_STEPS = 1 << 22

/**
 * Tabulates the comoving distance over [0, zMax]. A cubic Hermite piece errs most at its middle (by
 * step^4 max|f''''| / 384), so every middle is compared with quadrature and the step is halved until the largest
 * difference, doubled for safety, is below the bound.
 * @param errorBound in the cosmology's length unit; 1e-8 by default, 100,000 times below the surface tolerance
 * @throws AlmagestError `COMOVING_TABLE` when rounding, or 4 million nodes, don't allow the bound
 */
export function comovingTable(cosmology: Cosmology, zMax: number, errorBound = 1e-8): ComovingTable {
  const slope = (z: number) => cosmology.hubbleDistance / expansionRate(cosmology, z)
  const { nodes, steps } = refine(slope, zMax, errorBound)
  return lookUp(cosmology, nodes, steps, zMax, errorBound)
}

/** A tabulated integral: value and step-scaled slope at each of `steps + 1` equidistant nodes, interleaved. */
export interface HermiteNodes {
  readonly nodes: Float64Array
  readonly steps: number
}

/**
 * Tabulates the integral of a slope over [0, zMax] with the fewest steps (by doubling) that keep within the bound.
 * @param firstSteps  steps to begin with
 * @throws AlmagestError `COMOVING_TABLE`
 */
export function refine(
  slope: (z: number) => number,
  zMax: number,
  errorBound: number,
  firstSteps = Math.max(1, Math.ceil(zMax * FIRST_STEPS_PER_REDSHIFT)),
): HermiteNodes {
  let before = Infinity
  for (let steps = firstSteps; steps <= MAX_STEPS; steps *= 2) {
    const { nodes, worst } = tabulate(slope, zMax / steps, steps)
    if (2 * worst <= errorBound) return { nodes, steps }
    // Halving divides the error by 16 until nothing but rounding is left of it.
    if (worst > before / 2) break
    before = worst
  }
  throw new AlmagestError(
    'COMOVING_TABLE',
    'data',
    `no table up to z = ${zMax} reaches an error of ${errorBound}`,
    'Ask for a smaller zMax or a larger error bound, and check the cosmological parameters.',
  )
}

/** Distances and step-scaled slopes at the nodes, interleaved, and the largest error at the pieces' middles. */
function tabulate(slope: (z: number) => number, step: number, steps: number) {
  const nodes = new Float64Array(2 * (steps + 1))
  nodes[1] = step * slope(0)
  let worst = 0
  for (let i = 0; i < steps; i++) {
    const start = i * step
    const middle = nodes[2 * i]! + panel(slope, start, start + step / 2)
    const end = middle + panel(slope, start + step / 2, start + step)
    nodes[2 * i + 2] = end
    nodes[2 * i + 3] = step * slope(start + step)
    const error = Math.abs(hermite(nodes, i, 0.5) - middle)
    if (!(error <= worst)) worst = error
  }
  return { nodes, worst: Number.isNaN(worst) ? Infinity : worst }
}

/** Cubic Hermite piece `i` at `t` in [0, 1]. */
function hermite(nodes: Float64Array, i: number, t: number): number {
  const start = nodes[2 * i]!
  const slopeHere = nodes[2 * i + 1]!
  const rise = nodes[2 * i + 2]! - start
  const slopeThere = nodes[2 * i + 3]!
  return (
    start +
    t * (slopeHere + t * (3 * rise - 2 * slopeHere - slopeThere + t * (slopeHere + slopeThere - 2 * rise)))
  )
}

function lookUp(
  cosmology: Cosmology,
  nodes: Float64Array,
  steps: number,
  zMax: number,
  errorBound: number,
): ComovingTable {
  const perRedshift = steps / zMax
  const distance = (z: number): number => {
    if (!(z >= 0)) return Number.NaN
    if (z > zMax) return z === Infinity ? Number.NaN : comovingDistance(cosmology, z)
    const at = z * perRedshift
    const i = Math.min(Math.floor(at), steps - 1)
    return hermite(nodes, i, at - i)
  }
  return {
    ...{ cosmology, zMax, errorBound, distance },
    distances(z, out = new Float64Array(z.length)) {
      for (let i = 0; i < z.length; i++) out[i] = distance(z[i]!)
      return out
    },
    redshift: (wanted) => invert(nodes, steps, wanted) / perRedshift,
  }
}

/** Position (in steps) where the table reaches a distance: the piece by bisection, then the point within it. */
function invert(nodes: Float64Array, steps: number, wanted: number): number {
  if (!(wanted >= 0 && wanted <= nodes[2 * steps]!)) return Number.NaN
  let low = 0
  let high = steps
  while (high - low > 1) {
    const middle = (low + high) >> 1
    if (nodes[2 * middle]! <= wanted) low = middle
    else high = middle
  }
  let [from, to] = [0, 1]
  for (let halvings = 0; halvings < 53; halvings++) {
    const t = (from + to) / 2
    if (hermite(nodes, low, t) <= wanted) from = t
    else to = t
  }
  return low + (from + to) / 2
}
