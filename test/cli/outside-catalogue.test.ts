// A new survey is one folder: declared outside the checkout, it is applied, loaded, queried and reported like any other.
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { packRows, writeFits } from '../../src/fits/index.ts'
import { type ScratchDatabase, scratchDatabase } from '../postgres/scratch.ts'
import { almagest, temporaryFolder } from './almagest.ts'

const model = fileURLToPath(new URL('../../src/model/index.ts', import.meta.url))
const folder = temporaryFolder()
let database: ScratchDatabase

const definition = `
import { defineCatalog, defineSurvey, float64, fromHdu, int64, text } from '${model}'
const stars = defineCatalog({
  name: 'dummy.stars',
  title: 'Made-up stars',
  columns: fromHdu('STARS', {
    id: int64('ID', 'Identifier.', { ucd: 'meta.id;meta.main' }),
    ra: float64('RA', 'Right ascension.', { unit: 'deg', ucd: 'pos.eq.ra;meta.main', range: { from: 0, below: 360 }, required: true }),
    dec: float64('DEC', 'Declination.', { unit: 'deg', ucd: 'pos.eq.dec;meta.main', range: { from: -90, to: 90 }, required: true }),
    kind: text('KIND', 'Kind of star.', { ucd: 'src.class', oneOf: ['dwarf', 'giant'] }),
  }),
  key: ['id'],
  sky: { ra: 'ra', dec: 'dec', frame: 'icrs', index: 'stars_q3c' },
  layouts: { only: { files: 'stars-*.fits', hdus: ['STARS'] } },
})
export default defineSurvey({ name: 'dummy', title: 'Made up', schema: 'dummy', version: '1', catalogs: [stars] })
`

beforeAll(async () => {
  database = await scratchDatabase()
  mkdirSync(join(folder.path, 'catalogs', 'dummy'), { recursive: true })
  writeFileSync(join(folder.path, 'catalogs', 'dummy', 'index.mts'), definition)
  const columns = [
    { name: 'ID', tform: 'K', values: BigInt64Array.of(39627854849247294n, 2n, 3n) },
    { name: 'RA', tform: 'D', values: Float64Array.of(10, 10.001, 200) },
    { name: 'DEC', tform: 'D', values: Float64Array.of(-20, -20, 0) },
    { name: 'KIND', tform: '5A', values: ['dwarf', 'giant', 'comet'] },
  ]
  await writeFits(join(folder.path, 'stars-1.fits'), [
    {
      name: 'STARS',
      columns: columns.map(({ name, tform }) => ({ name, tform })),
      rowCount: 3,
      rows: [packRows(columns, 0, 3)],
    },
  ])
})
afterAll(async () => {
  await database.drop()
  folder[Symbol.dispose]()
})

test('apply, load, query, status', async () => {
  const run = (...words: string[]) =>
    almagest([...words, '--catalogs', join(folder.path, 'catalogs'), '--json'], {
      DATABASE_URL: database.url,
    })
  expect(JSON.parse((await run('apply', 'dummy')).out)).toMatchObject([
    { survey: 'dummy', outcome: 'created' },
  ])
  const load = await run('load', join(folder.path, 'stars-1.fits'))
  expect(JSON.parse(load.out)).toMatchObject({
    rowsRead: 3,
    rowsLoaded: 2,
    files: [{ tables: [{ rejectsByRule: { vocabulary: 1 } }] }],
  })
  const found = await run(
    'query',
    'dummy.stars',
    '--cone',
    '10,-20,0.1',
    '--columns',
    'id,kind',
    '--order',
    'id',
  )
  // JSON keeps identifiers beyond 2^53 whole, as text.
  expect(JSON.parse(found.out)).toEqual([
    { id: 2, kind: 'giant' },
    { id: '39627854849247294', kind: 'dwarf' },
  ])
  const status = JSON.parse((await run('status')).out)
  expect(status.files).toMatchObject([{ name: 'stars-1.fits', survey: 'dummy', state: 'loaded' }])
})

test('a faulty definition reports every fault at once', async () => {
  mkdirSync(join(folder.path, 'faulty', 'broken'), { recursive: true })
  const broken = definition
    .replace("unit: 'deg', ucd: 'pos.eq.ra;meta.main'", "unit: 'degr', ucd: 'pos.eq.raa;meta.main'")
    .replace("key: ['id']", "key: ['idd']")
  writeFileSync(join(folder.path, 'faulty', 'broken', 'index.mts'), broken)
  const ended = await almagest(['apply', '--catalogs', join(folder.path, 'faulty')], {
    DATABASE_URL: database.url,
  })
  expect(ended.code).toBe(7)
  for (const fault of [
    'columns.ra.unit',
    'did you mean "deg"',
    'columns.ra.ucd',
    'did you mean "pos.eq.ra"',
    'key: no column "idd"',
  ]) {
    expect(ended.err).toContain(fault)
  }
})

test('a folder without a survey is named', async () => {
  mkdirSync(join(folder.path, 'empty', 'nothing'), { recursive: true })
  writeFileSync(join(folder.path, 'empty', 'nothing', 'index.mts'), 'export default 3\n')
  const ended = await almagest(['apply', '--catalogs', join(folder.path, 'empty')], {
    DATABASE_URL: database.url,
  })
  expect(ended.err).toContain('CATALOG_FOLDER')
  expect(ended.err).toContain('nothing/index.mts')
  expect(ended.code).toBe(7)
})
