// Definite integrals of smooth functions by Gauss-Legendre panels, doubled until two answers agree.
import { AlmagestError } from '../model/index.ts'

const ORDER = 16
const RELATIVE_TOLERANCE = 1e-13
const MAX_PANELS = 4096

const { nodes, weights } = gaussLegendre(ORDER)

/**
 * Nodes and weights of the n-point Gauss-Legendre rule on [-1, 1]: the zeros of the Legendre polynomial by
 * Newton's method from Tricomi's starting values (Abramowitz & Stegun 22.16.6 and 25.4.29).
 */
export function gaussLegendre(n: number): { nodes: Float64Array; weights: Float64Array } {
  const nodes = new Float64Array(n)
  const weights = new Float64Array(n)
  for (let i = 0; i < n; i++) {
    let x = Math.cos((Math.PI * (i + 0.75)) / (n + 0.5))
    let slope = 1
    for (let step = 0; step < 100; step++) {
      const [value, derivative] = legendre(n, x)
      slope = derivative
      const next = x - value / derivative
      const settled = Math.abs(next - x) < 1e-16
      x = next
      if (settled) break
    }
    nodes[i] = x
    weights[i] = 2 / ((1 - x * x) * slope * slope)
  }
  return { nodes, weights }
}

/** Legendre polynomial of degree n and its derivative at x, by the three-term recurrence. */
function legendre(n: number, x: number): [value: number, derivative: number] {
  let before = 1
  let value = x
  for (let k = 2; k <= n; k++) {
    const next = ((2 * k - 1) * x * value - (k - 1) * before) / k
    before = value
    value = next
  }
  return [value, (n * (x * value - before)) / (x * x - 1)]
}

/** One 16-point panel over [a, b]. */
export function panel(f: (x: number) => number, a: number, b: number): number {
  const half = (b - a) / 2
  const middle = (a + b) / 2
  let sum = 0
  for (let i = 0; i < ORDER; i++) sum += weights[i]! * f(middle + half * nodes[i]!)
  return sum * half
}

/**
 * Integral of a smooth function over [a, b], to about 1e-13 relative.
 * @throws AlmagestError `QUADRATURE_DIVERGED` where 4096 panels don't settle it (a pole, a jump, a NaN)
 */
export function integrate(f: (x: number) => number, a: number, b: number): number {
  if (a === b) return 0
  let before = Number.NaN
  for (let panels = 1; panels <= MAX_PANELS; panels *= 2) {
    const width = (b - a) / panels
    let sum = 0
    for (let i = 0; i < panels; i++) sum += panel(f, a + i * width, a + (i + 1) * width)
    if (Math.abs(sum - before) <= RELATIVE_TOLERANCE * Math.abs(sum)) return sum
    before = sum
  }
  throw new AlmagestError(
    'QUADRATURE_DIVERGED',
    'data',
    `the integral from ${a} to ${b} did not settle with ${MAX_PANELS} panels (last value ${before})`,
    'Check the cosmological parameters: the expansion rate must stay positive over the whole range.',
  )
}
