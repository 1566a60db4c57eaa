// Which backend serves: the database URL's when there is one, the embedded server otherwise.
import type { Backend } from './backend.ts'
import { type EmbeddedInstance, embeddedBackend } from './embedded/backend.ts'
import { serverBackend } from './server/backend.ts'

/**
 * Picks a backend without touching it yet.
 * @param options.databaseUrl  a server's URL; undefined or empty picks the embedded server
 * @throws AlmagestError `DATABASE_URL_INVALID`
 */
export function openBackend(options: EmbeddedInstance & { databaseUrl?: string | undefined } = {}): Backend {
  const { databaseUrl, ...instance } = options
  return databaseUrl ? serverBackend(databaseUrl) : embeddedBackend(instance)
}
