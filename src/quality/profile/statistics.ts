// How far two distributions are from each other, and how far two samples of one distribution may be by chance.

/** Chance that a comparison of two samples of one distribution is beyond its threshold: a run makes hundreds of them. */
export const falseAlarm = 1e-6

/**
 * Two-sample Kolmogorov-Smirnov statistic of counts in common bins: the greatest difference of the cumulative shares at
 * the bins' edges. It never exceeds that of the values themselves, and falls short of it by no more than the share of a bin.
 */
export function kolmogorovSmirnov(before: readonly number[], now: readonly number[]): number {
  const [n, m] = [total(before), total(now)]
  let [below, belowNow, greatest] = [0, 0, 0]
  before.forEach((count, i) => {
    below += count / n
    belowNow += now[i]! / m
    greatest = Math.max(greatest, Math.abs(below - belowNow))
  })
  return greatest
}

/**
 * Greatest statistic that two samples of one distribution, of n and m values, reach with probability 1 - alpha:
 * sqrt(-ln(alpha / 2) / 2) sqrt((n + m) / (n m)) (Smirnov 1948, Ann. Math. Stat. 19, 279; Knuth, The Art of Computer
 * Programming 2, section 3.3.1). It is for large samples, and too high for small ones and for values that repeat.
 */
export function smirnovThreshold(n: number, m: number, alpha = falseAlarm): number {
  return Math.sqrt(-Math.log(alpha / 2) / 2) * Math.sqrt((n + m) / (n * m))
}

/**
 * Population stability index: the sum over bins of (q - p) ln(q / p), p and q being shares of the two samples (Siddiqi
 * 2006, Credit Risk Scorecards, chapter 8; Jeffreys' divergence). An empty bin counts as half a value.
 */
export function stabilityIndex(before: readonly number[], now: readonly number[]): number {
  const [n, m] = [total(before), total(now)]
  return before.reduce((sum, count, i) => {
    const [p, q] = [Math.max(count, 0.5) / n, Math.max(now[i]!, 0.5) / m]
    return sum + (q - p) * Math.log(q / p)
  }, 0)
}

/**
 * Index that two samples of one distribution reach with probability 1 - alpha: (1/n + 1/m) times a quantile of
 * chi-squared with one degree of freedom fewer than bins (Yurdakul and Naranjo 2020, J. Risk Model Validation 14(4)).
 */
export function stabilityThreshold(bins: number, n: number, m: number, alpha = falseAlarm): number {
  return (1 / n + 1 / m) * chiSquaredQuantile(1 - alpha, Math.max(1, bins - 1))
}

/** Quantile of chi-squared, to one in a hundred (Wilson and Hilferty 1931, PNAS 17, 684). */
export function chiSquaredQuantile(probability: number, degrees: number): number {
  const share = 2 / (9 * degrees)
  return degrees * (1 - share + normalQuantile(probability) * Math.sqrt(share)) ** 3
}

/**
 * Difference of two fractions that two samples reach with probability 1 - alpha: the z test of two proportions with their
 * pooled variance.
 */
export function fractionThreshold(
  [missing, n]: readonly [number, number],
  [missingNow, m]: readonly [number, number],
  alpha = falseAlarm,
): number {
  const pooled = (missing + missingNow) / (n + m)
  return normalQuantile(1 - alpha / 2) * Math.sqrt(pooled * (1 - pooled) * (1 / n + 1 / m))
}

/** Quantile of the normal distribution above its middle, to 4.5e-4 (Abramowitz and Stegun 1964, 26.2.23). */
export function normalQuantile(probability: number): number {
  const t = Math.sqrt(-2 * Math.log(1 - probability))
  return t - (2.515517 + t * (0.802853 + t * 0.010328)) / (1 + t * (1.432788 + t * (0.189269 + t * 0.001308)))
}

/** Neighbouring bins put together until each of them has a tenth of the first sample. */
export function inTenths(before: readonly number[], now: readonly number[]): [number[], number[]] {
  const least = total(before) / 10
  const [first, second]: [number[], number[]] = [[], []]
  let [a, b] = [0, 0]
  before.forEach((count, i) => {
    a += count
    b += now[i]!
    if (a < least) return
    first.push(a)
    second.push(b)
    ;[a, b] = [0, 0]
  })
  if (first.length === 0) return [[a], [b]]
  first[first.length - 1]! += a
  second[second.length - 1]! += b
  return [first, second]
}

export const total = (counts: readonly number[]) => counts.reduce((sum, each) => sum + each, 0)
