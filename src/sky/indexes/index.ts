// The sky indexes there are: one folder each, found by looking.
import { existsSync, readdirSync } from 'node:fs'
import { AlmagestError } from '../../model/index.ts'
import type { SkyIndexBackend } from '../sky-index.ts'

/**
 * Imports `backend.ts` of every folder and returns the backends in order of preference.
 * @param folder  URL of a folder of backend folders; our own by default
 * @throws AlmagestError `SKY_INDEX_FOLDER` for a folder without a backend, or a name that two folders claim
 */
export async function loadSkyIndexBackends(
  folder = new URL('./', import.meta.url),
): Promise<readonly SkyIndexBackend[]> {
  const backends: SkyIndexBackend[] = []
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (!entry.isDirectory()) continue
    const file = new URL(`${entry.name}/backend.ts`, folder)
    const module = existsSync(file) ? ((await import(file.href)) as { backend?: SkyIndexBackend }) : {}
    if (module.backend?.name !== entry.name) {
      throw folderFault(entry.name, 'has no backend.ts that exports a "backend" of the same name')
    }
    backends.push(module.backend)
  }
  return backends.sort((a, b) => a.preference - b.preference)
}

function folderFault(folder: string, problem: string): AlmagestError {
  return new AlmagestError(
    'SKY_INDEX_FOLDER',
    'environment',
    `the sky index folder "${folder}" ${problem}`,
    'A sky index is one folder whose backend.ts exports a constant "backend" named as the folder.',
    { path: folder },
  )
}
