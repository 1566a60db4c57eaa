// Connections: values, transactions, lost sessions, names and literals, on a real server.
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { AlmagestError } from '../../src/model/index.ts'
import {
  connect,
  quoteIdentifier,
  quoteLiteral,
  quoteQualified,
  sqlState,
  translateServerError,
} from '../../src/postgres/index.ts'
import { type ScratchDatabase, scratchDatabase } from './scratch.ts'

let database: ScratchDatabase
beforeAll(async () => {
  database = await scratchDatabase()
})
afterAll(() => database?.drop())

describe('query', () => {
  test('int8 arrives exact, also in arrays; floats as numbers; NULL as null', async () => {
    const { rows } = await database.client.query(
      `SELECT 39627854849247294::bigint AS id, ARRAY[9223372036854775807, NULL]::bigint[] AS ids, '{}'::bigint[] AS none,
        0.1::float4 AS single, 'NaN'::float8 AS nan, '-Infinity'::float8 AS low, NULL::text AS nothing`,
    )
    expect(rows).toEqual([
      {
        id: 39627854849247294n,
        ids: [9223372036854775807n, null],
        none: [],
        single: 0.1,
        nan: Number.NaN,
        low: Number.NEGATIVE_INFINITY,
        nothing: null,
      },
    ])
  })

  test('parameters of any int64 come back', async () => {
    const int64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })
    await fc.assert(
      fc.asyncProperty(int64, async (value) => {
        const { rows } = await database.client.query('SELECT $1::bigint AS back', [value])
        expect(rows).toEqual([{ back: value }])
      }),
      { numRuns: 30 },
    )
  })

  test('of several statements the last one answers', async () => {
    const { rows, rowCount } = await database.client.query('SELECT 1 AS a; SELECT 2 AS b')
    expect({ rows, rowCount }).toEqual({ rows: [{ b: 2 }], rowCount: 1 })
  })

  test('the server knows the session as almagest', async () => {
    const { rows } = await database.client.query(
      'SELECT application_name FROM pg_stat_activity WHERE pid = $1',
      [database.client.processId],
    )
    expect(rows).toEqual([{ application_name: 'almagest' }])
  })
})

describe('transaction', () => {
  test('keeps all or nothing', async () => {
    await database.client.query('CREATE TABLE ledger (n int PRIMARY KEY)')
    await database.client.transaction((client) => client.query('INSERT INTO ledger VALUES (1)'))
    const twice = database.client.transaction(async (client) => {
      await client.query('INSERT INTO ledger VALUES (2)')
      await client.query('INSERT INTO ledger VALUES (1)')
    })
    expect(sqlState(await twice.catch((error: unknown) => error))).toBe('23505')
    expect((await database.client.query('SELECT n FROM ledger')).rows).toEqual([{ n: 1 }])
  })

  test('does not nest', async () => {
    const nested = database.client.transaction((client) => client.transaction(async () => {}))
    await expect(nested).rejects.toThrow('do not nest')
  })
})

describe('a session that the server ends', () => {
  const ended = async () => {
    const client = await connect(database.url)
    const end = () => database.client.query('SELECT pg_terminate_backend($1)', [client.processId])
    return { client, end }
  }

  test('fails the query under way', async () => {
    const { client, end } = await ended()
    const asleep = client.query('SELECT pg_sleep(30)').catch(translateServerError)
    await end()
    expect(await asleep).toMatchObject({ code: 'SERVER_LOST', message: expect.stringContaining('57P01') })
    await client.end()
  })

  test('fails a copy in', async () => {
    const { client, end } = await ended()
    await client.query('CREATE TEMPORARY TABLE t (n text)')
    const copy = await client.copyIn('COPY t FROM STDIN')
    await end()
    const sending = async () => {
      for (;;) await copy.write(Buffer.alloc(1 << 16, '1\n'))
    }
    expect(await sending().catch(translateServerError)).toMatchObject({ code: 'SERVER_LOST' })
    await expect(copy.finish()).rejects.toThrow()
    await copy.abort('too late')
    await client.end()
  })

  test('fails a copy out', async () => {
    const { client, end } = await ended()
    const reading = async () => {
      let first = true
      for await (const _ of client.copyOut(
        "COPY (SELECT repeat('x', 1000) FROM generate_series(1, 1000000)) TO STDOUT",
      )) {
        if (first) await end()
        first = false
      }
    }
    expect(await reading().catch(translateServerError)).toMatchObject({ code: 'SERVER_LOST' })
    await client.end()
  })

  test('fails the next query when it was idle', async () => {
    const { client, end } = await ended()
    await end()
    await new Promise((resolve) => setTimeout(resolve, 50))
    expect(await client.query('SELECT 1').catch(translateServerError)).toMatchObject({ code: 'SERVER_LOST' })
    await client.end()
  })
})

describe('translateServerError', () => {
  test('keeps message, detail and SQLSTATE of errors without a name of their own', async () => {
    await database.client.query(
      'CREATE TABLE unique_names (name text UNIQUE); INSERT INTO unique_names VALUES (1)',
    )
    const error = await database.client
      .query('INSERT INTO unique_names VALUES (1)')
      .catch(translateServerError)
    expect(error).toMatchObject({ code: 'SERVER_ERROR', kind: 'server' })
    expect((error as Error).message).toMatch(
      /^duplicate key value .* \(SQLSTATE 23505\)\. Key \(name\)=\(1\) already/,
    )
    expect(sqlState(error)).toBe('23505')
  })

  test('lets typed errors through, and finds the reason among several addresses', () => {
    const typed = new AlmagestError('X', 'data', 'm', 'h')
    expect(translateServerError(typed)).toBe(typed)
    expect(sqlState(typed)).toBeUndefined()
    const refused = Object.assign(new Error('connect ECONNREFUSED ::1:5432'), { code: 'ECONNREFUSED' })
    const both = new AggregateError([refused, refused])
    expect(translateServerError(both)).toMatchObject({ code: 'SERVER_REFUSED', message: refused.message })
  })

  test.each([
    ['53100', 'DISK_FULL', 'environment'],
    ['57P03', 'SERVER_STARTING', 'server'],
    ['28000', 'SERVER_AUTH', 'server'],
    ['ECONNRESET', 'SERVER_LOST', 'server'],
    ['CERT_HAS_EXPIRED', 'SERVER_TLS', 'server'],
    ['EHOSTUNREACH', 'SERVER_UNREACHABLE', 'server'],
  ])('%s is %s', (state, code, kind) => {
    const error = Object.assign(new Error('as the server says'), { code: state })
    expect(translateServerError(error)).toMatchObject({ code, kind, hint: expect.stringMatching(/\.$/) })
  })
})

describe('names and literals', () => {
  const name = fc
    .string({ unit: 'grapheme', minLength: 1, maxLength: 40 })
    .filter((text) => !text.includes('\0') && Buffer.byteLength(text) <= 63)

  test('any name can be created, and is the name that was asked for', async () => {
    await fc.assert(
      fc.asyncProperty(name, name, async (schema, table) => {
        fc.pre(!schema.startsWith('pg_'))
        const made = await database.client.query(
          `BEGIN; CREATE SCHEMA ${quoteIdentifier(schema)}; CREATE TABLE ${quoteIdentifier(schema, table)} ();
            SELECT relname, nspname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
              WHERE c.oid = to_regclass(${quoteLiteral(quoteIdentifier(schema, table))})`,
        )
        await database.client.query('ROLLBACK')
        expect(made.rows).toEqual([{ relname: table, nspname: schema }])
      }),
      { numRuns: 40 },
    )
  })

  test('any text is the same as a literal, under both readings of backslashes', async () => {
    const text = fc.string({ unit: 'grapheme' }).filter((value) => !value.includes('\0'))
    await fc.assert(
      fc.asyncProperty(text, fc.constantFrom('on', 'off'), async (value, setting) => {
        const { rows } = await database.client.query(
          `SET standard_conforming_strings = ${setting}; SELECT ${quoteLiteral(value)} AS back`,
        )
        expect(rows).toEqual([{ back: value }])
      }),
      { numRuns: 40 },
    )
    await database.client.query('SET standard_conforming_strings = on')
  })

  test('a dot parts a qualified name only', () => {
    expect(quoteQualified('desi_analysis.zone')).toBe('"desi_analysis"."zone"')
    expect(quoteIdentifier('a.b')).toBe('"a.b"')
    expect(quoteIdentifier('say "hi"')).toBe('"say ""hi"""')
  })

  test.each(['', 'nul\0', 'x'.repeat(64), 'ü'.repeat(32)])('%j is refused', (bad) => {
    expect(() => quoteIdentifier(bad)).toThrow(expect.objectContaining({ code: 'NAME_INVALID' }))
  })

  test('63 bytes are kept', () => {
    expect(quoteIdentifier('x'.repeat(63))).toHaveLength(65)
  })
})
