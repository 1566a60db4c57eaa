// Where dropped data waits for its way back: a schema for each migration that takes data out of use.
import { shortName } from '../identifiers.ts'

/** Name of the schema that holds what one migration of a survey's schema took out of use. */
export function keptSchema(schema: string, number: string): string {
  return shortName(`almagest_kept_${schema}_${number}`)
}
