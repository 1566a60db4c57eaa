// Where a server's files are, if they are on this machine.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Client, Row } from '../postgres/index.ts'

export interface ServerFiles {
  readonly data: string
  readonly hba: string
}

/** The server's data folder and its pg_hba.conf; undefined where they are elsewhere, or may not be read from here. */
export async function serverFilesHere(client: Client): Promise<ServerFiles | undefined> {
  const { rows } = await client.query<ServerFiles & { started: string } & Row>(
    `SELECT current_setting('data_directory') AS data, current_setting('hba_file') AS hba,
       extract(epoch FROM pg_postmaster_start_time())::bigint::text AS started`,
  )
  const { data, hba, started } = rows[0]!
  try {
    // The third line is the start: a folder of the same name that is another server's has another one.
    const noted = readFileSync(join(data, 'postmaster.pid'), 'utf8').split('\n')[2]
    return Math.abs(Number(noted) - Number(started)) <= 5 ? { data, hba } : undefined
  } catch {
    return undefined
  }
}
