// Positions that tests search among: random ones, and those where a sphere, a cube or a float has an edge.
import type { Position } from '../../src/sky/index.ts'

/** Uniform numbers in [0, 1) that are the same in every run (mulberry32). */
export function randomNumbers(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = Math.imul(state ^ (state >>> 15), state | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}

/** Positions with equal density all over the sphere. */
export function uniformPositions(count: number, seed: number): Position[] {
  const random = randomNumbers(seed)
  return Array.from({ length: count }, () => ({
    ra: 360 * random(),
    dec: (Math.asin(2 * random() - 1) * 180) / Math.PI,
  }))
}

/** A value and its neighbours among the floating-point numbers. */
export function neighbours(value: number): number[] {
  const view = new DataView(new ArrayBuffer(8))
  view.setFloat64(0, value)
  const bits = view.getBigInt64(0)
  const found = [value]
  for (const step of [-2n, -1n, 1n, 2n]) {
    view.setBigInt64(0, bits + step)
    const other = view.getFloat64(0)
    if (Number.isFinite(other)) found.push(other)
  }
  return found
}

/** Declination at which the cube's top edge runs, for a right ascension. */
export function edgeDec(ra: number): number {
  const fromMiddle = ra - 90 * Math.round(ra / 90)
  return (Math.atan(Math.cos((fromMiddle * Math.PI) / 180)) * 180) / Math.PI
}

/** Poles, meridians, the cube's corners and edges, and values that underflow, wrap or overflow. */
export function adversarialPositions(count: number, seed: number): Position[] {
  const random = randomNumbers(seed)
  const found: Position[] = []
  const decs = [0, -0, 90, -90, 45, -45, edgeDec(45), -edgeDec(45), 1e-300, 5e-324, -1e-17, 89.9999999]
  for (let ra = -720; ra <= 720; ra += 22.5) {
    for (const dec of decs.flatMap(neighbours)) {
      for (const near of neighbours(ra)) found.push({ ra: near, dec })
    }
  }
  for (const ra of [1e300, -1e300, 1e16, -1e16, 359.99999999999994, -1e-20, -5e-324, 1e-310, 1.7e308]) {
    for (const dec of [0, 10, 80, -80, 1000, -1000]) found.push({ ra, dec })
  }
  for (let i = 0; i < count; i++) {
    const ra = 360 * random()
    const dec = (random() < 0.5 ? 1 : -1) * edgeDec(ra)
    found.push({ ra, dec: neighbours(dec)[Math.floor(5 * random())]! })
  }
  return found
}
