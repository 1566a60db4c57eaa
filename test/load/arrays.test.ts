// Vector columns: arrays of variable length from files that astropy wrote, and single elements as columns of their own.
import { execFileSync } from 'node:child_process'
import { afterAll, afterEach, describe, expect, test } from 'vitest'
import { writeFits } from '../../src/fits/index.ts'
import { loadFiles } from '../../src/load/index.ts'
import {
  type Column,
  defineCatalog,
  defineSurvey,
  fileNumber,
  fits,
  float32,
  float32s,
  float64s,
  fromHdu,
  int32,
  int64s,
  rowNumber,
} from '../../src/model/index.ts'
import type { ScratchDatabase } from '../postgres/scratch.ts'
import { needs } from '../require.ts'
import { archiveOf } from './archive.ts'
import { table, temporaryFolder } from './sample.ts'

const surveyOf = (columns: Record<string, Column>) =>
  defineSurvey({
    ...{ name: 'vectors', title: 'Vectors', schema: 'vectors', version: '1' },
    catalogs: [
      defineCatalog({
        name: 'vectors.rows',
        title: 'Rows',
        columns: {
          place: int32(rowNumber(), 'Place.'),
          ...columns,
          source_file: int32(fileNumber(), 'File.'),
        },
        key: ['place'],
        layouts: { plain: { files: 'vectors.fits', hdus: ['T'] } },
      }) as never,
    ],
  })

const folder = temporaryFolder()
const path = folder.path('vectors.fits')
let database: ScratchDatabase | undefined
afterEach(async () => {
  await database?.drop()
  database = undefined
})
afterAll(() => folder.remove())

async function load(columns: Record<string, Column>) {
  const survey = surveyOf(columns)
  database = await archiveOf(survey)
  return loadFiles(database.url, [survey], [path])
}

const rows = async (columns: string) =>
  (await database!.client.query(`SELECT ${columns} FROM vectors.rows ORDER BY place`)).rows

const rejects = async () =>
  (
    await database!.client.query(
      'SELECT row_number::int AS row, column_name, value, rule FROM almagest.load_reject',
    )
  ).rows

/** Rows enough for several blocks; arrays of every length from none to forty, in an order other than the rows'. */
const written = `
import json, sys
import numpy as np
from astropy.io import fits
random = np.random.default_rng(7)
n = 6000
lengths = random.integers(0, 41, n)
whole = np.array([random.integers(-2**62, 2**62, k) for k in lengths], dtype=object)
single = np.array([random.normal(size=k).astype('f4') for k in lengths[::-1]], dtype=object)
double = np.array([random.normal(size=2 * (k % 3)) for k in lengths], dtype=object)
columns = [
  fits.Column('N', 'J', array=lengths),
  fits.Column('PAD', '1000A', array=np.full(n, 'x')),
  fits.Column('WHOLE', 'QK()', array=whole),
  fits.Column('SINGLE', 'PE()', array=single),
  fits.Column('DOUBLE', 'PD()', array=double),
]
hdu = fits.BinTableHDU.from_columns(columns, name='T')
hdu.writeto(sys.argv[1], overwrite=True)
# astropy states the lengths itself whatever the header said, so the bytes are changed afterwards.
change = {
  'stated': [],
  'unstated': [(b"'QK(40)  '", b"'1QK     '"), (b"'PE(40)  '", b"'1PE     '"), (b"'PD(4)   '", b"'1PD     '")],
  'too small': [(b"'PE(40)  '", b"'PE(39)  '")],
}
content = open(sys.argv[1], 'rb').read()
for old, new in change[sys.argv[2]]:
  assert old in content, content[2880:5760]
  content = content.replace(old, new)
open(sys.argv[1], 'wb').write(content)
with fits.open(sys.argv[1]) as f:
  t = f['T'].data
  print(json.dumps([[str(sum(int(v) for v in t['WHOLE'][i])), len(t['WHOLE'][i]),
    [float(v) for v in t['SINGLE'][i]], [float(v) for v in t['DOUBLE'][i]]] for i in range(0, n, 17)]))
`

needs('astropy')('arrays of variable length', () => {
  const write = (how: string) =>
    execFileSync('/usr/bin/python3', ['-c', written, path, how], { maxBuffer: 1 << 28 })
  const columns = fromHdu('T', {
    whole: int64s('WHOLE', 'Whole.'),
    single: float32s('SINGLE', 'Single.'),
    double: float64s('DOUBLE', 'Double.'),
  })

  test.each(['stated', 'unstated'])('as PostgreSQL arrays, their greatest length %s', async (how) => {
    const said = write(how)
    const report = await load(columns)
    expect(report).toMatchObject({ rowsRead: 6_000, rowsLoaded: 6_000, rowsRejected: 0 })
    const found = await rows(
      `(SELECT coalesce(sum(v), 0) FROM unnest(whole) v)::text AS sum, cardinality(whole) AS length,
       single, double`,
    )
    const sampled = found.filter((_, row) => row % 17 === 0)
    const wanted = JSON.parse(said.toString()) as [string, number, number[], number[]][]
    expect(
      sampled.map((row) => [row.sum, row.length, (row.single as number[]).map(Math.fround), row.double]),
    ).toEqual(wanted)
  })

  test('longer than their TFORM promises are a fault of the file', async () => {
    write('too small')
    await expect(load(columns)).rejects.toMatchObject({
      code: 'FITS_HEAP_POINTER',
      message: expect.stringMatching(/^Row \d+ of column SINGLE has 40 elements, its TFORM PE\(39\)/),
    })
    expect(await rows('place')).toEqual([])
  })
})

describe('a vector column', () => {
  const vector = (values: number[]) =>
    writeFits(path, [
      table('T', [{ name: 'FLUX', tform: '3E', values: Float32Array.from(values) }], values.length / 3),
    ])
  const flux = (element: number) =>
    float32(fits('T', 'FLUX', { element, nulls: [-1] }), 'Flux.', { range: { from: 0, to: 100 } })

  test('as a column for each of its elements, each with its own rules', async () => {
    await vector([1, 2, 3, 4, -1, 6, 7, 8, 900])
    const report = await load({ g: flux(1), r: flux(2), z: flux(3) })
    expect(await rows('g, r, z')).toEqual([
      { g: 1, r: 2, z: 3 },
      { g: 4, r: null, z: 6 },
    ])
    expect(report).toMatchObject({ rowsRead: 3, rowsLoaded: 2, rowsRejected: 1 })
    expect(await rejects()).toEqual([{ row: 3, column_name: 'z', value: '900', rule: 'range' }])
  })

  test('has no element behind its last', async () => {
    await vector([1, 2, 3])
    await expect(load({ u: flux(4) })).rejects.toMatchObject({
      code: 'LOAD_COLUMN_TYPE',
      message: expect.stringContaining('element 4 of column FLUX (TFORM 3E)'),
    })
  })
})
