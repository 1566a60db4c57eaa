// Withdrawing a release: its schema goes, and the parts that no other release has; that it was stays on record.
import { type Client, quoteIdentifier } from '../postgres/index.ts'
import type { PublishedRelease } from './register.ts'

/** @returns the number of rows that nobody has any more */
export async function withdrawRelease(client: Client, release: PublishedRelease): Promise<number> {
  return client.transaction(async () => {
    const lock = [`almagest release ${release.survey}`]
    await client.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', lock)
    await client.query(`DROP SCHEMA IF EXISTS ${quoteIdentifier(release.schema)} CASCADE`)
    await client.query('UPDATE almagest.release SET withdrawn_at = clock_timestamp() WHERE release_id = $1', [
      release.releaseId,
    ])
    await client.query('DELETE FROM almagest.release_content WHERE release_id = $1', [release.releaseId])
    let gone = 0
    for (const { partId, partSchema, partTable, rows } of release.parts) {
      const { rowCount } = await client.query(
        `DELETE FROM almagest.release_part p WHERE part_id = $1
           AND NOT EXISTS (SELECT FROM almagest.release_content c WHERE c.part_id = p.part_id)`,
        [partId],
      )
      if (rowCount === 0) continue
      await client.query(`DROP TABLE IF EXISTS ${quoteIdentifier(partSchema, partTable)}`)
      gone += rows
    }
    return gone
  })
}
