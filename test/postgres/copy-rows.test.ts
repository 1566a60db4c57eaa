// COPY out past the driver: the same bytes as through it, wherever the network cuts them, and the connection stays usable.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { connect, copyDataHead } from '../../src/postgres/index.ts'
import { type ScratchDatabase, scratchDatabase } from './scratch.ts'

let database: ScratchDatabase
beforeAll(async () => {
  database = await scratchDatabase()
  // Texts of all lengths, so that messages and their heads are cut at every place; every hundredth row says something.
  await database.client.query(`CREATE FUNCTION told(i int) RETURNS int LANGUAGE plpgsql AS
    $$ BEGIN IF i % 100 = 0 THEN RAISE NOTICE 'row %', i; END IF; RETURN i; END $$`)
})
afterAll(() => database.drop())

const sql = (rows: number) =>
  `COPY (SELECT told(i), repeat('x', i % 997) FROM generate_series(1, ${rows}) i) TO STDOUT (FORMAT binary)`

async function wanted(rows: number): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of database.client.copyOut(sql(rows))) chunks.push(chunk)
  return Buffer.concat(chunks)
}

/** What the messages hold. */
function unwrapped(bytes: Buffer): Buffer {
  const rows: Buffer[] = []
  for (let at = 0; at < bytes.length; ) {
    expect(bytes[at]).toBe(0x64)
    const end = at + 1 + bytes.readInt32BE(at + 1)
    rows.push(bytes.subarray(at + copyDataHead, end))
    at = end
  }
  return Buffer.concat(rows)
}

test.each([0, 1, 20_000])('%i rows, and each buffer holds whole messages', async (rows) => {
  const got: Buffer[] = []
  for await (const chunk of database.client.copyRows(sql(rows))) got.push(unwrapped(chunk))
  expect(Buffer.concat(got).equals(await wanted(rows))).toBe(true)
})

test('a reader that is slow makes the server wait, and loses nothing', async () => {
  const got: Buffer[] = []
  for await (const chunk of database.client.copyRows(sql(20_000), 1)) {
    if (got.length % 10 === 0) await new Promise((resolve) => setTimeout(resolve, 1))
    got.push(unwrapped(chunk))
  }
  expect(Buffer.concat(got).equals(await wanted(20_000))).toBe(true)
})

test('a loop that is left early leaves the connection usable', async () => {
  for await (const _ of database.client.copyRows(sql(20_000), 1)) break
  expect((await database.client.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }])
})

test.each([
  ['at once', 'COPY absent TO STDOUT', '42P01'],
  [
    'on the way',
    'COPY (SELECT 1 / (5000 - i) FROM generate_series(1, 9000) i) TO STDOUT (FORMAT binary)',
    '22012',
  ],
])("the server's error %s is thrown, and the connection stays usable", async (_, statement, code) => {
  const read = async () => {
    for await (const _ of database.client.copyRows(statement));
  }
  await expect(read()).rejects.toMatchObject({ code })
  expect((await database.client.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }])
})

test('a connection that is cut is an error', async () => {
  await using victim = await connect(database.url)
  const read = async () => {
    for await (const _ of victim.copyRows('COPY (SELECT pg_sleep(20)) TO STDOUT'));
  }
  const reading = read()
  reading.catch(() => {})
  await new Promise((resolve) => setTimeout(resolve, 200))
  await database.client.query('SELECT pg_terminate_backend($1)', [victim.processId])
  await expect(reading).rejects.toThrow()
})
