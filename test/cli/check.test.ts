// `almagest check` as a user runs it: exit codes, restrictions, an interrupt.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { loadFiles } from '../../src/load/index.ts'
import { connect } from '../../src/postgres/index.ts'
import { gated, gatedFolder, writeGalaxies } from '../load/gated.ts'
import { type ScratchDatabase, scratchDatabase } from '../postgres/scratch.ts'
import { almagest, temporaryFolder } from './almagest.ts'

const folder = temporaryFolder()
let database: ScratchDatabase
let catalogs: string

beforeAll(async () => {
  database = await scratchDatabase()
  catalogs = gatedFolder(folder.path)
  const built = await almagest(['apply', 'gated', '--catalogs', catalogs], { DATABASE_URL: database.url })
  expect(built.err).toBe('')
  const north = await writeGalaxies(join(folder.path, 'gated-north.fits'), { first: 1, rows: 300 })
  await loadFiles(database.url, [gated], [north])
})
afterAll(async () => {
  await database?.drop()
  folder[Symbol.dispose]()
})

const check = (...words: string[]) =>
  almagest(['check', ...words, '--catalogs', catalogs], { DATABASE_URL: database.url })

test('passes, restricts, and fails with the exit codes that the guide states', async () => {
  const clean = await check('gated_galaxies', '--jobs', '3')
  expect(clean.err).not.toContain('error:')
  expect(clean).toMatchObject({ code: 0, out: expect.stringMatching(/ 0 fail, 0 error, 0 skipped: pass/) })

  // A file that came since the last run, and nothing but it.
  const south = { first: 1001, rows: 200, radians: true }
  await loadFiles(database.url, [gated], [await writeGalaxies(join(folder.path, 'gated-south.fits'), south)])
  const since = await check(
    '--catalog',
    'gated_galaxies',
    '--since',
    'last',
    '--only',
    'coordinates',
    '--json',
  )
  expect(since.code).toBe(8)
  const { results } = JSON.parse(since.out)
  expect(results).toHaveLength(1)
  expect(results[0]).toMatchObject({
    name: 'coordinates',
    state: 'fail',
    failing: 200,
    owner: 'the galaxy group',
    message: expect.stringContaining('gated-south.fits'),
  })
  expect((await check('gated_galaxies', '--since', 'run:1', '--only', 'coordinates')).code).toBe(8)
  const unknown = await check('gated_galaxies', '--since', 'run:99')
  expect(unknown).toMatchObject({ code: 2, err: expect.stringContaining('CHECK_RUN_UNKNOWN') })
  expect((await check('--since', '2999-01-01', '--only', 'range')).out).toContain(
    'no check ran: that is a failure',
  )
})

test('Ctrl-C cancels on the server, reports the rest as skipped, keeps no run', async () => {
  const count = async () => {
    const { rows } = await database.client.query('SELECT count(*) AS n FROM almagest.check_run')
    return rows[0]!.n
  }
  const before = await count()
  await using blocker = await connect(database.url)
  await blocker.query('BEGIN; LOCK TABLE gated_sample.gated_galaxies')
  const command = fileURLToPath(new URL('../../bin/almagest.js', import.meta.url))
  const child = spawn(process.execPath, [command, 'check', '--catalogs', catalogs, '--json'], {
    env: { ...process.env, DATABASE_URL: database.url },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let out = ''
  child.stdout.on('data', (chunk) => {
    out += chunk
  })
  const waiting = `SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`
  while ((await database.client.query(waiting)).rowCount === 0)
    await new Promise((resolve) => setTimeout(resolve, 50))
  child.kill('SIGINT')
  const [code] = await once(child, 'close')
  expect(code).toBe(130)
  expect((await database.client.query(waiting)).rowCount).toBe(0)
  const report = JSON.parse(out)
  expect(report.cancelled).toBe(true)
  const { pass, skipped } = report.totals
  expect(pass + skipped).toBe(report.results.length)
  expect(report.results.find((each: { name: string }) => each.name === 'range:ra')).toMatchObject({
    state: 'skipped',
    message: 'cancelled before it had an answer',
  })
  await blocker.query('ROLLBACK')
  expect(await count()).toBe(before)
})
