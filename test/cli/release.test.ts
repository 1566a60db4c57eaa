// `almagest release` as a user runs it: refused by a check, published, shown, verified.
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { gatedFolder, writeGalaxies } from '../load/gated.ts'
import { scratchDatabase } from '../postgres/scratch.ts'
import { almagest, temporaryFolder } from './almagest.ts'

test('a release is refused while a check fails, published when none does, and verified', async () => {
  using folder = temporaryFolder()
  await using database = await scratchDatabase()
  const catalogs = gatedFolder(folder.path)
  const run = (...words: string[]) =>
    almagest([...words, '--catalogs', catalogs], { DATABASE_URL: database.url })
  const release = (...words: string[]) => run('release', ...words, '--survey', 'gated')
  expect((await run('apply', 'gated')).err).toBe('')
  const file = join(folder.path, 'gated-north.fits')
  await run('load', await writeGalaxies(file, { first: 1, rows: 200, radians: true }))
  const refused = await release('publish', 'r1')
  expect(refused).toMatchObject({ code: 8, err: expect.stringContaining('RELEASE_REFUSED') })
  expect(refused.out).toContain('FAIL gated_sample.gated_galaxies coordinates')
  expect((await run('release', 'list')).out).toBe('no release was published yet\n')
  await run('load', await writeGalaxies(file, { first: 1, rows: 200 }), '--replace')
  const published = await release('publish', 'r1')
  expect(published).toMatchObject({ code: 0, out: expect.stringContaining('gated_sample_r1.gated_galaxies') })
  const fingerprint = /fingerprint ([0-9a-f]{64})/.exec(published.out)![1]!
  expect(await release('verify', 'r1', '--fingerprint', fingerprint)).toMatchObject({
    code: 0,
    out: expect.stringContaining('200 rows'),
  })
  expect((await release('verify', 'r1', '--fingerprint', 'ab')).code).toBe(8)
  expect((await release('show', 'r2')).err).toContain('RELEASE_UNKNOWN')
}, 120_000)
