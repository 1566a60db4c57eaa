// Where a galaxy lives, in one word per finder.
import { environments } from '../model/index.ts'

/** A word of the vocabulary that catalogues declare; its code is its place there, members first, `outside` last. */
export type Environment = (typeof environments)[number]

/** Code of "cannot be told": no redshift, no position, or a galaxy that the finder never saw. */
export const UNKNOWN_ENVIRONMENT = 255

export const environmentCode = Object.freeze(
  Object.fromEntries(environments.map((word, code) => [word, code])),
) as Readonly<Record<Environment, number>>

/** How many galaxies have each environment. */
export function countEnvironments(codes: Uint8Array): Record<Environment, number> & { unknown: number } {
  const counts = new Array<number>(256).fill(0)
  for (const code of codes) counts[code]!++
  const named = Object.fromEntries(environments.map((word, code) => [word, counts[code]!]))
  return { ...(named as Record<Environment, number>), unknown: counts[UNKNOWN_ENVIRONMENT]! }
}
