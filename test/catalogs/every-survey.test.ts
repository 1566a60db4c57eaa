// What every survey folder must hold to, the ones to come included: found by scan, as the command finds them.
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { findSurveys } from '../../src/cli/surveys.ts'
import { writeMock } from '../../src/cli/write-mock.ts'
import { loadFiles } from '../../src/load/index.ts'
import { applySurvey, surveyDifferences } from '../../src/postgres/index.ts'
import { chooseSkyIndex, fillMatch } from '../../src/sky/index.ts'
import { temporaryFolder } from '../cli/almagest.ts'
import { scratchDatabase } from '../postgres/scratch.ts'

const surveys = await findSurveys()

test('the folders are found', () => {
  expect(surveys.map((each) => each.name)).toEqual(expect.arrayContaining(['desi-dr1', 'sdss-dr7-voids']))
})

describe.each(surveys)('$name', (survey) => {
  test('has a README', () => {
    expect(
      existsSync(fileURLToPath(new URL(`../../catalogs/${survey.name}/README.md`, import.meta.url))),
    ).toBe(true)
  })

  test('says of every column what it is, with a UCD', () => {
    const bare = survey.catalogs.flatMap(({ name, columns }) =>
      Object.entries(columns)
        .filter(([, column]) => column.ucd === undefined && !/^(omega_m|hubble)$/.test(name))
        .map(([column]) => `${name}.${column}`),
    )
    expect(bare.filter((each) => !/\.(omega_m|hubble)$/.test(each))).toEqual([])
  })

  test('becomes a schema that is as declared, comments and all', async () => {
    await using database = await scratchDatabase()
    const sky = await chooseSkyIndex(database.client)
    const { outcome } = await applySurvey(database.client, survey, sky)
    expect(outcome).toBe('created')
    expect(await surveyDifferences(database.client, survey, sky)).toEqual([])
    const { rows } = await database.client.query<{ bare: string }>(
      `SELECT c.relname || coalesce('.' || a.attname, '') AS bare FROM pg_class c
       LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0
       WHERE c.relnamespace = $1::regnamespace AND c.relkind = 'r' AND col_description(c.oid, coalesce(a.attnum, 0)) IS NULL`,
      [survey.schema],
    )
    expect(rows).toEqual([])
  })

  const { mock } = survey
  if (mock)
    test('loads its own mock with every row accounted for', async () => {
      await using database = await scratchDatabase()
      using folder = temporaryFolder()
      await applySurvey(database.client, survey, await chooseSkyIndex(database.client))
      const { files, truth } = await writeMock(mock, folder.path, { galaxies: 2000, seed: 3 })
      const report = await loadFiles(database.url, [survey], files)
      expect(report.rowsLoaded + report.rowsRejected).toBe(report.rowsRead)
      expect(report.rowsRejected).toBe(truth.rejected.reduce((sum, each) => sum + each.rows, 0))
      const sky = await chooseSkyIndex(database.client)
      for (const each of survey.matches ?? []) await fillMatch(database.url, sky, each)
      expect(Object.keys(truth.matched ?? {})).toEqual(
        (survey.matches ?? []).map(({ catalog }) => catalog.name),
      )
      for (const [table, rows] of Object.entries({ ...truth.loaded, ...truth.matched })) {
        const { rows: found } = await database.client.query<{ n: bigint }>(
          `SELECT count(*) AS n FROM ${table}`,
        )
        expect(Number(found[0]!.n), table).toBe(rows)
      }
    })

  test('has questions that run', async () => {
    await using database = await scratchDatabase()
    await applySurvey(database.client, survey, await chooseSkyIndex(database.client))
    for (const { sql, name } of survey.examples ?? []) {
      await expect(database.client.query(sql), name).resolves.toBeDefined()
    }
  })
})
