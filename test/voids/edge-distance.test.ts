// Distances to the edge of a footprint: against the mask itself, against every point outside it, and by hand.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type EdgeMeter, edgeMeters, healpixMask, raDecMask, type SkyMask } from '../../src/voids/index.ts'

const radian = Math.PI / 180

/** Positions of one galaxy in each direction [RA, dec, distance]. */
function positionsAt(rows: readonly (readonly [ra: number, dec: number, distance: number])[]) {
  const column = (value: (a: number, d: number) => number) =>
    Float64Array.from(rows, ([ra, dec, r]) => r * value(ra * radian, dec * radian))
  return {
    x: column((a, d) => Math.cos(d) * Math.cos(a)),
    y: column((a, d) => Math.cos(d) * Math.sin(a)),
    z: column((_, d) => Math.sin(d)),
  }
}

const distances = (meter: EdgeMeter, ...rows: Parameters<typeof positionsAt>[0]) => [
  ...meter(positionsAt(rows)),
]

const sphere = (mask: SkyMask) => edgeMeters()({ mask, nearest: 0, farthest: Infinity })

/** The direction at an angle and a bearing from another, all in radians. */
function away(ra: number, dec: number, angle: number, bearing: number) {
  const sine = Math.sin(dec) * Math.cos(angle) + Math.cos(dec) * Math.sin(angle) * Math.cos(bearing)
  const turn = Math.atan2(
    Math.sin(bearing) * Math.sin(angle) * Math.cos(dec),
    Math.cos(angle) - Math.sin(dec) * sine,
  )
  return { ra: ra + turn, dec: Math.asin(Math.max(-1, Math.min(1, sine))) }
}

const holds = (mask: SkyMask, { ra, dec }: { ra: number; dec: number }) =>
  mask.contains(ra / radian, dec / radian)

/** A bit for each number, at random but always the same. */
const bit = (seed: number, k: number) => {
  const mixed = Math.imul(Math.imul(k + 1, 2654435761) ^ seed, 2246822507)
  return Math.imul(mixed ^ (mixed >>> 15), 3266489917) >>> 31
}

/** Cells of RA and declination in blocks of 20 degrees, so that there are insides to be deep in. */
function blockMask(bitOf: (block: number) => number, resolution = 1): SkyMask {
  const [width, height] = [360 * resolution, 180 * resolution]
  const block = (i: number, j: number) =>
    Math.floor(i / resolution / 20) * 9 + Math.floor(j / resolution / 20)
  const cells = Uint8Array.from({ length: width * height }, (_, k) =>
    bitOf(block(Math.floor(k / height), k % height)),
  )
  return raDecMask(cells, resolution)
}

const wholeMask = (nside: number, bitOf: (pixel: number) => number) =>
  healpixMask(
    Uint8Array.from({ length: 12 * nside * nside }, (_, k) => bitOf(k)),
    nside,
  )

/** NSIDE, or 0 for cells; and what the pixels follow from. */
const masks = fc.record({ nside: fc.constantFrom(0, 0, 1, 2, 3, 5), seed: fc.nat() })
const maskFrom = ({ nside, seed }: { nside: number; seed: number }) =>
  nside === 0 ? blockMask((block) => bit(seed, block), 1 + (seed % 2)) : wholeMask(nside, (k) => bit(seed, k))

const direction = fc.record({
  ra: fc.double({ min: -180, max: 540, noNaN: true }),
  // Uniform in area, the poles and their surroundings besides.
  dec: fc.oneof(
    fc.double({ min: -1, max: 1, noNaN: true }).map((sine) => Math.asin(sine) / radian),
    fc.constantFrom(90, -90, 89.9, -89.7, 0, -0.5),
  ),
})

describe('the angle to the border', () => {
  test('nothing outside is nearer, and something outside is as near', () => {
    fc.assert(
      fc.property(masks, direction, (of, { ra, dec }) => {
        const mask = maskFrom(of)
        const [distance] = distances(sphere(mask), [ra, dec, 1])
        const [a, d] = [ra * radian, dec * radian]
        // A pole is the corner of many cells: the mask answers for one of them.
        if (Math.abs(dec) === 90) return
        if (!holds(mask, { ra: a, dec: d })) {
          expect(distance).toBe(0)
          return
        }
        // Without a border within a right angle, or at all.
        if (!(distance! < 1)) return
        const angle = Math.asin(distance!)
        for (let k = 0; k < 720; k++) {
          for (const part of [0.25, 0.5, 0.75, 1]) {
            const nearer = part * angle - 3e-5
            if (nearer > 0 && !holds(mask, away(a, d, nearer, k * 0.5 * radian)))
              expect.fail(`outside at ${nearer} of ${angle}`)
          }
        }
        // Fine enough for the tips of cells at the poles, 20 degrees wide.
        let reached = false
        for (let k = 0; k < 14_400 && !reached; k++)
          reached = !holds(mask, away(a, d, angle + 4e-3, k * 0.025 * radian))
        expect(reached).toBe(true)
      }),
      { numRuns: 80 },
    )
  })

  test('the least angle to all points outside, by brute force', () => {
    // 40,000 points, even over the sphere to 1.0 degrees.
    const count = 40_000
    const lattice = Array.from({ length: count }, (_, i) => ({
      ra: ((i * 137.50776405003785) % 360) * radian,
      dec: Math.asin(1 - (2 * i + 1) / count),
    }))
    const vector = ({ ra, dec }: { ra: number; dec: number }) =>
      [Math.cos(dec) * Math.cos(ra), Math.cos(dec) * Math.sin(ra), Math.sin(dec)] as const
    fc.assert(
      fc.property(masks, direction, (of, { ra, dec }) => {
        const mask = maskFrom(of)
        const [distance] = distances(sphere(mask), [ra, dec, 1])
        if (Math.abs(dec) === 90 || !(distance! > 0)) return
        const [x, y, z] = vector({ ra: ra * radian, dec: dec * radian })
        let nearest = -1
        for (const place of lattice) {
          if (holds(mask, place)) continue
          const [a, b, c] = vector(place)
          nearest = Math.max(nearest, a * x + b * y + c * z)
        }
        const brute = Math.sin(Math.min(Math.PI / 2, Math.acos(Math.min(1, nearest))))
        expect(brute).toBeGreaterThan(distance! - 3e-5)
        // The tip of a cell at a pole, 20 degrees wide, may hold no point for a while.
        expect(brute).toBeLessThan(distance! + 5 * radian)
      }),
      { numRuns: 30 },
    )
  })

  test.each([
    ['RA-Dec', blockMask(() => 0)],
    ['RA-Dec, all inside', blockMask(() => 1)],
    ['HEALPix', wholeMask(4, () => 0)],
    ['HEALPix, all inside', wholeMask(4, () => 1)],
  ])('%s: a mask without a border', (name, mask) => {
    const inside = name.endsWith('inside')
    expect(distances(sphere(mask), [10, 10, 100])).toEqual([inside ? Number.NaN : 0])
    const limited = edgeMeters()({ mask, nearest: 50, farthest: 200 })
    expect(distances(limited, [10, 10, 60], [10, 10, 190], [10, 10, 300])).toEqual(
      inside ? [expect.closeTo(10, 4), expect.closeTo(10, 4), 0] : [0, 0, 0],
    )
  })
})

describe('by hand', () => {
  /** RA 350 to 20 and declination 10 to 50. */
  const cells = new Uint8Array(360 * 180)
  for (const i of [...Array(20).keys(), ...Array.from({ length: 10 }, (_, k) => 350 + k)])
    for (let dec = 10; dec < 50; dec++) cells[i * 180 + 90 + dec] = 1
  const meter = edgeMeters()({ mask: raDecMask(cells), nearest: 50, farthest: 400 })
  const degrees = (angle: number) => Math.sin(angle * radian)

  test('across the sky r sin(theta), with RA past 0; along it to the limits; 0 outside; none without a position', () => {
    const near = (value: number) => expect.closeTo(value, 4)
    expect(
      distances(
        meter,
        [5, 13, 200], // 3 degrees above the lower parallel
        [359, 30, 200], // 9 degrees of RA from the western meridian, across RA 0
        [-1, 30, 200],
        [5, 30, 52],
        [5, 30, 399.5],
        [5, 30, 40],
        [5, 9, 200],
        [5, 30, 400.5],
        [5, 30, Number.NaN],
      ),
    ).toEqual([
      near(200 * degrees(3)),
      near(200 * Math.cos(30 * radian) * degrees(9)),
      near(200 * Math.cos(30 * radian) * degrees(9)),
      near(2),
      near(0.5),
      ...[0, 0, 0, Number.NaN],
    ])
  })

  test('the equator: the cell below it belongs to the one above, as the mask reads it', () => {
    const north = raDecMask(Uint8Array.from({ length: 360 * 180 }, (_, k) => (k % 180 >= 90 ? 1 : 0)))
    // 80 degrees from the border and more: not r, and never more than r.
    const [equator, high, pole] = distances(sphere(north), [77, 0, 100], [77, 79, 100], [77, 90, 100])
    expect([equator, high, pole]).toEqual([
      expect.closeTo(100 * degrees(1), 3),
      expect.closeTo(100 * degrees(80), 3),
      100,
    ])
  })

  test('a meridian goes through the cell of double height at the equator', () => {
    const cells = Uint8Array.from({ length: 360 * 180 }, (_, k) => (k < 180 * 180 && k % 180 >= 90 ? 1 : 0))
    const [distance] = distances(sphere(raDecMask(cells)), [179.9, -0.5, 100])
    expect(distance).toBeCloseTo(100 * Math.cos(0.5 * radian) * degrees(0.1), 4)
  })

  test('a HEALPix face: corners on the equator, edges that are no great circles', () => {
    // Face 4 alone: a square in (RA, sin dec) with corners at RA 315 and 45 on the equator, and at sin dec = 2/3.
    const mask = wholeMask(1, (k) => (k === 4 ? 1 : 0))
    const [distance] = distances(sphere(mask), [0, 0, 1])
    // The least angle to sin(dec) = (2/3) (1 - ra / 45 degrees), by a fine search.
    let least = Infinity
    for (let t = 0; t <= 1; t += 1e-6) {
      const sine = (2 / 3) * (1 - t)
      least = Math.min(least, Math.acos(Math.sqrt(1 - sine * sine) * Math.cos((t * Math.PI) / 4)))
    }
    expect(Math.asin(distance!)).toBeCloseTo(least, 4)
    expect(Math.abs(Math.asin(distance!) - least)).toBeLessThan(2e-5)
  })

  test('equal footprints share a meter, which measures the same positions once', () => {
    const meterOf = edgeMeters()
    const mask = raDecMask(cells)
    const [one, other] = [
      meterOf({ mask, nearest: 1, farthest: 9 }),
      meterOf({ mask, nearest: 1, farthest: 8 }),
    ]
    expect(meterOf({ mask, nearest: 1, farthest: 9 })).toBe(one)
    expect(other).not.toBe(one)
    const positions = positionsAt([[5, 20, 8.5]])
    expect(one(positions)).toBe(one(positions))
    expect([one(positions)[0]! > 0, other(positions)[0]]).toEqual([true, 0])
  })
})
