// A search by position in a large table without a sky index is refused, with the statement that adds it.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { defineCatalog, float64, int64 } from '../../src/model/index.ts'
import { connect } from '../../src/postgres/index.ts'
import { box, chooseSkyIndex, from, type SkyIndex } from '../../src/sky/index.ts'
import { requireSkyIndex } from '../../src/sky/index-check.ts'
import { type ScratchDatabase, scratchDatabase } from '../postgres/scratch.ts'

const absent = { kind: 'absent', reason: 'made here' } as const
const stars = defineCatalog({
  name: 'checked.stars',
  title: 'Stars',
  columns: {
    id: int64(absent, 'Identifier.'),
    ra: float64(absent, 'Right ascension.', { unit: 'deg' }),
    dec: float64(absent, 'Declination.', { unit: 'deg' }),
  },
  key: ['id'],
  sky: { ra: 'ra', dec: 'dec', frame: 'icrs', index: 'idx_stars' },
})

let database: ScratchDatabase
let index: SkyIndex
beforeAll(async () => {
  database = await scratchDatabase()
  index = await chooseSkyIndex(database.client)
  for (const statement of index.install) await database.client.query(statement)
})
afterAll(() => database.drop())

test.each([
  ['a table', 'CREATE TABLE checked.stars (id int8 PRIMARY KEY, ra float8, dec float8)'],
  [
    'a partitioned table',
    `CREATE TABLE checked.stars (id int8 PRIMARY KEY, ra float8, dec float8) PARTITION BY RANGE (id);
     CREATE TABLE checked.some PARTITION OF checked.stars FOR VALUES FROM (0) TO (1000);
     CREATE TABLE checked.more PARTITION OF checked.stars FOR VALUES FROM (1000) TO (9000)`,
  ],
])('%s', async (_, create) => {
  await using client = await connect(database.url)
  await client.query(`DROP SCHEMA IF EXISTS checked CASCADE; CREATE SCHEMA checked; ${create}`)
  await client.query(
    'INSERT INTO checked.stars SELECT i, i % 360, i % 90 FROM generate_series(1, 3000) AS i; ANALYZE checked.stars',
  )
  const check = (options: { force?: boolean; rows?: number }) =>
    requireSkyIndex(client, stars, index, options)
  await check({ rows: 3000 })
  await check({ rows: 10, force: true })
  const refusal = await check({ rows: 2999 }).catch((error) => error)
  expect(refusal).toMatchObject({
    code: 'SKY_INDEX_MISSING',
    message: expect.stringContaining('about 3000 rows'),
  })
  const [, statement] = /Add it: (CREATE INDEX .*?);/.exec(refusal.hint)!
  await client.query(statement!)
  // one that is being built, or whose building failed, doesn't count
  await client.query(
    "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'checked.idx_stars'::regclass",
  )
  await expect(check({ rows: 10 })).rejects.toMatchObject({ code: 'SKY_INDEX_MISSING' })
  await client.query("UPDATE pg_index SET indisvalid = true WHERE indexrelid = 'checked.idx_stars'::regclass")
  await check({ rows: 10 })
  const rows = await from(stars, index)
    .within(box({ lon: [10, 12], lat: [-90, 90] }))
    .rows(client)
  expect(rows).toHaveLength(27)
})
