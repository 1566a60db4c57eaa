// The finders there are: one folder each, found by looking.
import { existsSync, readdirSync } from 'node:fs'
import { AlmagestError, nearest } from '../model/index.ts'
import type { Finder } from './finder.ts'

/**
 * Imports `finder.ts` of every folder and returns the finders by source.
 * @param folder  URL of a folder of finder folders; our own by default
 * @throws AlmagestError `VOIDS_FINDER` for a folder without a finder, or a source that two folders claim
 */
export async function loadFinders(
  folder = new URL('./finders/', import.meta.url),
): Promise<ReadonlyMap<string, Finder>> {
  const finders = new Map<string, Finder>()
  const names = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory())
  for (const { name } of names.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const file = new URL(`${name}/finder.ts`, folder)
    const found = existsSync(file) ? ((await import(file.href)) as { finder?: Finder }).finder : undefined
    if (!found?.source) throw finderFault(name, 'has no finder.ts that exports "finder"')
    if (finders.has(found.source))
      throw finderFault(name, `claims the source "${found.source}" a second time`)
    finders.set(found.source, found)
  }
  return finders
}

/**
 * The finder of a source of releases.
 * @throws AlmagestError `VOIDS_UNKNOWN_SOURCE`
 */
export function finderNamed(source: string, finders: ReadonlyMap<string, Finder>): Finder {
  const found = finders.get(source)
  if (found && found.membership !== 'sphere') return found
  const known = [...finders.keys()]
  const similar = nearest(source, known)
  throw new AlmagestError(
    'VOIDS_UNKNOWN_SOURCE',
    'data',
    `no finder knows the void source "${source}"; there are ${known.join(', ')}`,
    `${similar ? `Did you mean "${similar}"? ` : ''}A finder is a folder under src/voids/finders.`,
    { value: source },
  )
}

function finderFault(folder: string, problem: string): AlmagestError {
  return new AlmagestError(
    'VOIDS_FINDER',
    'environment',
    `the finder folder "${folder}" ${problem}`,
    'A finder is one folder whose finder.ts exports a constant "finder" with a source of its own.',
    { path: folder },
  )
}
