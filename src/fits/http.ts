// Bytes from a web server by range requests; every answer is checked for length and for being the same file.
import { FitsError } from './errors.ts'
import { type ByteSource, truncated } from './source.ts'

export interface HttpOptions {
  /** Attempts per range, with a growing pause between them; 4 where absent. */
  readonly attempts?: number
  /** Milliseconds for one attempt; 60,000 where absent. */
  readonly timeout?: number
}

interface Answer {
  bytes: Uint8Array
  /** Length of the whole file as the server states it. */
  total: number
  /** ETag or Last-Modified: changes when the file does. */
  version: string
}

/**
 * A source over a file that a web server offers with range requests.
 * @throws FitsError FITS_HTTP_FAILED, FITS_HTTP_NO_RANGES; on reading also FITS_SOURCE_CHANGED
 */
export async function httpSource(url: string, options: HttpOptions = {}): Promise<ByteSource> {
  const first = await fetchRange(url, 0, 1, options)
  return {
    name: url,
    size: first.total,
    async read(from, to) {
      if (to > first.total) throw truncated(url, to, first.total)
      if (to <= from) return new Uint8Array(0)
      const answer = await fetchRange(url, from, to, options)
      if (answer.total !== first.total || answer.version !== first.version) throw changed(url, first, answer)
      return answer.bytes
    },
    async close() {},
  }
}

/** Tries a range several times; only faults that may pass (network, 5xx, 429, short answers) are tried again. */
async function fetchRange(url: string, from: number, to: number, options: HttpOptions): Promise<Answer> {
  const { attempts = 4, timeout = 60_000 } = options
  for (let attempt = 1; ; attempt++) {
    try {
      return await fetchOnce(url, from, to, timeout)
    } catch (fault) {
      if (!(fault instanceof Passing)) throw fault
      if (attempt >= attempts) throw failed(url, `${fault.message}, ${attempts} attempts`, fault.cause)
    }
    await new Promise((resolve) => setTimeout(resolve, 100 * 4 ** (attempt - 1)))
  }
}

/** A fault that may pass. */
class Passing extends Error {}

async function fetchOnce(url: string, from: number, to: number, timeout: number): Promise<Answer> {
  const request = new AbortController()
  const timer = setTimeout(() => request.abort(new Error(`not complete after ${timeout / 1000} s`)), timeout)
  try {
    const response = await ask(url, from, to, request.signal)
    if (response.status !== 206) throw refused(url, response.status, from)
    const given = response.headers.get('content-range')
    const range = /^bytes (\d+)-(\d+)\/(\d+)$/.exec(given ?? '')
    if (!range || Number(range[1]) !== from) {
      throw failed(url, `it answered with range "${given}", not ${from}-${to - 1}`)
    }
    const version = response.headers.get('etag') ?? response.headers.get('last-modified') ?? ''
    return { bytes: await exactly(response, to - from, request.signal), total: Number(range[3]), version }
  } finally {
    clearTimeout(timer)
    // Closes the connection of an answer that was not read to its end: to cancel a body can wait for ever.
    request.abort()
  }
}

async function ask(url: string, from: number, to: number, signal: AbortSignal): Promise<Response> {
  const headers = { range: `bytes=${from}-${to - 1}`, 'accept-encoding': 'identity' }
  try {
    return await fetch(url, { headers, signal })
  } catch (cause) {
    if (cause instanceof TypeError && !URL.canParse(url)) throw failed(url, 'this is no address', cause)
    throw new Passing(`no answer (${reason(cause)})`, { cause })
  }
}

/** The reason that fetch hides in its cause, e.g. ECONNREFUSED. */
function reason(cause: unknown): string {
  const inner = (cause as { cause?: { code?: string; message?: string } }).cause
  return inner?.code ?? inner?.message ?? (cause as Error).message
}

function refused(url: string, status: number, from: number): Error {
  if (status === 200) {
    return new FitsError('FITS_HTTP_NO_RANGES', `${url} is served whole only, no ranges`, { file: url })
  }
  if (status === 404 || status === 410) {
    return new FitsError('FITS_FILE_MISSING', `There is no file at ${url} (status ${status})`, { file: url })
  }
  if (status === 416) return failed(url, `it has no byte ${from}: the file is empty or shorter than stated`)
  const message = `status ${status}`
  return status === 429 || status >= 500 ? new Passing(message) : failed(url, message)
}

/** Exactly `length` bytes of the body: never more in memory than asked for, whatever the server sends. */
async function exactly(response: Response, length: number, signal: AbortSignal): Promise<Uint8Array> {
  const bytes = new Uint8Array(length)
  const reader = response.body?.getReader()
  const aborted = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true })
  })
  aborted.catch(() => {})
  let got = 0
  try {
    while (reader) {
      // A body that is being read doesn't always hear of its request's end, so the wait ends here.
      const { done, value: piece } = await Promise.race([reader.read(), aborted])
      if (done) break
      if (got + piece.length > length) throw new Passing(`more than the ${length} bytes asked for`)
      bytes.set(piece, got)
      got += piece.length
    }
  } catch (cause) {
    if (cause instanceof Passing) throw cause
    throw new Passing(`the connection broke after ${got} of ${length} bytes (${reason(cause)})`, { cause })
  }
  if (got < length) throw new Passing(`${got} of ${length} bytes`)
  return bytes
}

function failed(url: string, why: string, cause?: unknown): FitsError {
  return new FitsError('FITS_HTTP_FAILED', `${url} could not be read: ${why}`, { file: url }, { cause })
}

function changed(url: string, first: Answer, now: Answer): FitsError {
  const message = `${url} changed while being read: ${first.total} bytes ${first.version}, now ${now.total} ${now.version}`
  return new FitsError('FITS_SOURCE_CHANGED', message, { file: url })
}
