// Where written bytes go: a file that appears under its name only when complete, or the caller's own sink.
import { open, rename, rm } from 'node:fs/promises'
import { FitsError } from './errors.ts'

export interface FitsSink {
  /** Takes the next bytes; the promise settles when more may come. */
  write(bytes: Uint8Array): Promise<void>
  /** Replaces bytes already written, `at` bytes from the start; without it no checksums are written. */
  patch?(at: number, bytes: Uint8Array): Promise<void>
}

/** A sink with an end: `finish` makes the file visible, `abandon` leaves nothing behind. */
export interface FileSink extends FitsSink {
  finish(): Promise<void>
  abandon(): Promise<void>
}

/**
 * Writes to a file beside `path` and renames it at the end, so that `path` is never half a file.
 * @throws FitsError FITS_WRITE_FAILED
 */
export async function fileSink(path: string): Promise<FileSink> {
  const part = `${path}.${process.pid}.part`
  const checked = <T>(work: Promise<T>) =>
    work.catch((cause: NodeJS.ErrnoException) => {
      const message = `${path} could not be written (${cause.code})`
      throw new FitsError('FITS_WRITE_FAILED', message, { file: path }, { cause })
    })
  const handle = await checked(open(part, 'w'))
  const writeAll = async (bytes: Uint8Array, at: number | null) => {
    for (let done = 0; done < bytes.length; ) {
      const { bytesWritten } = await handle.write(
        bytes,
        done,
        bytes.length - done,
        at === null ? null : at + done,
      )
      done += bytesWritten
    }
  }
  return {
    write: (bytes) => checked(writeAll(bytes, null)),
    patch: (at, bytes) => checked(writeAll(bytes, at)),
    async finish() {
      await checked(handle.close())
      await checked(rename(part, path))
    },
    async abandon() {
      await handle.close().catch(() => {})
      await rm(part, { force: true }).catch(() => {})
    },
  }
}
