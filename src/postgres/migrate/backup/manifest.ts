// What a backup says of itself, and whether its files are as they were written.
import { createHash } from 'node:crypto'
import { createReadStream, existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { AlmagestError } from '../../../model/index.ts'
import type { Client } from '../../connection.ts'

export interface BackupTable {
  readonly name: string
  /** Columns that hold data of their own, with their types, in the order of the file. */
  readonly columns: readonly { readonly name: string; readonly type: string }[]
  readonly rows: number
  /** COPY BINARY of all rows. */
  readonly file: string
  readonly bytes: number
  readonly sha256: string
  /** Hash over the rows, as `rowHash` gives it. */
  readonly rowHash: string
}

export interface Backup {
  readonly format: 'almagest-backup-1'
  readonly survey: string
  readonly schema: string
  /** Server and database: `system_identifier` of the cluster, and the database's oid. */
  readonly database: string
  /** Migration in force, `0000` for none, and the SHA-256 of its manifest. */
  readonly version: string
  readonly digest: string | null
  /** The version to which what is lost on the way is saved. */
  readonly goal: string
  readonly takenAt: string
  /** When its rows were restored elsewhere and found to be the same. */
  readonly verifiedAt: string
  readonly tables: readonly BackupTable[]
}

const manifestName = 'backup.json'

export function manifestFile(folder: string): string {
  return join(folder, manifestName)
}

/** @throws AlmagestError `BACKUP_MISSING` for a folder that holds none, or one that was not finished */
export function readBackup(folder: string): Backup {
  const file = manifestFile(folder)
  const found = existsSync(file) ? parsed(readFileSync(file, 'utf8')) : undefined
  if (found?.format === 'almagest-backup-1') return found
  throw new AlmagestError(
    'BACKUP_MISSING',
    'usage',
    `${folder} holds no verified backup`,
    'Make one with `almagest migrate backup SURVEY FOLDER`.',
    { file },
  )
}

function parsed(text: string): Backup | undefined {
  try {
    return JSON.parse(text) as Backup
  } catch {
    return undefined
  }
}

/** Server and database, as the server itself tells them apart. */
export async function databaseIdentity(client: Client): Promise<string> {
  const { rows } = await client.query<{ identity: string }>(
    `SELECT concat((SELECT system_identifier FROM pg_control_system()), '/', oid) AS identity
     FROM pg_database WHERE datname = current_database()`,
  )
  return rows[0]!.identity
}

/** Reads every file. @throws AlmagestError `BACKUP_DAMAGED` when one is missing or has other bytes */
export async function checkFiles(folder: string, { tables }: Backup): Promise<void> {
  for (const { file, sha256, bytes } of tables) {
    const path = join(folder, file)
    if (!existsSync(path)) throw damaged(path, 'is missing')
    const hash = createHash('sha256')
    let length = 0
    for await (const chunk of createReadStream(path)) {
      hash.update(chunk as Buffer)
      length += (chunk as Buffer).length
    }
    if (length !== bytes) throw damaged(path, `has ${length} bytes, and was written with ${bytes}`)
    if (hash.digest('hex') !== sha256)
      throw damaged(path, 'does not have the SHA-256 that it was written with')
  }
}

function damaged(file: string, how: string): AlmagestError {
  return new AlmagestError(
    'BACKUP_DAMAGED',
    'check',
    `the backup's file ${file} ${how}`,
    'Bring it back from a copy, or make the backup anew. Nothing was migrated.',
    { file },
  )
}
