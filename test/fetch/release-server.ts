// A web server on this machine that serves a release and misbehaves as told.
import { createHash, randomBytes } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Release } from '../../src/model/index.ts'

export interface Asked {
  readonly name: string
  /** Bytes asked for; undefined for the whole file. */
  readonly range: readonly [from: number, to: number] | undefined
  /** Which request for the file's content this is, from 1 (the first asks for one byte). */
  readonly nth: number
}

/** What is wrong with an answer; nothing where undefined. */
export type Fault =
  | { readonly kind: 'status'; readonly status: number; readonly retryAfter?: number }
  /** The connection is cut after so many bytes of the body. */
  | { readonly kind: 'cut'; readonly after: number }
  /** Nothing more comes after so many bytes, and the connection stays open. */
  | { readonly kind: 'stall'; readonly after: number }
  /** Content-Length says so many bytes more than are sent (or fewer, when negative: then fewer are sent). */
  | { readonly kind: 'length'; readonly more: number }
  /** The range is ignored: the whole file comes. */
  | { readonly kind: 'whole' }
  /** Whole, and chunked: without a length. */
  | { readonly kind: 'chunked' }
  /** Bytes other than the file's. */
  | { readonly kind: 'garbled' }
  /** The range that is sent begins elsewhere than the one asked for. */
  | { readonly kind: 'elsewhere' }
  /** The file is at another address. */
  | { readonly kind: 'moved' }
  /** The whole file with gzip's name on it. */
  | { readonly kind: 'encoded' }

export interface ReleaseServer extends AsyncDisposable {
  readonly baseUrl: string
  readonly release: Release
  /** Content by name; a change of it changes its ETag. */
  readonly files: Map<string, Buffer>
  readonly asked: Asked[]
  /** Bytes of files that were sent, in all. */
  sent: number
  /** Called for each request for a file. */
  misbehave: (asked: Asked) => Fault | undefined
  /** Text of the checksum file; undefined for none. */
  checksums: string | undefined
  /** Whether answers carry an ETag. */
  etag: boolean
}

export const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')

/** Files of these sizes with random content, and their checksums. */
export async function releaseServer(sizes: Readonly<Record<string, number>>): Promise<ReleaseServer> {
  const files = new Map(Object.entries(sizes).map(([name, size]) => [name, randomBytes(size)]))
  const server = createServer((message, response) => answer(state, message, response))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
  const state: ReleaseServer = {
    baseUrl,
    release: { baseUrl, folders: [{ path: 'v1/', checksums: 'v1.sha256sum', files: sizes }] },
    files,
    asked: [],
    sent: 0,
    misbehave: () => undefined,
    checksums: [...files].map(([name, bytes]) => `${sha256(bytes)}  ${name}\n`).join(''),
    etag: true,
    [Symbol.asyncDispose]: () => closed(server),
  }
  return state
}

function closed(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve())
    server.closeAllConnections()
  })
}

function answer(state: ReleaseServer, message: IncomingMessage, response: ServerResponse): void {
  const name = message.url?.replace('/v1/', '') ?? ''
  if (name === 'v1.sha256sum' && state.checksums !== undefined) {
    response.end(state.checksums)
    return
  }
  const moved = name.startsWith('moved/')
  const bytes = state.files.get(name.replace('moved/', ''))
  if (!bytes) {
    response.writeHead(404).end()
    return
  }
  const match = /^bytes=(\d+)-(\d+)$/.exec(message.headers.range ?? '')
  const range = match
    ? ([Number(match[1]), Math.min(Number(match[2]) + 1, bytes.length)] as const)
    : undefined
  const asked: Asked = { name, range, nth: state.asked.filter((each) => each.name === name).length + 1 }
  state.asked.push(asked)
  const fault = moved ? undefined : state.misbehave(asked)
  if (fault?.kind === 'moved') response.writeHead(302, { location: `/v1/moved/${name}` }).end()
  else send(state, asked, fault, bytes, response)
}

function send(
  state: ReleaseServer,
  { range }: Asked,
  fault: Exclude<Fault, { kind: 'moved' }> | undefined,
  bytes: Buffer,
  response: ServerResponse,
): void {
  if (state.etag) response.setHeader('etag', `"${sha256(bytes).slice(0, 16)}"`)
  if (fault?.kind === 'status') {
    if (fault.retryAfter !== undefined) response.setHeader('retry-after', fault.retryAfter)
    response.writeHead(fault.status).end()
    return
  }
  const whole = !range || fault?.kind === 'whole' || fault?.kind === 'chunked' || fault?.kind === 'encoded'
  if (range && range[0] >= bytes.length) {
    response.writeHead(416, { 'content-range': `bytes */${bytes.length}` }).end()
    return
  }
  let [from, to] = whole ? [0, bytes.length] : range
  if (fault?.kind === 'elsewhere') [from, to] = [from + 1, to + 1]
  let body = bytes.subarray(from, to)
  if (!whole) response.setHeader('content-range', `bytes ${from}-${to - 1}/${bytes.length}`)
  if (fault?.kind === 'encoded') response.setHeader('content-encoding', 'gzip')
  if (fault?.kind === 'garbled') body = Buffer.from(body.map((byte) => byte ^ 1))
  if (fault?.kind === 'length' && fault.more < 0) body = body.subarray(0, body.length + fault.more)
  const stated = body.length + (fault?.kind === 'length' ? Math.max(0, fault.more) : 0)
  if (fault?.kind !== 'chunked') response.setHeader('content-length', stated)
  response.writeHead(whole ? 200 : 206)
  if (fault?.kind === 'cut' || fault?.kind === 'stall') body = body.subarray(0, fault.after)
  state.sent += body.length
  const broken = fault?.kind === 'cut' || (fault?.kind === 'length' && fault.more > 0)
  response.write(body, () => {
    if (broken) response.socket?.destroy()
    else if (fault?.kind !== 'stall') response.end()
  })
}
