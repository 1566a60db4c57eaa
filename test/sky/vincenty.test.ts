// Distances in double precision, by which the sky indexes are judged, against 256 bits.
import { expect, test } from 'vitest'
import { type Position, separation } from '../../src/sky/index.ts'
import { adversarialPositions, edgeDec, neighbours, uniformPositions } from './positions.ts'
import { fartherThan } from './vincenty.ts'

/** Positions of the sphere: beyond the poles and far outside 0 to 360 a distance in double precision means nothing. */
const ordinary = ({ ra, dec }: Position) => Math.abs(ra) <= 720 && Math.abs(dec) <= 90

test('known distances', () => {
  expect(fartherThan(90, { ra: 0, dec: 0 }, { ra: 90, dec: 0 })).toBe(0)
  expect(fartherThan(60, { ra: 0, dec: 0 }, { ra: 0, dec: 60 })).toBeLessThan(1e-60)
  expect(fartherThan(180, { ra: 10, dec: 20 }, { ra: 190, dec: -20 })).toBeCloseTo(0, 30)
  // haversine of two positions on the equator, an arc second apart, and a thousandth of it more
  expect(fartherThan(1 / 3600, { ra: 5, dec: 0 }, { ra: 5 + 1.001 / 3600, dec: 0 })).toBeCloseTo(
    0.001 / 3600,
    14,
  )
})

test('on random and adversarial pairs, companions and antipodes included', () => {
  const all = [...uniformPositions(400, 21), ...adversarialPositions(200, 22).filter(ordinary)]
  const some = all.filter((_, i) => i % 11 === 0 || i < 400)
  const pairs = some.flatMap((a, i): [Position, Position][] => {
    const b = some[(i * 7 + 3) % some.length]!
    const near = [1e-9, 4e-10, 1 / 3600, 0.02].map((d): [Position, Position] => [
      a,
      { ra: a.ra + d, dec: Math.max(-90, Math.min(90, a.dec - d / 3)) },
    ])
    return [[a, b], [a, a], [a, { ra: a.ra + 180, dec: -a.dec }], ...near]
  })
  for (const dec of neighbours(edgeDec(135)))
    pairs.push([
      { ra: 135, dec },
      { ra: 135, dec: edgeDec(135) },
    ])
  expect(pairs.length).toBeGreaterThan(3000)
  const wrong = pairs.filter(([a, b]) => {
    const d = separation(a, b)
    return !(Math.abs(fartherThan(d, a, b)) <= 2e-13 + d * 1e-15 + 4e-16 * Math.abs(b.ra - a.ra))
  })
  expect(wrong).toEqual([])
})
