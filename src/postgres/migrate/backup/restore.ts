// Bringing a backup's tables back, beside the survey's own: for its verification, and for the day that it is needed.
import { createReadStream } from 'node:fs'
import { join } from 'node:path'
import { AlmagestError } from '../../../model/index.ts'
import type { Client } from '../../connection.ts'
import { quoteIdentifier } from '../../identifiers.ts'
import { rowHash } from '../row-hashes.ts'
import { type Backup, checkFiles } from './manifest.ts'

/**
 * Makes a schema with the backup's tables: columns and rows, no keys; all or nothing.
 * @param into  name of the schema, which must not be there
 * @throws AlmagestError `BACKUP_DAMAGED`, `BACKUP_UNLIKE` when the rows that come back have another hash
 */
export async function restoreBackup(
  client: Client,
  folder: string,
  backup: Backup,
  into: string,
): Promise<void> {
  await checkFiles(folder, backup)
  await client.transaction(async () => {
    await client.query(`CREATE SCHEMA ${quoteIdentifier(into)}`)
    for (const { name, columns, file, rowHash: expected } of backup.tables) {
      // Types of the survey's own are found in its schema.
      await client.query(`SET LOCAL search_path TO ${quoteIdentifier(backup.schema)}, pg_temp`)
      const list = columns.map((each) => `${quoteIdentifier(each.name)} ${each.type}`).join(', ')
      await client.query(`CREATE TABLE ${quoteIdentifier(into, name)} (${list})`)
      await client.query('SET LOCAL search_path TO DEFAULT')
      const names = columns.map((each) => quoteIdentifier(each.name)).join(', ')
      const copy = await client.copyIn(
        `COPY ${quoteIdentifier(into, name)} (${names}) FROM STDIN (FORMAT binary)`,
      )
      for await (const chunk of createReadStream(join(folder, file), { highWaterMark: 1 << 20 }))
        await copy.write(chunk as Buffer)
      await copy.finish()
      const found = await rowHash(
        client,
        into,
        name,
        columns.map((each) => each.name),
      )
      if (found !== expected) throw unlike(name)
    }
  })
}

function unlike(table: string): AlmagestError {
  return new AlmagestError(
    'BACKUP_UNLIKE',
    'check',
    `the rows of ${table} that come back from the backup are not those that were saved`,
    'Make the backup anew; the database is unchanged.',
  )
}
