// Databases for tests: a fresh one each, on the run's scratch server.
import { randomBytes } from 'node:crypto'
import { inject } from 'vitest'
import { type Client, connect, quoteIdentifier } from '../../src/postgres/index.ts'
import { debianQ3cBin } from './debian.ts'
import { startForeignServer } from './scratch-servers.ts'

export interface ScratchDatabase extends AsyncDisposable {
  /** Connection URL of the database. */
  url: string
  client: Client
  /** Closes the client and drops the database, cutting sessions that a test left open. */
  drop(): Promise<void>
}

/**
 * A new, empty database. Uses the run's embedded server, or DATABASE_URL's, where its user needs CREATEDB.
 * @param server  URL of another server to make it on, such as {@link debianQ3cServer}'s
 */
export async function scratchDatabase(server = scratchServer()): Promise<ScratchDatabase> {
  const name = `almagest_test_${randomBytes(6).toString('hex')}`
  await administer(server, `CREATE DATABASE ${quoteIdentifier(name)} TEMPLATE template0 ENCODING 'UTF8'`)
  const url = new URL(server)
  url.pathname = `/${name}`
  const client = await connect(url.href)
  const drop = async () => {
    await client.end()
    await administer(server, `DROP DATABASE IF EXISTS ${quoteIdentifier(name)} WITH (FORCE)`)
  }
  return { url: url.href, client, drop, [Symbol.asyncDispose]: drop }
}

/** URL of the run's server: the embedded one, or DATABASE_URL's. */
export function scratchServer(): string {
  return inject('scratchUrl')
}

/**
 * URL of a cluster of Debian's PostgreSQL, which has the Q3C C extension; started on first use in a run.
 * Only for suites under `needs('debian-q3c')`.
 */
export async function debianQ3cServer(): Promise<string> {
  if (!debianQ3cBin)
    throw new Error("Debian's PostgreSQL with Q3C is missing: put the suite under needs('debian-q3c')")
  return await startForeignServer(inject('scratchFolder'), debianQ3cBin)
}

async function administer(server: string, sql: string): Promise<void> {
  await using client = await connect(server)
  await client.query(sql).catch((error: Error & { code?: string }) => {
    if (error.code !== '42501') throw error
    throw new Error(
      `The tests make databases of their own, and the user of DATABASE_URL may not: ALTER ROLE ... CREATEDB (${error.message})`,
    )
  })
}
