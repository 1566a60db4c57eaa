// The distance table: its stated error bound, its inverse, its edges.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { comovingDistance, comovingPositions, comovingTable, cosmology } from '../../src/voids/index.ts'

const models = [
  cosmology({ omegaM: 0.26 }),
  cosmology({ omegaM: 0.3, omegaDE: 0.6, w: -0.8, h: 0.7, tcmb: 2.7255, lengthUnit: 'Mpc' }),
  cosmology({ omegaM: 1 }),
  cosmology({ omegaM: 0.05, omegaDE: 0 }),
]

test.each(models.map((model) => [model] as const))('the error stays below the bound: %o', (model) => {
  const table = comovingTable(model, 7)
  expect(table.errorBound).toBe(1e-8)
  fc.assert(
    fc.property(fc.double({ min: 0, max: 7, noNaN: true }), (z) => {
      expect(Math.abs(table.distance(z) - comovingDistance(model, z))).toBeLessThanOrEqual(table.errorBound)
    }),
    { numRuns: 2000 },
  )
})

test('the inverse returns the redshift', () => {
  const table = comovingTable(models[0]!, 7)
  fc.assert(
    fc.property(fc.double({ min: 0, max: 7, noNaN: true }), (z) => {
      expect(Math.abs(table.redshift(table.distance(z)) - z)).toBeLessThan(1e-11 * (1 + z))
    }),
  )
})

test('outside its range: quadrature above, NaN below and for no redshift', () => {
  const table = comovingTable(models[0]!, 1)
  expect(table.distance(3)).toBe(comovingDistance(models[0]!, 3))
  expect([...table.distances(Float64Array.of(-1e-9, Number.NaN, Infinity, 0, 1))]).toEqual([
    Number.NaN,
    Number.NaN,
    Number.NaN,
    0,
    expect.closeTo(comovingDistance(models[0]!, 1), 7),
  ])
  expect(table.redshift(-1)).toBeNaN()
  expect(table.redshift(1e9)).toBeNaN()
})

test('a bound that no table can reach is refused', () => {
  expect(() => comovingTable(models[0]!, 1, 1e-18)).toThrow(
    expect.objectContaining({ code: 'COMOVING_TABLE' }),
  )
})

test('positions: axes, poles, and a NaN wherever a part is missing', () => {
  const { x, y, z } = comovingPositions(
    Float64Array.of(0, 90, 180, 17, 17, Number.NaN, 0),
    Float64Array.of(0, 0, 0, 90, -90, 0, 0),
    Float64Array.of(2, 2, 2, 2, 2, 2, Number.NaN),
  )
  const expected = [
    [2, 0, 0],
    [0, 2, 0],
    [-2, 0, 0],
    [0, 0, 2],
    [0, 0, -2],
  ]
  expected.forEach((point, i) => {
    expect([x[i], y[i], z[i]]).toEqual(point.map((value) => expect.closeTo(value, 14)))
  })
  expect(x[5]).toBeNaN()
  expect(z[6]).toBeNaN()
})
