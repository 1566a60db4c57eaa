// Connections that read for a cross-match, and see the same rows.
import { type Client, connect } from '../../postgres/index.ts'

export type Server = string | { connectionUrl: string }

/**
 * A connection for COPY out. It ends with a round trip: after the last byte of a COPY the server has still to
 * say that it is done, and closing before that counts as a lost connection.
 */
export async function openReader(server: Server): Promise<{ client: Client } & AsyncDisposable> {
  const client = await connect(server)
  return {
    client,
    async [Symbol.asyncDispose]() {
      await client.query('ROLLBACK').catch(() => {})
      await client.end()
    },
  }
}

/** All transactions see the same rows, whatever others change meanwhile. */
export async function sameSnapshot(first: Client, ...others: Client[]): Promise<void> {
  await first.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY')
  const { rows } = await first.query<{ id: string }>('SELECT pg_catalog.pg_export_snapshot() AS id')
  const begin = `BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET TRANSACTION SNAPSHOT '${rows[0]!.id}'`
  await Promise.all(others.map((each) => each.query(begin)))
}
