// The kinds of checks there are: one file each, found by looking; a kind is named like its file.
import { readdirSync } from 'node:fs'
import { AlmagestError } from '../model/index.ts'
import type { CheckKind } from './check.ts'

/**
 * Imports every file of the folder and returns the kinds by name.
 * @param folder  URL of a folder of kinds; our own by default
 * @throws AlmagestError `CHECK_KIND` for a file without a kind
 */
export async function loadCheckKinds(
  folder = new URL('./checks/', import.meta.url),
): Promise<ReadonlyMap<string, CheckKind>> {
  const kinds = new Map<string, CheckKind>()
  for (const file of readdirSync(folder).sort()) {
    if (!file.endsWith('.ts')) continue
    const { kind } = (await import(new URL(file, folder).href)) as { kind?: CheckKind }
    if (typeof kind?.derive !== 'function') throw kindFault(file)
    kinds.set(file.slice(0, -3), kind)
  }
  return kinds
}

function kindFault(file: string): AlmagestError {
  return new AlmagestError(
    'CHECK_KIND',
    'environment',
    `${file} exports no check kind`,
    'A kind of check is one file that exports a constant "kind" with a function "derive".',
    { path: file },
  )
}
