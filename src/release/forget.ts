// Forgetting the releases of a survey whose schemas are dropped.
import type { Survey } from '../model/index.ts'
import type { Client } from '../postgres/index.ts'
import { ensureReleases } from './register.ts'

/** Removes a survey's releases from the register; their names are free again. */
export async function forgetReleases(client: Client, { name }: Survey): Promise<void> {
  await ensureReleases(client)
  await client.transaction(async () => {
    await client.query(
      'DELETE FROM almagest.release_content WHERE release_id IN (SELECT release_id FROM almagest.release WHERE survey = $1)',
      [name],
    )
    await client.query('DELETE FROM almagest.release WHERE survey = $1', [name])
    await client.query('DELETE FROM almagest.release_part WHERE survey = $1', [name])
  })
}
