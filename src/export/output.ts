// Where an export goes: a file that appears under its name only when complete, or a sink of the caller's.
import { type FileHandle, open, rename, rm } from 'node:fs/promises'
import { exportError } from './errors.ts'

export interface ExportSink {
  /** Takes the next bytes; the promise settles when more may come. */
  write(bytes: Uint8Array): Promise<void>
  /** Replaces bytes already written, `at` bytes from the start; a sink that can't has none. */
  patch?(at: number, bytes: Uint8Array): Promise<void>
}

/** A sink that counts its bytes and has an end. */
export interface Output extends ExportSink {
  readonly bytes: number
  /** Makes the file visible under its name. */
  finish(): Promise<void>
  /** Leaves nothing behind. */
  abandon(): Promise<void>
}

/** Counts what passes to a sink that the caller opened and closes. */
export function sinkOutput(sink: ExportSink): Output {
  let bytes = 0
  return {
    get bytes() {
      return bytes
    },
    async write(piece) {
      await sink.write(piece)
      bytes += piece.length
    },
    ...(sink.patch ? { patch: sink.patch.bind(sink) } : {}),
    async finish() {},
    async abandon() {},
  }
}

/**
 * Writes to a file beside `path` and renames it at the end.
 * @throws AlmagestError `EXPORT_FILE_EXISTS`, `EXPORT_WRITE_FAILED`
 */
export async function fileOutput(path: string, overwrite: boolean): Promise<Output> {
  const part = `${path}.${process.pid}.part`
  const checked = <T>(work: Promise<T>) => work.catch((cause) => Promise.reject(failed(path, cause)))
  if (!overwrite && (await exists(path))) {
    throw exportError('EXPORT_FILE_EXISTS', `${path} exists already`, { file: path })
  }
  const handle = await checked(open(part, 'w'))
  let bytes = 0
  return {
    get bytes() {
      return bytes
    },
    async write(piece) {
      await checked(writeAll(handle, piece, null))
      bytes += piece.length
    },
    patch: (at, piece) => checked(writeAll(handle, piece, at)),
    async finish() {
      await checked(handle.sync())
      await checked(handle.close())
      await checked(rename(part, path))
    },
    async abandon() {
      await handle.close().catch(() => {})
      await rm(part, { force: true }).catch(() => {})
    },
  }
}

async function writeAll(handle: FileHandle, bytes: Uint8Array, at: number | null): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    const position = at === null ? null : at + done
    const { bytesWritten } = await handle.write(bytes, done, bytes.length - done, position)
    done += bytesWritten
  }
}

async function exists(path: string): Promise<boolean> {
  const handle = await open(path, 'r').catch((fault: NodeJS.ErrnoException) => fault.code !== 'ENOENT')
  if (typeof handle === 'boolean') return handle
  await handle.close()
  return true
}

function failed(path: string, cause: NodeJS.ErrnoException) {
  return exportError(
    'EXPORT_WRITE_FAILED',
    `${path} could not be written (${cause.code})`,
    { file: path },
    { cause },
  )
}
