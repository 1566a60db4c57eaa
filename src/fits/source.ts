// The one seam through which bytes come in: a size and `read(from, to)`; here from a buffer or a file.
import { type FileHandle, open } from 'node:fs/promises'
import { FitsError } from './errors.ts'

export interface ByteSource {
  /** Path or address, as messages name it. */
  readonly name: string
  /** Length in bytes. */
  readonly size: number
  /**
   * Bytes `from` (inclusive) to `to` (exclusive), exactly `to - from` of them.
   * @param into  memory of at least that size that the caller gives up until the answer: the answer may be a view of
   *   it, which spares a reader of many pieces the making of as many buffers
   * @throws FitsError FITS_TRUNCATED when the source ends before `to`
   */
  read(from: number, to: number, into?: Uint8Array): Promise<Uint8Array>
  close(): Promise<void>
}

/** FITS_TRUNCATED with both numbers: what was to be read and what is there. */
export function truncated(name: string, expected: number, actual: number, what = 'the data'): FitsError {
  return new FitsError(
    'FITS_TRUNCATED',
    `${name} is truncated: ${what} needs ${expected} bytes, the file has ${actual}`,
    { file: name },
  )
}

/** A source over bytes in memory. */
export function bufferSource(name: string, bytes: Uint8Array): ByteSource {
  return {
    name,
    size: bytes.byteLength,
    async read(from, to) {
      if (to > bytes.byteLength) throw truncated(name, to, bytes.byteLength)
      return bytes.subarray(from, to)
    },
    async close() {},
  }
}

/**
 * A source over a file on disk; the file stays open until `close`.
 * @throws FitsError FITS_FILE_MISSING, FITS_NOT_A_FILE or FITS_FILE_UNREADABLE
 */
export async function fileSource(path: string): Promise<ByteSource> {
  const handle = await open(path, 'r').catch((cause) => {
    throw openFault(path, cause)
  })
  try {
    const stat = await handle.stat()
    if (!stat.isFile()) throw notAFile(path)
    return handleSource(path, handle, stat.size)
  } catch (fault) {
    await handle.close()
    throw fault
  }
}

/** A source over an open file; owns the handle. */
export function handleSource(name: string, handle: FileHandle, size: number): ByteSource {
  return {
    name,
    size,
    async read(from, to, into) {
      if (to > size) throw truncated(name, to, size)
      const bytes = into?.subarray(0, to - from) ?? Buffer.allocUnsafeSlow(to - from)
      let got = 0
      while (got < bytes.length) {
        const { bytesRead } = await handle.read(bytes, got, bytes.length - got, from + got).catch((cause) => {
          throw readFault(name, cause)
        })
        if (bytesRead === 0) throw shrunk(name, size, from + got)
        got += bytesRead
      }
      return bytes
    },
    close: () => handle.close(),
  }
}

function openFault(path: string, cause: NodeJS.ErrnoException): FitsError {
  const code = cause.code
  if (code === 'ENOENT' || code === 'ENOTDIR') {
    return new FitsError('FITS_FILE_MISSING', `There is no file ${path}`, { file: path }, { cause })
  }
  if (code === 'EISDIR') return notAFile(path)
  return new FitsError(
    'FITS_FILE_UNREADABLE',
    `${path} could not be opened (${code})`,
    { file: path },
    { cause },
  )
}

const notAFile = (path: string) =>
  new FitsError('FITS_NOT_A_FILE', `${path} is a folder or a device, not a file`, { file: path })

const readFault = (name: string, cause: NodeJS.ErrnoException) =>
  new FitsError(
    'FITS_FILE_UNREADABLE',
    `${name} could not be read (${cause.code})`,
    { file: name },
    { cause },
  )

const shrunk = (name: string, size: number, end: number) =>
  new FitsError(
    'FITS_SOURCE_CHANGED',
    `${name} had ${size} bytes when it was opened and ends at byte ${end} now`,
    { file: name },
  )
