// Files that wait in staging: readers see nothing of them, then all of them at once, or never.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import {
  discardStaged,
  loadFiles,
  type PublishOptions,
  publishStaged,
  readLedger,
  stagedFiles,
} from '../../src/load/index.ts'
import type { Catalog } from '../../src/model/index.ts'
import { connect, foreignKeys } from '../../src/postgres/index.ts'
import type { ScratchDatabase } from '../postgres/scratch.ts'
import { archiveOf, countRows } from './archive.ts'
import { galaxies, gated, lines, writeGalaxies, writeLines } from './gated.ts'
import { temporaryFolder } from './sample.ts'

const folder = temporaryFolder()
let database: ScratchDatabase
let north: string
let south: string
let spectra: string

beforeAll(async () => {
  north = await writeGalaxies(folder.path('gated-north.fits'), { first: 1, rows: 5000 })
  // Its first ten galaxies are in the north too.
  south = await writeGalaxies(folder.path('gated-south.fits'), { first: 4991, rows: 5010 })
  spectra = await writeLines(folder.path('lines-all.fits'), [1, 5000, 10_000])
})
beforeEach(async () => {
  await database?.drop()
  database = await archiveOf(gated)
})
afterAll(async () => {
  await database?.drop()
  folder.remove()
})

const stage = (paths: readonly string[], options = {}) =>
  loadFiles(database.url, [gated], paths, { stage: true, ...options })
const publish = (options: PublishOptions = {}) => publishStaged(database.client, gated, options)
const states = async () =>
  Object.fromEntries((await readLedger(database.client)).map((f) => [f.name, f.state]))
const seen = async () => [await countRows(database, galaxies), await countRows(database, lines)]

test('staged rows are not in the tables; published, all are, and the totals add up', async () => {
  const report = await stage([north, south, spectra], { jobs: 2 })
  expect(report).toMatchObject({ rowsRead: 10_013, rowsLoaded: 10_003, rowsRejected: 10 })
  expect(report.files.map(({ outcome }) => outcome)).toEqual(['staged', 'staged', 'staged'])
  expect(await seen()).toEqual([0, 0])
  expect((await stage([north, south, spectra])).files.map(({ outcome }) => outcome)).toEqual([
    'already staged',
    'already staged',
    'already staged',
  ])
  await using reader = await connect(database.url)
  const count = async () => {
    const { rows } = await reader.query<{ g: number; l: number }>(
      'SELECT (SELECT count(*)::int FROM gated_sample.gated_galaxies) AS g, (SELECT count(*)::int FROM gated_sample.gated_lines) AS l',
    )
    return [rows[0]!.g, rows[0]!.l]
  }
  const published = await publish({
    gate: async (inside, catalogs) => {
      expect(catalogs).toEqual([galaxies, lines])
      expect(await count()).toEqual([0, 0])
      const { rows } = await inside.query<{ n: number }>(
        'SELECT count(*)::int AS n FROM gated_sample.gated_galaxies',
      )
      expect(rows[0]!.n).toBe(10_000)
      return undefined
    },
  })
  expect(published.map(({ outcome }) => outcome)).toEqual(['loaded', 'loaded', 'loaded'])
  expect(await count()).toEqual([10_000, 3])
  expect(new Set(Object.values(await states()))).toEqual(new Set(['loaded']))
  expect((await stage([north])).files[0]!.outcome).toBe('already loaded')
  const { rows } = await database.client.query(
    'SELECT FROM gated_sample_staging.gated_galaxies UNION ALL SELECT FROM gated_sample_staging.gated_lines',
  )
  expect(rows).toHaveLength(0)
})

test('the schema of staging is its owner’s alone', async () => {
  await stage([north])
  const { rows } = await database.client.query<{ open: boolean }>(
    `SELECT nspacl IS NOT NULL OR EXISTS (SELECT FROM pg_class WHERE relnamespace = n.oid AND relacl IS NOT NULL) AS open
     FROM pg_namespace n WHERE nspname = 'gated_sample_staging'`,
  )
  expect(rows).toEqual([{ open: false }])
})

test('refused by the gate, everything is as before and the ledger says why; discarded, the rows are gone', async () => {
  await loadFiles(database.url, [gated], [north])
  const newer = await writeGalaxies(folder.path('newer/gated-north.fits'), { first: 1, rows: 40, z: 0.5 })
  await expect(stage([newer])).rejects.toMatchObject({ code: 'LOAD_CHANGED' })
  await stage([newer, south], { replace: true })
  const refused = publish({ replace: true, gate: async () => 'a reason' })
  await expect(refused).rejects.toMatchObject({
    code: 'LOAD_CHECKS_FAILED',
    kind: 'check',
    message: 'a reason',
  })
  expect(await seen()).toEqual([5000, 0])
  const staged = await stagedFiles(database.client, gated)
  expect(staged.map(({ name, error }) => [name, error?.message])).toEqual([
    ['gated-north.fits', 'a reason'],
    ['gated-south.fits', 'a reason'],
  ])
  await expect(publish()).rejects.toMatchObject({ code: 'LOAD_CHANGED' })
  expect(await discardStaged(database.client, gated, ['gated-south.fits'])).toEqual(['gated-south.fits'])
  expect(await publish({ replace: true })).toMatchObject([{ name: 'gated-north.fits', outcome: 'replaced' }])
  expect(await seen()).toEqual([40, 0])
  await expect(publish({ names: ['gated-south.fits'] })).rejects.toMatchObject({ code: 'LOAD_NOT_STAGED' })
  expect((await readLedger(database.client)).map(({ state }) => state)).toEqual([
    'replaced',
    'loaded',
    'discarded',
  ])
})

test('a file staged anew takes the place of what was staged of it', async () => {
  await stage([north])
  const newer = await writeGalaxies(folder.path('anew/gated-north.fits'), { first: 1, rows: 7 })
  expect((await stage([newer])).files[0]!.outcome).toBe('staged')
  expect(await publish()).toHaveLength(1)
  expect(await seen()).toEqual([7, 0])
})

test('references and keys are held against the tables and what else is staged', async () => {
  await loadFiles(database.url, [gated], [north])
  // Galaxy 9,000 is staged, 1 is published, 20,000 nowhere.
  await stage([south])
  const mixed = await writeLines(folder.path('lines-mixed.fits'), [1, 9000, 20_000])
  await expect(stage([mixed])).rejects.toMatchObject({ code: 'LOAD_FOREIGN_KEY', place: { row: 3 } })
  expect(await stage([mixed], { maxRejects: 1 })).toMatchObject({ rowsLoaded: 2, rowsRejected: 1 })
  // The lines alone would refer to what is not published: the server refuses that.
  await expect(publish({ names: ['lines-mixed.fits'] })).rejects.toMatchObject({
    code: 'LOAD_FOREIGN_KEY',
    message: expect.stringContaining('(9000) is not present'),
  })
  await publish()
  expect(await seen()).toEqual([10_000, 2])
})

test('foreign keys of tables that were empty are built when the rows are in, and hold before that', async () => {
  const keys = async (client: Pick<typeof database.client, 'query'> = database.client) =>
    (await client.query(`SELECT FROM pg_constraint WHERE contype = 'f' AND conname LIKE 'gated_lines%'`))
      .rowCount
  const afterwards = (catalog: Catalog) => ({ indexes: [], foreignKeys: foreignKeys(catalog) })
  await stage([north, spectra], { maxRejects: 1 })
  const alone = publish({ names: ['lines-all.fits'], afterwards })
  await expect(alone).rejects.toMatchObject({
    code: 'LOAD_FOREIGN_KEY',
    message: expect.stringContaining('(galaxy)'),
  })
  expect([await keys(), ...(await seen())]).toEqual([1, 0, 0])
  let inTheGate: number | undefined
  const gate = async (inside: typeof database.client) => {
    inTheGate = await keys(inside)
    return undefined
  }
  await publish({ afterwards, gate })
  expect([inTheGate, await keys(), ...(await seen())]).toEqual([0, 1, 5000, 2])
})

test('rows of staging that went by hand are missed', async () => {
  await stage([north])
  await database.client.query('DELETE FROM gated_sample_staging.gated_galaxies WHERE id = 17')
  await expect(publish()).rejects.toMatchObject({ code: 'LOAD_MISCOUNTED' })
  expect(await seen()).toEqual([0, 0])
})

test('a table that changed its shape meanwhile is told', async () => {
  await stage([north])
  await database.client.query('ALTER TABLE gated_sample.gated_galaxies ALTER z TYPE real')
  await expect(stage([south])).rejects.toMatchObject({ code: 'LOAD_STAGING_SHAPE' })
  await discardStaged(database.client, gated)
  await database.client.query('ALTER TABLE gated_sample.gated_galaxies ALTER z TYPE double precision')
  expect((await stage([south])).files[0]!.outcome).toBe('staged')
})

test('a ledger from before staging is brought up to date', async () => {
  await loadFiles(database.url, [gated], [north])
  await database.client.query(
    `DROP INDEX almagest.load_file_staged; ALTER TABLE almagest.load_file DROP CONSTRAINT load_file_state_check,
     ADD CONSTRAINT load_file_state_check CHECK (state IN ('loading', 'loaded', 'failed', 'replaced'))`,
  )
  await stage([south])
  expect(await states()).toEqual({ 'gated-north.fits': 'loaded', 'gated-south.fits': 'staged' })
})

describe('killed', () => {
  test.each([
    ['staging gated-north.fits', 0],
    ['staging lines-all.fits', 0],
    ['staged', 0],
    ['gate', 0],
    ['gate', 150],
    ['published', 0],
  ])('after "%s" and %i ms', async (line, delay) => {
    const paths = [north, south, spectra]
    const script = fileURLToPath(new URL('publishing-child.ts', import.meta.url))
    const child = spawn(process.execPath, ['--import', 'tsx', script, database.url, ...paths], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const exit = once(child, 'exit')
    for await (const told of createInterface(child.stdout))
      if (told === line) setTimeout(() => child.kill('SIGKILL'), delay)
    await exit
    const [g] = await seen()
    expect([0, 10_000]).toContain(g)
    expect(await seen()).toEqual(g === 0 ? [0, 0] : [10_000, 3])
    await stage(paths)
    await publish()
    expect(await seen()).toEqual([10_000, 3])
    const ledger = await readLedger(database.client)
    expect(ledger.map(({ state }) => state)).toEqual(['loaded', 'loaded', 'loaded'])
    const sum = ledger.flatMap(({ tables }) => tables).reduce((all, { rowsLoaded }) => all + rowsLoaded, 0)
    expect(sum).toBe(10_003)
  })
})
