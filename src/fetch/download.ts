// One file: asked for in ranges over several connections, put together, compared with its checksum, and named.
import { fetchError } from './errors.ts'
import { type Identity, PartFile } from './part-file.ts'
import { missingPieces, type Range, sizeOf } from './ranges.ts'
import { type Answer, Passing, request } from './request.ts'
import { persistently } from './retry.ts'
import type { Slots } from './slots.ts'

export interface DownloadOptions {
  /** Connections of the whole fetch. */
  readonly slots: Slots
  /** Bytes of one request at most. */
  readonly pieceBytes: number
  readonly attempts: number
  readonly pause: number
  readonly timeout: number
  readonly signal: AbortSignal | undefined
  /** Called with the bytes that have arrived, of this and of earlier runs. */
  readonly onBytes: (arrived: number) => void
}

export interface Downloaded {
  readonly bytes: number
  /** Bytes that this run received: fewer than `bytes` when an earlier one had begun. */
  readonly received: number
  /** In hexadecimal. */
  readonly sha256: string
}

/** Times that a file is begun anew because it changed on the server or arrived wrong. */
const beginnings = 3

/**
 * Fetches a file to `path`, where it appears when it is complete and right.
 * @param expected  its SHA-256 in hexadecimal; undefined where none is known
 * @throws AlmagestError of `fetchErrors`; the part that has arrived stays for a later run unless it is wrong
 */
export async function download(
  url: string,
  path: string,
  expected: string | undefined,
  options: DownloadOptions,
): Promise<Downloaded> {
  let received = 0
  let whole = false
  let wrong = 0
  let fault: Error = new OtherFile('was not begun')
  for (let beginning = 1; beginning <= beginnings; beginning++) {
    const { identity, ranged } = await probe(url, options)
    if (identity.size === undefined && expected === undefined) throw lengthUnknown(url)
    const part = await PartFile.open(path, identity)
    const count = (bytes: number) => {
      received += bytes
      options.onBytes(sizeOf(part.arrived))
    }
    try {
      await (ranged && !whole ? byRanges : inOneGo)(part, identity, options, count)
    } catch (thrown) {
      if (!(thrown instanceof OtherFile)) {
        await part.keep()
        throw thrown
      }
      await part.discard()
      whole ||= thrown instanceof RangesIgnored
      fault = thrown
      continue
    }
    const sha256 = await part.sha256()
    if (expected === undefined || sha256 === expected) {
      await part.finish()
      return { bytes: sizeOf(part.arrived), received, sha256 }
    }
    await part.discard()
    fault = new WrongContent(expected, sha256)
    // A wrong byte may be a broken connection's; twice, it is the file's.
    if (++wrong === 2) break
  }
  throw failed(url, fault)
}

/** The server sends another file than the one begun. */
class OtherFile extends Error {}

/** The server sent ranges at first, and now only the whole file. */
class RangesIgnored extends OtherFile {}

class WrongContent extends Error {
  constructor(expected: string, actual: string) {
    super(`SHA-256 ${actual}, the release states ${expected}`)
  }
}

function failed(url: string, fault: Error) {
  if (fault instanceof WrongContent) {
    return fetchError('FETCH_CHECKSUM', `${url} arrived with ${fault.message}`, { file: url })
  }
  return fetchError('FETCH_CHANGED', `${url} ${fault.message}`, { file: url })
}

function lengthUnknown(url: string) {
  const message = `${url} is sent without a length, and no checksum is known: nothing would tell that it is whole`
  return fetchError('FETCH_CHECKSUMS_MISSING', message, { file: url })
}

/**
 * Size of a file as the server states it.
 * @throws AlmagestError `FETCH_CHECKSUMS_MISSING` when it states none, and those of `fetchErrors` for a failed request
 */
export async function sizeOnServer(url: string, options: DownloadOptions): Promise<number> {
  const { size } = (await probe(url, options)).identity
  if (size === undefined) throw lengthUnknown(url)
  return size
}

interface Probed {
  readonly identity: Identity
  readonly ranged: boolean
}

/** Asks for the first byte: the answer tells size and version, and whether the server sends ranges. */
function probe(url: string, options: DownloadOptions): Promise<Probed> {
  return options.slots.run(() =>
    persistently(url, options, async () => {
      const answer = await request(url, [0, 1], options)
      answer.cancel()
      const { size, version, ranged } = answer
      return { identity: { url, size, version }, ranged }
    }),
  )
}

type Fetching = (
  part: PartFile,
  identity: Identity,
  options: DownloadOptions,
  count: (bytes: number) => void,
) => Promise<void>

/** The missing pieces, as many at once as there are free connections; all end before a fault is told. */
const byRanges: Fetching = async (part, identity, options, count) => {
  count(0)
  const abort = new AbortController()
  const signal = options.signal ? AbortSignal.any([options.signal, abort.signal]) : abort.signal
  // An answer with a range always tells the size.
  const pieces = missingPieces(part.arrived, identity.size!, options.pieceBytes)
  const ends = await Promise.allSettled(
    pieces.map((piece) =>
      options.slots
        .run(() => fetchPiece(part, identity, piece, { ...options, signal }, count))
        .catch((fault) => {
          abort.abort()
          throw fault
        }),
    ),
  )
  // Those that were aborted for another's fault come later in time, not in order.
  const faults = ends.flatMap((end) =>
    end.status === 'rejected' ? [end.reason as Error & { code?: string }] : [],
  )
  const first = faults.find(({ code }) => code !== 'FETCH_INTERRUPTED') ?? faults[0]
  if (first) throw first
}

async function fetchPiece(
  part: PartFile,
  identity: Identity,
  [from, to]: Range,
  options: DownloadOptions,
  count: (bytes: number) => void,
): Promise<void> {
  let at = from
  const attempt = async () => {
    if (at === to) return
    const answer = await request(identity.url, [at, to], options)
    refuseOther(answer, identity)
    for await (const bytes of answer.body) {
      if (at + bytes.length > to) throw new Passing(`more than the ${to - at} bytes asked for`)
      await part.write(at, bytes)
      at += bytes.length
      count(bytes.length)
    }
    if (at < to) throw new Passing(`it ended ${to - at} bytes early`)
  }
  await persistently(identity.url, options, attempt, () => at)
}

/** Compares what an answer says of the file with what the first one said. */
function refuseOther(answer: Answer, { size, version }: Identity): void {
  if (answer.ranged && answer.size === size && answer.version === version) return
  answer.cancel()
  if (!answer.ranged && answer.version === version) {
    throw new RangesIgnored('was served in ranges at first and then only whole')
  }
  throw new OtherFile(
    `changed while being fetched: ${size} bytes ${version}, then ${answer.size} bytes ${answer.version}`,
  )
}

/** The whole file over one connection, from the start at every attempt: for servers that send no ranges. */
const inOneGo: Fetching = (part, identity, options, count) =>
  options.slots.run(() =>
    persistently(identity.url, options, async () => {
      await part.restart()
      const answer = await request(identity.url, undefined, options)
      let at = 0
      for await (const bytes of answer.body) {
        await part.write(at, bytes)
        at += bytes.length
        count(bytes.length)
      }
      const size = answer.size ?? at
      if (at !== size) throw new Passing(`${at} of ${size} bytes came`)
    }),
  )
