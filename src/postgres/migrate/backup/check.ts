// Whether a backup is of this database as it is now, and has all that the steps before it would lose.
import { AlmagestError, type Survey } from '../../../model/index.ts'
import type { Client } from '../../connection.ts'
import { inspectSchema } from '../../inspect.ts'
import type { Migration } from '../folder.ts'
import { rowHash } from '../row-hashes.ts'
import { lossesBetween, tablesOfLosses, wholeTables } from './lost-tables.ts'
import { checkFiles, databaseIdentity, readBackup } from './manifest.ts'

/**
 * Refuses to go on with a backup that would not bring back what the steps lose.
 * @param from  version in force
 * @param to  the one to go to
 * @throws AlmagestError `BACKUP_MISSING`, `BACKUP_DAMAGED`, `BACKUP_OTHER`, `BACKUP_INCOMPLETE`, `BACKUP_STALE`
 */
export async function checkBackup(
  client: Client,
  survey: Survey,
  migrations: readonly Migration[],
  from: number,
  to: number,
  folder: string,
): Promise<void> {
  const losses = lossesBetween(migrations, from, to)
  if (losses.length === 0) return
  const backup = readBackup(folder)
  const { version, digest, tables } = backup
  if (backup.survey !== survey.name || backup.schema !== survey.schema)
    throw other(folder, `it is of the survey "${backup.survey}"`)
  if (backup.database !== (await databaseIdentity(client))) throw other(folder, 'it is of another database')
  if (Number(version) !== from || digest !== (migrations[from - 1]?.digest ?? null))
    throw other(
      folder,
      `it was made at the version ${version}, and ${String(from).padStart(4, '0')} is in force`,
    )
  const needed = tablesOfLosses(losses, wholeTables(await inspectSchema(client, survey.schema)))
  const missing = needed.filter((name) => !tables.some((each) => each.name === name))
  if (missing.length > 0) throw incomplete(folder, missing, backup.goal)
  await checkFiles(folder, backup)
  for (const table of tables.filter(({ name }) => needed.includes(name))) {
    const columns = table.columns.map(({ name }) => name)
    const now = await rowHash(client, survey.schema, table.name, columns)
    if (now !== table.rowHash) throw stale(folder, table.name, table.rows, Number(now.split(' ')[0]))
  }
}

function other(folder: string, how: string): AlmagestError {
  return new AlmagestError(
    'BACKUP_OTHER',
    'usage',
    `the backup ${folder} is not for this step: ${how}`,
    'Make one of this database as it is now: `almagest migrate backup`. Nothing was migrated.',
    { file: folder },
  )
}

function incomplete(folder: string, missing: readonly string[], goal: string): AlmagestError {
  return new AlmagestError(
    'BACKUP_INCOMPLETE',
    'usage',
    `the backup ${folder} has what is lost on the way to ${goal}, and lacks: ${missing.join(', ')}`,
    'Make one for the version you go to: `almagest migrate backup SURVEY FOLDER --to NUMBER`. Nothing was migrated.',
    { file: folder },
  )
}

function stale(folder: string, table: string, saved: number, now: number): AlmagestError {
  const rows =
    saved === now
      ? `values differ, the number of rows (${now}) does not`
      : `it has ${saved} rows, the table ${now}`
  return new AlmagestError(
    'BACKUP_STALE',
    'check',
    `${table} was written to since the backup ${folder} was made: ${rows}`,
    'Make the backup anew while nobody writes. Nothing was migrated.',
    { file: folder },
  )
}
