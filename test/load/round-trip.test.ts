// Random tables of every type, written to FITS, loaded and read back: the same to the last bit.
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type ColumnToPack, writeFits } from '../../src/fits/index.ts'
import { loadFiles } from '../../src/load/index.ts'
import {
  boolean,
  defineCatalog,
  defineSurvey,
  fileNumber,
  float32,
  float32s,
  float64,
  float64s,
  fromHdu,
  int16,
  int32,
  int64,
  int64s,
  rowNumber,
  text,
} from '../../src/model/index.ts'
import type { ScratchDatabase } from '../postgres/scratch.ts'
import { archiveOf } from './archive.ts'
import { table, temporaryFolder } from './sample.ts'

const every = defineCatalog({
  name: 'loader_types.every',
  title: 'A column of every type',
  columns: {
    source_file: int32(fileNumber(), 'File.'),
    source_row: int32(rowNumber(), 'Row.'),
    ...fromHdu('EVERY', {
      k: int64('K', '64 bits.'),
      j: int32('J', '32 bits.'),
      i: int16('I', '16 bits.'),
      e: float32('E', 'Single precision.'),
      d: float64('D', 'Double precision.'),
      wide: float64('E', 'Single precision, widened.'),
      u: int64('U', 'Unsigned 32 bits.'),
      b: int16('B', 'A byte.'),
      l: boolean('L', 'Truth.'),
      a: text('A', 'Text.'),
      es: float32s('ES', 'Singles.'),
      ds: float64s('DS', 'Doubles.'),
      ks: int64s('KS', 'Integers, two by two.'),
    }),
  },
  key: ['source_file', 'source_row'],
  layouts: { every: { files: 'every-*.fits', hdus: ['EVERY'] } },
})
const survey = defineSurvey({
  name: 'types',
  title: 'Types',
  schema: 'loader_types',
  version: '1',
  catalogs: [every],
})

const folder = temporaryFolder()
let database: ScratchDatabase
beforeAll(async () => {
  database = await archiveOf(survey)
})
afterAll(async () => {
  await database.drop()
  folder.remove()
})

const int64Value = fc.oneof(
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  fc.constantFrom(-(2n ** 63n), 2n ** 63n - 1n, 2n ** 53n + 1n, -1n, 0n),
)
/** Any bits: NaN payloads, infinities, denormals and both zeros included. */
const bits32 = fc.oneof(
  fc.integer({ min: 0, max: 2 ** 32 - 1 }),
  fc.constantFrom(0, 0x80000000, 1, 0x7f800000, 0xff800000, 0x7fc00000, 0xffa00001, 0x007fffff),
)
const bits64 = fc.oneof(
  fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
  fc.constantFrom(
    0n,
    2n ** 63n,
    1n,
    0x7ff0000000000000n,
    0x7ff8000000000000n,
    0xfff0000000000001n,
    2n ** 52n - 1n,
  ),
)
const trimmed = fc
  .string({ unit: 'binary', maxLength: 6 })
  .map((value) => value.replaceAll('\0', '').trimEnd())
const row = fc.record({
  k: int64Value,
  j: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
  i: fc.integer({ min: -(2 ** 15), max: 2 ** 15 - 1 }),
  e: bits32,
  d: bits64,
  u: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
  b: fc.integer({ min: 0, max: 255 }),
  l: fc.constantFrom(true, false, null),
  a: trimmed,
  es: fc.tuple(bits32, bits32, bits32),
  ds: fc.tuple(bits64, bits64),
  ks: fc.tuple(int64Value, int64Value, int64Value, int64Value),
})
type Row = typeof row extends fc.Arbitrary<infer R> ? R : never

const widthOfA = 32

function columnsOf(rows: readonly Row[]): (ColumnToPack & { zero?: number; dim?: number[] })[] {
  const singles = (values: number[]) => new Float32Array(Uint32Array.from(values).buffer)
  const doubles = (values: bigint[]) => new Float64Array(BigUint64Array.from(values).buffer)
  return [
    { name: 'K', tform: 'K', values: BigInt64Array.from(rows, ({ k }) => k) },
    { name: 'J', tform: 'J', values: Int32Array.from(rows, ({ j }) => j) },
    { name: 'I', tform: 'I', values: Int16Array.from(rows, ({ i }) => i) },
    { name: 'E', tform: 'E', values: singles(rows.map(({ e }) => e)) },
    { name: 'D', tform: 'D', values: doubles(rows.map(({ d }) => d)) },
    { name: 'U', tform: 'J', zero: 2147483648, values: Uint32Array.from(rows, ({ u }) => u) },
    { name: 'B', tform: 'B', values: Uint8Array.from(rows, ({ b }) => b) },
    { name: 'L', tform: 'L', values: rows.map(({ l }) => l) },
    { name: 'A', tform: `${widthOfA}A`, values: rows.map(({ a }) => a) },
    { name: 'ES', tform: '3E', values: singles(rows.flatMap(({ es }) => es)) },
    { name: 'DS', tform: '2D', values: doubles(rows.flatMap(({ ds }) => ds)) },
    { name: 'KS', tform: '4K', dim: [2, 2], values: BigInt64Array.from(rows.flatMap(({ ks }) => ks)) },
  ]
}

const isNan32 = (bits: number) => (bits & 0x7fffffff) >>> 0 > 0x7f800000
const isNan64 = (bits: bigint) => (bits & (2n ** 63n - 1n)) > 0x7ff0000000000000n
const hex32 = (bits: number) => (isNan32(bits) ? null : bits.toString(16).padStart(8, '0'))
const hex64 = (bits: bigint) => (isNan64(bits) ? null : bits.toString(16).padStart(16, '0'))

/** What the server must hold, floats as their bits. */
function expected({ k, j, i, e, d, u, b, l, a, es, ds, ks }: Row) {
  const single = new Float32Array(Uint32Array.of(e).buffer)[0]!
  const widened = Buffer.alloc(8)
  widened.writeDoubleBE(single)
  const wide = isNan32(e) ? null : widened.toString('hex')
  return {
    k: String(k),
    j,
    i,
    e: hex32(e),
    d: hex64(d),
    wide,
    u: String(u),
    b,
    l,
    a,
    es: es.map(hex32),
    ds: ds.map(hex64),
    // The first FITS axis is the fastest: two rows of two.
    ks: [
      [String(ks[0]), String(ks[1])],
      [String(ks[2]), String(ks[3])],
    ],
  }
}

const select = `SELECT k::text, j, i, encode(float4send(e), 'hex') AS e, encode(float8send(d), 'hex') AS d,
  encode(float8send(wide), 'hex') AS wide, u::text, b, l, a,
  (SELECT json_agg(encode(float4send(v), 'hex') ORDER BY n) FROM unnest(es) WITH ORDINALITY AS t(v, n)) AS es,
  (SELECT json_agg(encode(float8send(v), 'hex') ORDER BY n) FROM unnest(ds) WITH ORDINALITY AS t(v, n)) AS ds,
  ks::text[] AS ks
  FROM loader_types.every WHERE source_file = $1 ORDER BY source_row`

test('every value comes back as it was, NaN as NULL', async () => {
  let run = 0
  await fc.assert(
    fc.asyncProperty(fc.array(row, { maxLength: 40 }), async (rows) => {
      const path = folder.path(`every-${run++}.fits`)
      const columns = columnsOf(rows)
      await writeFits(path, [{ ...table('EVERY', columns, rows.length), columns }])
      const { files } = await loadFiles(database.url, [survey], [path])
      const loaded = await database.client.query(select, [files[0]!.fileId])
      expect(loaded.rows).toEqual(rows.map(expected))
      const nans = (count: (row: Row) => number) => rows.reduce((sum, each) => sum + count(each), 0)
      const counts = {
        e: nans(({ e }) => Number(isNan32(e))),
        wide: nans(({ e }) => Number(isNan32(e))),
        d: nans(({ d }) => Number(isNan64(d))),
        es: nans(({ es }) => es.filter(isNan32).length),
        ds: nans(({ ds }) => ds.filter(isNan64).length),
      }
      const given = Object.entries(counts).filter(([, count]) => count > 0)
      expect(files[0]!.tables[0]!.nullsFromNan).toEqual(Object.fromEntries(given))
    }),
    { numRuns: 40 },
  )
})
