// Loads whose connections are cut after any byte of the conversation, in either direction: nothing half-loaded, nothing lost or doubled.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { forgetSurvey, loadFiles } from '../../src/load/index.ts'
import type { ScratchDatabase } from '../postgres/scratch.ts'
import { archiveOf } from './archive.ts'
import { type CuttingProxy, cuttingProxy, type Direction } from './cutting-proxy.ts'
import { sample, temporaryFolder } from './sample.ts'
import { type TwoFiles, twoFiles } from './two-files.ts'

const folder = temporaryFolder()
let files: TwoFiles
let database: ScratchDatabase
/** Bytes of an undisturbed load. */
let whole: CuttingProxy['passed']

beforeAll(async () => {
  files = await twoFiles(folder, 9_000)
  database = await archiveOf(sample)
  // The second time, when the ledger's tables are there.
  for (let time = 0; time < 2; time++) {
    await empty()
    await using proxy = await cuttingProxy(database.url)
    await loadFiles(proxy.url, [sample], files.paths)
    whole = { ...proxy.passed }
  }
})
beforeEach(empty)
afterAll(async () => {
  await database?.drop()
  folder.remove()
})

async function empty() {
  await database.client.query('TRUNCATE loader_sample.objects CASCADE')
  await forgetSurvey(database.client, sample)
}

/** Parts of the conversation; the last ones lie in the messages around the second COMMIT. Its length differs by a few bytes from run to run. */
const parts = (count: number) => [
  ...Array.from({ length: count }, (_, i) => (i + 0.5) / count),
  ...[-1200, -800, -500, -300, -200, -120],
]

describe.each<Direction>(['to the server', 'to the client'])('a connection cut %s', (direction) => {
  test.each(parts(18))('after %f of its bytes (all but so many where negative)', async (part) => {
    const after = Math.floor(part < 0 ? whole[direction] + part : whole[direction] * part)
    await using proxy = await cuttingProxy(database.url, direction, after)
    await expect(loadFiles(proxy.url, [sample], files.paths)).rejects.toMatchObject({
      code: expect.stringMatching(/^SERVER_/),
    })
    await files.resume(database)
  })
})
