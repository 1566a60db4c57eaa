// Where dropped data waits for its way back: a schema for each migration that takes data out of use.
import { createHash } from 'node:crypto'

/** Name of the schema that holds what one migration of a survey's schema took out of use. */
export function keptSchema(schema: string, number: string): string {
  return shortName(`almagest_kept_${schema}_${number}`)
}

/** The name itself, or its start and a hash of it when PostgreSQL would cut it. */
export function shortName(name: string): string {
  if (Buffer.byteLength(name) <= 63) return name
  return `${name.slice(0, 50)}_${createHash('sha256').update(name).digest('hex').slice(0, 12)}`
}
