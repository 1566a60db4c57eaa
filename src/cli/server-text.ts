// A running server as told to people: where it listens and how to open it.
import type { RunningServer } from '../postgres/index.ts'
import type { Report } from './context.ts'

export function describeServer(server: RunningServer, state: string): Report {
  const { host, port, user, database, publicUrl, psql, version, dataFolder } = server
  const value = { state, host, port, user, database, url: publicUrl, psql, version, dataFolder }
  return { value, text: `PostgreSQL ${version} ${state} at ${publicUrl}\nopen it with: ${psql}` }
}
