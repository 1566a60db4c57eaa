// `almagest load` of a folder, and with `--sky-order`: the same rows, on the disk in the order of their pixels.
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { scratchDatabase } from '../postgres/scratch.ts'
import { almagest, temporaryFolder } from './almagest.ts'

const folder = temporaryFolder()
afterAll(() => folder[Symbol.dispose]())

test('neighbours on the sky are neighbours on the disk', async () => {
  await using database = await scratchDatabase()
  const run = async (...words: string[]) => {
    const ended = await almagest(words, { DATABASE_URL: database.url })
    expect(ended).toMatchObject({ code: 0 })
    return ended.out
  }
  await run('mock', 'desi-dr1', '--galaxies', '3000', '--out', folder.path)
  await run('apply', 'desi-dr1')
  const files = [1, 5].map((pixel) => join(folder.path, `fastspec-iron-main-bright-nside1-hp0${pixel}.fits`))
  const ordered = async () => {
    const { rows } = await database.client.query<{ falls: number; rows: number; sum: string }>(
      `SELECT count(*) FILTER (WHERE ipix < before)::int AS falls, count(*)::int AS rows, sum(targetid)::text AS sum
       FROM (SELECT targetid, ipix, lag(ipix) OVER (ORDER BY place) AS before
             FROM (SELECT targetid, ctid AS place, q3c_ang2ipix(ra, dec) AS ipix FROM desi_analysis.fastspecfit_iron) p) q`,
    )
    return rows[0]!
  }
  expect(await run('load', folder.path)).toMatch(/passed over, as no catalogue loads it: \S*truth\.json$/m)
  const before = await ordered()
  expect(before.falls).toBeGreaterThan(before.rows / 4)
  // The files are there already; what is asked for is the order.
  await run('load', ...files, '--sky-order')
  expect(await ordered()).toEqual({ ...before, falls: 0 })
  // The order is no change of the schema: the next load takes it as declared.
  await run('load', ...files)
  expect(await run('apply', 'desi-dr1')).toContain('as declared already')
})
