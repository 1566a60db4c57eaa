// Where a survey's files are published: folders on a web server, each with its checksums.
import type { Fault } from './fault.ts'

export interface ReleaseFolder {
  /** Below the release's address, with a slash at the end. */
  readonly path: string
  /** The folder's checksum file: lines of SHA-256 and file name, as `sha256sum` writes them. */
  readonly checksums: string
  /** Files and their sizes in bytes as published: for the plan, the server's own word counts. */
  readonly files: Readonly<Record<string, number>>
}

export interface Release {
  /** Address with a slash at the end; another one takes its place for a mirror. */
  readonly baseUrl: string
  readonly folders: readonly ReleaseFolder[]
}

/** Faults of a release; files of all folders go to one folder, so that each name stands for one file. */
export function releaseFaults({ baseUrl, folders }: Release): Fault[] {
  const faults: Fault[] = []
  const add = (path: string, problem: string) => faults.push({ path: `release.${path}`, problem })
  if (!URL.canParse(baseUrl) || !baseUrl.endsWith('/'))
    add('baseUrl', `"${baseUrl}" is no address with / at the end`)
  const seen = new Set<string>()
  for (const { path, files } of folders) {
    if (!path.endsWith('/') || path.startsWith('/'))
      add(`folders.${path}`, 'has no / at the end, or one at the start')
    for (const name of Object.keys(files)) {
      if (seen.has(name) || name.includes('/'))
        add(`folders.${path}`, `"${name}" is named twice, or has a folder`)
      seen.add(name)
    }
  }
  return faults
}
