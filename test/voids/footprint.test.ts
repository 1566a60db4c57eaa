// Masks: HEALPix numbering against its own geometry, RA-Dec cells, limits, and the boundary.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  beyondLimits,
  healpixRing,
  inFootprint,
  nearEdge,
  normalizeRa,
  raDecMask,
} from '../../src/voids/index.ts'

describe('healpixRing', () => {
  test.each([
    // Base pixels of nside 1: four round the north pole, four on the equator, four round the south pole.
    [1, 45, 60, 0],
    [1, 315, 60, 3],
    [1, 0, 0, 4],
    [1, 90, 0, 5],
    [1, 359.9, 0, 4],
    [1, 45, -60, 8],
    [1, 0, 90, 0],
    [1, 0, -90, 8],
    [32, 0, 90, 0],
    [32, 359.999, 90, 3],
    [32, 0, -90, 12284],
  ])('nside %d at (%d, %d) is pixel %d', (nside, ra, dec, pixel) => {
    expect(healpixRing(nside, ra, dec)).toBe(pixel)
  })

  test('equal areas: uniform positions fill all pixels alike', () => {
    const nside = 4
    const counts = new Float64Array(12 * nside * nside)
    const points = 200_000
    // A Fibonacci lattice: even to much better than a pixel.
    for (let i = 0; i < points; i++) {
      const dec = (Math.asin(1 - (2 * i + 1) / points) * 180) / Math.PI
      counts[healpixRing(nside, (i * 137.50776405003785) % 360, dec)]!++
    }
    const expected = points / counts.length
    for (const count of counts) expect(Math.abs(count - expected) / expected).toBeLessThan(0.03)
  })

  test('rings: numbers never fall from north to south', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(1, 2, 3, 32, 100),
        fc.double({ min: -90, max: 90, noNaN: true }),
        fc.double({ min: 0, max: 360, maxExcluded: true, noNaN: true }),
        (nside, dec, ra) => {
          const pixel = healpixRing(nside, ra, dec)
          expect(pixel).toBeGreaterThanOrEqual(0)
          expect(pixel).toBeLessThan(12 * nside * nside)
          // Half a hemisphere away in declination lies a later ring.
          if (dec > 0) expect(healpixRing(nside, ra, -dec)).toBeGreaterThanOrEqual(pixel)
          expect(healpixRing(nside, ra - 360, dec)).toBe(healpixRing(nside, normalizeRa(ra - 360), dec))
        },
      ),
    )
  })
})

test('RA is turned into [0, 360), tiny negatives included', () => {
  expect([normalizeRa(-90), normalizeRa(360), normalizeRa(725), normalizeRa(-1e-20)]).toEqual([270, 0, 5, 0])
})

test('an RA-Dec mask: cells of one degree, the pole in the last one, truncation towards the equator', () => {
  const cells = new Uint8Array(360 * 180)
  cells[10 * 180 + 90] = 1
  cells[10 * 180 + 179] = 1
  const mask = raDecMask(cells)
  expect(mask.contains(10.5, 0.5)).toBe(true)
  expect(mask.contains(-349.5, 0.5)).toBe(true)
  expect(mask.contains(10.5, -0.5)).toBe(true)
  expect(mask.contains(10.5, -1.5)).toBe(false)
  expect(mask.contains(11.5, 0.5)).toBe(false)
  expect(mask.contains(10.5, 90)).toBe(true)
})

test('redshift limits: equal is within, rounding widens them', () => {
  const limits = { low: 0.01, high: 0.1 }
  expect([0.01, 0.1, 0.1000001, 0.0099].map((z) => beyondLimits(z, limits))).toEqual([
    false,
    false,
    true,
    true,
  ])
  expect([0.1005, 0.1006, 0.0095].map((z) => beyondLimits(z, limits, 5e-4))).toEqual([false, true, false])
  expect(beyondLimits(Number.NaN, limits)).toBe(false)
})

test('the boundary: six points ten Mpc/h away, along the axes', () => {
  const mask = { ...raDecMask([]), contains: (ra: number) => Math.abs(ra) <= 180 }
  const footprint = { mask, nearest: 50, farthest: 200 }
  expect(inFootprint(footprint, 0, 0, 0)).toBe(false)
  expect(inFootprint(footprint, 50, 0, 0)).toBe(true)
  expect(inFootprint(footprint, 0, 0, -200.1)).toBe(false)
  expect(nearEdge(footprint, 100, 0, 0)).toBe(false)
  expect(nearEdge(footprint, 191, 0, 0)).toBe(true)
  expect(nearEdge(footprint, 0, 59, 0)).toBe(true)
})
