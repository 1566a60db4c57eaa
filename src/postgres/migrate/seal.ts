// Sealing: running hand-written migrations on a scratch database, up, down and up, and writing down what came out.
import { AlmagestError, type Survey } from '../../model/index.ts'
import type { Client } from '../connection.ts'
import { fingerprintHash } from '../fingerprint/fingerprint.ts'
import { differences, inspectSchema } from '../inspect.ts'
import { translateServerError } from '../server-errors.ts'
import { type Migration, readUnchecked, stemOf, writeMigration } from './folder.ts'
import { statedRights } from './rights.ts'
import { type ChooseSky, withScratchDatabase } from './scratch-database.ts'
import { refuseTransactionWords, runSql } from './step.ts'

/**
 * Runs every migration of the folder up, down and up again from its predecessor's state, and writes the manifests anew.
 * @throws AlmagestError `MIGRATION_DOWN` when a way down does not lead back
 */
export async function sealMigrations(
  connectionUrl: string,
  choose: ChooseSky,
  survey: Survey,
  folder: string,
): Promise<Migration[]> {
  return withScratchDatabase(connectionUrl, choose, async (client) => {
    const sealed: Migration[] = []
    for (const migration of readUnchecked(folder)) {
      const before = await inspectSchema(client, survey.schema)
      await runOne(client, migration, 'up')
      const facts = await inspectSchema(client, survey.schema)
      const [after, rights] = [fingerprintHash(facts), statedRights(facts)]
      await runOne(client, migration, 'down')
      const left = differences(before, await inspectSchema(client, survey.schema))
      if (left.length > 0)
        throw leadsElsewhere(
          migration,
          left.map(({ object }) => object),
        )
      await runOne(client, migration, 'up')
      sealed.push(
        writeMigration(folder, { ...migration, previous: sealed.at(-1)?.digest ?? null, after, rights }),
      )
    }
    return sealed
  })
}

async function runOne(client: Client, migration: Migration, way: 'up' | 'down'): Promise<void> {
  const sql = way === 'up' ? migration.upSql : migration.downSql
  try {
    if (migration.transactional) refuseTransactionWords(migration, way, sql)
    if (migration.transactional) await client.transaction(() => runSql(client, migration.schema, sql, true))
    else await runSql(client, migration.schema, sql, false)
  } catch (error) {
    if (error instanceof AlmagestError) throw error
    const { kind, message, hint } = translateServerError(error)
    throw new AlmagestError(
      'MIGRATION_FAILED',
      kind,
      `${stemOf(migration)} ${way}: ${message}`,
      `It ran on a scratch database only. ${hint}`,
      {},
      { cause: error },
    )
  }
}

function leadsElsewhere(migration: Migration, objects: readonly string[]): AlmagestError {
  return new AlmagestError(
    'MIGRATION_DOWN',
    'check',
    `${stemOf(migration)} down does not lead back to where up began; different are: ${objects.join(', ')}`,
    'Complete the .down.sql so that it undoes all that .up.sql does.',
  )
}
