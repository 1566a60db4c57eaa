// Forgetting a survey in the ledger, for when its schema has been dropped.
import type { Survey } from '../model/index.ts'
import type { Client } from '../postgres/index.ts'
import { ensureLedger } from './ledger-ddl.ts'

/** Removes every file, table and rejected row of the survey from the ledger, so that its files can be loaded anew. */
export async function forgetSurvey(client: Client, survey: Survey): Promise<void> {
  await ensureLedger(client)
  await client.transaction(async () => {
    for (const table of ['load_reject', 'load_table', 'load_file']) {
      await client.query(
        `DELETE FROM almagest.${table} WHERE file_id IN (SELECT file_id FROM almagest.load_file WHERE survey = $1)`,
        [survey.name],
      )
    }
  })
}
