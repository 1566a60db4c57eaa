// pgSphere on a server that refuses its extension.
import { readFileSync } from 'node:fs'
import type { Client } from '../../src/postgres/index.ts'
import { debianPgsphereScript } from '../postgres/debian.ts'

/**
 * Debian 12's extension is refused by its own server for the commutators and negators of its operators. Without them its
 * script runs, and its types, operators and index are all there.
 */
export async function createUnpackaged(client: Client): Promise<void> {
  const script = readFileSync(debianPgsphereScript!, 'utf8')
    .replace(/^\\echo.*$/gm, '')
    .replace(/,?\s*(COMMUTATOR|NEGATOR)\s*=\s*('[^']*'|[^\s,)]+)/gi, '')
    .replaceAll('MODULE_PATHNAME', '$libdir/pg_sphere')
  await client.query(`SET client_min_messages = warning; ${script}; RESET client_min_messages`)
}
