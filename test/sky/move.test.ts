// Moving a survey's sky index from backend to backend while its table is written; what is found stays the same.
import { describe, expect, test } from 'vitest'
import { defineCatalog, defineSurvey, float64, int64 } from '../../src/model/index.ts'
import { applySurvey, type Client, connect, findDrift } from '../../src/postgres/index.ts'
import {
  chooseSkyIndex,
  cone,
  deployedSkyIndex,
  from,
  galactic,
  moveSkyIndex,
  strip,
} from '../../src/sky/index.ts'
import { debianQ3cServer, scratchDatabase, scratchServer } from '../postgres/scratch.ts'
import { needs } from '../require.ts'
import { createUnpackaged } from './pgsphere-script.ts'
import { uniformPositions } from './positions.ts'

const absent = { kind: 'absent', reason: 'made here' } as const
const stars = defineCatalog({
  name: 'moved.stars',
  title: 'Stars',
  columns: {
    id: int64(absent, 'Identifier.'),
    ra: float64(absent, 'Right ascension.', { unit: 'deg' }),
    dec: float64(absent, 'Declination.', { unit: 'deg' }),
  },
  key: ['id'],
  sky: { ra: 'ra', dec: 'dec', frame: 'icrs', index: 'idx_stars' },
})
const survey = defineSurvey({
  name: 'moved',
  title: 'Moved',
  schema: 'moved',
  version: '1',
  catalogs: [stars],
})
const positions = uniformPositions(3000, 41)

function suite(
  name: string,
  server: () => Promise<string>,
  way: readonly string[],
  prepare?: (client: Client) => Promise<void>,
): void {
  test(name, async () => {
    await using database = await scratchDatabase(await server())
    const { client } = database
    await prepare?.(client)
    const first = await chooseSkyIndex(client, way[0])
    await applySurvey(client, survey, first)
    await client.query(
      'INSERT INTO moved.stars SELECT i, ra, dec FROM unnest($1::float8[], $2::float8[]) WITH ORDINALITY AS t(ra, dec, i)',
      [positions.map((p) => p.ra), positions.map((p) => p.dec)],
    )
    await client.query('ANALYZE moved.stars')
    const found = async () => {
      const index = await deployedSkyIndex(client)
      const around = from(stars, index)
        .within(cone({ ra: 100, dec: 30, radius: 9 }))
        .pick('id')
      const plane = from(stars, index)
        .within(strip({ frame: galactic, lat: [-1, 1] }))
        .pick('id')
      const { rows: plan } = await client.query(`EXPLAIN ${around.sql().text}`, around.sql().parameters)
      const ids = [await around.rows(client), await plane.rows(client)].map((rows) =>
        rows.map(({ id }) => id).sort(),
      )
      return { name: index.name, byIndex: JSON.stringify(plan).includes('idx_stars'), ids }
    }
    const before = await found()
    expect(before).toMatchObject({ name: way[0], byIndex: true })
    expect(before.ids.every((each) => each.length > 5)).toBe(true)

    await using writer = await connect(database.url)
    for (const [step, name] of way.slice(1).entries()) {
      const to = await chooseSkyIndex(client, name)
      for (const statement of to.install) await client.query(statement)
      // what an interrupted move leaves
      await client.query(
        `CREATE INDEX idx_stars_move_new ON moved.stars (dec); CREATE INDEX idx_stars_move_old ON moved.stars (dec)`,
      )
      const writing = (async () => {
        for (let i = 0; i < 20; i++)
          await writer.query('INSERT INTO moved.stars VALUES ($1, 5, -80)', [10_000 + 100 * step + i])
      })()
      // who asked before goes on asking by the old index's functions
      const asked = from(stars, await deployedSkyIndex(client))
        .within(cone({ ra: 100, dec: 30, radius: 9 }))
        .pick('id')
      let moving = true
      const reading = (async () => {
        await using reader = await connect(database.url)
        await reader.query("SET statement_timeout = '5s'")
        let times = 0
        for (; moving || times === 0; times++) {
          const rows = await asked.rows(reader)
          expect(rows.map(({ id }) => id).sort()).toEqual(before.ids[0])
        }
        return times
      })()
      expect(await moveSkyIndex(client, stars, to)).toBe(true)
      moving = false
      await writing
      expect(await reading).toBeGreaterThan(0)
      await applySurvey(client, survey, to)
      expect(await found()).toEqual({ ...before, name })
      expect(await moveSkyIndex(client, stars, to)).toBe(false)
      const near = from(stars, to).within(cone({ ra: 5, dec: -80, radius: 1e-6 }))
      expect((await near.rows(client)).length).toBe(20 * (step + 1))
      const { rows } = await client.query(
        `SELECT indexname FROM pg_indexes WHERE schemaname = 'moved' ORDER BY indexname`,
      )
      expect(rows.map(({ indexname }) => indexname)).toEqual(['idx_stars', 'stars_pkey'])
      expect((await findDrift(client, survey)).differences).toEqual([])
    }
  })
}

describe('there and back', () => {
  suite('plain SQL', async () => scratchServer(), ['q3c-sql', 'healpix', 'q3c-sql'])
  needs('debian-q3c')("on Debian's server", () =>
    suite('with the C extension', debianQ3cServer, ['q3c', 'q3c-sql', 'healpix', 'q3c']),
  )
  needs('debian-pgsphere')("on Debian's server", () =>
    suite('with pgSphere', debianQ3cServer, ['healpix', 'pgsphere', 'healpix'], createUnpackaged),
  )
})

test('a partitioned table is refused, an absent one passed over', async () => {
  await using database = await scratchDatabase()
  const { client } = database
  const to = await chooseSkyIndex(client, 'healpix')
  expect(await moveSkyIndex(client, stars, to)).toBe(false)
  await client.query(
    'CREATE SCHEMA moved; CREATE TABLE moved.stars (id int8, ra float8, dec float8) PARTITION BY RANGE (id)',
  )
  await expect(moveSkyIndex(client, stars, to)).rejects.toMatchObject({ code: 'SKY_MOVE_PARTITIONED' })
})
