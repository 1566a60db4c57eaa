// What every sky index must do with every kind of region: find exactly its rows, and find them by the index.
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { Client } from '../../src/postgres/index.ts'
import {
  box,
  cellRange,
  chooseSkyIndex,
  cone,
  ecliptic,
  ellipse,
  galactic,
  icrs,
  moc,
  type Parameter,
  type Position,
  polygon,
  type Region,
  type SkyIndex,
  separation,
  strip,
} from '../../src/sky/index.ts'
import { type ScratchDatabase, scratchDatabase } from '../postgres/scratch.ts'
import { edgeDec, neighbours, uniformPositions } from './positions.ts'
import {
  destination,
  eclipticOf,
  galacticOf,
  inBox,
  inEllipse,
  inPlainBox,
  inPolygon,
} from './region-truth.ts'

interface Case {
  readonly region: Region
  /** Whether a position is in it; undefined where rounding may decide. */
  readonly truth: (position: Position) => boolean | undefined
  /** Where positions are put especially. */
  readonly about: readonly Position[]
}

function boxCase(lon: [number, number] | undefined, lat: [number, number]): Case {
  const about = [lon?.[0] ?? 0, lon?.[1] ?? 180].flatMap((ra) => lat.map((dec) => ({ ra, dec })))
  return { region: box({ ...(lon ? { lon } : {}), lat }), truth: inPlainBox(lon, lat), about }
}

function ellipseCase(ra: number, dec: number, major: number, minor: number, angle: number): Case {
  const of = { ra, dec, major, minor, angle }
  const rim = [0, 90, 180, 270].map((turn) => destination(of, angle + turn, turn % 180 ? minor : major))
  return { region: ellipse(of), truth: inEllipse(of), about: [of, ...rim] }
}

function polygonCase(middle: Position, vertices: [number, number][]): Case {
  const corners = vertices.map(([ra, dec]) => ({ ra, dec }))
  return { region: polygon(corners), truth: inPolygon(corners, middle), about: [middle, ...corners] }
}

const star = (middle: Position, long: number, short: number): Case =>
  polygonCase(
    middle,
    Array.from({ length: 10 }, (_, i) => {
      const { ra, dec } = destination(middle, 36 * i + 5, i % 2 ? short : long)
      return [ra, dec]
    }),
  )

const galacticPlane = [0, 45, 133, 266.4].map((ra) => ({ ra, dec: -28.9 }))
const corner = edgeDec(135)

/** Regions at poles, over RA 0, at edges and corners of the cube, tiny, huge, empty. */
const cases: Record<string, Case> = {
  'a box': boxCase([10, 20], [-5, 5]),
  'a box over RA 0': boxCase([350, 10], [30, 50]),
  'a box at the pole': boxCase([100, 250], [85, 90]),
  'a box over a corner of the cube': boxCase([134, 136.5], [corner - 1, corner + 1]),
  'a ring': boxCase(undefined, [-90, -88]),
  'a box of one meridian': boxCase([45, 45], [-90, 90]),
  'a box of one position': boxCase([0, 0], [0, 0]),
  'the whole sky as a box': boxCase(undefined, [-90, 90]),
  'a galactic strip': {
    region: strip({ frame: galactic, lat: [-0.5, 0.5] }),
    truth: inBox(undefined, [-0.5, 0.5], galacticOf, 1e-9),
    about: galacticPlane,
  },
  'a galactic box over longitude 0': {
    region: box({ frame: galactic, lon: [358, 3], lat: [-2, 4] }),
    truth: inBox([358, 3], [-2, 4], galacticOf, 1e-9),
    about: [{ ra: 266.405, dec: -28.936 }],
  },
  'the galactic cap': {
    region: strip({ frame: galactic, lat: [88, 90] }),
    truth: inBox(undefined, [88, 90], galacticOf, 1e-6),
    about: [{ ra: 192.85948, dec: 27.12825 }],
  },
  'an ecliptic strip': {
    region: strip({ frame: ecliptic(), lat: [-1, 1] }),
    truth: inBox(undefined, [-1, 1], eclipticOf, 1e-4),
    about: [
      { ra: 0, dec: 0 },
      { ra: 90, dec: 23.44 },
    ],
  },
  'an ellipse': ellipseCase(123.4, 56.7, 3, 1, 30),
  'an ellipse at the pole': ellipseCase(10, 90, 5, 0.5, 77),
  'an ellipse over RA 0': ellipseCase(359.9, -45, 10, 9.99, 120),
  'an ellipse of an arc second': ellipseCase(45, 0, 1 / 3600, 0.3 / 3600, -20),
  'an ellipse of a nano-degree': ellipseCase(225, -edgeDec(225), 1e-9, 5e-10, 0),
  'a huge ellipse': ellipseCase(200, -20, 89.9, 40, 60),
  'a circle as an ellipse': ellipseCase(315, edgeDec(315), 2, 2, 0),
  'an ellipse of no width': ellipseCase(80, 10, 5, 0, 45),
  'a triangle': polygonCase({ ra: 15, dec: 13 }, [
    [10, 10],
    [20, 10],
    [15, 20],
  ]),
  'a polygon over the pole': polygonCase({ ra: 0, dec: 90 }, [
    [0, 80],
    [90, 82],
    [180, 79],
    [270, 85],
  ]),
  'a polygon over RA 0 against the clock': polygonCase({ ra: 0, dec: 0 }, [
    [-5, -5],
    [-5, 6],
    [365, 5],
    [5, -4],
  ]),
  'a star': star({ ra: 135, dec: corner }, 4, 1.5),
  'a star of arc seconds': star({ ra: 300, dec: -89.9999 }, 0.001, 0.0004),
  'a polygon of half the sky, nearly': star({ ra: 222, dec: 22 }, 79, 70),
  'a MOC': {
    region: moc([
      cellRange(3, 5n),
      cellRange(3, 100n, 104n),
      cellRange(29, 12345678901234567n),
      cellRange(6, 40000n, 40001n),
    ]),
    truth: () => undefined,
    about: [],
  },
  'an empty MOC': { region: moc([]), truth: () => false, about: [] },
  'a MOC of everything': { region: moc([cellRange(0, 0n, 11n)]), truth: () => true, about: [] },
  'a cone': {
    region: cone({ ra: 45, dec: edgeDec(45), radius: 2 }),
    truth: (position) => separation({ ra: 45, dec: edgeDec(45) }, position) < 2,
    about: [],
  },
}

/** Rows about each place: itself twice, its neighbours among the numbers, companions, its antipode. */
function companions(place: Position): Position[] {
  const near = [1e-9, 1e-5, 0.2 / 3600, 0.01, 0.4, 1.1, 4].flatMap((distance) =>
    [10, 95, 200, 290].map((bearing) => destination(place, bearing, distance)),
  )
  const numbers = neighbours(place.ra).flatMap((ra) => neighbours(place.dec).map((dec) => ({ ra, dec })))
  return [place, place, { ra: place.ra + 180, dec: -place.dec }, ...near, ...numbers].filter(
    ({ dec }) => Math.abs(dec) <= 90,
  )
}

const poles = [0, 90, 123, 359].flatMap((ra) => [90, -90, 89.99999999].map((dec) => ({ ra, dec })))

/**
 * @param server   whose index `name` is to be tested
 * @param prepare  what the database needs before the index can be chosen
 */
export function regionSuite(
  name: string,
  server: () => Promise<string>,
  prepare?: (client: Client) => Promise<void>,
): void {
  describe(`regions by ${name}`, () => {
    let database: ScratchDatabase
    let client: Client
    let index: SkyIndex
    const positions = [
      ...uniformPositions(8_000, 3),
      ...poles,
      ...Object.values(cases).flatMap(({ about }) => about.flatMap(companions)),
    ]

    beforeAll(async () => {
      database = await scratchDatabase(await server())
      client = database.client
      await prepare?.(client)
      index = await chooseSkyIndex(client, name)
      for (const statement of index.install) await client.query(statement)
      await client.query('CREATE TABLE sky (id int, ra float8, dec float8, tag int)')
      await client.query(
        'INSERT INTO sky SELECT i, ra, dec, i % 7 FROM unnest($1::float8[], $2::float8[]) WITH ORDINALITY AS t(ra, dec, i)',
        [positions.map((p) => p.ra), positions.map((p) => p.dec)],
      )
      await client.query(
        `INSERT INTO sky VALUES (-1, NULL, 0), (-2, 0, NULL), (-3, 'NaN', 0), (-4, 0, 'NaN'), (-5, 'Infinity', 0)`,
      )
      const sky = { ra: 'ra', dec: 'dec', frame: 'icrs', index: 'sky_position' } as const
      await client.query(`CREATE INDEX sky_position ON sky ${index.indexOn(sky)}`)
      await client.query('CREATE TABLE parted (LIKE sky) PARTITION BY LIST (tag)')
      await client.query('CREATE TABLE parted_1 PARTITION OF parted FOR VALUES IN (0, 1, 2)')
      await client.query('CREATE TABLE parted_2 PARTITION OF parted DEFAULT')
      await client.query(`CREATE INDEX parted_position ON parted ${index.indexOn(sky)}`)
      await client.query('INSERT INTO parted SELECT * FROM sky')
      await client.query('ANALYZE')
    })
    afterAll(() => database?.drop())

    afterEach(() => client.query('RESET plan_cache_mode'))

    async function found(region: Region): Promise<Set<number>> {
      const { sql, parameters } = index.region(columns, region)
      const { rows } = await client.query<{ id: number }>(`SELECT id FROM sky s WHERE ${sql}`, [
        ...parameters,
      ])
      return new Set(rows.map((row) => row.id))
    }

    test.each(Object.entries(cases))('%s holds what brute force finds', async (_, { region, truth }) => {
      const ids = await found(region)
      let known = 0
      const wrong = positions.filter((position, i) => {
        const expected = truth(position)
        if (expected !== undefined) known++
        return expected !== undefined && expected !== ids.has(i + 1)
      })
      expect(wrong).toEqual([])
      if (!Object.is(region, cases['a MOC']!.region)) expect(known).toBeGreaterThan(positions.length * 0.95)
      expect([...ids].filter((id) => id < 0)).toEqual([])
    })

    test('a MOC holds the rows whose pixels of order 29 it has', async () => {
      const { rows } = await client.query<{ id: number; pixel: bigint }>(
        'SELECT id, healpix_nest(29, ra, dec) AS pixel FROM sky WHERE id > 0',
      )
      const held = (pixel: bigint) =>
        [5n, 100n, 101n, 102n, 103n, 104n].includes(pixel >> 52n) ||
        pixel === 12345678901234567n ||
        [40000n, 40001n].includes(pixel >> 46n)
      const expected = rows.filter(({ pixel }) => held(pixel)).map(({ id }) => id)
      expect(expected.length).toBeGreaterThan(40)
      expect([...(await found(cases['a MOC']!.region))].sort((a, b) => a - b)).toEqual(
        expected.sort((a, b) => a - b),
      )
    })

    async function plan(query: string): Promise<string> {
      const { rows } = await client.query(`EXPLAIN (COSTS OFF) ${query}`)
      return rows.map((row) => row['QUERY PLAN']).join('\n')
    }
    const literal = (value: Parameter) =>
      typeof value === 'object' ? `'{${value.join(',')}}'` : `'${String(value)}'`
    const text = (region: Region) => {
      const { sql, parameters } = index.region(columns, region)
      return sql.replace(/\$(\d+)/g, (_, n) => literal(parameters[Number(n) - 1]!))
    }
    const kinds = [
      'a box',
      'a box at the pole',
      'a galactic strip',
      'a galactic box over longitude 0',
      'an ecliptic strip',
      'an ellipse',
      'a star',
      'a MOC',
      'a cone',
    ]

    test.each(kinds)('%s reads the index', async (kind) => {
      const within = text(cases[kind]!.region)
      const scan = /Index Scan (using|on) sky_position/
      expect(await plan(`SELECT * FROM sky s WHERE ${within}`)).toMatch(scan)
      expect(await plan(`SELECT * FROM sky s WHERE tag = 3 AND ${within} AND id > 5`)).toMatch(scan)
      expect(await plan(`WITH c AS (SELECT * FROM sky s WHERE ${within}) SELECT count(*) FROM c`)).toMatch(
        scan,
      )
      expect(
        await plan(`SELECT * FROM sky s JOIN (VALUES (1), (2)) AS o(tag) ON o.tag = s.tag WHERE ${within}`),
      ).toMatch(scan)
      // two tables with conditions on both, region of the one
      const joined = `SELECT * FROM sky s JOIN parted o ON o.id = s.id + 1 WHERE ${within} AND s.tag < 5 AND o.tag > 1 AND o.id > 7`
      expect(await plan(joined)).toMatch(scan)
      expect(await plan(`WITH c AS MATERIALIZED (${joined}) SELECT 1 FROM c`)).toMatch(scan)
      await client.query(`CREATE OR REPLACE VIEW near AS SELECT * FROM sky s WHERE ${within}`)
      expect(await plan('SELECT * FROM near WHERE tag = 1')).toMatch(scan)
      const parted = await plan(`SELECT * FROM parted s WHERE ${within} AND tag = 1`)
      expect(parted).toMatch(/Index Scan (using \w+ )?on parted_1/)
      expect(parted).not.toMatch(/parted_2/)
    })

    test.each(kinds)('%s reads the index when prepared, under a generic plan', async (kind) => {
      const { sql, parameters } = index.region(columns, cases[kind]!.region)
      await client.query('DEALLOCATE ALL; SET plan_cache_mode = force_generic_plan')
      await client.query(`PREPARE p AS SELECT count(*) AS n FROM sky s WHERE ${sql}`)
      const call = `EXECUTE p(${parameters.map(literal).join(', ')})`
      expect(await plan(call)).toMatch(/Index Scan (using|on) sky_position/)
      const { rows } = await client.query(call)
      expect(rows[0]).toEqual({ n: BigInt((await found(cases[kind]!.region)).size) })
    })

    test('a selection of the whole sky needs no region', async () => {
      expect((await found(box({ lat: [-90, 90], frame: icrs }))).size).toBe(positions.length)
    })
  })
}

const columns = { ra: 's.ra', dec: 's.dec' }
