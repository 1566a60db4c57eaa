// Rows that break a rule: which are left out, what the table of rejects says, and when they are too many.
import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import { type LoadOptions, loadFiles } from '../../src/load/index.ts'
import { AlmagestError } from '../../src/model/index.ts'
import type { ScratchDatabase } from '../postgres/scratch.ts'
import { archiveOf, countRows } from './archive.ts'
import {
  objects,
  type SampleValues,
  sample,
  spectra,
  temporaryFolder,
  writeObjects,
  writeSpectra,
} from './sample.ts'

const folder = temporaryFolder()
let database: ScratchDatabase | undefined

beforeEach(async () => {
  await database?.drop()
  database = await archiveOf(sample)
})
afterAll(async () => {
  await database?.drop()
  folder.remove()
})

const load = (paths: string[], options: LoadOptions = {}) =>
  loadFiles(database!.url, [sample], paths, options)
const query = async (sql: string) => (await database!.client.query(sql)).rows
const north = (given: SampleValues) => writeObjects(folder.path('sample-north.fits'), given)
const rejectsSql = `SELECT table_name, hdu, row_number::int AS row, column_name, value, rule FROM almagest.load_reject
  ORDER BY table_name, row_number`

async function failure(work: Promise<unknown>): Promise<AlmagestError> {
  const error = await work.then(
    () => undefined,
    (reason) => reason,
  )
  expect(error).toBeInstanceOf(AlmagestError)
  return error
}

describe('rows that break a value rule', () => {
  const bad: SampleValues = {
    id: [1, 2, 3, 4, 5, 6],
    ra: [0, Number.NaN, -30, 359, 10, Number.POSITIVE_INFINITY],
    mass: [10, 10, 25, 10, Number.NaN, Number.NaN],
    class: ['GALAXY', 'STAR', 'STAR', 'QSO', 'STAR', 'STAR'],
  }
  test('are left out with their reason, the others are loaded', async () => {
    const { files } = await load([await north(bad)])
    expect(files[0]!.tables[0]).toMatchObject({
      table: 'loader_sample.objects',
      hdus: ['META', 'PHOT'],
      rowsRead: 6,
      rowsLoaded: 2,
      rowsRejected: 4,
      rejectsByRule: { 'not-null': 1, range: 2, vocabulary: 1 },
      // Row 6 has a NaN and row 3 a wrapped RA too, but neither is loaded.
      nullsFromNan: { mass: 1 },
      raWrapped: {},
    })
    expect(
      await query('SELECT id::int, ra, class, mass, depth, field, source_row FROM loader_sample.objects'),
    ).toEqual([
      { id: 1, ra: 0, class: 'GALAXY', mass: 10, depth: 22.5, field: 'north', source_row: 1 },
      { id: 5, ra: 10, class: 'STAR', mass: null, depth: 22.5, field: 'north', source_row: 5 },
    ])
    const table_name = 'loader_sample.objects'
    expect(await query(rejectsSql)).toEqual([
      { table_name, hdu: 'META', row: 2, column_name: 'ra', value: 'NaN', rule: 'not-null' },
      { table_name, hdu: 'PHOT', row: 3, column_name: 'mass', value: '25', rule: 'range' },
      { table_name, hdu: 'META', row: 4, column_name: 'class', value: 'QSO', rule: 'vocabulary' },
      { table_name, hdu: 'META', row: 6, column_name: 'ra', value: 'Infinity', rule: 'range' },
    ])
  })

  test('fail the file when they are more than allowed, and leave nothing', async () => {
    const error = await failure(load([await north(bad)], { maxRejects: 3 }))
    expect(error.code).toBe('LOAD_TOO_MANY_REJECTS')
    expect(error.kind).toBe('rejects')
    expect(error.message).toContain('more than the 3 rows allowed')
    expect(error.place).toMatchObject({ hdu: 'META', row: 2, column: 'ra', value: 'NaN' })
    expect(await countRows(database!, objects)).toBe(0)
    expect(await query(rejectsSql)).toEqual([])
    expect(await query('SELECT state, error ->> $$code$$ AS code FROM almagest.load_file')).toEqual([
      { state: 'failed', code: 'LOAD_TOO_MANY_REJECTS' },
    ])
    expect((await load([folder.path('sample-north.fits')], { maxRejects: 4 })).rowsRejected).toBe(4)
    expect(await query('SELECT state, error FROM almagest.load_file')).toEqual([
      { state: 'loaded', error: null },
    ])
  })

  test('may be more than memory should hold', async () => {
    const rows = 150_000
    const wrong = 'W'.repeat(8)
    const path = await north({
      id: Array.from({ length: rows }, (_, i) => i),
      class: Array.from({ length: rows }, (_, i) => (i % 10 === 0 ? 'STAR' : wrong)),
    })
    const { rowsLoaded, rowsRejected } = await load([path])
    expect([rowsLoaded, rowsRejected]).toEqual([15_000, 135_000])
    expect(
      await query(
        `SELECT count(*)::int AS n, min(row_number)::int, max(row_number)::int FROM almagest.load_reject`,
      ),
    ).toEqual([{ n: 135_000, min: 2, max: 150_000 }])
  })
})

describe('keys that are not unique', () => {
  const twice: SampleValues = { id: [7, 8, 7, 9, 8, 7], mass: [1, 2, 3, 4, 5, 99] }
  test('fail the file, with the numbers of both rows', async () => {
    const error = await failure(load([await north(twice)]))
    expect(error.code).toBe('LOAD_DUPLICATE_KEY')
    expect(error.place).toMatchObject({ hdu: 'META', row: 3, column: 'id', value: '7' })
    expect(error.message).toContain('row 3 of META')
    expect(error.message).toContain('in row 1')
    expect(await countRows(database!, objects)).toBe(0)
  })

  test('are rejects where a limit allows them: the first row wins', async () => {
    const { files } = await load([await north(twice)], { maxRejects: 3 })
    // Row 6 is out of range before its key matters.
    expect(files[0]!.tables[0]!.rejectsByRule).toEqual({ range: 1, 'duplicate-key': 2 })
    expect(await query('SELECT id::int, mass FROM loader_sample.objects ORDER BY id')).toEqual([
      { id: 7, mass: 1 },
      { id: 8, mass: 2 },
      { id: 9, mass: 4 },
    ])
    expect(await query(`${rejectsSql.replace('rule FROM', 'rule, detail FROM')}`)).toMatchObject([
      { row: 3, column_name: 'id', value: '7', rule: 'duplicate-key', detail: 'the same as in row 1' },
      { row: 5, column_name: 'id', value: '8', rule: 'duplicate-key', detail: 'the same as in row 2' },
      { row: 6, column_name: 'mass', value: '99', rule: 'range' },
    ])
    expect(
      (await failure(load([await writeObjects(folder.path('sample-south.fits'), twice)], { maxRejects: 5 })))
        .code,
    ).toBe('LOAD_DUPLICATE_KEY')
  })

  test('also against other files, which are named', async () => {
    await load([await north({ id: [1, 2] })])
    const south = await writeObjects(folder.path('sample-south.fits'), { id: [2, 3] })
    const error = await failure(load([south]))
    expect(error.place).toMatchObject({ file: south, row: 1, column: 'id', value: '2' })
    expect(error.message).toContain('from sample-north.fits')
    await load([south], { maxRejects: 1 })
    expect(await query('SELECT id::int, field FROM loader_sample.objects ORDER BY id')).toEqual([
      { id: 1, field: 'north' },
      { id: 2, field: 'north' },
      { id: 3, field: 'south' },
    ])
  })
})

describe('references to nothing', () => {
  test('fail the file, or are rejects where a limit allows them', async () => {
    const files = [
      await writeSpectra(folder.path('spectra-a.fits'), [10, 11, 12, 13], [1, 2, 5, 1]),
      await north({ id: [1, 2, 3] }),
    ]
    // The spectra are named first and loaded after the objects that they refer to.
    const error = await failure(load(files))
    expect(error.code).toBe('LOAD_FOREIGN_KEY')
    expect(error.place).toMatchObject({ file: files[0], hdu: 'SPEC', row: 3, column: 'object', value: '5' })
    expect(error.message).toContain('loader_sample.objects')
    expect([await countRows(database!, objects), await countRows(database!, spectra)]).toEqual([3, 0])
    const report = await load(files, { maxRejects: 1, jobs: 2 })
    expect(report.files.map(({ outcome }) => outcome)).toEqual(['loaded', 'already loaded'])
    expect(report.files[0]!.tables[0]!.rejectsByRule).toEqual({ 'foreign-key': 1 })
    expect(await countRows(database!, spectra)).toBe(3)
  })
})
