// A server that somebody else runs, given by its URL: checked, described, never started or stopped.
import { AlmagestError } from '../../../model/index.ts'
import { connect } from '../../connection.ts'
import type { Backend, RunningServer } from '../backend.ts'
import { maskUrl, parseConnectionUrl, withConnectionUrl } from '../connection-url.ts'

/** Major versions that the tests run on. */
const oldest = 15
const newest = 18

/**
 * The server of a database URL as a backend. `start` and `status` connect and check it.
 * @throws AlmagestError `DATABASE_URL_INVALID` at once; later `SERVER_REFUSED`, `SERVER_UNKNOWN_HOST`,
 *   `SERVER_AUTH`, `DATABASE_MISSING`, `SERVER_TLS`, `SERVER_VERSION`, and `SERVER_NOT_OURS` for `stop`
 */
export function serverBackend(databaseUrl: string): Backend {
  const url = parseConnectionUrl(databaseUrl)
  return {
    kind: 'server',
    start: () => describeServer(url, databaseUrl),
    stop: () => Promise.reject(notOurs(url)),
    status: async () => ({ state: 'running', server: await describeServer(url, databaseUrl) }),
  }
}

async function describeServer(url: URL, connectionUrl: string): Promise<RunningServer> {
  await using client = await connect(connectionUrl)
  const { rows } = await client.query<{ number: number; version: string; user: string; database: string }>(
    `SELECT current_setting('server_version_num')::int AS number, current_setting('server_version') AS version,
      current_user AS user, current_database() AS database`,
  )
  const { number, version, user, database } = rows[0]!
  checkVersion(number, version)
  const publicUrl = maskUrl(url)
  const server = {
    host: client.host,
    port: client.port,
    user,
    database,
    publicUrl,
    psql: `psql '${publicUrl.replace(':***@', '@')}'`,
    version,
    started: false,
  }
  return withConnectionUrl(server, connectionUrl)
}

/**
 * @param number  `server_version_num`, e.g. 160014 for 16.14
 * @throws AlmagestError `SERVER_VERSION`
 */
export function checkVersion(number: number, version: string): void {
  const major = Math.floor(number / 10_000)
  if (major >= oldest && major <= newest) return
  throw new AlmagestError(
    'SERVER_VERSION',
    'server',
    `The server is PostgreSQL ${version}; versions ${oldest} to ${newest} are supported`,
    'Use a server of a supported version, or leave DATABASE_URL unset to get the embedded one.',
    { value: version },
  )
}

function notOurs(url: URL): AlmagestError {
  return new AlmagestError(
    'SERVER_NOT_OURS',
    'usage',
    `The server ${maskUrl(url)} was not started by almagest and is not stopped by it`,
    'Stop it with its own tools, or unset DATABASE_URL to act on the embedded server.',
  )
}
