// HEALPix in TypeScript and in SQL: astropy-healpix is the oracle, and each other.
import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { defineCatalog, defineSurvey, float64, int64 } from '../../src/model/index.ts'
import { applySurvey } from '../../src/postgres/index.ts'
import {
  chooseSkyIndex,
  healpixCentre,
  healpixInstall,
  healpixNeighbours,
  healpixNest,
  type Position,
  separation,
} from '../../src/sky/index.ts'
import { type ScratchDatabase, scratchDatabase } from '../postgres/scratch.ts'
import { needs } from '../require.ts'
import { randomNumbers, uniformPositions } from './positions.ts'
import { destination } from './region-truth.ts'

const polar: Position[] = [0, 33, 90, 271].flatMap((ra) =>
  [89.9999999, -89.99999, 41.9, -41.7, 66].map((dec) => ({ ra: ra + 0.123, dec })),
)
// The random ones have 32 bits, which lie on edges of fine pixels; a factor moves them off.
const points = [...polar, ...uniformPositions(3000, 31)].map(({ ra, dec }) => ({
  ra: ra * 0.99999987,
  dec: dec * 0.9999999,
}))
const orders = [0, 1, 2, 5, 13, 28, 29]
const cones: [number, number, number, number][] = [
  [0.5, 0.5, 3, 5],
  [10, 90, 2, 6],
  [200, -89.5, 1, 7],
  [45.1, 41.8, 0.01, 12],
  [123, 30, 100, 3],
  [222, -33, 0, 10],
]

let database: ScratchDatabase
beforeAll(async () => {
  database = await scratchDatabase()
  await database.client.query(healpixInstall())
  await database.client.query(healpixInstall())
})
afterAll(() => database.drop())

const all = (order: number) => Array.from({ length: 12 * 4 ** order }, (_, i) => BigInt(i))
/** All pixels of a coarse order; of a finer one those about the pole and the corners of faces, and some. */
const near = (order: number) =>
  all(order).filter(
    (pixel, i) => order < 4 || i % 37 === 0 || [0, 85, 170, 255].includes(Number(pixel % 256n)),
  )
const random = randomNumbers(5)
const some = Array.from(
  { length: 100 },
  () => (BigInt(Math.floor(random() * 12 * 2 ** 28)) << 30n) | BigInt(Math.floor(random() * 2 ** 30)),
)

async function sqlNest(order: number): Promise<(bigint | null)[]> {
  const { rows } = await database.client.query<{ pixel: bigint }>(
    'SELECT healpix_nest($1, ra, dec) AS pixel FROM unnest($2::float8[], $3::float8[]) AS p(ra, dec)',
    [order, points.map((p) => p.ra), points.map((p) => p.dec)],
  )
  return rows.map(({ pixel }) => pixel)
}

async function sqlNeighbours(order: number, pixels: readonly bigint[]): Promise<bigint[][]> {
  const { rows } = await database.client.query<{ near: bigint[] }>(
    'SELECT healpix_nest_neighbours($1, pixel) AS near FROM unnest($2::int8[]) AS pixel',
    [order, pixels],
  )
  return rows.map(({ near }) => near)
}

async function sqlCone([ra, dec, radius, order]: (typeof cones)[number]): Promise<Set<bigint>> {
  const { rows } = await database.client.query<{ pixel: bigint }>(
    'SELECT healpix_nest_cone($1, $2, $3, $4) AS pixel',
    [order, ra, dec, radius],
  )
  return new Set(rows.map(({ pixel }) => pixel))
}

needs('astropy-healpix')('beside astropy-healpix', () => {
  const asked = {
    ra: points.map((p) => p.ra),
    dec: points.map((p) => p.dec),
    orders,
    neighbours: Object.fromEntries([
      ...[0, 1, 2, 4].map((order) => [order, near(order).map(String)]),
      [29, some.map(String)],
    ]),
    cones,
  }
  const script = fileURLToPath(new URL('./healpix_astropy.py', import.meta.url))
  const answer = JSON.parse(
    execFileSync('/usr/bin/python3', [script], {
      input: JSON.stringify(asked),
      maxBuffer: 2 ** 28,
    }).toString(),
  )

  test.each(orders)('positions have the same pixels at order %i, here and on the server', async (order) => {
    const expected = answer.nest[order].map(BigInt)
    expect(points.map(({ ra, dec }) => healpixNest(order, ra, dec))).toEqual(expected)
    expect(await sqlNest(order)).toEqual(expected)
  })

  test.each(orders)('pixels of order %i have the same middle, here and on the server', async (order) => {
    const { rows } = await database.client.query<{ at: [number, number] }>(
      'SELECT healpix_nest_centre($1, pixel) AS at FROM unnest($2::int8[]) AS pixel',
      [order, answer.nest[order]],
    )
    const { ra, dec } = answer.centre[order]
    for (const [i, pixel] of answer.nest[order].entries()) {
      const expected = { ra: ra[i], dec: dec[i] }
      const [a, d] = rows[i]!.at
      // the oracle's own rounding near the poles is some 1e-11 degrees
      expect(separation(healpixCentre(order, BigInt(pixel)), expected)).toBeLessThan(1e-10)
      expect(separation({ ra: a, dec: d }, expected)).toBeLessThan(1e-10)
    }
  })

  test.each([0, 1, 2, 4, 29])('pixels of order %i have the same neighbours', async (order) => {
    const pixels = order === 29 ? some : near(order)
    const expected = answer.neighbours[order].map((each: string[]) => each.map(BigInt).sort(ascending))
    expect(pixels.map((pixel) => healpixNeighbours(order, pixel))).toEqual(expected)
    // on the server one of three: it takes its time
    const few = pixels.map((_, i) => i).filter((i) => i % 3 === 0)
    expect(
      await sqlNeighbours(
        order,
        few.map((i) => pixels[i]!),
      ),
    ).toEqual(few.map((i) => expected[i]))
  })

  test.each(cones.map((each, i) => [each, i] as const))(
    'the cone %j has all pixels of the oracle',
    async (each, i) => {
      const [ra, dec, radius, order] = each
      const found = await sqlCone(each)
      for (const pixel of answer.cone[i].map(BigInt)) expect(found.has(pixel)).toBe(true)
      // and none that lies elsewhere
      const reach = (2 * 1.07 * 180) / Math.PI / 2 ** order
      for (const pixel of found)
        expect(separation(healpixCentre(order, pixel), { ra, dec })).toBeLessThan(radius + reach)
    },
  )
})

const ascending = (a: bigint, b: bigint) => (a < b ? -1 : 1)

describe('on the server', () => {
  test('what is no number has no pixel, and what is odd has the one of its fold', async () => {
    const { rows } = await database.client.query(`SELECT
      healpix_nest(29, 'NaN', 0) AS a, healpix_nest(29, 0, 'Infinity') AS b, healpix_nest(29, NULL, 0) AS c,
      healpix_nest(8, 370, 5) = healpix_nest(8, 10, 5) AS d, healpix_nest(8, -1e-20, 95) = healpix_nest(8, 0, 90) AS e,
      healpix_nest(8, 5e-324, -5e-324) = healpix_nest(8, 0, 0) AS f, healpix_nest(29, 1e300, 0) IS NOT NULL AS g`)
    expect(rows[0]).toEqual({ a: null, b: null, c: null, d: true, e: true, f: true, g: true })
  })

  test.each([
    ['an order', 'healpix_nest(30, 1, 2)'],
    ['a pixel', 'healpix_nest_centre(1, 48)'],
    ['a negative pixel', 'healpix_nest_centre(3, -1)'],
  ])('%s that is none is an error', async (_, call) => {
    await expect(database.client.query(`SELECT ${call}`)).rejects.toMatchObject({ code: '22023' })
  })

  test.each([0, 1, 3, 20])('four ranges hold a circle that just fits order %i', async (order) => {
    const radius = (11 / 2 ** order) * 0.9999
    const centres = points.slice(0, 120)
    const rim = centres.flatMap((centre, i) =>
      [0, 50, 100, 150, 200, 250, 300, 350].map((turn) => ({
        centre,
        at: destination(centre, turn + i, radius),
      })),
    )
    const { rows } = await database.client.query<{ outside: bigint; inside: bigint }>(
      `SELECT count(*) FILTER (WHERE NOT found) AS outside, count(*) FILTER (WHERE found) AS inside FROM (
         SELECT (SELECT bool_or(pixel >= healpix_circle_bound(a, d, $1, 2 * i) AND pixel < healpix_circle_bound(a, d, $1, 2 * i + 1))
                 FROM generate_series(0, 3) AS i) AS found
         FROM (SELECT a, d, healpix_nest(29, ra, dec) AS pixel
               FROM unnest($2::float8[], $3::float8[], $4::float8[], $5::float8[]) AS p(a, d, ra, dec)) AS q) AS r`,
      [
        radius,
        rim.map(({ centre }) => centre.ra),
        rim.map(({ centre }) => centre.dec),
        rim.map(({ at }) => at.ra),
        rim.map(({ at }) => at.dec),
      ],
    )
    expect(rows[0]).toEqual({ outside: 0n, inside: 960n })
  })

  test('an expression index and a generated column serve a coverage map', async () => {
    const { client } = database
    await client.query(`CREATE TABLE stars AS SELECT i AS id, (i * 7919 % 36000) / 100.0::float8 AS ra,
      degrees(asin((i * 104729 % 20000) / 10000.0::float8 - 1)) AS dec FROM generate_series(1, 5000) AS i;
      ALTER TABLE stars ADD pixel int8 NOT NULL GENERATED ALWAYS AS (healpix_nest(29, ra, dec)) STORED;
      CREATE INDEX stars_pixel ON stars (pixel); CREATE INDEX stars_expression ON stars (healpix_nest(29, ra, dec));
      ANALYZE stars`)
    for (const [column, index] of [
      ['pixel', 'stars_pixel'],
      ['healpix_nest(29, ra, dec)', 'stars_expression'],
    ]) {
      const text = `SELECT id FROM stars WHERE ${column} >= 5::int8 << 52 AND ${column} < 6::int8 << 52 ORDER BY id`
      const { rows: plan } = await client.query(`EXPLAIN ${text}`)
      expect(JSON.stringify(plan)).toContain(index)
      const { rows } = await client.query(text)
      const { rows: coarse } = await client.query(
        'SELECT id FROM stars WHERE healpix_nest(3, ra, dec) = 5 ORDER BY id',
      )
      expect(rows).toEqual(coarse)
      expect(rows.length).toBeGreaterThan(2)
    }
  })
})

test('a catalogue declares an index on HEALPix numbers', async () => {
  const absent = { kind: 'absent', reason: 'made here' } as const
  const declare = (healpix: string) => {
    const catalog = defineCatalog({
      name: 'shared.objects',
      title: 'Objects',
      columns: {
        id: int64(absent, 'Identifier.'),
        ra: float64(absent, 'Right ascension.', { unit: 'deg' }),
        dec: float64(absent, 'Declination.', { unit: 'deg' }),
      },
      key: ['id'],
      sky: { ra: 'ra', dec: 'dec', frame: 'icrs', index: 'idx_objects', healpix },
    })
    return defineSurvey({
      name: 'shared',
      title: 'Objects',
      schema: 'shared',
      version: '1',
      catalogs: [catalog],
    })
  }
  const survey = declare('idx_objects_healpix')
  const { client } = database
  const sky = await chooseSkyIndex(client)
  await applySurvey(client, survey, sky)
  expect((await applySurvey(client, survey, sky)).outcome).toBe('unchanged')
  await client.query(
    'INSERT INTO shared.objects SELECT i, i % 360, i % 89 FROM generate_series(1, 5000) AS i; ANALYZE',
  )
  const { rows } = await client.query(
    'EXPLAIN SELECT * FROM shared.objects WHERE healpix_nest(29, ra, dec) BETWEEN 5 AND 500000000000000',
  )
  expect(JSON.stringify(rows)).toContain('idx_objects_healpix')
  expect(() => declare('idx_objects')).toThrow(/name of another index/)
})

test('orders and pixels that are none are refused', () => {
  for (const order of [-1, 30, 1.5])
    expect(() => healpixNest(order, 0, 0)).toThrow(expect.objectContaining({ code: 'HEALPIX_ORDER' }))
  for (const pixel of [-1n, 48n])
    expect(() => healpixCentre(1, pixel)).toThrow(expect.objectContaining({ code: 'HEALPIX_PIXEL' }))
  expect(() => healpixNest(1, NaN, 0)).toThrow(expect.objectContaining({ code: 'SKY_POSITION_NOT_FINITE' }))
})

test('no position of a pixel lies beyond its reach', () => {
  for (const order of [0, 1, 2, 3, 6])
    for (const { ra, dec } of points) {
      const middle = healpixCentre(order, healpixNest(order, ra, dec))
      expect(separation(middle, { ra, dec })).toBeLessThan((1.07 * 180) / Math.PI / 2 ** order)
    }
})
