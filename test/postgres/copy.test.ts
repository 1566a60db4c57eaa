// COPY BINARY: every type through a real server and back, with the server's own text form as the oracle.
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  type CopyType,
  type CopyValue,
  CopyWriter,
  copyHeader,
  copyTrailer,
  readCopy,
  sqlState,
  timestampEpoch,
} from '../../src/postgres/index.ts'
import { type ScratchDatabase, scratchDatabase } from './scratch.ts'

let database: ScratchDatabase
beforeAll(async () => {
  database = await scratchDatabase()
})
afterAll(() => database?.drop())

const int64 = fc.oneof(
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  fc.constantFrom(-(2n ** 63n), 2n ** 63n - 1n),
)
const special = fc.constantFrom(0, -0, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 5e-324)
const double = fc.oneof(fc.double(), special)
const single = fc.oneof(fc.float(), special.map(Math.fround))
const int16 = fc.oneof(fc.integer({ min: -32768, max: 32767 }), fc.constantFrom(-32768, 32767))
const int32 = fc.oneof(fc.integer(), fc.constantFrom(-(2 ** 31), 2 ** 31 - 1))
/** Any text but NUL, which PostgreSQL doesn't store: ASCII, accents, symbols beyond the basic plane. */
const text = fc
  .oneof(fc.constant(''), fc.string({ unit: 'grapheme' }))
  .map((value) => value.replaceAll('\0', ''))
const list = <T>(value: fc.Arbitrary<T>) => fc.array(fc.option(value, { freq: 4 }), { maxLength: 6 })

/** A generator of values, and the value as text that the server reads: the oracle's way in. */
const kinds: {
  [T in CopyType]: { values: fc.Arbitrary<CopyValue[T]>; literal: (value: CopyValue[T]) => string }
} = {
  boolean: { values: fc.boolean(), literal: String },
  smallint: { values: int16, literal: String },
  integer: { values: int32, literal: String },
  bigint: { values: int64, literal: String },
  real: { values: single, literal: numeral },
  'double precision': { values: double, literal: numeral },
  text: { values: text, literal: (value) => value },
  bytea: { values: fc.uint8Array(), literal: (value) => `\\x${Buffer.from(value).toString('hex')}` },
  timestamp: {
    values: fc.date({ min: new Date('0001-01-01'), max: new Date('9999-12-31'), noInvalidDate: true }),
    literal: (value) => value.toISOString(),
  },
  'smallint[]': { values: list(int16), literal: arrayLiteral },
  'integer[]': { values: list(int32), literal: arrayLiteral },
  'bigint[]': { values: list(int64), literal: arrayLiteral },
  'real[]': { values: list(single), literal: arrayLiteral },
  'double precision[]': { values: list(double), literal: arrayLiteral },
}
const types = Object.keys(kinds) as CopyType[]

function numeral(value: number): string {
  return Object.is(value, -0) ? '-0' : String(value)
}

function arrayLiteral(values: ArrayLike<number | bigint | null>): string {
  const items = Array.from(values, (value) => (value === null ? 'NULL' : numeral(value as number)))
  return `{${items.join(',')}}`
}

/** Back from a column to what `CopyWriter` was given. */
function given(type: CopyType, value: unknown): unknown {
  if (type === 'boolean') return value === 1
  if (type === 'timestamp') return new Date(Number(((value as bigint) + timestampEpoch) / 1000n))
  return value
}

async function collect<T>(batches: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const batch of batches) all.push(batch)
  return all
}

async function copyRows(table: string, rowTypes: CopyType[], rows: unknown[][]): Promise<number> {
  const copy = await database.client.copyIn(`COPY ${table} FROM STDIN (FORMAT binary)`)
  const writer = new CopyWriter(rowTypes.length, 64)
  for (const row of rows) {
    writer.row()
    for (const [i, type] of rowTypes.entries()) writer.value(type, row[i] as CopyValue[typeof type] | null)
  }
  writer.finish()
  await copy.write(writer.bytes())
  return copy.finish()
}

describe.each(types)('%s', (type) => {
  test('goes through the server and back unchanged', async () => {
    await database.client.query(`CREATE TABLE one (id integer, value ${type})`)
    const { values, literal } = kinds[type] as {
      values: fc.Arbitrary<unknown>
      literal: (value: unknown) => string
    }
    const column = fc.array(fc.option(values, { freq: 5 }), { minLength: 1, maxLength: 60 })
    await fc.assert(
      fc.asyncProperty(column, async (sent) => {
        await database.client.query('TRUNCATE one')
        expect(
          await copyRows(
            'one',
            ['integer', type],
            sent.map((value, id) => [id, value]),
          ),
        ).toBe(sent.length)

        // What arrived is what the server makes of the same value written as text.
        const texts = sent.map((value) => (value === null ? null : literal(value)))
        const oracle = await database.client.query<{ different: bigint }>(
          `SELECT count(*) AS different FROM one JOIN unnest($1::int[], $2::text[]) AS sent (id, value) USING (id)
            WHERE one.value::text IS DISTINCT FROM sent.value::${type}::text`,
          [sent.map((_, id) => id), texts],
        )
        expect(oracle.rows[0]?.different).toBe(0n)

        const out = database.client.copyOut(
          'COPY (SELECT value FROM one ORDER BY id) TO STDOUT (FORMAT binary)',
        )
        const batches = await collect(readCopy(out, [type], 7))
        const back = batches.flatMap(({ rows, columns: [{ values, nulls }] }) =>
          Array.from({ length: rows }, (_, i) => (nulls[i] ? null : given(type, values[i]))),
        )
        expect(back).toEqual(sent)
      }),
      { numRuns: 25 },
    )
    await database.client.query('DROP TABLE one')
  })
})

test('rows with all types at once arrive in order, whatever the chunks', async () => {
  const columns = types.map((type, i) => `c${i} ${type}`).join(', ')
  await database.client.query(`CREATE TABLE wide (${columns})`)
  const row = fc.tuple(...types.map((type) => fc.option(kinds[type].values as fc.Arbitrary<unknown>)))
  const rows = fc.sample(row, 200)
  expect(await copyRows('wide', types, rows)).toBe(200)
  const bytes = Buffer.concat(await collect(database.client.copyOut('COPY wide TO STDOUT (FORMAT binary)')))
  for (const size of [1, 2, 3, 19, 64, 1000, bytes.length]) {
    const chunks = cut(bytes, () => size)
    const back: unknown[][] = []
    for (const { rows: count, columns } of await collect(readCopy(chunks, types, 33))) {
      for (let i = 0; i < count; i++) {
        back.push(columns.map((column) => (column.nulls[i] ? null : given(column.type, column.values[i]))))
      }
    }
    expect(back).toEqual(rows)
  }
})

test('a NULL leaves zero in its place, also where a row was cut before', async () => {
  const writer = new CopyWriter(2)
  for (const value of [7, null]) {
    writer.row()
    writer.value('integer', value)
    writer.value('text', value === null ? null : 'seven')
  }
  writer.finish()
  const [batch] = await collect(
    readCopy(
      cut(writer.bytes(), () => 5),
      ['integer', 'text'],
    ),
  )
  expect(batch?.columns[0].values).toEqual(Int32Array.of(7, 0))
  expect(batch?.columns[1].values).toEqual(['seven', ''])
  expect(batch?.columns[1].nulls).toEqual(Uint8Array.of(0, 1))
})

test('batches hold the rows asked for, and keep their values', async () => {
  const out = database.client.copyOut(
    'COPY (SELECT i::bigint, i / 2.0::float8 FROM generate_series(1, 100001) i) TO STDOUT (FORMAT binary)',
  )
  const batches = await collect(readCopy(out, ['bigint', 'double precision'], 50_000))
  expect(batches.map((batch) => batch.rows)).toEqual([50_000, 50_000, 1])
  expect(batches[0]?.columns[0].values[49_999]).toBe(50_000n)
  expect(batches[2]?.columns[1].values).toEqual(Float64Array.of(50_000.5))
})

test('an empty result gives no batch', async () => {
  const out = database.client.copyOut('COPY (SELECT 1 WHERE false) TO STDOUT (FORMAT binary)')
  expect(await collect(readCopy(out, ['integer']))).toEqual([])
})

describe('numbers that their type cannot hold are refused', () => {
  test.each([
    ['smallint', 32768],
    ['smallint', 1.5],
    ['integer', 2 ** 31],
    ['integer', Number.NaN],
    ['bigint', 2n ** 63n],
    ['real', 3.5e38],
    ['integer[]', [1, -(2 ** 31) - 1]],
  ] as const)('%s: %s', (type, value) => {
    const writer = new CopyWriter(1)
    writer.row()
    expect(() => writer.value(type, value as never)).toThrow(
      expect.objectContaining({ code: 'VALUE_OUT_OF_RANGE' }),
    )
  })
})

describe('what is no COPY output is refused', () => {
  const one = () => {
    const writer = new CopyWriter(1)
    writer.row()
    writer.value('integer', 1)
    return writer.bytes()
  }
  const cases: [string, Uint8Array, CopyType[]][] = [
    ['text output', Buffer.from('1\t2\t3\n4\t5\t6\n7\t8\n'), ['integer']],
    ['no trailer', one(), ['integer']],
    ['cut in a row', one().subarray(0, -2), ['integer']],
    ['nothing at all', Buffer.alloc(0), ['integer']],
    ['another width', Buffer.concat([one(), copyTrailer]), ['bigint']],
    ['more columns', Buffer.concat([one(), copyTrailer]), ['integer', 'integer']],
  ]
  test.each(cases)('%s', async (_, bytes, expected) => {
    await expect(
      collect(
        readCopy(
          cut(bytes, () => 11),
          expected,
        ),
      ),
    ).rejects.toMatchObject({ code: 'COPY_FORMAT' })
  })

  test('an array of other elements', async () => {
    const out = database.client.copyOut("COPY (SELECT '{1.5}'::real[]) TO STDOUT (FORMAT binary)")
    await expect(collect(readCopy(out, ['integer[]']))).rejects.toMatchObject({ code: 'COPY_FORMAT' })
    expect((await database.client.query('SELECT 1 AS alive')).rows).toEqual([{ alive: 1 }])
  })
})

test('a header extension is skipped, as the manual demands', async () => {
  const header = Buffer.from(copyHeader)
  header.writeInt32BE(3, header.length - 4)
  const writer = new CopyWriter(1)
  writer.row()
  writer.value('integer', 5)
  const bytes = Buffer.concat([
    header,
    Buffer.from('abc'),
    writer.bytes().subarray(copyHeader.length),
    copyTrailer,
  ])
  const [batch] = await collect(
    readCopy(
      cut(bytes, () => 4),
      ['integer'],
    ),
  )
  expect(batch?.columns[0].values).toEqual(Int32Array.of(5))
})

describe('while rows are sent', () => {
  test('the server rejects a row: its error reaches the sender, nothing is stored, the connection lives', async () => {
    await database.client.query('CREATE TABLE positive (n integer CHECK (n > 0))')
    const error = await copyRows('positive', ['integer'], [[1], [-1]]).catch((error: unknown) => error)
    expect(sqlState(error)).toBe('23514')
    expect((await database.client.query('SELECT * FROM positive')).rows).toEqual([])
  })

  test('the sender gives up: nothing is stored, the connection lives', async () => {
    await database.client.query('CREATE TABLE given_up (n integer)')
    const copy = await database.client.copyIn('COPY given_up FROM STDIN (FORMAT binary)')
    const writer = new CopyWriter(1)
    writer.row()
    writer.value('integer', 1)
    await copy.write(writer.bytes())
    await copy.abort('the file ended early')
    await expect(copy.finish()).rejects.toThrow('the file ended early')
    expect((await database.client.query('SELECT * FROM given_up')).rows).toEqual([])
  })

  test('a buffer may be filled again once its write has resolved', async () => {
    await database.client.query('CREATE TABLE reused (n bigint)')
    const copy = await database.client.copyIn('COPY reused FROM STDIN (FORMAT binary)')
    const writer = new CopyWriter(1, 1 << 22)
    for (let n = 1n; n <= 1_000_000n; n++) {
      writer.row()
      writer.value('bigint', n)
      if (n % 250_000n > 0n) continue
      await copy.write(writer.bytes())
      writer.bytes().fill(0xee)
      writer.clear()
    }
    writer.finish()
    await copy.write(writer.bytes())
    expect(await copy.finish()).toBe(1_000_000)
    const { rows } = await database.client.query('SELECT sum(n)::bigint AS sum, max(n) AS max FROM reused')
    expect(rows).toEqual([{ sum: 500_000_500_000n, max: 1_000_000n }])
  })

  test('a statement that is refused fails at once', async () => {
    await expect(database.client.copyIn('COPY missing FROM STDIN')).rejects.toMatchObject({ code: '42P01' })
  })
})

test('leaving a copy out early keeps the connection usable', async () => {
  const out = database.client.copyOut('COPY (SELECT generate_series(1, 300000)) TO STDOUT (FORMAT binary)')
  for await (const _ of out) break
  expect((await database.client.query('SELECT 1 AS alive')).rows).toEqual([{ alive: 1 }])
})

async function* cut(bytes: Uint8Array, size: () => number): AsyncGenerator<Uint8Array> {
  for (let at = 0, next = 0; at < bytes.length; at = next) {
    next = at + size()
    yield bytes.subarray(at, next)
  }
}
