// Angles: text in and out, and the distance formula.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { arcmin, arcsec, cone, formatAngle, parseAngle, separation } from '../../src/sky/index.ts'

describe('parseAngle', () => {
  // M 31 and the Coma cluster as SIMBAD lists them.
  test.each<[string, 'hours' | 'degrees', number]>([
    ['00:42:44.330', 'hours', 10.684708333],
    ['+41:16:07.50', 'degrees', 41.26875],
    ['12h59m48.7s', 'degrees', 194.952916667],
    ['+27 58 50', 'degrees', 27.980555556],
    ['27d58m50s', 'hours', 27.980555556],
    ['-00 30 00', 'degrees', -0.5],
    ['12 30', 'hours', 187.5],
    ['194.953', 'hours', 194.953],
    ['-1.5e1', 'degrees', -15],
  ])('%s in %s', (text, unit, degrees) => {
    expect(parseAngle(text, unit)).toBeCloseTo(degrees, 8)
  })

  test.each(['', 'abc', '12:60:00', '12:00:60', '1:2:3:4', '12h', '--5', '1e400x'])(
    'refuses "%s"',
    (text) => {
      expect(() => parseAngle(text, 'degrees')).toThrow(expect.objectContaining({ code: 'ANGLE_SYNTAX' }))
    },
  )
})

describe('formatAngle', () => {
  test('never shows 60 seconds or 24 hours', () => {
    expect(formatAngle(359.9999999, 'hours')).toBe('00:00:00.00')
    expect(formatAngle(-0.99999999, 'degrees', 1)).toBe('-01:00:00.0')
    expect(formatAngle(-1e-9, 'degrees', 0)).toBe('+00:00:00')
    expect(formatAngle(194.952916667, 'hours')).toBe('12:59:48.70')
  })

  test('comes back through parseAngle', () => {
    fc.assert(
      fc.property(fc.double({ min: -90, max: 90, noNaN: true }), (degrees) => {
        expect(Math.abs(parseAngle(formatAngle(degrees, 'degrees', 6), 'degrees') - degrees)).toBeLessThan(
          2e-10,
        )
      }),
    )
    fc.assert(
      fc.property(fc.double({ min: 0, max: 359.99, noNaN: true }), (degrees) => {
        expect(Math.abs(parseAngle(formatAngle(degrees, 'hours', 6), 'hours') - degrees)).toBeLessThan(3e-9)
      }),
    )
  })
})

test('separation of known pairs', () => {
  expect(separation({ ra: 0, dec: 0 }, { ra: 180, dec: 0 })).toBe(180)
  expect(separation({ ra: 10, dec: 90 }, { ra: 200, dec: -90 })).toBeCloseTo(180, 12)
  expect(separation({ ra: 359.5, dec: 0 }, { ra: 0.5, dec: 0 })).toBeCloseTo(1, 12)
  expect(separation({ ra: 5, dec: 89.9 }, { ra: 185, dec: 89.9 })).toBeCloseTo(0.2, 12)
  expect(separation({ ra: 1, dec: 45 }, { ra: 1, dec: 45 + 1e-12 }) / 1e-12).toBeCloseTo(1, 2)
  expect(separation({ ra: 7, dec: -3 }, { ra: 7, dec: -3 })).toBe(0)
})

test('separation is symmetric and agrees with the angle between vectors', () => {
  const position = fc.record({
    ra: fc.double({ min: -720, max: 720, noNaN: true }),
    dec: fc.double({ min: -90, max: 90, noNaN: true }),
  })
  fc.assert(
    fc.property(position, position, (a, b) => {
      const distance = separation(a, b)
      expect(Math.abs(distance - separation(b, a))).toBeLessThan(1e-12)
      const [u, v] = [a, b].map(({ ra, dec }) => {
        const [l, p] = [(ra * Math.PI) / 180, (dec * Math.PI) / 180]
        return [Math.cos(l) * Math.cos(p), Math.sin(l) * Math.cos(p), Math.sin(p)]
      })
      const chord = Math.hypot(...u!.map((x, i) => x - v![i]!))
      const sum = Math.hypot(...u!.map((x, i) => x + v![i]!))
      expect(Math.abs(distance - (2 * Math.atan2(chord, sum) * 180) / Math.PI)).toBeLessThan(1e-12)
    }),
  )
})

test('cones off the sphere are refused', () => {
  const code = (of: { ra: number; dec: number; radius: number }) => () => cone(of)
  expect(cone({ ra: -10, dec: 90, radius: arcsec(1) }).radius).toBe(1 / 3600)
  expect(arcmin(3)).toBe(0.05)
  for (const [ra, dec] of [
    [NaN, 0],
    [Infinity, 0],
    [0, NaN],
    [0, 90.001],
    [0, -91],
  ] as const) {
    expect(code({ ra, dec, radius: 1 })).toThrow(expect.objectContaining({ code: 'REGION_POSITION' }))
  }
  for (const radius of [-1e-9, 180.1, NaN, Infinity]) {
    expect(code({ ra: 0, dec: 0, radius })).toThrow(expect.objectContaining({ code: 'REGION_RADIUS' }))
  }
})
