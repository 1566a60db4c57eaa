// Every survey of the project: its first migration builds what `apply` builds, in the server's own words, and undoes it.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { findSurveys } from '../../src/cli/surveys.ts'
import {
  applySurvey,
  makePlan,
  migrateTo,
  proveMigrations,
  writeNewMigrations,
} from '../../src/postgres/index.ts'
import { scratchDatabase, scratchServer } from './scratch.ts'

const plain = { name: 'plain', install: [], indexOn: () => 'USING btree ("ra", "dec")' }
const choose = async () => plain
const surveys = await findSurveys()
const root = mkdtempSync(join(tmpdir(), 'almagest-first-'))
afterAll(() => rmSync(root, { recursive: true }))

describe.each(surveys)('$name', (survey) => {
  test('is proved, adopted after apply, and needs no change after migrating', async () => {
    const folder = join(root, survey.name)
    await writeNewMigrations(scratchServer(), choose, survey, folder, 'first')
    await proveMigrations(scratchServer(), choose, survey, folder)
    await using applied = await scratchDatabase()
    await applySurvey(applied.client, survey, plain)
    const { steps } = await migrateTo(applied.client, survey, plain, folder, 'last')
    expect(steps).toEqual([expect.stringMatching(/^found at 000\d_first/)])
    await using migrated = await scratchDatabase()
    await migrateTo(migrated.client, survey, plain, folder, 'last')
    expect((await makePlan(migrated.client, survey, plain)).changes).toEqual([])
    expect((await applySurvey(migrated.client, survey, plain)).outcome).toBe('unchanged')
  })
})
