// A database with a survey's tables in it, for tests of the loader.
import type { Catalog, Survey } from '../../src/model/index.ts'
import { applySurvey, quoteIdentifier, type SkyContribution } from '../../src/postgres/index.ts'
import { type ScratchDatabase, scratchDatabase } from '../postgres/scratch.ts'

/** Loading doesn't care which sky index there is. */
export const plainSky: SkyContribution = {
  name: 'plain',
  install: [],
  indexOn: ({ ra, dec }) => `USING btree (${quoteIdentifier(ra)}, ${quoteIdentifier(dec)})`,
}

export async function archiveOf(survey: Survey): Promise<ScratchDatabase> {
  const database = await scratchDatabase()
  await applySurvey(database.client, survey, plainSky)
  return database
}

export async function countRows(database: ScratchDatabase, { schema, table }: Catalog): Promise<number> {
  const { rows } = await database.client.query<{ n: number }>(
    `SELECT count(*)::int AS n FROM ${quoteIdentifier(schema, table)}`,
  )
  return rows[0]!.n
}
