// Cross-matches by both roads against brute force with an independent formula, pair by pair.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Client } from '../../src/postgres/index.ts'
import {
  arcsec,
  type CrossMatch,
  type CrossMatchOptions,
  chooseSkyIndex,
  crossMatch,
  type MatchTable,
  matchCsv,
  matchRows,
  type Position,
  type RunOptions,
  type SkyIndex,
  separation,
  storeMatch,
} from '../../src/sky/index.ts'
import { debianQ3cServer, type ScratchDatabase, scratchDatabase, scratchServer } from '../postgres/scratch.ts'
import { needs } from '../require.ts'
import { createUnpackaged } from './pgsphere-script.ts'
import { edgeDec, neighbours, randomNumbers, uniformPositions } from './positions.ts'

interface Star extends Position {
  id: bigint
  error: number
  /** Half axes in arc seconds, and position angle. */
  major: number
  minor: number
  angle: number
  /** Milliarcseconds a year. */
  pmra: number
  pmdec: number
  epoch: number
}

/** Where spheres, right ascensions, cubes and zones have edges, each with company near the radius. */
const centres: Position[] = [
  { ra: 0, dec: 0 },
  { ra: 359.9999999, dec: 12 },
  { ra: -0.5, dec: -3 },
  { ra: 725.25, dec: 3 },
  { ra: 360, dec: 44 },
  { ra: 10, dec: 90 },
  { ra: 200, dec: -90 },
  { ra: 33, dec: 89.9999 },
  { ra: 33, dec: -89.5 },
  { ra: 135, dec: edgeDec(135) },
  { ra: 225, dec: -edgeDec(225) },
]

/** Rows with identifiers in no order; some far beyond 2^53, some negative. */
function stars(seed: number): Star[] {
  const random = randomNumbers(seed)
  const near = centres.flatMap((centre) =>
    [0, 0, 0.3, 0.9, 1.1, 40, 900].flatMap((distance) => {
      const step = arcsec(distance) * (0.9 + 0.2 * random())
      const around = Math.cos((centre.dec * Math.PI) / 180) > 1e-3 ? step : random() * 360
      const dec = centre.dec + (random() - 0.5) * step
      return [
        { ra: centre.ra + around, dec: Math.max(-90, Math.min(90, dec)) },
        { ra: centre.ra, dec: Math.max(-90, Math.min(90, centre.dec - Math.sign(centre.dec) * step)) },
      ]
    }),
  )
  const edges = neighbours(-45).map((dec) => ({ ra: 77, dec }))
  const all = [...near, ...edges, ...uniformPositions(300, 5)]
  return all.map((position, i) => ({
    ...position,
    id: BigInt(Math.floor(random() * 2 ** 31)) * (i % 2 ? 3_000_000_001n : -7n) + BigInt(i),
    error: i % 11 === 0 ? -1 : i % 13 === 0 ? Number.NaN : 2 * random(),
    major: i % 17 === 0 ? Number.NaN : i % 19 === 0 ? -1 : 0.1 + 2 * random(),
    minor: i % 23 === 0 ? 0 : 0.1 + random(),
    angle: 720 * random() - 360,
    pmra: i % 29 === 0 ? Number.NaN : 200 * (random() - 0.5),
    pmdec: 200 * (random() - 0.5),
    epoch: i % 2 ? 2000 : 2015.5,
  }))
}

interface Pair {
  a: bigint
  b: bigint
  separation: number
  rank: number
}

const separations = new WeakMap<Star[], WeakMap<Star[], Float64Array>>()

/** Separations of every row with every row, row by row; computed once for the same two lists. */
function separationsOf(left: Star[], right: Star[]): Float64Array {
  const ofLeft = separations.get(left) ?? new WeakMap<Star[], Float64Array>()
  separations.set(left, ofLeft)
  const known =
    ofLeft.get(right) ?? Float64Array.from(left.flatMap((a) => right.map((b) => separation(a, b))))
  ofLeft.set(right, known)
  return known
}

/** Every row with every row; as it is documented, and with none of the code under test. */
function bruteForce(
  left: Star[],
  right: Star[],
  radiusOf: (star: Star) => number,
  keep: CrossMatch['keep'],
  self: boolean,
  /** What must be below the radius, where that is not the separation. */
  measure?: (a: Star, b: Star) => number,
): { pairs: Pair[]; unmatched: bigint[] } {
  const apart = separationsOf(left, right)
  const found = left.map((a, i) => {
    const near: (Omit<Pair, 'rank'> & { measure: number })[] = []
    for (const [j, b] of right.entries()) {
      if (self && a.id === b.id) continue
      const separation = apart[i * right.length + j]!
      const measured = measure?.(a, b) ?? separation
      if (measured < radiusOf(a)) near.push({ a: a.id, b: b.id, separation, measure: measured })
    }
    return near.sort((x, y) => x.measure - y.measure || (x.b < y.b ? -1 : 1))
  })
  const all = found.flat()
  const unmatched = left.filter((_, i) => found[i]!.length === 0).map((a) => a.id)
  const once = (pair: { a: bigint; b: bigint }) => !self || pair.a < pair.b
  const nearestOf = new Map<bigint, Pair & { measure: number }>()
  for (const pair of all) {
    const before = nearestOf.get(pair.b)
    const nearer =
      !before || pair.measure < before.measure || (pair.measure === before.measure && pair.a < before.a)
    if (nearer) nearestOf.set(pair.b, { ...pair, rank: 1 })
  }
  const best = found.flatMap((pairs) => pairs.slice(0, 1).map((pair) => ({ ...pair, rank: 1 })))
  if (keep === 'best') return { pairs: best, unmatched }
  if (keep === 'symmetric')
    return { pairs: best.filter((pair) => once(pair) && nearestOf.get(pair.b)!.a === pair.a), unmatched }
  const ranked = found.flatMap((pairs) => pairs.filter(once).map((pair, i) => ({ ...pair, rank: i + 1 })))
  return { pairs: ranked, unmatched }
}

/** Groups that pairs hold together: members in order, by their lowest; each pair is followed until nothing is new. */
function componentsOf(pairs: Pair[]): bigint[][] {
  const beside = new Map<bigint, bigint[]>()
  for (const { a, b } of pairs) {
    beside.set(a, [...(beside.get(a) ?? []), b])
    beside.set(b, [...(beside.get(b) ?? []), a])
  }
  const seen = new Set<bigint>()
  const reached = (from: bigint): bigint[] => {
    if (seen.has(from)) return []
    seen.add(from)
    return [from, ...beside.get(from)!.flatMap(reached)]
  }
  const inOrder = (x: bigint, y: bigint) => (x < y ? -1 : 1)
  return [...beside.keys()]
    .sort(inOrder)
    .map((each) => reached(each).sort(inOrder))
    .filter((group) => group.length > 0)
}

const pairsWithin = (pairs: Pair[], group: bigint[]): number =>
  pairs.filter(({ a, b }) => group.includes(a) && group.includes(b)).length

/** Along the great circle of its proper motion, by spherical trigonometry. */
function moved(star: Star, epoch: number): Star {
  const still = Number.isFinite(star.pmra + star.pmdec)
    ? star
    : { ...star, pmra: Number.isNaN(star.pmra) ? 0 : star.pmra }
  const radians = Math.PI / 180
  const years = epoch - star.epoch
  const way = Math.atan((Math.hypot(still.pmra, still.pmdec) * years * radians) / 3.6e6)
  const [d, towards] = [star.dec * radians, Math.atan2(still.pmra, still.pmdec)]
  const up = Math.sin(d) * Math.cos(way) + Math.cos(d) * Math.sin(way) * Math.cos(towards)
  const across = Math.sin(towards) * Math.sin(way)
  const along = Math.cos(d) * Math.cos(way) - Math.sin(d) * Math.sin(way) * Math.cos(towards)
  const ra = star.ra + Math.atan2(across, along) / radians
  return { ...star, ra, dec: Math.atan2(up, Math.hypot(across, along)) / radians }
}

type Vector = [number, number, number]
const dot = (x: Vector, y: Vector) => x[0] * y[0] + x[1] * y[1] + x[2] * y[2]

function basis({ ra, dec }: Position): { at: Vector; east: Vector; north: Vector } {
  const [a, d] = [(ra * Math.PI) / 180, (dec * Math.PI) / 180]
  return {
    at: [Math.cos(d) * Math.cos(a), Math.cos(d) * Math.sin(a), Math.sin(d)],
    east: [-Math.sin(a), Math.cos(a), 0],
    north: [-Math.sin(d) * Math.cos(a), -Math.sin(d) * Math.sin(a), Math.cos(d)],
  }
}

/** Half axes of a star's error as vectors of space, times their lengths in degrees. */
function axes(star: Star): Vector[] {
  const { east, north } = basis(star)
  const angle = (star.angle * Math.PI) / 180
  const vector = (length: number, e: number, n: number) =>
    [0, 1, 2].map((k) => arcsec(length) * (e * east[k]! + n * north[k]!)) as Vector
  return [
    vector(star.major, Math.sin(angle), Math.cos(angle)),
    vector(star.minor, Math.cos(angle), -Math.sin(angle)),
  ]
}

/** Separation over the combined error: vectors of b carried to a by the smallest rotation, and a 2 by 2 inverse there. */
function deviation(a: Star, b: Star): number {
  for (const { major, minor } of [a, b]) if (!(major >= 0 && minor >= 0)) return Number.NaN
  const [here, there] = [basis(a), basis(b)]
  const cosine = dot(here.at, there.at)
  // Rotates there.at to here.at: x - (x . (here + there)) / (1 + cosine) (here + there) + 2 (x . there) here
  const carried = (x: Vector): Vector => {
    const sum = [0, 1, 2].map((k) => here.at[k]! + there.at[k]!) as Vector
    const [f, g] = [dot(x, sum) / (1 + cosine), 2 * dot(x, there.at)]
    return [0, 1, 2].map((k) => x[k]! - f * sum[k]! + g * here.at[k]!) as Vector
  }
  const vectors = [...axes(a), ...axes(b).map(carried)]
  const flat = vectors.map((x) => [dot(x, here.east), dot(x, here.north)] as const)
  const sumOf = (of: (e: number, n: number) => number) => flat.reduce((sum, [e, n]) => sum + of(e, n), 0)
  const [ee, nn, en] = [sumOf((e) => e * e), sumOf((_, n) => n * n), sumOf((e, n) => e * n)]
  const apart = separation(a, b)
  if (ee * nn - en * en < 1e-12 * (ee + nn) ** 2) return Number.NaN
  if (apart === 0) return 0
  const [x, y] = [dot(there.at, here.east), dot(there.at, here.north)]
  const scale = apart / Math.hypot(x, y)
  const [e, n] = [x * scale, y * scale]
  return Math.sqrt((e * e * nn - 2 * e * n * en + n * n * ee) / (ee * nn - en * en))
}

const table = (name: string, key = ['id']): MatchTable => ({
  table: `public.${name}`,
  ra: 'ra',
  dec: 'dec',
  key,
})

const left = stars(1)
const right = stars(2)

/** @param other  a sky index that the server would not choose: pairs by its own look-ups alone */
function suite(
  name: string,
  server: () => Promise<string>,
  other?: { index: string; prepare?: (client: Client) => Promise<void> },
  /** Roads; what the client does is the same beside each server. */
  roads: RunOptions[] = [{ road: 'server' }],
): void {
  describe(name, () => {
    let database: ScratchDatabase
    let client: Client
    let sky: SkyIndex

    beforeAll(async () => {
      database = await scratchDatabase(await server())
      client = database.client
      await other?.prepare?.(client)
      sky = await chooseSkyIndex(client, other?.index)
      for (const statement of sky.install) await client.query(statement)
      for (const [into, rows] of [
        ['a', left],
        ['b', right],
      ] as const) {
        await client.query(
          `CREATE TABLE ${into} (id bigint, ra float8, dec float8, error float8, part int, name text,
             major float8, minor float8, angle float8, pmra float8, pmdec float8, epoch float8)`,
        )
        await client.query(
          `INSERT INTO ${into} SELECT id, ra, dec, error, id % 7, 'star ' || id, major, minor, angle, pmra, pmdec, epoch
           FROM unnest($1::int8[], $2::float8[], $3::float8[], $4::float8[], $5::float8[], $6::float8[], $7::float8[],
             $8::float8[], $9::float8[], $10::float8[])
             AS t(id, ra, dec, error, major, minor, angle, pmra, pmdec, epoch)`,
          [
            rows.map((row) => String(row.id)),
            ...(['ra', 'dec', 'error', 'major', 'minor', 'angle', 'pmra', 'pmdec', 'epoch'] as const).map(
              (column) => rows.map((row) => row[column]),
            ),
          ],
        )
        await client.query(
          `INSERT INTO ${into} VALUES (1, NULL, 0), (2, 0, NULL), (3, 'NaN', 0), (4, 0, 'NaN'), (5, 'Infinity', 0),
             (6, 0, '-Infinity'), (7, 0, 90.001), (8, 0, -91), (NULL, 0, 0)`,
        )
        await client.query(
          `CREATE INDEX ON ${into} ${sky.indexOn({ ra: 'ra', dec: 'dec', frame: 'icrs', index: into })}`,
        )
        await client.query(`ANALYZE ${into}`)
      }
    })
    afterAll(() => database?.drop())

    async function found(match: CrossMatch, options: RunOptions) {
      const pairs: Pair[] = []
      const unmatched: bigint[] = []
      for await (const row of matchRows(database.url, sky, match, options)) {
        if (row.separation === undefined) unmatched.push(row.a[0] as bigint)
        else
          pairs.push({
            a: row.a[0] as bigint,
            b: row.b[0] as bigint,
            separation: row.separation,
            rank: row.rank!,
          })
      }
      return { pairs, unmatched }
    }

    const byName = (x: Pair, y: Pair) => (x.a < y.a ? -1 : x.a > y.a ? 1 : x.b < y.b ? -1 : x.b > y.b ? 1 : 0)
    const inOrder = (x: bigint, y: bigint) => (x < y ? -1 : 1)

    const nearlySame = (x: number, y: number) => Math.abs(x - y) < 1e-9 + y * 1e-8

    /** The same pairs; a row that is as near but for rounding may stand in for another. */
    function expectSame(got: Pair[], wanted: Pair[], keep: CrossMatch['keep'] = 'all'): void {
      const named = (pairs: Pair[]) =>
        pairs.sort(byName).map(({ a, b }) => `${a} ${keep === 'best' ? '' : b}`)
      expect(named(got)).toEqual(named(wanted))
      const off = got.filter(({ separation: found }, i) => !nearlySame(found, wanted[i]!.separation))
      expect(off).toEqual([])
      const places = new Map(wanted.map((pair) => [`${pair.a} ${pair.rank}`, pair.separation]))
      const misplaced = got.filter(({ a, rank, separation: found }) => {
        const there = places.get(`${a} ${rank}`)
        return there === undefined || !nearlySame(found, there)
      })
      expect(misplaced).toEqual([])
    }

    const keeps: [string, Omit<CrossMatchOptions, 'radius'>][] = [
      ['all', {}],
      ['best', { best: true }],
      ['symmetric', { best: 'symmetric' }],
      ['unmatched', { unmatched: true }],
    ]
    const radii = other ? [0, 1e-9, arcsec(1), 0.51] : [0, 1e-9, arcsec(1), arcsec(60), 0.51, 30]
    // bands and partitions divide what the others have shown for each radius
    const divided = (road: RunOptions) => road.rowsInMemory !== undefined || road.road === 'partitions'
    const cases = roads.flatMap((road) =>
      keeps.flatMap(([kept, keep]) =>
        (divided(road) ? [arcsec(1), 0.51, 30] : radii).map((radius) => ({ road, kept, keep, radius })),
      ),
    )
    // all pairs of half the sphere and of the whole: once for each road
    for (const road of roads)
      for (const radius of [89.9, 180]) cases.push({ road, kept: 'all', keep: {}, radius })

    test.each(cases)('$kept within $radius by $road', async ({ road, keep, radius }) => {
      const match = crossMatch(table('a'), table('b'), { radius, ...keep })
      const wanted = bruteForce(left, right, () => radius, match.keep, false)
      const got = await found(match, road)
      if (match.keep === 'unmatched') {
        expect(got.unmatched.sort(inOrder)).toEqual(wanted.unmatched.sort(inOrder))
      } else {
        expectSame(got.pairs, wanted.pairs, match.keep)
        if (radius >= arcsec(1)) expect(got.pairs.length).toBeGreaterThan(20)
      }
    })

    test.each(roads.flatMap((road) => keeps.map(([kept, keep]) => ({ road, kept, keep }))))(
      'a table with itself, $kept, by $road',
      async ({ road, keep }) => {
        const radius = arcsec(30)
        const match = crossMatch(table('a'), table('a'), { radius, ...keep })
        const wanted = bruteForce(left, left, () => radius, match.keep, true)
        const got = await found(match, road)
        expectSame(got.pairs, match.keep === 'unmatched' ? [] : wanted.pairs, match.keep)
        if (match.keep === 'unmatched')
          expect(got.unmatched.sort(inOrder)).toEqual(wanted.unmatched.sort(inOrder))
      },
    )

    test.each(roads.flatMap((road) => keeps.map(([kept, keep]) => ({ road, kept, keep }))))(
      'a radius for each row, $kept, by $road; without one a row matches nothing',
      async ({ road, keep }) => {
        const radius = { column: 'error', degrees: arcsec(30) }
        const match = crossMatch(table('a'), table('b'), { radius, ...keep })
        const wanted = bruteForce(left, right, (star) => star.error * arcsec(30), match.keep, false)
        const got = await found(match, road)
        expectSame(got.pairs, match.keep === 'unmatched' ? [] : wanted.pairs, match.keep)
        if (match.keep === 'unmatched')
          expect(got.unmatched.sort(inOrder)).toEqual(wanted.unmatched.sort(inOrder))
      },
    )

    test.each(roads)('groups of a table, numbered by their lowest keys, by %o', async (road) => {
      const radius = arcsec(60)
      const { pairs } = bruteForce(left, left, () => radius, 'all', true)
      const wanted = componentsOf(pairs)
      expect(wanted.length).toBeGreaterThan(10)
      // some chain holds ends together that are no pair
      expect(wanted.some((group) => group.length * (group.length - 1) > 2 * pairsWithin(pairs, group))).toBe(
        true,
      )
      const match = crossMatch(table('a'), table('a'), { radius, groups: true })
      const got: bigint[][] = []
      for await (const { a, b, group } of matchRows(database.url, sky, match, road)) {
        expect([b, group!.size]).toEqual([[], wanted[group!.id - 1]!.length])
        got[group!.id - 1] = [...(got[group!.id - 1] ?? []), a[0] as bigint]
      }
      expect(got).toEqual(wanted)
    })

    test('stored groups and those of a CSV file are the same', async () => {
      const match = crossMatch(table('a'), table('a'), { radius: arcsec(60), groups: true })
      let text = ''
      for await (const lines of matchCsv(database.url, sky, match)) text += lines
      const [head, ...lines] = text.trimEnd().split('\r\n')
      expect(head).toBe('a_id,group_id,group_size')
      await client.query('ALTER TABLE a ADD UNIQUE (id)')
      for (const road of ['client', 'server'] as const) {
        const options = { road, replace: true, constraints: true }
        const stored = await storeMatch(database.url, sky, match, 'public.groups', options)
        expect(stored).toMatchObject({ rows: lines.length, aRows: left.length, aSkipped: 9 })
        const { rows } = await client.query('SELECT * FROM groups ORDER BY group_id, a_id')
        expect(rows.map((row) => Object.values(row).join())).toEqual(lines)
      }
    })

    const errors = { major: 'major', minor: 'minor', angle: 'angle', degrees: arcsec(1) }
    if (other) return

    const motion = { pmra: 'pmra', pmdec: 'pmdec', epoch: 'epoch' }
    const exact = (stars: Star[]) => stars.map((star) => ({ ...star, major: 0, minor: 0 }))

    test.each(roads.flatMap((road) => keeps.map(([kept, keep]) => ({ road, kept, keep }))))(
      'error ellipses of both sides, $kept, by $road; without one a row matches nothing',
      async ({ road, keep }) => {
        const sides = [table('a'), table('b')].map((each) => ({ ...each, errors })) as [
          MatchTable,
          MatchTable,
        ]
        const match = crossMatch(...sides, { deviation: 3, ...keep })
        const wanted = bruteForce(left, right, () => 3, match.keep, false, deviation)
        const got = await found(match, road)
        if (match.keep === 'unmatched')
          expect(got.unmatched.sort(inOrder)).toEqual(wanted.unmatched.sort(inOrder))
        else {
          expect(got.pairs.length).toBeGreaterThan(40)
          // Rows at the same place tie at deviation 0; elsewhere the order by deviation is that of the oracle.
          expectSame(got.pairs, wanted.pairs, match.keep)
        }
      },
    )

    test.each(roads)('errors of one side only, by %o', async (road) => {
      const match = crossMatch({ ...table('a'), errors }, table('b'), { deviation: 2 })
      const wanted = bruteForce(left, exact(right), () => 2, 'all', false, deviation)
      expectSame((await found(match, road)).pairs, wanted.pairs)
      const other = crossMatch(table('a'), { ...table('b'), errors }, { deviation: 2 })
      const wantedToo = bruteForce(exact(left), right, () => 2, 'all', false, deviation)
      expectSame((await found(other, road)).pairs, wantedToo.pairs)
      expect(wantedToo.pairs.length).toBeGreaterThan(20)
    })

    test.each(roads.flatMap((road) => keeps.map(([kept, keep]) => ({ road, kept, keep }))))(
      'proper motion and epochs of both sides, $kept, by $road; without one a row stays',
      async ({ road, keep }) => {
        const [epoch, radius] = [2040, arcsec(3)]
        const sides = [table('a'), table('b')].map((each) => ({ ...each, motion })) as [
          MatchTable,
          MatchTable,
        ]
        const match = crossMatch(...sides, { radius, epoch, ...keep })
        const later = [left, right].map((stars) => stars.map((star) => moved(star, epoch))) as [
          Star[],
          Star[],
        ]
        const wanted = bruteForce(...later, () => radius, match.keep, false)
        const got = await found(match, road)
        if (match.keep === 'unmatched')
          expect(got.unmatched.sort(inOrder)).toEqual(wanted.unmatched.sort(inOrder))
        else {
          expectSame(got.pairs, wanted.pairs, match.keep)
          expect(got.pairs.length).toBeGreaterThan(40)
        }
      },
    )

    test.each(roads)('motion of one side, epoch of all its rows, with errors, by %o', async (road) => {
      const one = { ...table('b'), errors, motion: { ...motion, epoch: 2000 } }
      const match = crossMatch({ ...table('a'), errors }, one, { deviation: 3, epoch: 1950 })
      const then = right.map((star) => moved({ ...star, epoch: 2000 }, 1950))
      const wanted = bruteForce(left, then, () => 3, 'all', false, deviation)
      expectSame((await found(match, road)).pairs, wanted.pairs)
      expect(wanted.pairs.length).toBeGreaterThan(20)
    })

    test('keys of text and of several columns come back as they are', async () => {
      const match = crossMatch(table('a', ['part', 'name']), table('b', ['name']), { radius: arcsec(2) })
      const wanted = bruteForce(left, right, () => arcsec(2), 'all', false)
      for (const road of ['client', 'server'] as const) {
        const got: string[] = []
        for await (const { a, b } of matchRows(database.url, sky, match, { road })) got.push(`${a} ${b}`)
        expect(got.sort()).toEqual(wanted.pairs.map(({ a, b }) => `${a % 7n},star ${a} star ${b}`).sort())
      }
    })

    test('a stored match has the pairs, its keys, comments and a record; only a match is replaced', async () => {
      const match = crossMatch(table('a'), table('b'), { radius: arcsec(1), best: 'symmetric' })
      await client.query('ALTER TABLE a ADD UNIQUE (id); ALTER TABLE b ADD UNIQUE (id)')
      const wanted = bruteForce(left, right, () => arcsec(1), 'symmetric', false).pairs
      for (const road of ['client', 'server', 'partitions', 'client'] as const) {
        const stored = await storeMatch(database.url, sky, match, 'public.matches', {
          road,
          replace: true,
          constraints: true,
        })
        expect(stored).toMatchObject({ rows: wanted.length, aRows: left.length, aSkipped: 9, bSkipped: 9 })
        const { rows } = await client.query('SELECT a_id AS a, b_id AS b, separation, rank FROM matches')
        expectSame(rows as unknown as Pair[], wanted)
        const constraints = await client.query(
          `SELECT contype FROM pg_constraint WHERE conrelid = 'matches'::regclass AND contype <> 'n' ORDER BY 1`,
        )
        expect(constraints.rows.map((row) => row.contype)).toEqual(['f', 'f', 'p'])
        const record = await client.query(
          `SELECT a_table, radius, kept, road, rows, a_skipped, obj_description(table_oid) AS said
           FROM almagest.cross_match WHERE table_oid = 'matches'::regclass`,
        )
        expect(record.rows).toEqual([
          {
            a_table: 'public.a',
            radius: arcsec(1),
            kept: 'symmetric',
            road,
            rows: BigInt(wanted.length),
            a_skipped: 9n,
            said: expect.stringContaining('symmetric'),
          },
        ])
      }
      await expect(storeMatch(database.url, sky, match, 'public.matches')).rejects.toMatchObject({
        code: 'MATCH_TABLE_EXISTS',
      })
      await expect(storeMatch(database.url, sky, match, 'public.b', { replace: true })).rejects.toMatchObject(
        {
          code: 'MATCH_TABLE_EXISTS',
        },
      )
    })

    test('unmatched rows are stored by both roads', async () => {
      const match = crossMatch(table('a'), table('b'), { radius: arcsec(1), unmatched: true })
      const wanted = bruteForce(left, right, () => arcsec(1), 'unmatched', false).unmatched
      for (const road of ['client', 'server'] as const) {
        await storeMatch(database.url, sky, match, 'public.alone', { road, replace: true })
        const { rows } = await client.query<{ a_id: bigint }>('SELECT * FROM alone ORDER BY 1')
        expect(rows.map((row) => row.a_id)).toEqual(wanted.sort(inOrder))
      }
    })

    test('of rows at the same place the one with the lowest key is the match', async () => {
      await client.query(
        `CREATE TABLE public.same AS SELECT * FROM (VALUES (9, 10, 20), (-5, 10, 20), (3, 10, 20)) AS t(id, ra, dec)`,
      )
      await client.query(`CREATE TABLE public.one AS SELECT 1 AS id, 10 AS ra, 20.0001 AS dec`)
      const match = crossMatch(table('one'), table('same'), { radius: arcsec(1), best: true })
      for (const road of ['client', 'server'] as const) {
        for await (const row of matchRows(database.url, sky, match, { road }))
          expect([row.a, row.b]).toEqual([[1], [-5]])
      }
    })

    test('CSV has the same columns and pairs, quoted where need be', async () => {
      await client.query(
        `CREATE TABLE public.few AS SELECT * FROM (VALUES ('plain', 1::float8, 2::float8), ('say "x", é', 1, 2.0001)) AS t(name, ra, dec)`,
      )
      const match = crossMatch(table('few', ['name']), table('few', ['name']), { radius: 0.01, best: true })
      let text = ''
      for await (const lines of matchCsv(database.url, sky, match)) text += lines
      const [head, ...lines] = text.trimEnd().split('\r\n')
      expect(head).toBe('a_name,b_name,separation,rank')
      expect(lines.map((line) => line.replace(/0\.0001\d*|0\.00009\d*/, '0.0001')).sort()).toEqual([
        '"say ""x"", é",plain,0.0001,1',
        'plain,"say ""x"", é",0.0001,1',
      ])
    })

    test('a road of the server that was asked for needs the index of a large table, unless forced', async () => {
      await client.query(
        `CREATE TABLE public.large AS SELECT i AS id, i % 360 AS ra, i % 90 AS dec FROM generate_series(1, 12000) i; ANALYZE large`,
      )
      const match = crossMatch(table('large'), table('large'), { radius: arcsec(1), best: true })
      const run = async (options: RunOptions) => {
        for await (const _ of matchRows(database.url, sky, match, options)) return
      }
      for (const road of ['server', 'partitions'] as const) {
        const refusal = await run({ road }).catch((error) => error)
        expect(refusal).toMatchObject({
          code: 'SKY_INDEX_MISSING',
          message: expect.stringContaining('12000 with 12000'),
        })
        const [, statement] = /Add it: (CREATE INDEX .*); ANALYZE/.exec(refusal.hint)!
        expect(statement).toContain(sky.expression({ ra: '"ra"', dec: '"dec"' }))
      }
      await run({ road: 'client' })
      await client.query('DELETE FROM large WHERE id > 50')
      await run({ road: 'server', force: true })
    })

    test('the road follows from sizes and indexes', async () => {
      await client.query(`CREATE TABLE public.big AS SELECT i AS id, (i % 3600) / 10. AS ra, (i % 1700) / 10. - 85 AS dec
        FROM generate_series(1, 200000) i`)
      await client.query('CREATE TABLE public.tiny AS SELECT * FROM big LIMIT 100; ANALYZE big; ANALYZE tiny')
      const match = crossMatch(table('tiny'), table('big'), { radius: arcsec(1), best: true })
      expect((await storeMatch(database.url, sky, match, 'public.t1')).plan.road).toBe('client')
      await client.query(
        `CREATE INDEX ON big ${sky.indexOn({ ra: 'ra', dec: 'dec', frame: 'icrs', index: 'x' })}; ANALYZE big`,
      )
      expect((await storeMatch(database.url, sky, match, 'public.t2')).plan.road).toBe('server')
      const whole = crossMatch(table('big'), table('big'), { radius: arcsec(1), best: true })
      expect((await storeMatch(database.url, sky, whole, 'public.t3')).plan.road).toBe('client')
    })

    test.each<[string, () => CrossMatch | Promise<CrossMatch>]>([
      ['MATCH_TABLE_MISSING', () => crossMatch(table('absent'), table('b'), { radius: 1 })],
      ['MATCH_COLUMN_MISSING', () => crossMatch(table('a', ['idd']), table('b'), { radius: 1 })],
      ['MATCH_COLUMN_TYPE', () => crossMatch({ ...table('a'), ra: 'name' }, table('b'), { radius: 1 })],
      ['MATCH_KEY_ABSENT', () => crossMatch(table('a', []), table('b'), { radius: 1 })],
      ['REGION_RADIUS', () => crossMatch(table('a'), table('b'), { radius: -1 })],
      ['REGION_RADIUS', () => crossMatch(table('a'), table('b'), { radius: Number.NaN })],
      ['MATCH_OPTIONS', () => crossMatch(table('a'), table('b'), { radius: 1, best: true, unmatched: true })],
      ['MATCH_OPTIONS', () => crossMatch(table('a'), table('b'), { radius: 1, groups: true })],
      ['MATCH_OPTIONS', () => crossMatch(table('a'), table('a'), { radius: 1, groups: true, best: true })],
      ['MATCH_OPTIONS', () => crossMatch({ ...table('a'), errors }, table('b'), { radius: 1 })],
      ['MATCH_OPTIONS', () => crossMatch(table('a'), table('b'), { radius: 1, epoch: 2016 })],
      [
        'MATCH_OPTIONS',
        () => crossMatch({ ...table('a'), motion }, table('b'), { radius: 1, epoch: Infinity }),
      ],
      ['MATCH_OPTIONS', () => crossMatch(table('a'), table('b'), {})],
      ['MATCH_OPTIONS', () => crossMatch(table('a'), table('b'), { radius: 1, deviation: 3 })],
      ['MATCH_OPTIONS', () => crossMatch(table('a'), table('b'), { deviation: 3 })],
      ['MATCH_OPTIONS', () => crossMatch({ ...table('a'), motion }, table('b'), { radius: 1 })],
      ['REGION_RADIUS', () => crossMatch({ ...table('a'), errors }, table('b'), { deviation: -1 })],
      [
        'MATCH_COLUMN_MISSING',
        () =>
          crossMatch({ ...table('a'), errors: { ...errors, minor: 'absent' } }, table('b'), { deviation: 3 }),
      ],
      [
        'MATCH_COLUMN_TYPE',
        () =>
          crossMatch(
            table('a'),
            { ...table('b'), motion: { ...motion, pmra: 'name' } },
            { radius: 1, epoch: 2000 },
          ),
      ],
    ])('%s is told', async (code, declare) => {
      const run = async () => {
        for await (const _ of matchRows(database.url, sky, await declare()));
      }
      await expect(run()).rejects.toMatchObject({ code })
    })
  })
}

suite('cross-match on plain SQL', async () => scratchServer(), undefined, [
  { road: 'client' },
  { road: 'server' },
  { road: 'client', rowsInMemory: 250 },
  { road: 'partitions' },
])
suite('cross-match by HEALPix', async () => scratchServer(), { index: 'healpix' })
needs('debian-q3c')("on Debian's server", () =>
  suite('cross-match on the C extension', debianQ3cServer, undefined, [
    { road: 'server' },
    { road: 'partitions' },
  ]),
)
needs('debian-pgsphere')("on Debian's server", () =>
  suite('cross-match by pgSphere', debianQ3cServer, { index: 'pgsphere', prepare: createUnpackaged }),
)
