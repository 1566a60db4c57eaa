// What every sky index must do: find exactly the rows that brute force finds, and find them by the index.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Client, quoteIdentifier } from '../../src/postgres/index.ts'
import { chooseSkyIndex, cone, type Position, type SkyIndex, separation } from '../../src/sky/index.ts'
import { type ScratchDatabase, scratchDatabase } from '../postgres/scratch.ts'
import { edgeDec, neighbours, uniformPositions } from './positions.ts'
import { fartherThan } from './vincenty.ts'

const columns = { ra: 's.ra', dec: 's.dec' }
const centres: Position[] = [
  { ra: 0, dec: 0 },
  { ra: 359.9999, dec: 12 },
  { ra: -0.5, dec: -3 },
  { ra: 725.25, dec: 3 },
  { ra: 10, dec: 90 },
  { ra: 200, dec: -90 },
  { ra: 33, dec: 89.9995 },
  { ra: 33, dec: -89.5 },
  { ra: 45, dec: 0 },
  { ra: 135, dec: edgeDec(135) },
  { ra: 225, dec: -edgeDec(225) },
  { ra: 315.0001, dec: edgeDec(315) - 0.0001 },
  { ra: 70, dec: edgeDec(70) },
  { ra: 180, dec: -44.99999 },
  { ra: 123.4, dec: 56.7 },
]
const radii = [0, 1e-9, 1 / 3600, 0.02, 0.7, 5, 30, 60, 89.9, 90, 120, 179.9, 180]

/** Around each centre: itself twice, and companions at all distances down to a nano-degree. */
function companions(): Position[] {
  return centres.flatMap(({ ra, dec }) => {
    const near = [4e-10, 0.5 / 3600, 0.9 / 3600, 0.01, 0.5, 3].flatMap((d) => [
      { ra: ra + d, dec },
      { ra, dec: dec > 0 ? dec - d : dec + d },
      { ra: ra - d / 2, dec: Math.max(-90, Math.min(90, dec + d / 2)) },
    ])
    return [{ ra, dec }, { ra, dec }, { ra: ra + 180, dec: -dec }, ...near]
  })
}

const cubeEdges = (): Position[] =>
  Array.from({ length: 200 }, (_, i) => i * 1.8).flatMap((ra) =>
    neighbours(edgeDec(ra)).flatMap((dec) => [
      { ra, dec },
      { ra, dec: -dec },
    ]),
  )

/**
 * Distances that rounding may put on either side: half the haversine's relative error is 1e-15 for small
 * distances, while near the antipode its square root leaves 1e-6 degrees.
 */
const tolerance = (radius: number): number => (radius > 179 ? 1e-5 : 1e-13 + radius * 1e-12)

/** How much farther than the radius a position lies: near the rim by 256 bits, where double precision might lean with ours. */
function beyond(radius: number, a: Position, b: Position): number {
  const difference = separation(a, b) - radius
  return Math.abs(difference) < 1e-9 ? fartherThan(radius, a, b) : difference
}

/** What a backend is known not to do: these tests aren't made for it, and peer.test.ts shows the shortcoming. */
export interface Shortcomings {
  losesRows?: boolean
  needsSearchPath?: boolean
  /** What the database needs before the index can be chosen. */
  prepare?: (client: Client) => Promise<void>
}

/** Sets up the tables on a server, and compares. */
export function skyIndexSuite(
  name: string,
  server: () => Promise<string>,
  shortcomings: Shortcomings = {},
): void {
  describe(`sky index ${name}`, () => {
    let database: ScratchDatabase
    let client: Client
    let index: SkyIndex
    const positions = [...uniformPositions(12_000, 1), ...companions(), ...cubeEdges()]

    beforeAll(async () => {
      database = await scratchDatabase(await server())
      client = database.client
      await shortcomings.prepare?.(client)
      index = await chooseSkyIndex(client, name)
      for (const statement of index.install) await client.query(statement)
      await client.query('CREATE TABLE sky (id int, ra float8, dec float8, tag int)')
      await client.query(
        'INSERT INTO sky SELECT i, ra, dec, i % 7 FROM unnest($1::float8[], $2::float8[]) WITH ORDINALITY AS t(ra, dec, i)',
        [positions.map((p) => p.ra), positions.map((p) => p.dec)],
      )
      await client.query(
        `INSERT INTO sky VALUES (-1, NULL, 0), (-2, 0, NULL), (-3, 'NaN', 0), (-4, 0, 'NaN'), (-5, 'Infinity', 0),
           (-6, 0, '-Infinity')`,
      )
      await client.query(`CREATE INDEX sky_position ON sky ${index.indexOn(sky)}`)
      await client.query('ANALYZE sky')
    })
    afterAll(() => database?.drop())

    async function radial(centre: Position, radius: number): Promise<Set<number>> {
      const within = index.within(columns, { ra: '$1::float8', dec: '$2::float8' }, '$3::float8')
      const { rows } = await client.query<{ id: number }>(`SELECT id FROM sky s WHERE ${within}`, [
        centre.ra,
        centre.dec,
        radius,
      ])
      return new Set(rows.map((row) => row.id))
    }

    async function found(centre: Position, radius: number): Promise<Set<number>> {
      const { sql, parameters } = index.region(columns, cone({ ...centre, radius }))
      const { rows } = await client.query<{ id: number }>(`SELECT id FROM sky s WHERE ${sql}`, [
        ...parameters,
      ])
      return new Set(rows.map((row) => row.id))
    }

    test.each(radii)('cones of %d degrees hold what brute force finds', async (radius) => {
      for (const centre of centres) {
        const ids = await found(centre, radius)
        const wrong = positions.filter((position, i) => {
          const farther = beyond(radius, centre, position)
          if (Math.abs(farther) <= tolerance(radius)) return false
          return farther < 0 !== ids.has(i + 1)
        })
        expect(wrong, `cone at ${centre.ra}, ${centre.dec}`).toEqual([])
        expect([...ids].filter((id) => id < 0)).toEqual([])
      }
    })

    if (!shortcomings.losesRows)
      test.each(radii)("the server's own cones of %d degrees hold the same", async (radius) => {
        for (const centre of centres)
          expect(await radial(centre, radius)).toEqual(await found(centre, radius))
      })

    test.each([0, 1e-9, 1 / 3600, 0.02, 0.7, 5, 30, 89.9, 180])(
      'a join within %d degrees pairs what brute force pairs',
      async (radius) => {
        const some = [...centres, ...uniformPositions(25, 2)]
        const { rows } = await client.query<{ i: bigint; id: number }>(
          `SELECT o.i, s.id FROM unnest($1::float8[], $2::float8[]) WITH ORDINALITY AS o(ra, dec, i)
           JOIN sky s ON ${index.matches({ ra: 'o.ra', dec: 'o.dec' }, columns, '$3::float8')}`,
          [some.map((p) => p.ra), some.map((p) => p.dec), radius],
        )
        const pairs = new Set(rows.map((row) => `${row.i} ${row.id}`))
        const wrong = some.flatMap((other, o) =>
          positions.flatMap((position, i) => {
            const farther = beyond(radius, other, position)
            if (Math.abs(farther) <= tolerance(radius)) return []
            return farther < 0 === pairs.has(`${o + 1} ${i + 1}`) ? [] : [{ other, position, farther }]
          }),
        )
        expect(wrong).toEqual([])
        expect(rows.filter(({ id }) => id < 0)).toEqual([])
      },
    )

    async function plan(query: string, parameters?: unknown[]): Promise<string> {
      const { rows } = await client.query(`EXPLAIN (COSTS OFF) ${query}`, parameters)
      return rows.map((row) => row['QUERY PLAN']).join('\n')
    }
    const cone1 = () => index.within(columns, { ra: '123.4', dec: '56.7' }, '1')
    const coneAsRanges = () => {
      const { sql, parameters } = index.region(columns, cone({ ra: 123.4, dec: 56.7, radius: 1 }))
      return sql.replace(/\$(\d+)/g, (_, n) => String(parameters[n - 1]))
    }
    const join1 = (other = 'o') => index.matches({ ra: `${other}.ra`, dec: `${other}.dec` }, columns, '0.001')

    test.each<[string, () => string]>([
      ['a cone', () => `SELECT * FROM sky s WHERE ${cone1()}`],
      ['a cone as ranges', () => `SELECT * FROM sky s WHERE ${coneAsRanges()}`],
      ['a cone and another condition', () => `SELECT * FROM sky s WHERE tag = 3 AND ${cone1()} AND id > 5`],
      ['a cone in a CTE', () => `WITH c AS (SELECT * FROM sky s WHERE ${cone1()}) SELECT count(*) FROM c`],
      ['a cone counted', () => `SELECT count(*) FROM sky s WHERE ${cone1()}`],
      ['a join', () => `SELECT * FROM sky o JOIN sky s ON ${join1()}`],
      [
        'a join in a CTE',
        () => `WITH pairs AS (SELECT o.id, s.id AS other FROM sky o JOIN sky s ON ${join1()} WHERE o.id <> s.id)
          SELECT count(*) FROM pairs`,
      ],
      [
        'a join with a CTE that is computed first',
        () => `WITH o AS MATERIALIZED (SELECT * FROM sky WHERE tag = 3)
          SELECT * FROM o JOIN sky s ON ${join1()}`,
      ],
      [
        'a join with conditions on both sides',
        // The planner takes each range for a tenth of the table and would rather filter first: OFFSET 0 forbids it.
        () => `SELECT * FROM (SELECT * FROM sky WHERE id < 900) o
          CROSS JOIN LATERAL (SELECT * FROM sky s WHERE ${join1()} OFFSET 0) m WHERE m.tag = 2`,
      ],
      [
        'a left join of a subquery',
        () => `SELECT * FROM (SELECT * FROM sky LIMIT 99) o LEFT JOIN sky s ON ${join1()}`,
      ],
      [
        'nearest by a lateral join',
        () => `SELECT * FROM sky o CROSS JOIN LATERAL (SELECT * FROM sky s WHERE ${join1()} LIMIT 1) n`,
      ],
    ])('%s reads the index', async (_, query) => {
      expect(await plan(query())).toMatch(/Index Scan (on|using) sky_position/)
    })

    test('a prepared cone and join read the index under a generic plan', async () => {
      await client.query('SET plan_cache_mode = force_generic_plan')
      const within = index.within(columns, { ra: '$1', dec: '$2' }, '$3')
      const matches = index.matches({ ra: '$1', dec: '$2' }, columns, '$3')
      await client.query(
        `PREPARE a(float8, float8, float8) AS SELECT count(*) AS n FROM sky s WHERE ${within}`,
      )
      await client.query(
        `PREPARE b(float8, float8, float8) AS SELECT count(*) AS n FROM sky s WHERE ${matches}`,
      )
      for (const prepared of ['a', 'b']) {
        expect(await plan(`EXECUTE ${prepared}(123.4, 56.7, 0.02)`)).toContain('Index Scan on sky_position')
        const { rows } = await client.query(`EXECUTE ${prepared}(123.4, 56.7, 0.02)`)
        expect(rows[0]).toEqual({ n: BigInt((await found({ ra: 123.4, dec: 56.7 }, 0.02)).size) })
      }
      await client.query('RESET plan_cache_mode')
    })

    test('a view over a cone and a materialised view over a join read the index', async () => {
      await client.query(`CREATE VIEW near AS SELECT * FROM sky s WHERE ${cone1()}`)
      expect(await plan('SELECT * FROM near WHERE tag = 1')).toContain('Index Scan on sky_position')
      await client.query(
        `CREATE MATERIALIZED VIEW pairs AS SELECT o.id, s.id AS other FROM sky o JOIN sky s ON ${join1()} WHERE o.id > 0`,
      )
      await client.query('REFRESH MATERIALIZED VIEW pairs')
    })

    test('an index over partitions is read in each that the query touches', async () => {
      await client.query('CREATE TABLE parted (LIKE sky) PARTITION BY LIST (tag)')
      await client.query('CREATE TABLE parted_1 PARTITION OF parted FOR VALUES IN (0, 1, 2)')
      await client.query('CREATE TABLE parted_2 PARTITION OF parted DEFAULT')
      await client.query(`CREATE INDEX parted_position ON parted ${index.indexOn(sky)}`)
      await client.query('INSERT INTO parted SELECT * FROM sky')
      await client.query('ANALYZE parted')
      const text = await plan(`SELECT * FROM parted s WHERE ${cone1()} AND tag = 1`)
      expect(text).toMatch(/Index Scan on parted_1/)
      expect(text).not.toMatch(/parted_2/)
      const joined = await plan(`SELECT * FROM sky o JOIN parted s ON ${join1()}`)
      for (const each of ['parted_1', 'parted_2'])
        expect(joined).toMatch(new RegExp(`Index Scan (using \\w+ )?on ${each}`))
      const pairs = (table: string) =>
        client.query(`SELECT count(*) AS n FROM sky o JOIN ${table} s ON ${join1()} WHERE o.tag = 3`)
      expect((await pairs('parted')).rows).toEqual((await pairs('sky')).rows)
    })

    if (!shortcomings.needsSearchPath)
      test('an empty search_path does no harm', async () => {
        await client.query(`SET search_path = ''`)
        await client.query('REINDEX TABLE public.sky')
        const { rows } = await client.query(`SELECT count(*) > 0 AS any FROM public.sky s WHERE ${cone1()}`)
        expect(rows[0]).toEqual({ any: true })
        await client.query(`SELECT count(*) FROM public.sky o JOIN public.sky s ON ${join1()} WHERE o.id > 0`)
        await client.query('RESET search_path')
      })

    test('a position that is no number has no pixel, no pixel is lost, and ranges hold their rows', async () => {
      const { rows } = await client.query<{ id: number }>(
        `SELECT id FROM sky s WHERE ${index.expression(columns)} IS NULL ORDER BY id`,
      )
      expect(rows.map((row) => row.id)).toEqual([-6, -5, -4, -3, -2, -1])
    })

    test('a left position that is no number is an error, one that is NULL joins with nothing', async () => {
      const joined = async (ra: string, dec: string) => {
        const matches = index.matches({ ra: `${ra}::float8`, dec: `${dec}::float8` }, columns, '3')
        return (await client.query(`SELECT count(*) AS n FROM sky s WHERE ${matches}`)).rows[0]!.n
      }
      for (const value of ["'NaN'", "'Infinity'", "'-Infinity'"]) {
        await expect(joined(value, '7')).rejects.toThrow(/NaN/)
        await expect(joined('7', value)).rejects.toThrow(/NaN/)
      }
      expect([await joined('NULL', '7'), await joined('7', 'NULL')]).toEqual([0n, 0n])
    })

    test('a declination beyond the pole has the pixel of the pole, and is found only from there', async () => {
      await client.query('BEGIN; INSERT INTO sky VALUES (-7, 10, 91), (-8, 10, -100)')
      const beyondPole = async (dec: number, radius: number) =>
        [...(await found({ ra: 100, dec }, radius))].filter((id) => id < 0)
      expect(await beyondPole(90, 2)).toEqual([-7])
      expect(await beyondPole(90, 0.5)).toEqual([])
      expect(await beyondPole(-90, 11)).toEqual([-8])
      expect(await beyondPole(-45, 30)).toEqual([])
      await client.query('ROLLBACK')
    })

    test('distances are those of an independent formula', async () => {
      const { rows } = await client.query<{ d: number; ra: number; dec: number }>(
        `SELECT ra, dec, ${index.distance(columns, { ra: '10', dec: '20' })} AS d FROM sky s WHERE id > 0`,
      )
      const worst = Math.max(...rows.map((row) => Math.abs(row.d - separation(row, { ra: 10, dec: 20 }))))
      expect(worst).toBeLessThan(1e-6)
    })

    test('the index stands in the schema that its SQL names', () => {
      expect(index.expression(columns)).toContain(quoteIdentifier('public'))
      expect(index.version).toMatch(/\(plain SQL, Almagest\)$|\(C extension\)$/)
    })
  })
}

const sky = { ra: 'ra', dec: 'dec', frame: 'icrs', index: 'sky_position' } as const
