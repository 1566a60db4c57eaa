// FITS exports: out and in again with the same bytes, and refusals of what a FITS table can't hold.
import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { exportCatalog } from '../../src/export/index.ts'
import { bufferSource, openFits, packRows, verifyChecksums, writeFits } from '../../src/fits/index.ts'
import { loadFiles } from '../../src/load/index.ts'
import {
  boolean,
  defineCatalog,
  defineSurvey,
  fileNumber,
  float32,
  float64,
  float64s,
  fromHdu,
  int16,
  int32,
  int64,
  text,
} from '../../src/model/index.ts'
import { archiveOf } from '../load/archive.ts'
import type { ScratchDatabase } from '../postgres/scratch.ts'
import { every, everyRows, exportFolder, fill, survey } from './every-type.ts'

const objects = defineCatalog({
  name: 'export_fits.objects',
  title: 'Objects',
  columns: {
    ...fromHdu('OBJECTS', {
      id: int64('ID', 'Identifier.'),
      k: int64('K', '64 bits.'),
      j: int32('J', '32 bits.'),
      i: int16('I', '16 bits.'),
      e: float32('E', 'Single.', { unit: 'mag' }),
      d: float64('D', 'Double.'),
      l: boolean('L', 'Truth.'),
      a: text('A', 'Text.'),
      ds: float64s('DS', 'Three doubles.'),
    }),
    source_file: int32(fileNumber(), 'File.'),
  },
  key: ['id'],
  layouts: { files: { files: 'objects-*.fits', hdus: ['OBJECTS'] } },
})
const objectSurvey = defineSurvey({
  name: 'export-fits',
  title: 'Objects',
  schema: 'export_fits',
  version: '1',
  catalogs: [objects],
})

const folder = exportFolder()
let database: ScratchDatabase
beforeAll(async () => {
  database = await archiveOf(survey)
})
afterAll(async () => {
  await database.drop()
  folder.remove()
})

/** The bytes of a file's first table. */
async function tableBytes(path: string): Promise<Buffer> {
  const bytes = readFileSync(path)
  const file = await openFits(bufferSource(path, bytes))
  const { dataStart, dataSize } = file.hdus[1]!
  return bytes.subarray(dataStart, dataStart + dataSize)
}

describe('FITS out and in again', () => {
  const bits = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n })
  /** Every bit pattern; of NaN only the usual one, because NaN becomes NULL and comes out as that one. */
  const doubles = fc.oneof(
    bits
      .map((each) => new Float64Array(BigUint64Array.of(each).buffer)[0]!)
      .map((each) => (Number.isNaN(each) ? Number.NaN : each)),
    fc.constantFrom(-0, Infinity, -Infinity, 5e-324, Number.NaN),
  )
  const row = fc.record({
    k: fc.oneof(
      fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
      fc.constantFrom(-(2n ** 63n), 2n ** 63n - 1n),
    ),
    j: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
    i: fc.integer({ min: -(2 ** 15), max: 2 ** 15 - 1 }),
    e: fc.oneof(fc.float(), fc.constantFrom(-0, Number.NaN, 2 ** -149)),
    d: doubles,
    l: fc.option(fc.boolean()),
    a: fc.stringMatching(/^[!-~]([ -~]{0,6}[!-~])?$/),
    ds: fc.array(doubles, { minLength: 3, maxLength: 3 }),
  })

  test('gives the same bytes of data, whatever the bits', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(row, { minLength: 1, maxLength: 40 }), async (rows) => {
        await using archive = await archiveOf(objectSurvey)
        const source = folder.path('objects-source.fits')
        // As wide as the longest text: the width of a column is no value.
        const width = Math.max(...rows.map(({ a }) => a.length))
        const texts = Buffer.alloc(rows.length * width)
        for (const [n, { a }] of rows.entries()) texts.write(a, n * width)
        const columns = [
          { name: 'ID', tform: 'K', values: BigInt64Array.from(rows, (_, n) => BigInt(n) - 5n) },
          // The number that means NULL here is also the one that the export prefers.
          { name: 'K', tform: 'K', null: -(2n ** 63n), values: BigInt64Array.from(rows, ({ k }) => k) },
          { name: 'J', tform: 'J', null: -(2 ** 31), values: Int32Array.from(rows, ({ j }) => j) },
          { name: 'I', tform: 'I', null: -(2 ** 15), values: Int16Array.from(rows, ({ i }) => i) },
          { name: 'E', tform: 'E', values: Float32Array.from(rows, ({ e }) => e) },
          { name: 'D', tform: 'D', values: Float64Array.from(rows, ({ d }) => d) },
          { name: 'L', tform: 'L', values: rows.map(({ l }) => l) },
          { name: 'A', tform: `${width}A`, values: texts },
          { name: 'DS', tform: '3D', values: Float64Array.from(rows.flatMap(({ ds }) => ds)) },
        ]
        const rowCount = rows.length
        await writeFits(source, [
          { name: 'OBJECTS', columns, rowCount, rows: [packRows(columns, 0, rowCount)] },
        ])
        await loadFiles(archive.url, [objectSurvey], [source])

        const out = folder.path('objects-out.fits')
        const chosen = Object.keys(objects.columns).filter((name) => name !== 'source_file')
        await exportCatalog(archive.client, objects, { out, columns: chosen, overwrite: true })
        expect((await tableBytes(out)).toString('hex')).toBe((await tableBytes(source)).toString('hex'))

        await using second = await archiveOf(objectSurvey)
        await loadFiles(second.url, [objectSurvey], [out])
        const again = folder.path('objects-again.fits')
        await exportCatalog(second.client, objects, { out: again, columns: chosen, overwrite: true })
        expect(readFileSync(again).equals(readFileSync(out))).toBe(true)
      }),
      { numRuns: 5, endOnFailure: true },
    )
  })
})

describe('FITS files', () => {
  test('carry checksums that verify, and nothing but 2880-byte blocks', async () => {
    await fill(database, fc.sample(everyRows('ascii', true), 1)[0]!)
    const out = folder.path('sums.fits')
    const report = await exportCatalog(database.client, every, { out })
    const bytes = readFileSync(out)
    expect(report.bytes).toBe(bytes.length)
    expect(bytes.length % 2880).toBe(0)
    const sums = await verifyChecksums(await openFits(bufferSource(out, bytes)))
    expect(sums.map(({ datasum, checksum }) => [datasum, checksum])).toEqual([
      ['ok', 'ok'],
      ['ok', 'ok'],
    ])
  })

  test.each([
    ['a text beyond ASCII', "a = 'α Centauri'", ['a'], 'EXPORT_TEXT_NOT_ASCII', 'α Centauri'],
    ['a line end in a text', "a = E'two\\nlines'", ['a'], 'EXPORT_TEXT_NOT_ASCII', 'two\nlines'],
    [
      'arrays of different lengths',
      "ds = CASE id WHEN 1 THEN '{1}'::float8[] ELSE '{1,2}' END",
      ['ds'],
      'EXPORT_ARRAYS_DIFFER',
      '1 to 2',
    ],
    ['infinite moments', "moment = 'infinity'", ['moment'], 'EXPORT_TIME_RANGE', 'moment'],
  ])('refuse %s', async (_, change, columns, code, told) => {
    await database.client.query(`
      TRUNCATE export_types.every;
      INSERT INTO export_types.every (id, ra, dec) VALUES (1, 1, 1), (2, 2, 2);
      UPDATE export_types.every SET ${change}`)
    const out = folder.path('refused.fits')
    await expect(exportCatalog(database.client, every, { out, columns })).rejects.toMatchObject({
      code,
      message: expect.stringContaining(told),
      place: { column: columns[0] },
    })
    expect(() => readFileSync(out)).toThrow('ENOENT')
  })

  test('find a TNULL that is no value, and refuse when there is none', async () => {
    const values = [-32768, 32767, -32767, 32766, -32766, 32765, -32765, 32764]
    const put = (some: readonly number[]) =>
      database.client.query(`
        TRUNCATE export_types.every;
        INSERT INTO export_types.every (id, ra, dec, i)
          SELECT n, 0, 0, v FROM unnest('{${some.join(',')},NULL}'::smallint[]) WITH ORDINALITY u(v, n)`)
    const out = folder.path('tnull.fits')
    await put(values.slice(0, 7))
    await exportCatalog(database.client, every, { out, columns: ['id', 'i'] })
    const file = await openFits(bufferSource(out, readFileSync(out)))
    expect(file.hdus[1]!.header.get('TNULL2')).toBe(32764)
    await put(values)
    await expect(
      exportCatalog(database.client, every, { out, columns: ['i'], overwrite: true }),
    ).rejects.toMatchObject({
      code: 'EXPORT_NO_NULL',
    })
    expect(file.hdus[1]!.header.get('TNULL2')).toBe(32764)
  })
})
