// Saving what steps would lose: COPY BINARY of whole tables at one moment, verified by restoring it on a scratch database.
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { AlmagestError, type Survey } from '../../../model/index.ts'
import { ofKind } from '../../changes/delta.ts'
import type { Client } from '../../connection.ts'
import type { Fingerprint } from '../../fingerprint/fingerprint.ts'
import { quoteIdentifier } from '../../identifiers.ts'
import { inspectSchema } from '../../inspect.ts'
import { readMigrations } from '../folder.ts'
import { inForce, readMigrationLedger } from '../ledger.ts'
import { rowHash } from '../row-hashes.ts'
import { checkedVersion, label, migrateTo, versionNumber } from '../run.ts'
import { type ChooseSky, withScratchDatabase } from '../scratch-database.ts'
import { refuseDrift } from '../step.ts'
import { lossesBetween, tablesOfLosses, wholeTables } from './lost-tables.ts'
import { type Backup, type BackupTable, databaseIdentity, manifestFile } from './manifest.ts'
import { restoreBackup } from './restore.ts'

export interface BackupTaken {
  readonly backup: Backup
  /** What the steps lose, in the manifests' words; without any nothing was written. */
  readonly losses: readonly string[]
}

/**
 * Saves the tables of which the steps from the version in force to another lose data, and verifies the copy.
 * @param connectionUrl  of the same server, for a scratch database
 * @param folder  of the migrations
 * @param out  folder to write, new or empty
 * @throws AlmagestError `BACKUP_FOLDER`, `BACKUP_UNLIKE`, `DRIFT` and those of the migrations' files
 */
export async function takeBackup(
  client: Client,
  connectionUrl: string,
  choose: ChooseSky,
  survey: Survey,
  folder: string,
  goal: string,
  out: string,
): Promise<BackupTaken> {
  const migrations = readMigrations(folder)
  const version = checkedVersion(inForce(await readMigrationLedger(client, survey.name)), migrations)
  const to = versionNumber(goal, migrations)
  const losses = lossesBetween(migrations, version, to)
  if (existsSync(out) && readdirSync(out).length > 0) throw folderTaken(out)
  await refuseDrift(client, survey)
  mkdirSync(out, { recursive: true })
  const tables: BackupTable[] = []
  await client.transaction(async () => {
    await client.query('SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY')
    const facts = await inspectSchema(client, survey.schema)
    for (const name of losses.length ? tablesOfLosses(losses, wholeTables(facts)) : [])
      tables.push(await saveTable(client, survey.schema, name, facts, out))
  })
  const backup: Backup = {
    format: 'almagest-backup-1',
    survey: survey.name,
    schema: survey.schema,
    database: await databaseIdentity(client),
    version: label(version),
    digest: migrations[version - 1]?.digest ?? null,
    goal: label(to),
    takenAt: new Date().toISOString(),
    verifiedAt: '',
    tables,
  }
  if (losses.length === 0) return { backup, losses }
  await withScratchDatabase(connectionUrl, choose, async (scratch, sky) => {
    // The survey's own types must be there.
    await migrateTo(scratch, survey, sky, folder, label(version), { verifiedBackup: 'scratch' })
    await restoreBackup(scratch, out, backup, 'almagest_restored')
  })
  const verified = { ...backup, verifiedAt: new Date().toISOString() }
  // Last: a folder without it is no backup.
  writeFileSync(manifestFile(out), `${JSON.stringify(verified, null, 2)}\n`)
  return { backup: verified, losses }
}

async function saveTable(
  client: Client,
  schema: string,
  name: string,
  facts: Fingerprint,
  out: string,
): Promise<BackupTable> {
  const columns = ofKind(facts, 'column')
    .filter(({ of, definition }) => of === name && !/ GENERATED ALWAYS AS \(/.test(definition))
    .map((fact) => ({ name: fact.name!, type: fact.definition.replace(/ GENERATED .*/s, '') }))
  const names = columns.map((each) => each.name)
  const hash = await rowHash(client, schema, name, names)
  const list = names.map((each) => quoteIdentifier(each)).join(', ')
  const file = `${tableFile(name)}.copy`
  const digest = createHash('sha256')
  let bytes = 0
  const target = await open(join(out, file), 'wx')
  try {
    const sql = `COPY (SELECT ${list} FROM ${quoteIdentifier(schema, name)}) TO STDOUT (FORMAT binary)`
    for await (const chunk of client.copyOut(sql)) {
      digest.update(chunk)
      bytes += chunk.length
      await target.writeFile(chunk)
    }
    await target.sync()
  } finally {
    await target.close()
  }
  const rows = Number(hash.split(' ')[0])
  return { name, columns, rows, file, bytes, sha256: digest.digest('hex'), rowHash: hash }
}

function tableFile(name: string): string {
  return /^\w+$/.test(name) ? name : Buffer.from(name).toString('hex')
}

function folderTaken(folder: string): AlmagestError {
  return new AlmagestError(
    'BACKUP_FOLDER',
    'usage',
    `${folder} is not empty`,
    'Name a new folder: a backup never replaces another.',
    { file: folder },
  )
}
