// Pixel numbers in TypeScript without a server: inverse, order, cones as ranges, refusals.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ang2ipix, ang2ipixColumn, cone, coneRanges, ipix2ang, separation } from '../../src/sky/index.ts'
import { exactCos, exactSin, exactTan } from '../../src/sky/indexes/q3c-sql/exact-trigonometry.ts'
import { edgeDec, uniformPositions } from './positions.ts'

// From the C extension 2.0.0 on Debian 12.
test.each<[number, number, bigint]>([
  [0, 0, 2017612633061982208n],
  [360, 0, 1825459048960841045n],
  [10, 90, 480383960252852906n],
  [10, -90, 6629298651489370112n],
  [1e300, 3, 2018325812952564256n],
  [-1e300, 3, 1826172228851423093n],
])('the pixel of %d, %d', (ra, dec, pixel) => {
  expect(ang2ipix(ra, dec)).toBe(pixel)
})

test('a pixel holds its own corner, and lies next to the position that it came from', () => {
  for (const position of uniformPositions(20_000, 3)) {
    const pixel = ang2ipix(position.ra, position.dec)
    expect(separation(ipix2ang(pixel), position)).toBeLessThan(2e-7)
  }
})

test('columns hold what single calls return, and -1 for positions that are no numbers', () => {
  const positions = uniformPositions(1000, 4)
  const ra = Float64Array.from([...positions.map((p) => p.ra), NaN, 1, Infinity])
  const dec = Float64Array.from([...positions.map((p) => p.dec), 1, NaN, 1])
  const pixels = ang2ipixColumn(ra, dec)
  expect([...pixels]).toEqual([...positions.map((p) => ang2ipix(p.ra, p.dec)), -1n, -1n, -1n])
  expect(() => ang2ipix(NaN, 0)).toThrow(expect.objectContaining({ code: 'SKY_POSITION_NOT_FINITE' }))
  expect(() => ipix2ang(6n << 60n)).toThrow(expect.objectContaining({ code: 'SKY_PIXEL_RANGE' }))
  expect(() => ipix2ang(-1n)).toThrow(expect.objectContaining({ code: 'SKY_PIXEL_RANGE' }))
})

test('no position within a cone lies outside its ranges, and few ranges suffice', () => {
  const degrees = fc.double({ min: 0, max: 1, noNaN: true })
  const places = fc.oneof(
    fc.record({ ra: degrees.map((x) => 360 * x), dec: degrees.map((x) => 180 * x - 90) }),
    fc
      .constantFrom(0, 45, 90, 135, 359.9)
      .chain((ra) => fc.constantFrom(edgeDec(ra), -edgeDec(ra), 90, -90, 0).map((dec) => ({ ra, dec }))),
  )
  const radii = fc.double({ min: -10, max: Math.log10(180), noNaN: true }).map((x) => 10 ** x)
  fc.assert(
    fc.property(
      places,
      radii,
      fc.array(fc.tuple(degrees, degrees), { minLength: 30, maxLength: 30 }),
      (at, radius, inside) => {
        const ranges = coneRanges(cone({ ...at, radius }))
        expect(ranges.length).toBeLessThan(80)
        for (const [angle, share] of inside) {
          const dec = at.dec + share * radius * Math.sin(2 * Math.PI * angle)
          const near = {
            ra:
              at.ra +
              (share * radius * Math.cos(2 * Math.PI * angle)) /
                Math.max(1e-9, Math.cos((at.dec * Math.PI) / 180)),
            dec: Math.max(-90, Math.min(90, dec)),
          }
          if (separation(at, near) >= radius) continue
          const pixel = ang2ipix(near.ra, near.dec)
          expect(ranges.some(([first, end]) => pixel >= first && pixel < end)).toBe(true)
        }
      },
    ),
    { numRuns: 1000 },
  )
})

test('correctly rounded functions agree with known values and stay within one bit of the fast ones', () => {
  expect(exactSin(Math.PI)).toBe(1.2246467991473532e-16)
  expect(exactCos(Math.PI / 2)).toBe(6.123233995736766e-17)
  expect(exactTan(Math.PI / 2)).toBe(16331239353195370)
  expect(exactSin(0)).toBe(0)
  fc.assert(
    fc.property(fc.double({ min: -6.3, max: 6.3, noNaN: true }), (angle) => {
      for (const [exact, fast] of [
        [exactSin, Math.sin],
        [exactCos, Math.cos],
        [exactTan, Math.tan],
      ] as const) {
        const value = exact(angle)
        expect(Math.abs(value - fast(angle))).toBeLessThanOrEqual(2.3e-16 * Math.abs(value))
      }
    }),
  )
})
