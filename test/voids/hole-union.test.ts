// The hole grid against brute force: random and adversarial spheres and galaxies.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { holeGrid } from '../../src/voids/hole-grid.ts'
import { type Holes, holeState, holeUnion, type Positions } from '../../src/voids/index.ts'

type Point = readonly [x: number, y: number, z: number]
type Sphere = readonly [...Point, radius: number, owner: number]

function columns(points: readonly Point[]): Positions {
  const axis = (k: 0 | 1 | 2) => Float64Array.from(points, (point) => point[k])
  return { x: axis(0), y: axis(1), z: axis(2) }
}

function holesOf(spheres: readonly Sphere[]): Holes {
  return {
    ...columns(spheres.map(([x, y, z]) => [x, y, z])),
    radius: Float64Array.from(spheres, (sphere) => sphere[3]),
    void: Int32Array.from(spheres, (sphere) => sphere[4]),
  }
}

/** Every sphere for every galaxy. */
function bruteForce(points: readonly Point[], spheres: readonly Sphere[], tolerance: number, reach: number) {
  const pairs: string[] = []
  const margins = points.map(([x, y, z], galaxy) => {
    const byVoid = new Map<number, { margin: number; holes: number }>()
    let least = Infinity
    for (const [sx, sy, sz, radius, owner] of spheres) {
      const margin = Math.sqrt((sx - x) ** 2 + (sy - y) ** 2 + (sz - z) ** 2) - radius
      least = Math.min(least, margin)
      const so = byVoid.get(owner) ?? { margin: Infinity, holes: 0 }
      byVoid.set(owner, {
        margin: Math.min(so.margin, margin),
        holes: so.holes + (margin < -tolerance ? 1 : 0),
      })
    }
    for (const [owner, { margin, holes }] of byVoid) {
      if (owner >= 0 && margin <= tolerance) pairs.push(`${galaxy} ${owner} ${margin} ${holes}`)
    }
    return least <= Math.max(tolerance, reach) ? least : Infinity
  })
  return { margins, pairs: pairs.sort() }
}

function expectSame(points: readonly Point[], spheres: readonly Sphere[], tolerance = 1e-3, reach = 0): void {
  const { state, margin, pairs } = holeUnion(holesOf(spheres), { tolerance, reach }).place(columns(points))
  const expected = bruteForce(points, spheres, tolerance, reach)
  expect([...margin]).toEqual(expected.margins)
  const ours = Array.from({ length: pairs.length }, (_, k) => {
    expect(pairs.inside[k]).toBe(pairs.margin[k]! < -tolerance ? 1 : 0)
    return `${pairs.galaxy[k]} ${pairs.void[k]} ${pairs.margin[k]} ${pairs.holes[k]}`
  })
  expect(ours.sort()).toEqual(expected.pairs)
  for (const [i, least] of expected.margins.entries()) {
    const word = least < -tolerance ? 'inside' : least <= tolerance ? 'surface' : 'outside'
    expect(state[i]).toBe(holeState[word])
  }
}

const coordinate = fc.double({ min: -60, max: 60, noNaN: true })
const point = fc.tuple(coordinate, coordinate, coordinate)
const radius = fc.oneof(
  fc.double({ min: 1e-6, max: 0.5, noNaN: true }),
  fc.double({ min: 0.5, max: 25, noNaN: true }),
  fc.constant(200),
)
const sphere = fc.tuple(coordinate, coordinate, coordinate, radius, fc.integer({ min: -1, max: 5 }))

describe('against brute force', () => {
  test('random spheres of all sizes, any tolerance and reach', () => {
    const options = fc.tuple(fc.constantFrom(0, 1e-3, 0.3), fc.constantFrom(0, 2, 50))
    fc.assert(
      fc.property(
        fc.array(point, { maxLength: 60 }),
        fc.array(sphere, { maxLength: 40 }),
        options,
        (p, s, o) => {
          expectSame(p, s, ...o)
        },
      ),
      { numRuns: 300 },
    )
  })

  test('galaxies on the surface, at the centre, and a hair to either side', () => {
    const onAxis = fc.tuple(
      sphere,
      fc.constantFrom(0, 1, 2),
      fc.constantFrom(-1, 1),
      fc.double({ min: -2e-3, max: 2e-3, noNaN: true }),
    )
    fc.assert(
      fc.property(fc.array(onAxis, { minLength: 1, maxLength: 20 }), (cases) => {
        const points = cases.flatMap(([[x, y, z, radius], axis, sign, off]) => {
          const shifted = [x, y, z] as [number, number, number]
          shifted[axis]! += sign * (radius + off)
          return [shifted, [x, y, z] as const]
        })
        expectSame(
          points,
          cases.map(([each]) => each),
        )
      }),
      { numRuns: 200 },
    )
  })

  test('thousands of holes of a survey-like size', () => {
    const random = seeded(7)
    const at = () => 300 * (random() - 0.5)
    const spheres = Array.from(
      { length: 3000 },
      (): Sphere => [at(), at(), at(), 10 + 10 * random(), Math.floor(200 * random())],
    )
    const points = Array.from({ length: 2000 }, (): Point => [at() * 1.2, at() * 1.2, at() * 1.2])
    expectSame(points, spheres)
  })

  test('doubled galaxies and doubled holes, also of two voids', () => {
    const same: Sphere = [1, 2, 3, 10, 4]
    expectSame(
      [
        [1, 2, 3],
        [1, 2, 3],
        [1, 2, 13],
      ],
      [same, same, [1, 2, 3, 10, 2]],
    )
  })

  test('holes far apart and far out, where the grid must stay small', () => {
    const far: Sphere[] = [
      [1e7, 0, 0, 1, 0],
      [-1e7, 1e7, 1e7, 1, 1],
      [0, 0, 0, 1e-3, 2],
    ]
    expectSame(
      [
        [1e7 - 1, 0, 0],
        [1e7, 0.5, 0],
        [-1e7, 1e7, 1e7 + 1],
        [0, 0, 1e-3],
        [0, 0, 5],
      ],
      far,
    )
  })
})

test('a galaxy without a position is unplaced and in no void', () => {
  const union = holeUnion(holesOf([[0, 0, 0, 10, 0]]))
  const { state, margin, pairs } = union.place(
    columns([
      [Number.NaN, 0, 0],
      [0, Infinity, 0],
      [0, 0, 1],
    ]),
  )
  expect([...state]).toEqual([holeState.unplaced, holeState.unplaced, holeState.inside])
  expect([margin[0], margin[1], margin[2]]).toEqual([Number.NaN, Number.NaN, -9])
  expect(pairs.length).toBe(1)
})

test('a hole without a void makes a galaxy inside, with no pair', () => {
  const { state, pairs } = holeUnion(holesOf([[0, 0, 0, 10, -1]])).place(columns([[0, 0, 1]]))
  expect(state[0]).toBe(holeState.inside)
  expect(pairs.length).toBe(0)
})

test('no holes at all: everything is outside', () => {
  const { state, margin } = holeUnion(holesOf([])).place(columns([[0, 0, 0]]))
  expect(state[0]).toBe(holeState.outside)
  expect(margin[0]).toBe(Infinity)
})

test('work and memory grow in line with the holes: list entries a hole, spheres looked at a galaxy', () => {
  const cost = (scale: number) => {
    const random = seeded(scale)
    // The same density in a longer box, so that only the numbers grow.
    const place = (): Point => [400 * random(), 400 * random(), 200 * scale * random()]
    const spheres = Array.from({ length: 4_000 * scale }, (): Sphere => [...place(), 10 + 5 * random(), 0])
    const grid = holeGrid(holesOf(spheres), 1e-3)
    const lists = Array.from({ length: 4_000 }, () => {
      const cell = grid.cellOf(...place())
      return grid.starts[cell + 1]! - grid.starts[cell]!
    })
    return {
      entries: grid.entries.length / spheres.length,
      cells: grid.cellCount / spheres.length,
      looked: lists.reduce((sum, length) => sum + length, 0) / lists.length,
    }
  }
  const [small, large] = [cost(1), cost(16)]
  // Borders weigh less in the longer box; without a grid a galaxy would look at all 64,000.
  expect(large.entries / small.entries).toBeLessThan(1.2)
  expect(large.cells / small.cells).toBeLessThan(1.2)
  expect(large.looked / small.looked).toBeLessThan(1.3)
  expect(large.looked).toBeLessThan(10)
})

/** Mulberry32: a small generator, so that a failure can be repeated. */
function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}
