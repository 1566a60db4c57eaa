// The digests of the files of a load, computed in threads beside it and ahead of it.
import { stat } from 'node:fs/promises'
import { FitsError, fileSource, openFits } from '../fits/index.ts'
import { agreementOf } from './agreement.ts'
import { type ColumnBytes, DigestThread } from './digest.ts'
import { chooseLayouts, type NamedFile } from './match.ts'

/** In hexadecimal. */
export interface FileDigest {
  readonly sha256: string
  /** Of the bytes of each column that must agree, see agreement.ts. */
  readonly columns: readonly string[]
  /** The file as it was before its first byte was read, see `fileStamp`. */
  readonly stamp: string
}

/** What tells a file from another one in its place, and from itself with other content: inode, size, time of change. */
export async function fileStamp(path: string): Promise<string> {
  const { ino, size, mtimeNs } = await stat(path, { bigint: true })
  return `${ino} ${size} ${mtimeNs}`
}

/** @throws FitsError FITS_SOURCE_CHANGED when the file is not the one that was digested */
export async function refuseChanged(path: string, { stamp }: FileDigest): Promise<void> {
  if ((await fileStamp(path)) === stamp) return
  throw new FitsError('FITS_SOURCE_CHANGED', `${path} changed while it was being loaded`, { file: path })
}

/** A digest under way. */
export interface BegunDigest {
  /** Whether the columns that must agree are digested too. */
  readonly agreed: Promise<boolean>
  readonly digest: Promise<FileDigest>
}

/** Digests of a load's files, over some threads, in the order in which they were asked for. */
export class FileDigests {
  readonly #threads: DigestThread[]
  readonly #idle: DigestThread[]
  readonly #waiting: ((thread: DigestThread) => void)[] = []
  readonly #begun = new Map<NamedFile, BegunDigest>()

  constructor(threads: number) {
    this.#threads = Array.from({ length: threads }, () => new DigestThread())
    this.#idle = [...this.#threads]
  }

  /** The digest of a file, also of HDUs that no catalogue loads; begun before, or now. */
  of(file: NamedFile): BegunDigest {
    const begun = this.#begun.get(file) ?? this.#begin(file)
    this.#begun.set(file, begun)
    return begun
  }

  #begin(file: NamedFile): BegunDigest {
    const stamp = fileStamp(file.path)
    const columns = stamp.then(() => columnsOf(file))
    const digest = this.#digest(file, stamp, columns)
    // A load that fails first never asks for it.
    digest.catch(() => {})
    return { agreed: columns.then((given) => given !== undefined).catch(() => false), digest }
  }

  async #digest(
    file: NamedFile,
    stamp: Promise<string>,
    known: Promise<readonly ColumnBytes[] | undefined>,
  ): Promise<FileDigest> {
    const thread = this.#idle.pop() ?? (await new Promise<DigestThread>((free) => this.#waiting.push(free)))
    try {
      const { sha256, columns } = await thread.digest(file.path, (await known) ?? [])
      return { sha256, columns, stamp: await stamp }
    } catch (cause) {
      throw new FitsError(
        'FITS_FILE_UNREADABLE',
        `${file.path} could not be read: ${(cause as Error).message}`,
        { file: file.path },
        { cause },
      )
    } finally {
      const next = this.#waiting.shift()
      if (next) next(thread)
      else this.#idle.push(thread)
    }
  }

  /** Stops the threads; digests under way never settle. */
  async end(): Promise<void> {
    await Promise.all(this.#threads.map((thread) => thread.end()))
  }
}

/** The columns that must agree. Undefined for a compressed file, or one that the load will complain of. */
async function columnsOf(file: NamedFile): Promise<readonly ColumnBytes[] | undefined> {
  const source = await fileSource(file.path)
  try {
    // Places within the decompressed file are none within the one on disk.
    if (source.size === 0 || (await source.read(0, 1))[0] === gzipMagic) return undefined
    const fits = await openFits(source)
    return agreementOf(fits, chooseLayouts(file, fits)).columns
  } catch {
    return undefined
  } finally {
    await source.close().catch(() => {})
  }
}

/** First byte of a gzip'd file. */
const gzipMagic = 0x1f
