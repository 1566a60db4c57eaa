// DESI's read schemas: each version's shape whatever file a row came from, and the way from 2.1 to 3.0 on its real columns.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import desi, { fastspecfit } from '../../catalogs/desi-dr1/index.ts'
import { type Catalog, defineSurvey, type ReadSchema, type Survey } from '../../src/model/index.ts'
import { applySurvey, connect, migrateTo, writeNewMigrations } from '../../src/postgres/index.ts'
import { scratchDatabase, scratchServer } from '../postgres/scratch.ts'

const plain = { name: 'plain', install: [], indexOn: () => 'USING btree ("ra", "dec")' }
const choose = async () => plain
const root = mkdtempSync(join(tmpdir(), 'almagest-desi-published-'))
afterAll(() => rmSync(root, { recursive: true }))

// One target from a file of version 2.1, which gives AV, one from a file of 3.0, which gives TAUV, one without dust.
const rows = `INSERT INTO desi_analysis.fastspecfit_iron (targetid, ra, dec, z, logmstar, av, tauv) VALUES
  (39627854849247294, 150.1, 2.2, 0.1, 10.5, 0.5, NULL), (2, 10, 20, 0.2, 11, 0.32572085, 0.3), (3, 1, 1, 0.1, 9, NULL, NULL)`

describe('what readers see', () => {
  test('a target has its attenuation in version 1 and its optical depth in version 2, whatever its file', async () => {
    await using database = await scratchDatabase()
    const { client } = database
    await applySurvey(client, desi, plain)
    await client.query(rows)
    const old = await client.query('SELECT targetid, av FROM desi_v1.fastspec ORDER BY targetid')
    expect(old.rows).toEqual([
      { targetid: 2n, av: 0.32572085 },
      { targetid: 3n, av: null },
      { targetid: 39627854849247294n, av: 0.5 },
    ])
    const { rows: found } = await client.query<{ tauv: number }>(
      'SELECT targetid, tauv FROM desi_v2.specphot ORDER BY targetid',
    )
    expect(found.map(({ tauv }) => tauv).slice(0, 2)).toEqual([0.3, null])
    // exp(-tau) = 10^(-0.4 A), solved for tau.
    expect(Math.exp(-found[2]!.tauv)).toBeCloseTo(10 ** (-0.4 * 0.5), 6)
    // The file's number of the other target agrees with what its AV would give.
    expect(Math.exp(-0.3)).toBeCloseTo(10 ** (-0.4 * 0.32572085), 6)
  })

  test('views have the shape of their version, and say so', async () => {
    await using database = await scratchDatabase()
    const { client } = database
    await applySurvey(client, desi, plain)
    const columns = async (schema: string) => {
      const found = await client.query<{ view: string; column: string; comment: string }>(
        `SELECT relname::text AS view, attname::text AS column, col_description(c.oid, attnum) AS comment
         FROM pg_class c JOIN pg_attribute ON attrelid = c.oid AND attnum > 0 WHERE relnamespace = $1::regnamespace`,
        [schema],
      )
      for (const { comment } of found.rows) expect(comment).toMatch(/\w/)
      return found.rows.map(({ view, column }) => `${view}.${column}`)
    }
    const [first, second] = [await columns('desi_v1'), await columns('desi_v2')]
    expect(first).toEqual(expect.arrayContaining(['fastspec.av', 'fastspec.logmstar', 'metadata.ra']))
    expect(first.filter((each) => each.includes('tauv'))).toEqual([])
    expect(second).toEqual(expect.arrayContaining(['specphot.tauv', 'specphot.tauv_error', 'metadata.ra']))
    expect(second.filter((each) => /\.av$/.test(each))).toEqual([])
  })

  test("they read with the reader's own rights", async () => {
    await using database = await scratchDatabase()
    const { client } = database
    await applySurvey(client, desi, plain)
    const role = `desi_reader_${process.pid}`
    await client.query(`CREATE ROLE ${role}; GRANT USAGE ON SCHEMA desi_v1, desi_analysis TO ${role}`)
    await client.query(`GRANT SELECT ON ALL TABLES IN SCHEMA desi_v1 TO ${role}`)
    await using reader = await connect(database.url)
    await reader.query(`SET ROLE ${role}`)
    const query = 'SELECT av FROM desi_v1.fastspec'
    await expect(reader.query(query)).rejects.toMatchObject({ code: '42501' })
    await client.query(`GRANT SELECT ON desi_analysis.fastspecfit_iron TO ${role}`)
    expect((await reader.query(query)).rows).toEqual([])
    await client.query(`DROP OWNED BY ${role}; DROP ROLE ${role}`)
  })
})

/** The survey with other columns of the galaxies, and the read schemas that these can serve. */
function variant(version: string, columns: Catalog['columns'], published: ReadSchema[]): Survey {
  const galaxies = { ...(fastspecfit as unknown as Catalog), columns }
  const { name, title, schema } = desi
  const here = published.map((each) => ({
    ...each,
    views: Object.fromEntries(
      Object.entries(each.views).map(([view, rest]) => [view, { ...rest, from: galaxies }]),
    ),
  }))
  return defineSurvey({ name, title, schema, version, catalogs: [galaxies], published: here })
}

describe('from version 2.1 to 3.0 on the real columns', () => {
  const [v1, v2] = desi.published as [ReadSchema, ReadSchema]
  const all = (fastspecfit as unknown as Catalog).columns
  const came = ['tauv', 'logmstar_error', 'sfr_error', 'age_error', 'tauv_error']
  const before = Object.fromEntries(Object.entries(all).filter(([name]) => !came.includes(name)))
  const { deprecated: _, ...current } = v1
  const oldest = variant('2.1', before, [current])
  const filled = { ...all, tauv: { ...all.tauv!, backfill: 'av / (2.5 * log(exp(1.0::double precision)))' } }
  const expanded = variant('3.0', filled, [v1, v2])
  const without = Object.fromEntries(Object.entries(filled).filter(([name]) => name !== 'av'))
  const computed = {
    sql: '(tauv * (2.5 * log(exp(1.0::double precision))))::real',
    description: 'AV.',
    unit: 'mag',
  }
  const views = (schema: ReadSchema, change: ReadSchema['views'][string]['columns']) => ({
    ...schema,
    views: Object.fromEntries(
      Object.entries(schema.views).map(([view, rest]) => [
        view,
        {
          ...rest,
          columns: Object.fromEntries(
            Object.entries(rest.columns).map(([name, source]) => [name, change[name] ?? source]),
          ),
        },
      ]),
    ),
  })
  const contracted = variant('3.0 only', without, [views(v1, { av: computed }), views(v2, { tauv: 'tauv' })])

  test('old queries give the same at every step, up and down, and no row changes', async () => {
    const folder = join(root, 'desi-dr1')
    await writeNewMigrations(scratchServer(), choose, oldest, folder, 'v21')
    const first = (await writeNewMigrations(scratchServer(), choose, expanded, folder, 'expand'))[0]!.number
    const written = await writeNewMigrations(scratchServer(), choose, contracted, folder, 'contract')
    expect(written.flatMap(({ irreversible }) => irreversible.up)).toEqual([])
    await using database = await scratchDatabase()
    const { client } = database
    const go = (version: string) =>
      migrateTo(client, contracted, plain, folder, version, { verifiedBackup: 'x' })
    const old = String(Number(first) - 1).padStart(4, '0')
    await go(old)
    await client.query(`INSERT INTO desi_analysis.fastspecfit_iron (targetid, ra, dec, z, logmstar, av)
      SELECT 39627000000000000 + i, i / 10.0, i / 20.0, 0.1, 10, CASE WHEN i % 7 > 0 THEN i * 0.01 END FROM generate_series(1, 300) i`)
    const query = 'SELECT targetid, logmstar, av FROM desi_v1.fastspec ORDER BY targetid'
    const content = 'SELECT * FROM desi_analysis.fastspecfit_iron ORDER BY targetid'
    const [seen, stored] = [
      (await client.query<{ av: number | null }>(query)).rows,
      (await client.query(content)).rows,
    ]
    const last = Number(written.at(-1)!.number)
    for (let version = Number(first); version <= last; version++) {
      await go(String(version).padStart(4, '0'))
      const { rows } = await client.query<{ av: number | null }>(query)
      for (const [i, { av }] of rows.entries()) {
        const expected = seen[i]!.av
        // Through another quantity in single precision and back: two roundings.
        if (expected === null) expect(av).toBeNull()
        else expect(Math.abs(av! / expected - 1)).toBeLessThan(2 ** -22)
      }
    }
    const filledRows = await client.query('SELECT count(tauv)::int AS n FROM desi_v2.specphot')
    expect(filledRows.rows).toEqual([{ n: seen.filter(({ av }) => av !== null).length }])
    await go(old)
    expect((await client.query(content)).rows).toEqual(stored)
    expect((await client.query(query)).rows).toEqual(seen)
  })
})
