// No false alarms: random clean mocks of the DESI survey, of different seeds and sizes, raise none.
import { expect, test } from 'vitest'
import desi, { fastspecfit } from '../../catalogs/desi-dr1/index.ts'
import { writeMock } from '../../src/cli/write-mock.ts'
import { forgetSurvey, loadFiles } from '../../src/load/index.ts'
import type { Catalog } from '../../src/model/index.ts'
import type { Client } from '../../src/postgres/index.ts'
import { loadCheckKinds, makeProfile, runChecks, storeProfile, tableFacts } from '../../src/quality/index.ts'
import { mapVoids } from '../../src/voids/index.ts'
import { archiveOf } from '../load/archive.ts'
import { temporaryFolder } from '../load/sample.ts'
import { narrowMock } from './narrow-mock.ts'
import { randomFrom } from './sample.ts'

const number = Number(process.env.ALMAGEST_MOCKS ?? 3)

test(`${number} random clean mocks raise no alarm`, { timeout: 60_000 + 10_000 * number }, async () => {
  await using database = await archiveOf(desi)
  const kinds = await loadCheckKinds()
  const tables = desi.catalogs.map((catalog) => ({ survey: desi, catalog }))
  const random = randomFrom(number)
  const alarms: string[] = []
  let passed = 0
  for (let seed = 1; seed <= number; seed++) {
    using folder = disposable()
    // Sizes by their logarithm, from the least that a mock can have.
    const galaxies = Math.round(1000 * 20 ** random())
    const { files } = await writeMock(narrowMock(desi), folder.path('mock'), { galaxies, seed })
    await loadFiles(database.url, [desi], files, { jobs: 2 })
    await mapVoids(database.client, desi)
    // All later mocks are compared with the first: samples of one distribution, of other sizes.
    if (seed === 1) await storeReference(database.client)
    const { results, totals } = await runChecks(database.client, kinds, tables)
    passed += totals.pass
    for (const { state, catalog, name, message } of results) {
      if (state !== 'pass' && state !== 'skipped')
        alarms.push(`seed ${seed}, ${galaxies} galaxies: ${state} ${catalog} ${name}: ${message}`)
    }
    const names = tables.map(({ catalog }) => catalog.name).join(', ')
    await database.client.query(`SET client_min_messages = warning; TRUNCATE ${names} CASCADE`)
    await forgetSurvey(database.client, desi)
  }
  expect(alarms).toEqual([])
  expect(passed).toBeGreaterThan(number * 250)
})

function disposable() {
  const folder = temporaryFolder()
  return { ...folder, [Symbol.dispose]: () => folder.remove() }
}

async function storeReference(client: Client): Promise<void> {
  const catalog = fastspecfit as unknown as Catalog
  const facts = await tableFacts(client, catalog)
  await storeProfile(
    client,
    await makeProfile(client, catalog, facts!, { name: 'reference', version: 'test' }),
  )
}
