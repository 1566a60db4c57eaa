// A thread that reads whole files and answers SHA-256, of all of the file and of single columns.
import { Worker } from 'node:worker_threads'

/** A column's bytes within a file: `count` values of `width` bytes, the first at `start`, `stride` bytes apart. */
export interface ColumnBytes {
  readonly start: number
  readonly width: number
  readonly stride: number
  readonly count: number
}

/** SHA-256 in hexadecimal: of the file, and of each column's bytes. */
export interface Digest {
  readonly sha256: string
  readonly columns: readonly string[]
}

/** Reads files from front to back, as fast as the disk or the system's cache. */
export class DigestThread {
  // Without this process's loaders for TypeScript, which the thread doesn't need, it starts in a third of the time.
  readonly #worker = new Worker(new URL('./digest-worker.mjs', import.meta.url), { execArgv: [] })

  /** One file at a time. @throws what the operating system says of the file */
  digest(path: string, columns: readonly ColumnBytes[]): Promise<Digest> {
    const answer = new Promise<Digest>((resolve, reject) => {
      this.#worker.once('message', ({ digest, error }) => (error ? reject(error) : resolve(digest)))
    })
    this.#worker.postMessage({ path, columns })
    return answer
  }

  /** Stops the thread; a digest under way never settles. */
  async end(): Promise<void> {
    await this.#worker.terminate()
  }
}
