// A survey's release into a folder: every file complete and right, or absent; what has begun goes on.
import { mkdir, stat, statfs } from 'node:fs/promises'
import { join } from 'node:path'
import type { AlmagestError, Release } from '../model/index.ts'
import { readChecksums } from './checksum-files.ts'
import { type DownloadOptions, download, sizeOnServer } from './download.ts'
import { fetchError } from './errors.ts'
import { lockFolder } from './folder-lock.ts'
import { sha256Of } from './part-file.ts'
import { type ReleaseFile, releaseFiles } from './release-files.ts'
import { Slots } from './slots.ts'

export interface FetchOptions {
  /** Pattern of file names, `*` for any characters; all files where absent. */
  readonly files?: string
  /** Address of a mirror in the place of the release's own. */
  readonly baseUrl?: string
  /** Connections at once; 4 where absent. */
  readonly jobs?: number
  /** Whether a file of other content may be replaced. */
  readonly replace?: boolean
  /** Whether a file without a known checksum is taken when its length is right. */
  readonly unverified?: boolean
  readonly signal?: AbortSignal
  readonly onProgress?: (bytes: number, bytesTotal: number) => void
  /** Bytes of one request at most; 64 MiB where absent. */
  readonly pieceBytes?: number
  /** Attempts without a byte of progress, 6 where absent; pause before the second in ms, 1000; idle time in ms, 60,000. */
  readonly attempts?: number
  readonly pause?: number
  readonly timeout?: number
}

export interface FetchedFile {
  readonly file: string
  readonly url: string
  readonly bytes: number
  /** Bytes that this run received. */
  readonly received: number
  /** In hexadecimal, and whether the release states the same. */
  readonly sha256: string
  readonly verified: boolean
  readonly outcome: 'fetched' | 'already there'
}

export interface FetchReport {
  readonly folder: string
  readonly files: readonly FetchedFile[]
  readonly bytes: number
  readonly received: number
  readonly seconds: number
}

/** Files that are under way at once: one can be compared with its checksum while the next arrives. */
const filesAtOnce = 2

/**
 * Fetches the files of a release. A file appears under its name when it is complete and has the SHA-256 that the
 * release states; until then it is NAME.part, with what has arrived in NAME.part.json, and a later run goes on there.
 * @throws AlmagestError of `fetchErrors`: when files fail, the others are fetched all the same, and the first fault is
 *   thrown in the end
 */
export async function fetchRelease(
  release: Release,
  folder: string,
  options: FetchOptions = {},
): Promise<FetchReport> {
  const started = performance.now()
  const files = releaseFiles(release, options.files, options.baseUrl)
  await mkdir(folder, { recursive: true })
  const unlock = await lockFolder(folder)
  try {
    await refuseFullDisk(folder, files)
    const fetched = await fetchFiles(files, folder, options)
    const total = (count: (file: FetchedFile) => number) =>
      fetched.reduce((sum, file) => sum + count(file), 0)
    return {
      folder,
      files: fetched,
      bytes: total(({ bytes }) => bytes),
      received: total(({ received }) => received),
      seconds: (performance.now() - started) / 1000,
    }
  } finally {
    await unlock()
  }
}

async function fetchFiles(
  files: readonly ReleaseFile[],
  folder: string,
  options: FetchOptions,
): Promise<FetchedFile[]> {
  const { jobs = 4, onProgress = () => {} } = options
  const slots = new Slots(jobs)
  const total = files.reduce((sum, { bytes }) => sum + bytes, 0)
  const arrived = new Map<string, number>()
  const checksums = new ChecksumsOnce(downloading(options, slots, () => {}))
  const fetched: FetchedFile[] = []
  const faults: unknown[] = []
  const rest = files.values()
  const worker = async () => {
    for (const file of rest) {
      const onBytes = (bytes: number) => {
        arrived.set(file.name, bytes)
        onProgress(
          [...arrived.values()].reduce((sum, each) => sum + each, 0),
          total,
        )
      }
      try {
        fetched.push(await fetchFile(file, folder, checksums, options, downloading(options, slots, onBytes)))
      } catch (fault) {
        faults.push(fault)
        if (options.signal?.aborted) return
      }
    }
  }
  await Promise.all(Array.from({ length: Math.min(filesAtOnce, jobs) }, worker))
  if (faults.length > 0) throw faults[0]
  return fetched
}

function downloading(options: FetchOptions, slots: Slots, onBytes: (bytes: number) => void): DownloadOptions {
  const { pieceBytes = 64 << 20, attempts = 6, pause = 1000, timeout = 60_000, signal } = options
  return { slots, pieceBytes, attempts, pause, timeout, signal, onBytes }
}

/** Each folder's checksum file is read once. */
class ChecksumsOnce {
  readonly #read = new Map<string, Promise<ReadonlyMap<string, string>>>()

  constructor(readonly options: DownloadOptions) {}

  async of({ name, checksums }: ReleaseFile): Promise<string | undefined> {
    const read = this.#read.get(checksums) ?? readChecksums(checksums, this.options)
    this.#read.set(checksums, read)
    return (await read).get(name)
  }
}

async function fetchFile(
  file: ReleaseFile,
  folder: string,
  checksums: ChecksumsOnce,
  { replace = false, unverified = false }: FetchOptions,
  options: DownloadOptions,
): Promise<FetchedFile> {
  const { name, url } = file
  const path = join(folder, name)
  const expected = await expectedChecksum(file, checksums, unverified)
  const before = await sizeOf(path)
  const verified = expected !== undefined
  if (before !== undefined) {
    const sha256 = await sha256Of(path)
    const published = verified ? expected : await sizeOnServer(url, options)
    if (published === sha256 || published === before) {
      options.onBytes(before)
      return { file: name, url, bytes: before, received: 0, sha256, verified, outcome: 'already there' }
    }
    const [here, there] = verified ? [sha256, expected] : [before, published]
    if (!replace) throw differs(path, verified ? 'SHA-256' : 'length', here, there)
  }
  const { bytes, received, sha256 } = await download(url, path, expected, options)
  return { file: name, url, bytes, received, sha256, verified, outcome: 'fetched' }
}

async function expectedChecksum(
  file: ReleaseFile,
  checksums: ChecksumsOnce,
  unverified: boolean,
): Promise<string | undefined> {
  try {
    const expected = await checksums.of(file)
    if (expected === undefined) {
      throw fetchError('FETCH_CHECKSUMS_MISSING', `${file.checksums} does not name ${file.name}`, {
        file: file.name,
      })
    }
    return expected
  } catch (fault) {
    if (unverified && (fault as AlmagestError).code === 'FETCH_CHECKSUMS_MISSING') return undefined
    throw fault
  }
}

function differs(path: string, what: string, here: string | number, published: string | number) {
  const message = `${path} exists with ${what} ${here}; that of the published file is ${published}`
  return fetchError('FETCH_FILE_DIFFERS', message, { file: path })
}

async function sizeOf(path: string): Promise<number | undefined> {
  return (await stat(path).catch(() => undefined))?.size
}

/** What stands in the folder already, whole or in part, needs no more space. */
async function refuseFullDisk(folder: string, files: readonly ReleaseFile[]): Promise<void> {
  const { bavail, bsize } = await statfs(folder)
  let needed = 0
  for (const { name, bytes } of files) {
    const there = (await sizeOf(join(folder, name))) ?? (await onDisk(join(folder, `${name}.part`)))
    needed += Math.max(0, bytes - there)
  }
  if (needed <= bavail * bsize) return
  const message = `${folder} has ${bavail * bsize} bytes free, the files need ${needed}`
  throw fetchError('FETCH_NO_SPACE', message, { file: folder })
}

/** Bytes that a file with holes takes on the disk; stat counts blocks of 512 bytes. */
async function onDisk(path: string): Promise<number> {
  return ((await stat(path).catch(() => undefined))?.blocks ?? 0) * 512
}
