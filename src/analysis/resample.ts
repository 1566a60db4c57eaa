// Errors by resampling sky regions: the delete-one jackknife and the bootstrap.

/** Values of several statistics, each with two estimates of its standard error. */
export interface Resampled {
  readonly value: Float64Array
  /** NaN where a statistic can't be told without one of the regions, or there is only one. */
  readonly jackknife: Float64Array
  /** NaN where it can't be told for half of the samples. */
  readonly bootstrap: Float64Array
}

export interface ResampleOptions {
  /** Bootstrap samples; 200 by default. */
  readonly samples?: number
  readonly seed?: number
}

/**
 * Values and errors of statistics over sky regions. Neighbouring galaxies are not independent; regions nearly are, so
 * whole regions are left out or drawn (Norberg et al. 2009, MNRAS 396, 19).
 * Jackknife: variance (n-1)/n times the sum of squared deviations of the n leave-one-out values from their mean.
 * Bootstrap: variance of the values over samples of n regions drawn with replacement.
 * @param statistics  values for weights of the regions: how often each counts
 */
export function resample(
  regions: number,
  statistics: (weights: Float64Array) => Float64Array,
  { samples = 200, seed = 1 }: ResampleOptions = {},
): Resampled {
  const all = new Float64Array(regions).fill(1)
  const without = Array.from({ length: regions }, (_, left) =>
    statistics(all.map((each, region) => (region === left ? 0 : each))),
  )
  const random = generator(seed)
  const drawn = Array.from({ length: samples }, () => {
    const weights = new Float64Array(regions)
    for (let i = 0; i < regions; i++) weights[Math.floor(random() * regions)]!++
    return statistics(weights)
  })
  const value = statistics(all)
  const column = (rows: readonly Float64Array[], k: number) => rows.map((row) => row[k]!)
  return {
    value,
    jackknife: value.map((_, k) => jackknifeError(column(without, k))),
    bootstrap: value.map((_, k) => bootstrapError(column(drawn, k))),
  }
}

function jackknifeError(values: readonly number[]): number {
  if (values.length < 2) return Number.NaN
  return Math.sqrt(((values.length - 1) / values.length) * squaredDeviations(values))
}

function bootstrapError(values: readonly number[]): number {
  const known = values.filter((each) => Number.isFinite(each))
  if (known.length < 2 || 2 * known.length < values.length) return Number.NaN
  return Math.sqrt(squaredDeviations(known) / (known.length - 1))
}

function squaredDeviations(values: readonly number[]): number {
  const mean = values.reduce((sum, each) => sum + each, 0) / values.length
  return values.reduce((sum, each) => sum + (each - mean) ** 2, 0)
}

/** Uniform numbers in [0, 1), the same for the same seed (mulberry32). */
function generator(seed: number): () => number {
  let state = seed | 0
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}
