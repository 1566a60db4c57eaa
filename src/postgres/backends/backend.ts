// What every way of having a PostgreSQL server offers: start it, stop it, say how it stands.

/** A server that answers, and everything needed to open it. */
export interface RunningServer {
  host: string
  port: number
  user: string
  database: string
  /** Complete URL, password included: for `connect`; not enumerable, so that no JSON or log shows it. */
  connectionUrl: string
  /** The same URL with the password masked. */
  publicUrl: string
  /** Command line that opens the database with psql; names a password file, never a password. */
  psql: string
  /** Version as the server reports it, e.g. `16.14`. */
  version: string
  /** Where the data lies; absent for a server that is not ours. */
  dataFolder?: string
  /** Whether this call started it; false when it ran already. */
  started: boolean
}

export type ServerStatus =
  | { state: 'running'; server: RunningServer }
  /** Set up, but not running. */
  | { state: 'stopped'; dataFolder: string }
  /** Never set up. */
  | { state: 'absent' }

export interface StartOptions {
  /** Port asked for; without it the last one used, or the first free one from 5433. */
  port?: number
  /** Extension files (name to text) that `CREATE EXTENSION` shall find; only where the server is ours. */
  extensionFiles?: Record<string, string>
  /** Server settings beyond the defaults; only where the server is ours. */
  settings?: Record<string, string>
  /** Told in one line what is being done, for steps that take time. */
  onProgress?: (line: string) => void
}

export interface Backend {
  kind: 'embedded' | 'server'
  start(options?: StartOptions): Promise<RunningServer>
  /** @returns whether it was running */
  stop(): Promise<boolean>
  status(): Promise<ServerStatus>
}
