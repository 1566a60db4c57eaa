// Nearest neighbours, pair counts and density maps against counting by hand.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { defineCatalog, float64, int64 } from '../../src/model/index.ts'
import { type Client, connect } from '../../src/postgres/index.ts'
import {
  box,
  type CatalogQuery,
  chooseSkyIndex,
  densityMap,
  from,
  healpixNest,
  nearest,
  type Position,
  pairCounts,
  type SkyIndex,
  separation,
} from '../../src/sky/index.ts'
import { debianQ3cServer, type ScratchDatabase, scratchDatabase, scratchServer } from '../postgres/scratch.ts'
import { needs } from '../require.ts'
import { createUnpackaged } from './pgsphere-script.ts'
import { uniformPositions } from './positions.ts'

const absent = { kind: 'absent', reason: 'made here' } as const
const columns = {
  id: int64(absent, 'Identifier.'),
  ra: float64(absent, 'Right ascension.', { unit: 'deg' }),
  dec: float64(absent, 'Declination.', { unit: 'deg' }),
  z: float64(absent, 'Redshift.'),
}
const stars = defineCatalog({
  name: 'counted.stars',
  title: 'Stars',
  columns,
  key: ['id'],
  sky: { ra: 'ra', dec: 'dec', frame: 'icrs', index: 'idx_stars' },
  selections: { near: (c) => [c.z.below(3)] },
})
/** The same columns in a view and in a table of partitions. */
const [shown, parted] = ['shown', 'parted'].map((table) => ({
  ...stars,
  name: `counted.${table}`,
})) as [typeof stars, typeof stars]
const others = defineCatalog({
  name: 'counted.others',
  title: 'Others',
  columns,
  key: ['id'],
  sky: { ra: 'ra', dec: 'dec', frame: 'icrs', index: 'idx_others' },
})

/** Clumps, so that close pairs are many; twins; both poles; RA 0. */
const clumps = uniformPositions(1500, 8).flatMap(({ ra, dec }, i) => [
  { ra, dec },
  ...(i % 3 === 0 ? [{ ra: ra + 0.01, dec: Math.min(90, dec + 0.004) }] : []),
  ...(i % 50 === 0 ? [{ ra, dec }] : []),
])
const positions: Position[] = [
  ...clumps,
  { ra: 12, dec: 90 },
  { ra: 300, dec: -90 },
  { ra: 0, dec: 0 },
  { ra: 359.999, dec: 0 },
]
const second = uniformPositions(900, 9)
type Stars = CatalogQuery<typeof columns, 'id', keyof typeof columns>
const z = (i: number) => i % 5

function suite(
  name: string,
  server: () => Promise<string>,
  prepare?: (client: Client) => Promise<void>,
): void {
  describe(name, () => {
    let database: ScratchDatabase
    let client: Client
    let index: SkyIndex

    beforeAll(async () => {
      database = await scratchDatabase(await server())
      client = database.client
      await prepare?.(client)
      index = await chooseSkyIndex(client, name)
      for (const statement of index.install) await client.query(statement)
      await client.query('CREATE SCHEMA counted')
      for (const [catalog, rows] of [
        [stars, positions],
        [others, second],
      ] as const) {
        await client.query(
          `CREATE TABLE ${catalog.name} (id int8 PRIMARY KEY, ra float8, dec float8, z float8)`,
        )
        await client.query(
          `INSERT INTO ${catalog.name} SELECT i, ra, dec, (i - 1) % 5 FROM unnest($1::float8[], $2::float8[]) WITH ORDINALITY AS t(ra, dec, i)`,
          [rows.map((p) => p.ra), rows.map((p) => p.dec)],
        )
        await client.query(`INSERT INTO ${catalog.name} VALUES (-1, 'NaN', 1), (-2, NULL, 1), (-3, 5, NULL)`)
        await client.query(
          `CREATE INDEX ${catalog.sky!.index} ON ${catalog.name} ${index.indexOn(catalog.sky!)}; ANALYZE ${catalog.name}`,
        )
      }
      await client.query(`CREATE VIEW counted.shown AS SELECT id, ra, dec, z FROM counted.stars WHERE id <> 4;
        CREATE TABLE counted.parted (LIKE counted.stars) PARTITION BY RANGE (z);
        CREATE TABLE counted.parted_near PARTITION OF counted.parted FOR VALUES FROM (0) TO (3);
        CREATE TABLE counted.parted_far PARTITION OF counted.parted DEFAULT;
        CREATE INDEX ON counted.parted ${index.indexOn(stars.sky!)};
        INSERT INTO counted.parted SELECT * FROM counted.stars; ANALYZE counted.parted`)
    })
    afterAll(() => database?.drop())

    const ranked = (to: Position, keep: (i: number) => boolean = () => true) =>
      positions
        .map((position, i) => ({ id: BigInt(i + 1), separation: separation(to, position), i }))
        .filter(({ i }) => keep(i))
        .sort((a, b) => a.separation - b.separation || Number(a.id - b.id))

    test.each<[Position, number]>([
      [{ ra: 0, dec: 0 }, 1],
      [{ ra: 359.9999, dec: 1e-9 }, 5],
      [{ ra: 77, dec: 90 }, 20],
      [{ ra: -10, dec: -89.99 }, 7],
      [{ ra: 45, dec: 35.264 }, 300],
      [clumps[3]!, 2],
      [{ ra: 100, dec: 10 }, 5000],
    ])('nearest to %j: %i rows', async (to, count) => {
      const rows = await nearest(from(stars, index).pick('id'), client, { to, count })
      const expected = ranked(to).slice(0, count)
      expect(rows.length).toBe(expected.length)
      // twins may change places with what rounds to the same
      for (const [i, row] of rows.entries())
        expect(Math.abs(row.separation - expected[i]!.separation)).toBeLessThan(2e-6)
      const last = expected.at(-1)!.separation - 1e-5
      const sure = expected.filter((each) => each.separation < last).map(({ id }) => id)
      const found = new Set(rows.map(({ id }) => id))
      expect(sure.filter((id) => !found.has(id))).toEqual([])
    })

    test('nearest within a distance, a selection and a region', async () => {
      const to = { ra: 200, dec: 20 }
      const far = await nearest(from(stars, index), client, { to, count: 50, within: 8 })
      expect(far.map(({ id }) => id)).toEqual(
        ranked(to)
          .filter((each) => each.separation < 8)
          .map(({ id }) => id),
      )
      expect(far.length).toBeGreaterThan(3)
      expect(far.length).toBeLessThan(50)
      const query = from(stars, index)
        .only('near')
        .within(box({ lon: [200, 220], lat: [0, 60] }))
      const inside = (i: number) =>
        z(i) < 3 &&
        positions[i]!.ra >= 200 &&
        positions[i]!.ra <= 220 &&
        positions[i]!.dec >= 0 &&
        positions[i]!.dec <= 60
      expect((await nearest(query, client, { to, count: 6 })).map(({ id }) => id)).toEqual(
        ranked(to, inside)
          .slice(0, 6)
          .map(({ id }) => id),
      )
      expect(await nearest(query, client, { to, count: 3, within: 0 })).toEqual([])
    })

    const bins = [0, 0.001, 0.02, 0.5, 2]
    const histogram = (distances: Iterable<number>) => {
      const counts = bins.slice(1).map(() => 0n)
      for (const d of distances) {
        const bin = bins.findLastIndex((edge) => d >= edge)
        if (bin >= 0 && bin < counts.length) counts[bin]!++
      }
      return counts
    }
    function* pairs(left: readonly Position[], right: readonly Position[] | undefined): Iterable<number> {
      for (const [i, a] of left.entries())
        for (const b of right ?? left.slice(i + 1)) if (Math.abs(a.dec - b.dec) < 2.01) yield separation(a, b)
    }

    test('pairs within a table and between two', async () => {
      const all = from(stars, index)
      expect((await pairCounts(all, client, bins)).map((bin) => bin.pairs)).toEqual(
        histogram(pairs(positions, undefined)),
      )
      const some = positions.filter((_, i) => z(i) < 3)
      expect((await pairCounts(all.only('near'), client, bins)).map((bin) => bin.pairs)).toEqual(
        histogram(pairs(some, undefined)),
      )
      const between = await pairCounts(all.only('near'), client, bins, { with: from(others, index) })
      expect(between.map((bin) => bin.pairs)).toEqual(histogram(pairs(some, second)))
      expect(between.map(({ from, to }) => [from, to])).toEqual([
        [0, 0.001],
        [0.001, 0.02],
        [0.02, 0.5],
        [0.5, 2],
      ])
    })

    /** The last statement that a function sends. */
    async function lastStatement(
      work: (client: Client) => Promise<unknown>,
    ): Promise<[text: string, parameters: unknown[] | undefined]> {
      const sent: [string, unknown[] | undefined][] = []
      const listening = new Proxy(client, {
        get: (target, name) =>
          name === 'query'
            ? (text: string, parameters?: unknown[]) => {
                sent.push([text, parameters])
                return target.query(text, parameters)
              }
            : Reflect.get(target, name, target),
      })
      await work(listening)
      return sent.at(-1)!
    }

    async function plan(text: string, parameters?: unknown[]): Promise<string> {
      const { rows } = await client.query(`EXPLAIN (COSTS OFF) ${text}`, parameters)
      return rows.map((row) => row['QUERY PLAN']).join('\n')
    }

    const to = { ra: 200, dec: 20 }
    const field = box({ lon: [200, 220], lat: [10, 30] })
    /** Each kind of question, of all rows and with conditions: a selection, another condition, a region. */
    const kinds: [string, (query: Stars, client: Client) => Promise<unknown>][] = [
      ['neighbours', (query, c) => nearest(query, c, { to, count: 5 })],
      ['neighbours with conditions', (query, c) => nearest(some(query), c, { to, count: 3, within: 9 })],
      ['pairs', (query, c) => pairCounts(query, c, bins)],
      ['pairs with conditions', (query, c) => pairCounts(some(query), c, bins)],
      [
        'pairs with another table, both with conditions',
        (query, c) => pairCounts(beside(), c, bins, { with: some(query) }),
      ],
      ['a density', (query, c) => densityMap(some(query).within(field), c, 5)],
    ]
    const some = (query: Stars) => query.only('near').where({ column: 'z', is: '>', value: -1 })
    const beside = () => from(others, index).within(field)

    test.each(kinds)(
      '%s by the index: in a CTE, joined, prepared, of a view, of partitions',
      async (_, ask) => {
        const scan = (table: string) => new RegExp(`Index Scan (on|using) ${table}`)
        const [text, parameters] = await lastStatement((c) => ask(from(stars, index), c))
        expect(await plan(text, parameters)).toMatch(scan('idx_stars'))
        const cte = `WITH asked AS MATERIALIZED (${text}) SELECT * FROM asked`
        expect(await plan(cte, parameters)).toMatch(scan('idx_stars'))
        const joined = `SELECT * FROM (${text}) AS asked JOIN counted.others AS o ON true WHERE o.id < 9`
        expect(await plan(joined, parameters)).toMatch(scan('idx_stars'))
        await client.query('DEALLOCATE ALL; SET plan_cache_mode = force_generic_plan')
        await client.query(`PREPARE asked AS ${text}`)
        const literal = (value: unknown) => `'${Array.isArray(value) ? `{${value.join()}}` : String(value)}'`
        const values = parameters?.length ? `(${parameters.map(literal).join()})` : ''
        expect(await plan(`EXECUTE asked${values}`)).toMatch(scan('idx_stars'))
        await client.query('RESET plan_cache_mode')
        expect(await plan(...(await lastStatement((c) => ask(from(shown, index), c))))).toMatch(
          scan('idx_stars'),
        )
        const parts = await plan(...(await lastStatement((c) => ask(from(parted, index), c))))
        expect(parts).toMatch(/Index Scan (using \w+ )?on parted_near/)
      },
    )

    test('a large table without an index is refused for each kind', async () => {
      await client.query(
        `BEGIN; DROP INDEX counted.idx_stars; UPDATE pg_class SET reltuples = 2e6 WHERE oid = 'counted.stars'::regclass`,
      )
      await using other = await connect(database.url)
      await client.query('COMMIT')
      for (const [, ask] of kinds)
        await expect(ask(from(stars, index), other)).rejects.toMatchObject({ code: 'SKY_INDEX_MISSING' })
      const field = from(stars, index).within(box({ lat: [0, 1] }))
      await expect(pairCounts(field, other, bins, { with: from(others, index) })).rejects.toMatchObject({
        code: 'SKY_INDEX_MISSING',
      })
      await client.query(
        `CREATE INDEX idx_stars ON counted.stars ${index.indexOn(stars.sky!)}; ANALYZE counted.stars`,
      )
    })

    test('a density map', async () => {
      const counts = new Map<bigint, bigint>()
      for (const { ra, dec } of positions) {
        const pixel = healpixNest(3, ra, dec)
        counts.set(pixel, (counts.get(pixel) ?? 0n) + 1n)
      }
      const map = await densityMap(from(stars, index), client, 3)
      expect(new Map(map.map(({ pixel, rows }) => [pixel, rows]))).toEqual(counts)
      await expect(densityMap(from(stars, index), client, 30)).rejects.toMatchObject({ code: '22023' })
    })

    test('what makes no sense is refused', async () => {
      const query: CatalogQuery<typeof columns, 'id', 'id'> = from(stars, index).pick('id')
      const to = { ra: 0, dec: 0 }
      const code = (code: string) => ({ code })
      await expect(nearest(query, client, { to, count: 0 })).rejects.toMatchObject(code('NEAREST_COUNT'))
      await expect(nearest(query, client, { to, count: 1, within: -1 })).rejects.toMatchObject(
        code('REGION_RADIUS'),
      )
      await expect(nearest(query, client, { to: { ra: 0, dec: 95 }, count: 1 })).rejects.toMatchObject(
        code('REGION_POSITION'),
      )
      for (const edges of [[1], [0, 0], [2, 1], [-1, 1], [0, 91], [0, NaN]])
        await expect(pairCounts(query, client, edges)).rejects.toMatchObject(code('PAIR_BINS'))
    })
  })
}

suite('q3c-sql', async () => scratchServer())
suite('healpix', async () => scratchServer())
needs('debian-q3c')("on Debian's server", () => suite('q3c', debianQ3cServer))
needs('debian-pgsphere')("on Debian's server", () => suite('pgsphere', debianQ3cServer, createUnpackaged))
