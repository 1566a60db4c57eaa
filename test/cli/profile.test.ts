// `almagest profile` as a user runs it: stored, listed, carried to another database in a file, and checked against.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { loadFiles } from '../../src/load/index.ts'
import { gated, gatedFolder, writeGalaxies } from '../load/gated.ts'
import { type ScratchDatabase, scratchDatabase } from '../postgres/scratch.ts'
import { almagest, temporaryFolder } from './almagest.ts'

const folder = temporaryFolder()
let database: ScratchDatabase
let catalogs: string

beforeAll(async () => {
  database = await scratchDatabase()
  catalogs = gatedFolder(folder.path)
  await almagest(['apply', 'gated', '--catalogs', catalogs], { DATABASE_URL: database.url })
  const north = await writeGalaxies(join(folder.path, 'gated-north.fits'), { first: 1, rows: 300 })
  await loadFiles(database.url, [gated], [north])
})
afterAll(async () => {
  await database?.drop()
  folder[Symbol.dispose]()
})

const run = (...words: string[]) =>
  almagest([...words, '--catalogs', catalogs], { DATABASE_URL: database.url })

test('writes a profile to a file, stores it from there, lists it, and checks compare with it', async () => {
  const path = join(folder.path, 'reference.json')
  const made = await run('profile', 'gated_galaxies', '--out', path)
  expect(made).toMatchObject({
    code: 0,
    out: expect.stringMatching(/reference .* gated_sample\.gated_galaxies .* 300 /),
  })
  expect(JSON.parse(readFileSync(path, 'utf8'))[0]).toMatchObject({
    rows: 300,
    files: [{ name: 'gated-north.fits' }],
  })
  // The file alone: the database has nothing yet, and checks have nothing to compare with.
  expect((await run('profile')).out).toContain('no profile is stored')

  expect((await run('profile', '--import', path)).code).toBe(0)
  const listed = await run('profile', '--json')
  expect(JSON.parse(listed.out)).toEqual(JSON.parse(readFileSync(path, 'utf8')))
  await database.client.query('UPDATE gated_sample.gated_galaxies SET ra = ra / 15')
  const drifted = await run('check', 'gated_galaxies', '--only', 'drift')
  expect(drifted).toMatchObject({ code: 8, out: expect.stringContaining('drift:ra') })
})

test('says what is wrong with a table that is not there and a file that is no profile', async () => {
  const path = join(folder.path, 'no-profile.json')
  writeFileSync(path, '{"rows": 300}')
  const refused = await run('profile', '--import', path)
  expect(refused.code).not.toBe(0)
  expect(refused.err).toContain('no-profile.json')
  await database.client.query('DROP TABLE gated_sample.gated_galaxies CASCADE')
  expect(await run('profile', 'gated_galaxies')).toMatchObject({
    code: 2,
    err: expect.stringContaining('PROFILE_NO_TABLE'),
  })
})
