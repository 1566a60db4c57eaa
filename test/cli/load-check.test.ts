// `almagest load --check` and `almagest staging` as a user runs them.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { gatedFolder, writeGalaxies } from '../load/gated.ts'
import { type ScratchDatabase, scratchDatabase } from '../postgres/scratch.ts'
import { almagest, temporaryFolder } from './almagest.ts'

const folder = temporaryFolder()
let database: ScratchDatabase
let catalogs: string
const path = (name: string) => join(folder.path, name)

beforeAll(async () => {
  database = await scratchDatabase()
  catalogs = gatedFolder(folder.path)
  expect((await run('apply', 'gated')).err).toBe('')
})
afterAll(async () => {
  await database?.drop()
  folder[Symbol.dispose]()
})

const run = (...words: string[]) =>
  almagest([...words, '--catalogs', catalogs], { DATABASE_URL: database.url })
const rows = async (table: string) => {
  const { rows } = await database.client.query<{ n: number }>(`SELECT count(*)::int AS n FROM ${table}`)
  return rows[0]!.n
}
const [tables, staging] = ['gated_sample.gated_galaxies', 'gated_sample_staging.gated_galaxies']

test('good files appear, a faulty one waits in staging until its fault is accepted, mended or given up', async () => {
  const north = await writeGalaxies(path('gated-north.fits'), { first: 1, rows: 300 })
  const good = await run('load', north, '--check')
  expect(good).toMatchObject({ code: 0, out: expect.stringMatching(/gated-north\.fits │ loaded/) })
  expect(good.out).toMatch(/\d+ checks in .* 0 fail/)

  const faulty = { first: 1001, rows: 200, radians: true }
  const south = await writeGalaxies(path('gated-south.fits'), faulty)
  const refused = await run('load', south, '--check', '--report', path('report.md'))
  expect(refused.code).toBe(8)
  expect(refused.err).toContain('LOAD_CHECKS_FAILED')
  expect(refused.err).toMatch(/1 of \d+ checks failed: gated_sample\.gated_galaxies coordinates: gated-south/)
  expect(refused.out).toMatch(/FAIL gated_sample\.gated_galaxies coordinates/)
  expect(readFileSync(path('report.md'), 'utf8')).toContain('coordinates')
  expect([await rows(tables), await rows(staging)]).toEqual([300, 200])
  const list = await run('staging', 'list')
  expect(list.out).toMatch(/gated-south\.fits .* 200 .* gated_sample_staging .* checks failed/s)

  // Still faulty; an expired exception changes nothing, and says that it ended.
  const accepting = (until: string) =>
    gatedFolder(
      folder.path,
      `const [galaxies, lines] = survey.catalogs
       const quality = { exceptions: [{ check: 'coordinates', reason: 'a field near 0', until: '${until}' }] }
       export default defineSurvey({ ...survey, catalogs: [defineCatalog({ ...galaxies, selections: {}, quality }), lines] })`,
    )
  accepting('2020-01-31')
  const expired = await run('staging', 'publish')
  expect(expired.code).toBe(8)
  expect(expired.out).toContain('the exception for it ended on 2020-01-31 (a field near 0)')
  expect(await rows(tables)).toBe(300)

  accepting('2999-01-31')
  const accepted = await run('staging', 'publish')
  expect(accepted).toMatchObject({ code: 0, out: expect.stringContaining('gated-south.fits: loaded') })
  expect(accepted.out).toContain('accepted until 2999-01-31: a field near 0')
  expect([await rows(tables), await rows(staging)]).toEqual([500, 0])

  // The next content of it is worse than before: readers keep the old one.
  gatedFolder(folder.path)
  await writeGalaxies(south, { ...faulty, rows: 100 })
  expect((await run('load', south, '--check')).err).toContain('LOAD_CHANGED')
  expect((await run('load', south, '--check', '--replace', '--jobs', '2')).code).toBe(8)
  expect([await rows(tables), await rows(staging)]).toEqual([500, 100])
  // Mended.
  await writeGalaxies(south, { first: 1001, rows: 150 })
  expect(await run('load', south, '--check', '--replace')).toMatchObject({
    code: 0,
    out: expect.stringMatching(/gated-south\.fits │ replaced/),
  })
  expect([await rows(tables), await rows(staging)]).toEqual([450, 0])

  const west = await writeGalaxies(path('gated-west.fits'), { first: 5001, rows: 80, radians: true })
  expect((await run('load', west, '--check')).code).toBe(8)
  expect(await run('staging', 'discard', 'gated-west.fits')).toMatchObject({
    code: 0,
    out: 'gated-west.fits: discarded\n',
  })
  expect(await rows(staging)).toBe(0)
  expect((await run('staging', 'discard', 'gated-west.fits')).err).toContain('LOAD_NOT_STAGED')
  expect((await run('staging', 'list')).out).toBe('nothing is staged\n')

  // Ten galaxies of the east yielded to the north's, which its next content has no more.
  const east = await writeGalaxies(path('gated-east.fits'), { first: 291, rows: 20 })
  expect((await run('load', east, '--check')).out).toContain('duplicate-key: 10')
  await writeGalaxies(north, { first: 1, rows: 290 })
  const left =
    '10 rows of gated-east.fits were left out of gated_sample.gated_galaxies for rows that are gone now'
  expect((await run('load', north, '--check', '--replace')).out).toContain(left)
  expect((await run('load', east, '--check', '--replace')).out).toMatch(/gated-east\.fits │ replaced/)
  expect(await rows(tables)).toBe(460)
}, 180_000)
