// SHA-256 of files, and of columns that must agree, computed beside the load in a thread of its own.
import { Worker } from 'node:worker_threads'

/** A column's bytes within a file: `count` values of `width` bytes, the first at `start`, `stride` bytes apart. */
export interface ColumnBytes {
  readonly start: number
  readonly width: number
  readonly stride: number
  readonly count: number
}

/** In hexadecimal. */
export interface FileDigest {
  readonly sha256: string
  /** Of the bytes of each column that was asked for. */
  readonly columns: readonly string[]
}

/** A thread that reads one file after the other from front to back, as fast as the disk or the system's cache. */
export class DigestThread {
  // Without this process's loaders for TypeScript, which the thread doesn't need, it starts in a third of the time.
  readonly #worker = new Worker(new URL('./digest-worker.mjs', import.meta.url), { execArgv: [] })

  constructor() {
    // Heard by whoever waits for a digest; unheard it would end the process.
    this.#worker.on('error', () => {})
  }

  /** Digests a file whole, also HDUs that no catalogue loads. One file at a time. */
  digest(path: string, columns: readonly ColumnBytes[] = []): Promise<FileDigest> {
    const answer = new Promise<FileDigest>((resolve, reject) => {
      this.#worker.once('error', reject)
      this.#worker.once('message', (digest: FileDigest) => {
        this.#worker.off('error', reject)
        resolve(digest)
      })
    })
    // A load that fails first never asks for it.
    answer.catch(() => {})
    this.#worker.postMessage({ path, columns })
    return answer
  }

  /** Stops the thread; a digest under way never settles. */
  async end(): Promise<void> {
    await this.#worker.terminate()
  }
}
