// One request to a web server: what the answer says of the file, its bytes, and whether a fault may pass.
import { fetchError } from './errors.ts'

export interface RequestOptions {
  /** Milliseconds without a byte after which a connection counts as lost. */
  readonly timeout: number
  readonly signal: AbortSignal | undefined
}

export interface Answer {
  /** Whether the server sends the range asked for (206) or the whole file (200). */
  readonly ranged: boolean
  /** Size of the whole file as the server states it; undefined where it doesn't. */
  readonly size: number | undefined
  /** ETag or Last-Modified; empty where the server tells neither. */
  readonly version: string
  /** The bytes, in pieces as they come; leaving the loop closes the connection. */
  readonly body: AsyncIterable<Uint8Array>
  /** Closes the connection without reading the bytes. */
  cancel(): void
}

/** A fault that may pass when the server is asked again. */
export class Passing extends Error {
  /** @param wait  milliseconds that the server asks for */
  constructor(
    message: string,
    readonly wait = 0,
    options?: { cause?: unknown },
  ) {
    super(message, options)
  }
}

/**
 * Asks for a file, or for bytes `from` to `to` of it.
 * @throws Passing for a network fault and for statuses 408, 425, 429 and 5xx; AlmagestError `FETCH_FILE_MISSING`,
 *   `FETCH_HTTP_FAILED`, `FETCH_INTERRUPTED`
 */
export async function request(
  url: string,
  range: readonly [from: number, to: number] | undefined,
  { timeout, signal }: RequestOptions,
): Promise<Answer> {
  const idle = new IdleTimer(timeout, signal)
  const headers: Record<string, string> = { 'accept-encoding': 'identity' }
  if (range) headers.range = `bytes=${range[0]}-${range[1] - 1}`
  try {
    const response = await fetch(url, { headers, signal: idle.signal })
    const refusal = refusalOf(url, response)
    if (refusal) throw refusal
    return {
      ...about(url, response, range?.[0]),
      body: pieces(response, idle, signal),
      cancel: () => idle.abort(),
    }
  } catch (fault) {
    idle.abort()
    throw translated(fault, signal, 'no answer')
  }
}

/** Aborts a request when nothing has come for a while, or with the caller. */
class IdleTimer {
  readonly #controller = new AbortController()
  readonly #timeout: number
  #timer: NodeJS.Timeout
  readonly signal: AbortSignal
  /** Rejects when the signal aborts. */
  readonly ended: Promise<never>

  constructor(timeout: number, outer: AbortSignal | undefined) {
    this.#timeout = timeout
    this.signal = outer ? AbortSignal.any([outer, this.#controller.signal]) : this.#controller.signal
    this.#timer = setTimeout(() => this.#expire(), timeout)
    this.ended = new Promise((_, reject) => {
      this.signal.addEventListener('abort', () => reject(this.signal.reason), { once: true })
    })
    // Nobody waits for it while no body is read.
    this.ended.catch(() => {})
  }

  restart(): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.#expire(), this.#timeout)
  }

  stop(): void {
    clearTimeout(this.#timer)
  }

  /** Closes the connection at once: to cancel a body can wait for ever. */
  abort(): void {
    this.stop()
    this.#controller.abort()
  }

  #expire(): void {
    this.#controller.abort(new Error(`nothing came for ${this.#timeout / 1000} s`))
  }
}

async function* pieces(
  response: Response,
  idle: IdleTimer,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array> {
  const reader = response.body?.getReader()
  try {
    idle.restart()
    while (reader) {
      // A body that is being read doesn't always hear of its request's end, so the wait ends here.
      const { done, value } = await Promise.race([reader.read(), idle.ended])
      if (done) break
      idle.restart()
      yield value
      idle.restart()
    }
  } catch (fault) {
    throw translated(fault, signal, 'the connection broke')
  } finally {
    idle.abort()
  }
}

function translated(fault: unknown, signal: AbortSignal | undefined, what: string): unknown {
  if (signal?.aborted)
    return fetchError('FETCH_INTERRUPTED', 'Fetching was interrupted', {}, { cause: fault })
  const network = fault instanceof TypeError || (fault as Error).name === 'AbortError' || isPlainError(fault)
  return network ? new Passing(`${what} (${reason(fault)})`, 0, { cause: fault }) : fault
}

/** The idle timer's reason and undici's errors of a body come as they are. */
const isPlainError = (fault: unknown) =>
  fault instanceof Error && !(fault instanceof Passing) && fault.name !== 'AlmagestError'

/** The reason that fetch hides in its cause, e.g. ECONNREFUSED. */
function reason(fault: unknown): string {
  const inner = (fault as { cause?: { code?: string; message?: string } }).cause
  return inner?.code ?? inner?.message ?? (fault as Error).message
}

const passingStatuses = [408, 425, 429]
/** The longest that a server's Retry-After is obeyed, in milliseconds. */
const longestWait = 60_000

function refusalOf(url: string, response: Response): Error | undefined {
  const { status, headers } = response
  const place = { file: url }
  if (status === 404 || status === 410) {
    return fetchError('FETCH_FILE_MISSING', `There is no file at ${url} (status ${status})`, place)
  }
  if (passingStatuses.includes(status) || status >= 500) {
    const seconds = Number(headers.get('retry-after') ?? 0)
    return new Passing(
      `status ${status}`,
      Number.isFinite(seconds) ? Math.min(seconds * 1000, longestWait) : 0,
    )
  }
  if (status === 416 && sizeOfEmpty(headers)) return undefined
  if (status !== 200 && status !== 206) {
    return fetchError('FETCH_HTTP_FAILED', `${url} was answered with status ${status}`, place)
  }
  const encoding = headers.get('content-encoding') ?? 'identity'
  if (encoding === 'identity') return undefined
  const message = `${url} was sent as ${encoding}, though asked for as it is: its bytes can't be told`
  return fetchError('FETCH_HTTP_FAILED', message, place)
}

const sizeOfEmpty = (headers: Headers) => /^bytes \*\/0$/.test(headers.get('content-range') ?? '')

function about(url: string, { status, headers }: Response, from: number | undefined) {
  const version = headers.get('etag') ?? headers.get('last-modified') ?? ''
  if (status === 416) return { ranged: true, size: 0, version }
  if (status === 200) {
    const length = headers.get('content-length')
    return { ranged: false, size: length === null ? undefined : Number(length), version }
  }
  const given = headers.get('content-range') ?? ''
  const range = /^bytes (\d+)-(\d+)\/(\d+)$/.exec(given)
  if (!range || Number(range[1]) !== from) {
    throw fetchError(
      'FETCH_HTTP_FAILED',
      `${url}: asked for bytes from ${from}, the server sends "${given}"`,
      {
        file: url,
      },
    )
  }
  return { ranged: true, size: Number(range[3]), version }
}
