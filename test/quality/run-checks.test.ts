// States, totals, exceptions and restrictions of a run.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Catalog, defineCatalog, type QualityDeclaration } from '../../src/model/index.ts'
import { type CheckKind, loadCheckKinds, type Report, runChecks, summarise } from '../../src/quality/index.ts'
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

test('an interrupt ends the run', async () => {
  const signal = AbortSignal.abort()
  await expect(runChecks(sample.client, kinds, tables, { signal })).rejects.toMatchObject({
    code: 'CHECK_INTERRUPTED',
  })
})
