// A cross-match declared in a survey: its table as declared, filled, filled again, and told when it was changed by hand.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  arcsec,
  type Catalog,
  crossMatch,
  defineCatalog,
  defineSurvey,
  float64,
  int64,
  matchSide,
  matchTable,
  rowNumber,
  type Survey,
  text,
} from '../../src/model/index.ts'
import { applySurvey, surveyDifferences } from '../../src/postgres/index.ts'
import { chooseSkyIndex, fillMatch, type SkyIndex } from '../../src/sky/index.ts'
import { type ScratchDatabase, scratchDatabase } from '../postgres/scratch.ts'

const catalog = (name: string, key: 'id' | 'name', more: object = {}): Catalog =>
  defineCatalog({
    name: `lab.${name}`,
    title: `Table ${name}`,
    columns: {
      id: int64(rowNumber(), 'Number.', { ucd: 'meta.id;meta.main' }),
      name: text(rowNumber(), 'Name.'),
      ra: float64(rowNumber(), 'Right ascension.', { unit: 'deg' }),
      dec: float64(rowNumber(), 'Declination.', { unit: 'deg' }),
      error: float64(rowNumber(), 'Error.', { unit: 'arcsec' }),
    },
    key: [key],
    sky: { ra: 'ra', dec: 'dec', frame: 'icrs', index: `idx_${name}_sky` },
    ...more,
  }) as unknown as Catalog

const galaxies = catalog('galaxies', 'id')
const stars = catalog('stars', 'name')
const pairs = matchTable(
  'lab.pairs',
  'Galaxies and stars in one place',
  crossMatch(galaxies, stars, { radius: arcsec(1), best: 'symmetric' }),
)
const twins = matchTable(
  'lab.twins',
  'Galaxies seen twice',
  crossMatch(galaxies, galaxies, { radius: arcsec(2) }),
)
const errors = { major: 'error', degrees: arcsec(1) }
const alone = matchTable(
  'lab.alone',
  'Galaxies without a star',
  crossMatch(matchSide(galaxies, { errors }), matchSide(stars, { errors }), {
    deviation: 3,
    unmatched: true,
  }),
)
const groups = matchTable(
  'lab.groups',
  'Groups of galaxies in one place',
  crossMatch(galaxies, galaxies, { radius: arcsec(2), groups: true }),
)
const matches = [pairs, twins, alone, groups]
const survey: Survey = defineSurvey({
  name: 'lab',
  title: 'Lab',
  schema: 'lab',
  version: '1',
  catalogs: [galaxies, stars, ...matches.map((each) => each.catalog)],
  matches,
})

let database: ScratchDatabase
let sky: SkyIndex
beforeAll(async () => {
  database = await scratchDatabase()
  sky = await chooseSkyIndex(database.client)
  await applySurvey(database.client, survey, sky)
  await database.client.query(`INSERT INTO lab.galaxies VALUES (1, 'g', 10, 20, 1), (2, 'g', 10, 20.0004, 1), (3, 'g', 200, -89.9999, 1);
    INSERT INTO lab.stars VALUES (7, 'x', 10, 20.0001, 1), (8, 'y', 10, 20.0005, 1), (9, 'z', 200, 5, 1)`)
})
afterAll(() => database?.drop())

const rowsOf = async (table: string) => {
  const { rows } = await database.client.query(`SELECT * FROM lab.${table} ORDER BY 1`)
  return rows.map((row) => Object.values(row))
}

describe('a declared cross-match', () => {
  test.each(['client', 'server'] as const)('is filled by the %s, and filled again', async (road) => {
    for (let time = 0; time < 2; time++) {
      const stored = await fillMatch(database.url, sky, pairs, { road })
      expect(stored).toMatchObject({ table: 'lab.pairs', rows: 2, aRows: 3, bRows: 3, plan: { road } })
      expect(await rowsOf('pairs')).toEqual([
        [1n, 'x', expect.closeTo(1e-4, 9), 1],
        [2n, 'y', expect.closeTo(1e-4, 9), 1],
      ])
      await fillMatch(database.url, sky, twins, { road })
      expect(await rowsOf('twins')).toEqual([[1n, 2n, expect.closeTo(4e-4, 9), 1]])
      await fillMatch(database.url, sky, groups, { road })
      expect(await rowsOf('groups')).toEqual([
        [1n, 1, 2],
        [2n, 1, 2],
      ])
      await fillMatch(database.url, sky, alone, { road })
      expect(await rowsOf('alone')).toEqual([[3n]])
    }
    const { rows } = await database.client.query(
      `SELECT DISTINCT a_table, b_table, deviation, kept FROM almagest.cross_match WHERE table_name = 'lab.alone'`,
    )
    expect(rows).toEqual([{ a_table: 'lab.galaxies', b_table: 'lab.stars', deviation: 3, kept: 'unmatched' }])
  })

  test('is a table as declared: keys, comments, and a change by hand is told', async () => {
    expect(await surveyDifferences(database.client, survey, sky)).toEqual([])
    const { rows } = await database.client.query(
      `SELECT conname, confrelid::regclass::text AS refers FROM pg_constraint WHERE conrelid = 'lab.pairs'::regclass AND contype = 'f' ORDER BY 2`,
    )
    expect(rows.map((row) => row.refers)).toEqual(['lab.galaxies', 'lab.stars'])
    await expect(database.client.query(`INSERT INTO lab.pairs VALUES (99, 'x', 0, 1)`)).rejects.toMatchObject(
      { code: '23503' },
    )
    const [first] = rows
    await database.client.query(`ALTER TABLE lab.pairs DROP CONSTRAINT "${first!.conname}"`)
    expect(await surveyDifferences(database.client, survey, sky)).not.toEqual([])
    await database.client.query(
      `ALTER TABLE lab.pairs ADD CONSTRAINT "${first!.conname}" FOREIGN KEY (a_id) REFERENCES lab.galaxies (id)`,
    )
  })

  test('leaves the earlier pairs when it fails', async () => {
    await fillMatch(database.url, sky, pairs)
    await database.client.query('ALTER TABLE lab.pairs ADD CONSTRAINT no CHECK (separation < 0) NOT VALID')
    for (const road of ['client', 'server'] as const)
      await expect(fillMatch(database.url, sky, pairs, { road })).rejects.toMatchObject({ code: '23514' })
    await database.client.query('ALTER TABLE lab.pairs DROP CONSTRAINT no')
    expect(await rowsOf('pairs')).toHaveLength(2)
  })

  test('of a table that is not there says how to make it', async () => {
    const later = matchTable('lab.later', 'Later', crossMatch(galaxies, stars, { radius: 1 }))
    await expect(fillMatch(database.url, sky, later)).rejects.toMatchObject({
      code: 'MATCH_TABLE_MISSING',
      hint: expect.stringContaining('almagest apply'),
    })
  })

  test('is refused where it could not stand', () => {
    const side = { table: 'lab.other', ra: 'ra', dec: 'dec', key: ['id'] }
    expect(() => matchTable('lab.x', 'X', crossMatch(side, stars, { radius: 1 }))).toThrow(
      /a: lab.other is no catalogue/,
    )
    const byPlace = defineCatalog({
      ...galaxies,
      name: 'lab.places',
      key: ['ra'],
      selections: {},
    } as never) as Catalog
    expect(() => matchTable('lab.x', 'X', crossMatch(byPlace, stars, { radius: 1 }))).toThrow(
      /key of type double/,
    )
    const missing = () => defineSurvey({ ...survey, catalogs: [galaxies, stars] })
    expect(missing).toThrow(/matches.pairs: its catalogue is none of the survey/)
  })
})
