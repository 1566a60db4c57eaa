// The ledger: once is enough, changes are noticed, a new content takes the place of the old at one stroke.
import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import { ensureLedger, type LoadOptions, loadFiles, readLedger } from '../../src/load/index.ts'
import { defineSurvey } from '../../src/model/index.ts'
import { applySurvey, connect, dropSurvey, foreignKeys, secondaryIndexes } from '../../src/postgres/index.ts'
import type { ScratchDatabase } from '../postgres/scratch.ts'
import { archiveOf, countRows, plainSky } from './archive.ts'
import {
  objects,
  type SampleValues,
  sample,
  spectra,
  temporaryFolder,
  writeBytes,
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

const load = (paths: string[], options: LoadOptions = {}, survey = sample) =>
  loadFiles(database!.url, [survey], paths, options)
const query = async (sql: string) => (await database!.client.query(sql)).rows
const north = (given: SampleValues) => writeObjects(folder.path('sample-north.fits'), given)

describe('a file of the same name', () => {
  test('with the same content is loaded once', async () => {
    const path = await north({ id: [1, 2] })
    expect((await load([path])).files[0]!.outcome).toBe('loaded')
    const again = await load([path])
    expect(again.files[0]).toMatchObject({
      outcome: 'already loaded',
      fileId: 1,
      tables: [{ rowsLoaded: 2 }],
    })
    expect([again.rowsRead, again.rowsLoaded]).toEqual([0, 0])
    expect(await countRows(database!, objects)).toBe(2)
  })

  test('with other content is an error unless it is to replace the old', async () => {
    await load([await north({ id: [1, 2] })])
    const path = await north({ id: [2, 3, 4] })
    await expect(load([path])).rejects.toMatchObject({ code: 'LOAD_CHANGED', place: { file: path } })
    expect(await query('SELECT id::int FROM loader_sample.objects ORDER BY 1')).toEqual([
      { id: 1 },
      { id: 2 },
    ])
    const { files } = await load([path], { replace: true })
    expect(files[0]).toMatchObject({ outcome: 'replaced', fileId: 2 })
    expect(await query('SELECT id::int, source_file FROM loader_sample.objects ORDER BY 1')).toEqual(
      [2, 3, 4].map((id) => ({ id, source_file: 2 })),
    )
    const ledger = await readLedger(database!.client)
    expect(ledger.map(({ state }) => state)).toEqual(['replaced', 'loaded'])
  })

  test('that fails to replace the old leaves the old', async () => {
    await load([await north({ id: [1, 2] })])
    const path = await north({ id: [5, 5] })
    await expect(load([path], { replace: true })).rejects.toMatchObject({ code: 'LOAD_DUPLICATE_KEY' })
    expect(await query('SELECT id::int FROM loader_sample.objects ORDER BY 1')).toEqual([
      { id: 1 },
      { id: 2 },
    ])
    expect((await readLedger(database!.client)).map(({ state }) => state)).toEqual(['loaded', 'failed'])
  })

  test('is not replaced under rows of other tables', async () => {
    await load([await north({ id: [1, 2] }), await writeSpectra(folder.path('spectra-a.fits'), [10], [1])])
    const error = await load([await north({ id: [1, 3] })], { replace: true }).catch((reason) => reason)
    expect(error.code).toBe('LOAD_REFERENCED')
    expect(error.message).toContain('loader_sample.spectra')
    expect(await countRows(database!, objects)).toBe(2)
  })

  test('under a newer version of the catalogue counts as changed', async () => {
    const path = await north({ id: [1, 2] })
    await load([path])
    const newer = defineSurvey({ ...sample, version: '2' })
    const error = await load([path], {}, newer).catch((reason) => reason)
    expect([error.code, /version 1 .* version 2/.test(error.message)]).toEqual(['LOAD_CHANGED', true])
    expect((await load([path], { replace: true }, newer)).files[0]!.outcome).toBe('replaced')
  })

  test('is loaded anew when its schema was built anew', async () => {
    const path = await north({ id: [1, 2] })
    await load([path])
    await dropSurvey(database!.client, sample)
    await applySurvey(database!.client, sample, plainSky)
    expect((await load([path])).files[0]).toMatchObject({ outcome: 'loaded', fileId: 2 })
    expect(await countRows(database!, objects)).toBe(2)
  })
})

test('the ledger tells what was loaded from what', async () => {
  const path = await north({ id: [1, 2], mass: [Number.NaN, 1], ra: [-1, 3], cards: [['DEPTH', null]] })
  const { files } = await load([path])
  const [entry] = await readLedger(database!.client)
  expect(entry).toMatchObject({
    fileId: 1,
    survey: 'sample',
    name: 'sample-north.fits',
    state: 'loaded',
    sha256: files[0]!.sha256,
    version: '1',
    error: null,
    tables: [
      {
        table: 'loader_sample.objects',
        layout: 'plain',
        hdus: ['META', 'PHOT'],
        rowsRead: 2,
        rowsLoaded: 2,
        rowsRejected: 0,
        nullsFromNan: { mass: 1 },
        raWrapped: { ra: 1 },
      },
    ],
  })
  expect(entry!.sha256).toMatch(/^[0-9a-f]{64}$/)
  expect(await query('SELECT header ->> $$SIMPLE$$ AS simple, bytes::int FROM almagest.load_file')).toEqual([
    { simple: 'true', bytes: Number(entry!.bytes) },
  ])
  expect(await query('SELECT depth FROM loader_sample.objects')).toEqual([{ depth: null }, { depth: null }])
})

test('a compressed file is the file that it holds', async () => {
  const plain = await north({ id: [1, 2] })
  const path = writeBytes(folder.path('sample-north.fits.gz'), gzipSync(readFileSync(plain)))
  const { files } = await load([path])
  expect(files[0]).toMatchObject({
    file: 'sample-north.fits',
    outcome: 'loaded',
    tables: [{ rowsLoaded: 2 }],
  })
  expect((await load([path])).files[0]!.outcome).toBe('already loaded')
})

test('two loaders of one file do not collide', async () => {
  const path = await north({ id: Array.from({ length: 3000 }, (_, i) => i) })
  const reports = await Promise.all([load([path]), load([path]), load([path])])
  expect(reports.map(({ files }) => files[0]!.outcome).sort()).toEqual([
    'already loaded',
    'already loaded',
    'loaded',
  ])
  expect(await countRows(database!, objects)).toBe(3000)
})

test('readers see all of a file or nothing of it', async () => {
  const path = await north({ id: Array.from({ length: 40_000 }, (_, i) => i) })
  const seen: number[] = []
  await using reader = await connect(database!.url)
  let done = false
  const watch = (async () => {
    while (!done) {
      const { rows } = await reader.query<{ n: number }>(
        'SELECT count(*)::int AS n FROM loader_sample.objects',
      )
      if (seen.at(-1) !== rows[0]!.n) seen.push(rows[0]!.n)
    }
  })()
  const look = async (n: number) => {
    while (seen.at(-1) !== n) await sleep(1)
  }
  await look(0)
  await load([path])
  await look(40_000)
  await load([await north({ id: Array.from({ length: 30_000 }, (_, i) => i + 7) })], { replace: true })
  await look(30_000)
  done = true
  await watch
  // The old rows go with the coming of the new ones: none in between would be a third state.
  expect(seen).toEqual([0, 40_000, 30_000])
})

describe('what is built after the data', () => {
  const afterwards: LoadOptions['afterwards'] = (catalog) => ({
    indexes: secondaryIndexes(catalog, plainSky),
    foreignKeys: foreignKeys(catalog),
  })
  const present = async () =>
    (
      await query(
        `SELECT indexrelid::regclass::text AS name FROM pg_index WHERE indexrelid::regclass::text LIKE 'loader_sample.idx%'
         UNION ALL SELECT conname FROM pg_constraint WHERE conname LIKE 'spectra%fkey' AND convalidated ORDER BY 1`,
      )
    ).map(({ name }) => name)
  const all = ['loader_sample.idx_objects_mass', 'loader_sample.idx_objects_sky', 'spectra_object_fkey']
  const both = async (objectsOf: number[]) => [
    await writeSpectra(folder.path('spectra-a.fits'), [10, 11, 12], objectsOf),
    await north({ id: [1, 2] }),
  ]

  test('is absent while empty tables are filled, and there afterwards', async () => {
    await ensureLedger(database!.client)
    await using holder = await connect(database!.url)
    // The load can't come to its end while the ledger is locked.
    await holder.query('BEGIN; LOCK TABLE almagest.load_table')
    let rowsSent!: () => void
    const sent = new Promise<void>((resolve) => (rowsSent = resolve))
    const loading = load(await both([1, 2, 1]), { afterwards, onProgress: () => rowsSent() })
    await Promise.race([sent, loading])
    expect(await present()).toEqual([])
    await holder.query('COMMIT')
    await loading
    expect(await present()).toEqual(all)
  })

  test('comes back when the load fails', async () => {
    await expect(load([await north({ id: [1, 1] })], { afterwards })).rejects.toMatchObject({
      code: 'LOAD_DUPLICATE_KEY',
    })
    await expect(load(await both([1, 5, 2]), { afterwards })).rejects.toMatchObject({
      code: 'LOAD_FOREIGN_KEY',
      place: { row: 2, column: 'object', value: '5' },
    })
    expect(await countRows(database!, spectra)).toBe(0)
    expect(await present()).toEqual(all)
  })

  test('lets no row in without the row that it refers to', async () => {
    const { files } = await load(await both([1, 5, 2]), { afterwards, maxRejects: 1 })
    expect(files[0]!.tables[0]).toMatchObject({ rowsLoaded: 2, rejectsByRule: { 'foreign-key': 1 } })
    expect(await present()).toEqual(all)
  })

  test('stays where another table is in use, and is completed where a killed load left it out', async () => {
    await database!.client.query(
      'ALTER TABLE loader_sample.spectra DROP CONSTRAINT spectra_object_fkey; DROP INDEX loader_sample.idx_objects_mass',
    )
    expect((await applySurvey(database!.client, sample, plainSky)).made.toSorted()).toEqual([
      'constraint spectra.spectra_object_fkey',
      'index idx_objects_mass',
    ])
    await load([await north({ id: [1, 2] })])
    await using reader = await connect(database!.url)
    await reader.query('BEGIN; SELECT FROM loader_sample.objects')
    const [path] = await both([1, 2, 5])
    await expect(load([path!], { afterwards })).rejects.toMatchObject({ code: 'LOAD_FOREIGN_KEY' })
    expect(await present()).toEqual(all)
  })
})

test('rows that the server does not store are missed', async () => {
  await database!.client.query(`
    CREATE FUNCTION loader_sample.swallow() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
      RETURN CASE WHEN NEW.id = 2 THEN NULL ELSE NEW END; END $$;
    CREATE TRIGGER swallow BEFORE INSERT ON loader_sample.objects FOR EACH ROW EXECUTE FUNCTION loader_sample.swallow()`)
  await expect(load([await north({ id: [1, 2, 3] })])).rejects.toMatchObject({
    code: 'LOAD_MISCOUNTED',
    message: expect.stringContaining('3 rows'),
  })
  expect(await countRows(database!, objects)).toBe(0)
})

test('progress goes from nothing to all rows', async () => {
  const path = await north({ id: Array.from({ length: 50_000 }, (_, i) => i) })
  const steps: number[] = []
  await load([path], { onProgress: ({ rows, rowsTotal }) => steps.push(rows / rowsTotal) })
  expect(steps.length).toBeGreaterThan(3)
  expect(steps).toEqual(steps.toSorted((a, b) => a - b))
  expect(steps.at(-1)).toBe(1)
})

test('an interrupted load leaves nothing and goes on later', async () => {
  const path = await north({ id: Array.from({ length: 50_000 }, (_, i) => i) })
  const controller = new AbortController()
  const loading = load([path], { signal: controller.signal, onProgress: () => controller.abort() })
  await expect(loading).rejects.toMatchObject({ code: 'LOAD_INTERRUPTED', kind: 'interrupted' })
  expect(await countRows(database!, objects)).toBe(0)
  expect((await load([path])).rowsLoaded).toBe(50_000)
})
