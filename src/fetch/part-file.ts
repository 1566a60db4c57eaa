// A file that is arriving: its bytes in NAME.part, what of them has arrived in NAME.part.json, so that it can go on.
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { type FileHandle, open, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { fetchError } from './errors.ts'
import { type Range, sizeOf, withRange } from './ranges.ts'

/** What a file on a web server is known by. */
export interface Identity {
  readonly url: string
  /** Bytes; undefined where the server doesn't tell. */
  readonly size: number | undefined
  /** ETag or Last-Modified: changes when the file does; empty where the server tells neither. */
  readonly version: string
}

interface State extends Identity {
  readonly arrived: readonly Range[]
}

/** How often the state is written while bytes arrive, in milliseconds. */
const stateEveryMs = 500

export class PartFile {
  readonly #path: string
  readonly #handle: FileHandle
  readonly #identity: Identity
  #arrived: readonly Range[]
  #saved = 0

  private constructor(path: string, handle: FileHandle, identity: Identity, arrived: readonly Range[]) {
    this.#path = path
    this.#handle = handle
    this.#identity = identity
    this.#arrived = arrived
  }

  /**
   * Opens the part of `path`: the one that an earlier run left if it is of the same file, otherwise a new one.
   * @throws AlmagestError `FETCH_WRITE_FAILED`
   */
  static async open(path: string, identity: Identity): Promise<PartFile> {
    const arrived = await arrivedBefore(path, identity)
    const handle = await checked(path, open(partOf(path), arrived.length > 0 ? 'r+' : 'w'))
    return new PartFile(path, handle, identity, arrived)
  }

  get arrived(): readonly Range[] {
    return this.#arrived
  }

  /** Takes bytes that belong at `at`. */
  async write(at: number, bytes: Uint8Array): Promise<void> {
    for (let done = 0; done < bytes.length; ) {
      const { bytesWritten } = await checked(
        this.#path,
        this.#handle.write(bytes, done, bytes.length - done, at + done),
      )
      done += bytesWritten
    }
    this.#arrived = withRange(this.#arrived, [at, at + bytes.length])
    // The state follows the bytes: it may say too little of what is there, never too much.
    if (Date.now() - this.#saved > stateEveryMs) await this.#save()
  }

  /** Forgets what has arrived, for a server that can only begin anew. */
  async restart(): Promise<void> {
    this.#arrived = []
    await checked(this.#path, this.#handle.truncate(0))
    await this.#save()
  }

  /** Leaves the part for a later run. */
  async keep(): Promise<void> {
    await this.#save()
    await this.#handle.close()
  }

  /** Removes the part. */
  async discard(): Promise<void> {
    await this.#handle.close()
    await rm(partOf(this.#path), { force: true })
    await rm(stateOf(this.#path), { force: true })
  }

  /** SHA-256 of the bytes on the disk, in hexadecimal. */
  sha256(): Promise<string> {
    return sha256Of(partOf(this.#path))
  }

  /** Gives the file its name. */
  async finish(): Promise<void> {
    await checked(this.#path, this.#handle.sync())
    await this.#handle.close()
    await checked(this.#path, rename(partOf(this.#path), this.#path))
    await rm(stateOf(this.#path), { force: true })
  }

  async #save(): Promise<void> {
    this.#saved = Date.now()
    const state: State = { ...this.#identity, arrived: this.#arrived }
    const fresh = `${stateOf(this.#path)}.${this.#saved}`
    await checked(this.#path, writeFile(fresh, JSON.stringify(state)))
    await checked(this.#path, rename(fresh, stateOf(this.#path)))
  }
}

const partOf = (path: string) => `${path}.part`
const stateOf = (path: string) => `${path}.part.json`

/** What an earlier run left of the same file; nothing when the file has changed, or the state can't be read. */
async function arrivedBefore(path: string, { url, size, version }: Identity): Promise<readonly Range[]> {
  const state = await readState(path)
  // Without a version nothing tells that the file is still the same but its checksum in the end.
  const same = state?.url === url && state.size === size && state.version === version
  if (!same || !Array.isArray(state.arrived)) return []
  const length = await lengthOf(partOf(path))
  return state.arrived.every((range) => range[1] <= length) && sizeOf(state.arrived) > 0 ? state.arrived : []
}

async function readState(path: string): Promise<State | undefined> {
  try {
    return JSON.parse(await readFile(stateOf(path), 'utf8')) as State
  } catch {
    return undefined
  }
}

async function lengthOf(path: string): Promise<number> {
  return (await stat(path).catch(() => undefined))?.size ?? 0
}

/** SHA-256 of a file, in hexadecimal. */
export async function sha256Of(path: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const piece of createReadStream(path, { highWaterMark: 1 << 20 })) hash.update(piece as Buffer)
  return hash.digest('hex')
}

function checked<T>(path: string, work: Promise<T>): Promise<T> {
  return work.catch((cause: NodeJS.ErrnoException) => {
    throw fetchError(
      'FETCH_WRITE_FAILED',
      `${path} could not be written (${cause.code})`,
      { file: path },
      { cause },
    )
  })
}
