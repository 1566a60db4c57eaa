// Resampling against closed forms: the jackknife of a mean, the bootstrap of a mean, and statistics that can't be told.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { cohenKappa, resample } from '../../src/analysis/index.ts'

const mean = (values: readonly number[]) => (weights: Float64Array) => {
  const total = weights.reduce((sum, each) => sum + each, 0)
  return Float64Array.of(values.reduce((sum, value, i) => sum + weights[i]! * value, 0) / total)
}

/** s / sqrt(n): what the jackknife gives for a mean of n values, exactly (Efron 1982). */
function errorOfMean(values: readonly number[]): number {
  const middle = values.reduce((sum, each) => sum + each, 0) / values.length
  const squares = values.reduce((sum, each) => sum + (each - middle) ** 2, 0)
  return Math.sqrt(squares / (values.length - 1) / values.length)
}

test('the jackknife of a mean is s / sqrt(n)', () => {
  const numbers = fc.array(fc.double({ min: -100, max: 100, noNaN: true }), { minLength: 2, maxLength: 40 })
  fc.assert(
    fc.property(numbers, (values) => {
      const { value, jackknife } = resample(values.length, mean(values), { samples: 2 })
      expect(value[0]).toBeCloseTo(values.reduce((sum, each) => sum + each, 0) / values.length, 9)
      expect(jackknife[0]).toBeCloseTo(errorOfMean(values), 9)
    }),
    { numRuns: 50 },
  )
})

test('the bootstrap of a mean is near sqrt((n - 1) / n) of that, and the same for the same seed', () => {
  const values = Array.from({ length: 50 }, (_, i) => Math.sin(i * i))
  const expected = errorOfMean(values) * Math.sqrt(49 / 50)
  const { bootstrap } = resample(50, mean(values), { samples: 4000, seed: 3 })
  // The error of an error from 4000 samples is 1.1 percent.
  expect(Math.abs(bootstrap[0]! / expected - 1)).toBeLessThan(0.06)
  const again = resample(50, mean(values), { samples: 4000, seed: 3 })
  expect(again.bootstrap).toEqual(bootstrap)
  expect(resample(50, mean(values), { samples: 4000, seed: 4 }).bootstrap).not.toEqual(bootstrap)
})

test('what one region alone knows has a value and no jackknife error; one region has no error at all', () => {
  const onlyFirst = (weights: Float64Array) => Float64Array.of(weights[0]! > 0 ? 5 : Number.NaN)
  const { value, jackknife } = resample(4, onlyFirst)
  expect([value[0], jackknife[0]]).toEqual([5, Number.NaN])
  expect(resample(1, mean([3])).jackknife[0]).toBeNaN()
})

test("Cohen's kappa: the textbook example, full agreement, chance, and nothing to tell", () => {
  // 50 grant proposals, two readers: 20 yes-yes, 5 and 10 divided, 15 no-no give 0.4.
  expect(cohenKappa([20, 5, 10, 15])).toBeCloseTo(0.4, 12)
  expect(cohenKappa([7, 0, 0, 3])).toBe(1)
  expect(cohenKappa([25, 25, 25, 25])).toBe(0)
  expect(cohenKappa([0, 5, 5, 0])).toBe(-1)
  expect(cohenKappa([9, 0, 0, 0])).toBeNaN()
})
