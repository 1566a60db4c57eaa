// States, totals, exceptions and restrictions of a run.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Catalog, defineCatalog, type QualityDeclaration } from '../../src/model/index.ts'
import { type Client, connect } from '../../src/postgres/index.ts'
import {
  type CheckKind,
  loadCheckKinds,
  type OwnCheck,
  type Report,
  runChecks,
  summarise,
} from '../../src/quality/index.ts'
import { galaxies, loadedSample, survey, tables } from './sample.ts'

const kinds = await loadCheckKinds()
let sample: Awaited<ReturnType<typeof loadedSample>>

beforeAll(async () => {
  sample = await loadedSample(5)
  await sample.client.query(
    'UPDATE quality_sample.galaxies SET z = -2 WHERE source_file = 1 AND source_row < 4',
  )
})
afterAll(() => sample?.remove())

const withQuality = (quality: QualityDeclaration): Catalog =>
  defineCatalog({ ...galaxies, selections: {}, quality } as never) as Catalog

async function rangeOf(quality: QualityDeclaration, day = '2030-06-15'): Promise<Report> {
  const table = { survey, catalog: withQuality(quality) }
  return runChecks(sample.client, kinds, [table], { only: ['range:z'], now: new Date(day) })
}

test('a failure has its number, rows, statement and owner', async () => {
  const report = await rangeOf({ owner: 'the survey' })
  const [result] = report.results
  expect(report.outcome).toBe('fail')
  expect(result).toMatchObject({ state: 'fail', failing: 3, owner: 'the survey' })
  expect(result!.rows.map(({ row }) => row).sort()).toEqual([1, 2, 3])
  const { rows } = await sample.client.query(result!.sql)
  expect(rows).toHaveLength(3)
})

test('severity is the catalogue’s, by check or by kind', async () => {
  expect((await rangeOf({ severity: { 'range:z': 'warn' } })).outcome).toBe('warn')
  expect((await rangeOf({ severity: { range: 'warn' } })).outcome).toBe('warn')
  expect((await rangeOf({ severity: { range: 'warn', 'range:z': 'fail' } })).outcome).toBe('fail')
})

test('an exception holds to its last day and for its rows', async () => {
  const exception = { check: 'range:z', reason: 'known', until: '2030-06-15' }
  const held = await rangeOf({ exceptions: [exception] })
  expect(held.results[0]).toMatchObject({ state: 'warn', accepted: { reason: 'known', until: '2030-06-15' } })
  expect((await rangeOf({ exceptions: [exception] }, '2030-06-16')).results[0]).toMatchObject({
    state: 'fail',
    message: expect.stringContaining('ended on 2030-06-15'),
  })
  expect((await rangeOf({ exceptions: [{ ...exception, rows: 2 }] })).outcome).toBe('fail')
  expect((await rangeOf({ exceptions: [{ ...exception, rows: 3 }] })).outcome).toBe('warn')
  const misspelt = await rangeOf({ exceptions: [{ ...exception, check: 'range:zz' }] })
  expect(misspelt.results.map(({ state }) => state)).toContain('error')
})

test('a check that cannot be done is an error, and no other check suffers', async () => {
  const broken: CheckKind = {
    finds: '',
    limits: '',
    derive: () => [
      {
        name: 'broken',
        about: '',
        columns: [],
        aggregates: { a: { sql: 'sum(1 / (source_row - source_row))', merge: 'sum' } },
        judge: () => ({ state: 'pass', message: '' }),
      },
    ],
  }
  const some = new Map([...kinds, ['broken', broken]])
  const report = await runChecks(sample.client, some, [{ survey, catalog: galaxies as Catalog }], {
    only: ['broken', 'range:mag', 'vocabulary', 'sky-bounds'],
  }).catch((error: Error) => error)
  expect(report).toMatchObject({ code: 'CHECK_UNKNOWN' })
  const good = await runChecks(sample.client, some, [{ survey, catalog: galaxies as Catalog }], {
    only: ['broken', 'vocabulary', 'sky-bounds'],
  })
  expect(good.outcome).toBe('error')
  expect(good.totals).toMatchObject({ error: 1, pass: 2 })
  expect(good.results[0]!.message).toContain('division by zero')
})

test('no check run is a failure, and so are skipped ones alone', () => {
  const now = new Date()
  expect(summarise([], now, now).outcome).toBe('fail')
  const skipped = { catalog: '', name: '', kind: '', about: '', message: '', columns: [], rows: [], sql: '' }
  expect(summarise([{ ...skipped, state: 'skipped' }], now, now).outcome).toBe('fail')
})

test('a table that does not exist fails', async () => {
  const missing = defineCatalog({
    ...galaxies,
    name: 'quality_sample.nowhere',
    selections: {},
  } as never) as Catalog
  const report = await runChecks(sample.client, kinds, [{ survey, catalog: missing }])
  expect(report.results[0]).toMatchObject({ state: 'fail', message: expect.stringContaining('no table') })
})

test('a sample states its confidence, and counts no rows', async () => {
  const report = await runChecks(sample.client, kinds, tables, {
    share: 0.5,
    only: ['sky-bounds', 'row-count'],
  })
  const bounds = report.results.find(({ name }) => name === 'sky-bounds')!
  const drawn = Number(/none of (\d+) sampled/.exec(bounds.message)![1])
  expect(drawn).toBeLessThan(4000)
  expect(bounds.message).toContain(`at most ${(3 / drawn).toPrecision(2)} of all`)
  expect(report.results.find(({ name }) => name === 'row-count')!.state).toBe('skipped')
})

test('--since restricts a run to files loaded since', async () => {
  const later = await runChecks(sample.client, kinds, tables, {
    only: ['range:z'],
    since: new Date('2999-01-01'),
  })
  expect(later.outcome).toBe('fail')
  expect(later.totals.skipped).toBe(later.results.length)
  const ago = await runChecks(sample.client, kinds, tables, {
    only: ['range:z'],
    since: new Date('2001-01-01'),
  })
  expect(ago.totals.fail).toBe(1)
})

const own = (name: string, run: OwnCheck['run']): OwnCheck => ({ name, about: '', columns: [], run })
const galaxiesTable = { survey, catalog: galaxies as Catalog }

test('the round trip leaves out columns that a file lacks, and files that the run leaves out', async () => {
  const { client } = sample
  const roundTrip = async (files?: readonly number[]) => {
    const options = { only: ['round-trip'], ...(files ? { files } : {}) }
    const [result] = (await runChecks(client, kinds, [{ survey, catalog: galaxies }], options)).results
    return result!
  }
  const first = 'SELECT rows_loaded::int AS n FROM almagest.load_table WHERE file_id = 1'
  const { rows } = await client.query<{ n: number }>(first)
  const n = rows[0]!.n
  await client.query('BEGIN')
  try {
    const spoilt = await roundTrip()
    expect(spoilt).toMatchObject({ state: 'fail', failing: 3 })
    await client.query(
      'DELETE FROM quality_sample.redshifts; DELETE FROM quality_sample.galaxies WHERE z = -2',
    )
    // Nine numbers a row: identifier, position, redshift, pixel, mass and its error, rate, magnitude.
    expect((await roundTrip([1])).numbers).toEqual({ values: 9 * (n - 3) })
    const others = await roundTrip([2, 3])
    expect(others).toMatchObject({ state: 'pass', message: expect.stringContaining('as in 2 files') })
    expect((await roundTrip([])).state).toBe('skipped')
    await client.query(
      "UPDATE almagest.load_table SET layout = 'plain without MASS_IVAR, MAG' WHERE file_id = 1",
    )
    expect((await roundTrip([1])).numbers).toEqual({ values: 7 * (n - 3) })
  } finally {
    await client.query('ROLLBACK')
  }
})

test('several connections find what one finds, in the same order', async () => {
  const others = [await connect(sample.url), await connect(sample.url)]
  const told = ({ results }: Report) =>
    results.map(({ catalog, name, state, message }) => `${catalog} ${name} ${state} ${message}`)
  try {
    const alone = await runChecks(sample.client, kinds, tables)
    expect(told(await runChecks(sample.client, kinds, tables, { others }))).toEqual(told(alone))
  } finally {
    for (const other of others) await other.end()
  }
})

test('all connections see the moment at which the run began', async () => {
  await using other = await connect(sample.url)
  await using writer = await connect(sample.url)
  const count = async (client: Client) => {
    const { rows } = await client.query<{ n: number }>('SELECT count(*)::int AS n FROM quality_sample.voids')
    return String(rows[0]!.n)
  }
  let written = () => {}
  const whenWritten = new Promise<void>((resolve) => {
    written = resolve
  })
  const used = new Set<number>()
  const counting: CheckKind = {
    finds: '',
    limits: '',
    derive: () => [
      own('counting:writing', async ({ client }) => {
        used.add(client.processId)
        await writer.query('DELETE FROM quality_sample.voids WHERE void_index < 10')
        written()
        return { state: 'pass', message: await count(client) }
      }),
      own('counting:waiting', async ({ client }) => {
        used.add(client.processId)
        await whenWritten
        return { state: 'pass', message: await count(client) }
      }),
    ],
  }
  const before = await count(sample.client)
  const report = await runChecks(sample.client, new Map([['counting', counting]]), [galaxiesTable], {
    others: [other],
  })
  expect(report.results.map(({ message }) => message)).toEqual([before, before])
  expect(used.size).toBe(2)
  expect(await count(sample.client)).toBe(String(Number(before) - 10))
})

test('in a transaction of the caller the checks see what it changed, and leave it usable', async () => {
  await sample.client.query('BEGIN')
  await sample.client.query(
    'UPDATE quality_sample.galaxies SET z = -3 WHERE source_file = 2 AND source_row < 3',
  )
  const broken: CheckKind = {
    finds: '',
    limits: '',
    derive: () => [
      own('broken', async ({ client }) => {
        await client.query('SELECT 1 / 0')
        return { state: 'pass', message: '' }
      }),
    ],
  }
  const some = new Map([['broken', broken], ...kinds])
  const report = await runChecks(sample.client, some, [galaxiesTable], { only: ['broken', 'range:z'] })
  expect(report.totals).toMatchObject({ error: 1, fail: 1 })
  expect(report.results.find(({ name }) => name === 'range:z')!.failing).toBeGreaterThan(3)
  await sample.client.query('ROLLBACK')
  expect((await rangeOf({})).results[0]!.failing).toBe(3)
})

test('a cancelled run keeps its answers and skips the rest, and says so', async () => {
  const interrupt = new AbortController()
  const slow: CheckKind = {
    finds: '',
    limits: '',
    derive: () => [
      own('slow:first', async () => ({ state: 'pass', message: 'done' })),
      own('slow:second', async ({ client }) => {
        interrupt.abort()
        await using other = await connect(sample.url)
        const sleep = client.query('SELECT pg_sleep(60)')
        for (let ended = false; !ended; )
          ended = await Promise.race([
            sleep.then(
              () => true,
              () => true,
            ),
            other.query('SELECT pg_cancel_backend($1)', [client.processId]).then(() => false),
          ])
        await sleep
        return { state: 'pass', message: 'slept' }
      }),
      own('slow:third', async () => ({ state: 'pass', message: 'never' })),
    ],
  }
  const report = await runChecks(sample.client, new Map([['slow', slow]]), [galaxiesTable], {
    signal: interrupt.signal,
  })
  expect(report).toMatchObject({ cancelled: true, outcome: 'error' })
  const states = Object.fromEntries(
    report.results.map(({ name, state, message }) => [name, [state, message]]),
  )
  const skipped = ['skipped', 'cancelled before it had an answer']
  expect(states).toEqual({ 'slow:first': ['pass', 'done'], 'slow:second': skipped, 'slow:third': skipped })
  expect(sample.client.inTransaction).toBe(false)
})

test('a run that is cancelled before it begins has no answer, which is a failure', async () => {
  const report = await runChecks(sample.client, kinds, tables, { signal: AbortSignal.abort() })
  expect(report.outcome).toBe('fail')
  expect(report.totals.skipped).toBe(report.results.length)
})

test('a sample tells what it says of faults that stand together: pages count, not rows', async () => {
  const { client } = sample
  const report = await runChecks(client, kinds, [galaxiesTable], { share: 0.3, only: ['sky-bounds'] })
  const { message } = report.results[0]!
  const [, rows, byRow, byPage, pages] =
    /none of (\d+) .* at most (\S+) of all if .* at most (\S+) if .* \((\d+) pages/.exec(message)!
  expect(Number(byRow)).toBeCloseTo(3 / Number(rows), 4)
  expect(Number(byPage)).toBeCloseTo(Math.min(1, 3 / Number(pages)), 2)
  const { rows: counted } = await client.query<{ pages: number }>(
    `SELECT count(DISTINCT (ctid::text::point)[0])::int AS pages FROM quality_sample.galaxies TABLESAMPLE SYSTEM (30) REPEATABLE (1)`,
  )
  expect(Number(pages)).toBe(counted[0]!.pages)
})
