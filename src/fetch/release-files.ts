// Which files of a release are wanted, and where they stand.
import { matchFile, type Release } from '../model/index.ts'
import { fetchError } from './errors.ts'

export interface ReleaseFile {
  readonly name: string
  readonly url: string
  /** Address of the file with its checksum. */
  readonly checksums: string
  /** Size in bytes as the release's declaration has it. */
  readonly bytes: number
}

/**
 * The files of a release whose names fit a pattern (`*` stands for any characters).
 * @param baseUrl  address of a mirror with the same folders
 * @throws AlmagestError `FETCH_NOTHING`
 */
export function releaseFiles(release: Release, pattern = '*', baseUrl = release.baseUrl): ReleaseFile[] {
  const base = baseUrl.endsWith('/') ? baseUrl : `${baseUrl}/`
  const all = release.folders.flatMap(({ path, checksums, files }) =>
    Object.entries(files).map(([name, bytes]) => ({
      name,
      url: `${base}${path}${name}`,
      checksums: `${base}${path}${checksums}`,
      bytes,
    })),
  )
  const wanted = all.filter(({ name }) => matchFile(pattern, name))
  if (wanted.length > 0) return wanted
  const message = `None of the ${all.length} files of the release fits "${pattern}"; the first is ${all[0]?.name}`
  throw fetchError('FETCH_NOTHING', message, { value: pattern })
}
