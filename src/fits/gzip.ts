// Gzip'd files: decompressed as a stream into a temporary file, because rows are read by position.
import { createWriteStream } from 'node:fs'
import { mkdtemp, open, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGunzip } from 'node:zlib'
import { FitsError } from './errors.ts'
import { type ByteSource, handleSource } from './source.ts'

const pieceBytes = 1 << 20

/**
 * The source itself, or, where it begins with the gzip magic number, a source over its decompressed copy in the
 * temporary folder. Memory stays at a few MB; the copy vanishes on `close`, which closes the original too.
 * @throws FitsError FITS_GZIP_BROKEN or FITS_TEMPORARY_FAILED
 */
export async function gunzipped(source: ByteSource): Promise<ByteSource> {
  if (source.size < 2) return source
  const magic = await source.read(0, 2)
  if (magic[0] !== 0x1f || magic[1] !== 0x8b) return source
  const folder = await mkdtemp(join(tmpdir(), 'almagest-fits-')).catch((cause) => {
    throw temporaryFault(source.name, cause)
  })
  try {
    const path = join(folder, 'plain.fits')
    await decompress(source, path)
    const handle = await open(path, 'r')
    const plain = handleSource(source.name, handle, (await handle.stat()).size)
    // On POSIX the open file outlives its name, so even a killed process leaves nothing behind.
    await removeFolder(folder)
    return { ...plain, close: () => closeAll(plain, source, folder) }
  } catch (fault) {
    await removeFolder(folder)
    throw fault
  }
}

/** Where an open file can't be unlinked this fails silently, and `close` does it. */
const removeFolder = (folder: string) => rm(folder, { recursive: true, force: true }).catch(() => {})

async function closeAll(plain: ByteSource, source: ByteSource, folder: string): Promise<void> {
  await plain.close()
  await source.close()
  await removeFolder(folder)
}

async function decompress(source: ByteSource, path: string): Promise<void> {
  try {
    await pipeline(Readable.from(pieces(source)), createGunzip(), createWriteStream(path))
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code ?? ''
    if (cause instanceof FitsError) throw cause
    if (!code.startsWith('Z_')) throw temporaryFault(source.name, cause as NodeJS.ErrnoException)
    const message = `${source.name} can't be decompressed: ${(cause as Error).message}`
    throw new FitsError('FITS_GZIP_BROKEN', message, { file: source.name }, { cause })
  }
}

async function* pieces(source: ByteSource): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < source.size; at += pieceBytes) {
    yield await source.read(at, Math.min(at + pieceBytes, source.size))
  }
}

function temporaryFault(name: string, cause: NodeJS.ErrnoException): FitsError {
  return new FitsError(
    'FITS_TEMPORARY_FAILED',
    `${name} could not be decompressed into ${tmpdir()} (${cause.code})`,
    { file: name },
    { cause },
  )
}
