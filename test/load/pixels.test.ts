// Images pixel by pixel: rows, axes, scaled and missing values, rejects, and images that are none.
import { writeFileSync } from 'node:fs'
import { afterAll, afterEach, describe, expect, test } from 'vitest'
import { loadFiles } from '../../src/load/index.ts'
import {
  type Column,
  card,
  defineCatalog,
  defineSurvey,
  fileNumber,
  fits,
  float64,
  int16,
  int32,
  int64,
  pixel,
  pixelAxis,
  rowNumber,
} from '../../src/model/index.ts'
import { data, header, primary } from '../fits/build.ts'
import type { ScratchDatabase } from '../postgres/scratch.ts'
import { archiveOf } from './archive.ts'
import { temporaryFolder } from './sample.ts'

const imageCatalog = (value: Column, more: Record<string, Column> = {}) =>
  defineCatalog({
    name: 'images.cells',
    title: 'Cells',
    columns: {
      place: int32(rowNumber(0), 'Place.'),
      x: int32(pixelAxis('MAP', 1), 'Along NAXIS1.'),
      y: int64(pixelAxis('MAP', 2), 'Along NAXIS2.'),
      value,
      level: int16(card('LEVEL', 'MAP'), 'A card of the image.'),
      ...more,
      source_file: int32(fileNumber(), 'File.'),
    } as Record<string, Column>,
    key: ['place'],
    layouts: { image: { files: 'map.fits', hdus: ['MAP'], rows: 'pixels' } },
  })

const surveyOf = (value: Column, more: Record<string, Column> = {}) =>
  defineSurvey({
    ...{ name: 'images', title: 'Images', schema: 'images', version: '1' },
    catalogs: [imageCatalog(value, more)],
  })

const cells = int16(pixel('MAP'), 'Value.', { range: { from: 0, to: 1 }, required: true })

const image = (bitpix: number, axes: readonly number[], ...more: string[]) =>
  header(
    "XTENSION= 'IMAGE   '",
    `BITPIX  = ${bitpix}`,
    `NAXIS   = ${axes.length}`,
    ...axes.map((axis, i) => `NAXIS${i + 1}  = ${axis}`),
    'PCOUNT  = 0',
    'GCOUNT  = 1',
    "EXTNAME = 'MAP'",
    'LEVEL   = 3',
    ...more,
  )

const folder = temporaryFolder()
let database: ScratchDatabase | undefined
afterEach(async () => {
  await database?.drop()
  database = undefined
})
afterAll(() => folder.remove())

async function load(survey: ReturnType<typeof surveyOf>, ...parts: Uint8Array[]) {
  database = await archiveOf(survey)
  const path = folder.path('map.fits')
  writeFileSync(path, Buffer.concat([primary(), ...parts]))
  return loadFiles(database.url, [survey], [path])
}

const rows = async (columns = 'place, x, y::int, value') =>
  (await database!.client.query(`SELECT ${columns} FROM images.cells ORDER BY place`)).rows.map((row) =>
    Object.values(row),
  )

test('one row a pixel, NAXIS1 fastest, the header in every row', async () => {
  const report = await load(surveyOf(cells), image(8, [3, 2]), data(Uint8Array.of(0, 1, 0, 1, 1, 0)))
  expect(await rows('place, x, y::int, value, level')).toEqual([
    [0, 0, 0, 0, 3],
    [1, 1, 0, 1, 3],
    [2, 2, 0, 0, 3],
    [3, 0, 1, 1, 3],
    [4, 1, 1, 1, 3],
    [5, 2, 1, 0, 3],
  ])
  expect(report.files[0]!.tables[0]).toMatchObject({ hdus: ['MAP'], rowsRead: 6, rowsLoaded: 6 })
})

test('a value out of range leaves its pixel out, with HDU, pixel counted from 1, column and value', async () => {
  const report = await load(surveyOf(cells), image(8, [3, 2]), data(Uint8Array.of(0, 1, 0, 7, 1, 0)))
  expect(report.files[0]!.tables[0]).toMatchObject({
    ...{ rowsRead: 6, rowsLoaded: 5, rowsRejected: 1, rejectsByRule: { range: 1 } },
  })
  const { rows: kept } = await database!.client.query(
    'SELECT hdu, row_number::int AS row, column_name, value, rule FROM almagest.load_reject',
  )
  expect(kept).toEqual([{ hdu: 'MAP', row: 4, column_name: 'value', value: '7', rule: 'range' }])
  expect((await rows('place')).flat()).toEqual([0, 1, 2, 4, 5])
})

describe('every BITPIX', () => {
  const words = (bytes: number, write: (view: DataView) => void) => {
    const view = new DataView(new ArrayBuffer(bytes))
    write(view)
    return data(new Uint8Array(view.buffer))
  }
  const value = float64(pixel('MAP'), 'Value.')

  test('64-bit integers, as VAST writes masks', async () => {
    const bytes = words(16, (view) => view.setBigInt64(8, 1n))
    await load(surveyOf(cells), image(64, [2, 1]), bytes)
    expect(await rows()).toEqual([
      [0, 0, 0, 0],
      [1, 1, 0, 1],
    ])
  })

  test('scaled integers, and BLANK for none', async () => {
    const bytes = words(4, (view) => {
      view.setInt16(0, 5)
      view.setInt16(2, -9)
    })
    const scale = ['BSCALE  = 0.5', 'BZERO   = 100.0', 'BLANK   = -9']
    await load(surveyOf(value), image(16, [1, 2], ...scale), bytes)
    expect(await rows()).toEqual([
      [0, 0, 0, 102.5],
      [1, 0, 1, null],
    ])
  })

  test('floating point, NaN counted as none', async () => {
    const bytes = words(8, (view) => {
      view.setFloat32(0, 1.5)
      view.setFloat32(4, Number.NaN)
    })
    const report = await load(surveyOf(value), image(-32, [2, 1]), bytes)
    expect(await rows('value')).toEqual([[1.5], [null]])
    expect(report.files[0]!.tables[0]!.nullsFromNan).toEqual({ value: 1 })
  })
})

describe('refused', () => {
  test('a table where the image should be', async () => {
    const table = header(
      ...["XTENSION= 'BINTABLE'", 'BITPIX  = 8', 'NAXIS   = 2', 'NAXIS1  = 1', 'NAXIS2  = 1'],
      ...['PCOUNT  = 0', 'GCOUNT  = 1', 'TFIELDS = 1', "TFORM1  = 'B'", "EXTNAME = 'MAP'", 'LEVEL   = 3'],
    )
    await expect(load(surveyOf(cells), table, data(Uint8Array.of(1)))).rejects.toMatchObject({
      ...{ code: 'FITS_NOT_AN_IMAGE', place: { hdu: 'MAP' } },
    })
  })

  test('an image of one axis where two are declared', async () => {
    await expect(load(surveyOf(cells), image(8, [2]), data(Uint8Array.of(1, 0)))).rejects.toMatchObject({
      ...{ code: 'LOAD_COLUMN_TYPE', message: expect.stringMatching(/MAP in .*map.fits has no axis 2/) },
    })
  })

  test('fractions for whole numbers', async () => {
    const bytes = data(new Uint8Array(8))
    await expect(load(surveyOf(cells), image(-32, [2, 1]), bytes)).rejects.toMatchObject({
      code: 'LOAD_COLUMN_TYPE',
    })
  })

  test('definitions that mix pixels with rows of tables, or name two images', () => {
    expect(() => imageCatalog(cells, { other: int32(fits('MAP', 'X'), 'Of a table.') })).toThrow(
      /column other comes from a table, and rows are pixels/,
    )
    const columns = { value: cells }
    const catalog = { name: 'a.b', title: 'T', columns, key: ['value' as const] }
    expect(() =>
      defineCatalog({ ...catalog, layouts: { l: { files: 'f', hdus: ['MAP', 'M'], rows: 'pixels' } } }),
    ).toThrow(/pixels come from one image, and 2 are named/)
    expect(() => defineCatalog({ ...catalog, layouts: { l: { files: 'f', hdus: ['MAP'] } } })).toThrow(
      /column value comes from an image: rows must be 'pixels'/,
    )
    expect(() =>
      defineCatalog({ ...catalog, layouts: { l: { files: 'f', hdus: ['MAPS'], rows: 'pixels' } } }),
    ).toThrow(/HDU MAP, which is not listed; did you mean "MAPS"/)
  })
})
