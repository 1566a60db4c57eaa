// Folders given instead of files: the files in them that surveys know by name.
import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Survey } from '../model/index.ts'
import { loadError } from './errors.ts'
import { catalogFiles, feedsCatalog } from './match.ts'

export interface FoundFiles {
  readonly files: readonly string[]
  /** Files of the folders that no catalogue loads. */
  readonly passedOver: readonly string[]
}

/**
 * Paths as they are, and instead of each folder the files in it (not below it) that feed a catalogue, by name.
 * @throws AlmagestError LOAD_FOLDER_EMPTY for a folder without such files
 */
export async function filesOf(surveys: readonly Survey[], paths: readonly string[]): Promise<FoundFiles> {
  const files: string[] = []
  const passedOver: string[] = []
  for (const path of paths) {
    const isFolder = await stat(path).then(
      (found) => found.isDirectory(),
      // The load says what is wrong with it.
      () => false,
    )
    if (!isFolder) {
      files.push(path)
      continue
    }
    const entries = await readdir(path, { withFileTypes: true })
    const names = entries.flatMap((entry) => (entry.isDirectory() ? [] : [entry.name])).sort()
    const known = names.filter((name) => feedsCatalog(surveys, name))
    if (known.length === 0) throw nothingToLoad(surveys, path)
    files.push(...known.map((name) => join(path, name)))
    passedOver.push(...names.filter((name) => !known.includes(name)).map((name) => join(path, name)))
  }
  return { files, passedOver }
}

function nothingToLoad(surveys: readonly Survey[], folder: string) {
  const message = `${folder} is a folder, and no catalogue loads any of the files in it`
  const hint = `Files are known by name: ${catalogFiles(surveys).join(', ')}. Folders below are not searched.`
  return loadError('LOAD_FOLDER_EMPTY', message, { file: folder }, { hint })
}
