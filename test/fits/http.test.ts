// Reading from a web server on this machine that serves ranges, drops connections, lies, or knows no ranges.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { httpSource, openFits, rowBlocks, tableLayout } from '../../src/fits/index.ts'
import { data, primary, tableHeader } from './build.ts'
import { faultOf } from './faults.ts'

const rows = Uint8Array.from({ length: 50_000 }, (_, i) => i % 253)
const bytes = Buffer.concat([
  primary(),
  tableHeader(5, 10_000, 1, "TFORM1  = '5B'", "EXTNAME = 'T'"),
  data(rows),
])

let server: Server
let requests = 0
let answer: (request: IncomingMessage, response: ServerResponse, from: number, to: number) => void
beforeAll(async () => {
  server = createServer((request, response) => {
    requests++
    const range = /bytes=(\d+)-(\d+)/.exec(request.headers.range ?? '')
    answer(request, response, Number(range?.[1]), Number(range?.[2]) + 1)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
})
afterAll(() => new Promise((resolve) => server.close(resolve)))

const address = () => `http://127.0.0.1:${(server.address() as AddressInfo).port}/x.fits`

const serve = (
  response: ServerResponse,
  from: number,
  to: number,
  { etag = '"1"', total = bytes.length, body = bytes.subarray(from, to) } = {},
) => {
  response.writeHead(206, { 'content-range': `bytes ${from}-${to - 1}/${total}`, etag }).end(body)
}

async function readAll(): Promise<Buffer> {
  const file = await openFits(await httpSource(address(), { attempts: 3, timeout: 2000 }))
  const pieces: Uint8Array[] = []
  for await (const block of rowBlocks(file, tableLayout(file, file.hdu('T')), { blockBytes: 10_000 }))
    pieces.push(block.bytes)
  await file.close()
  return Buffer.concat(pieces)
}

test('ranges', async () => {
  answer = (_, response, from, to) => serve(response, from, to)
  expect((await readAll()).equals(rows)).toBe(true)
})

test('connections that break now and then, and a server that is overloaded at times', async () => {
  answer = (_, response, from, to) => {
    if (requests % 4 === 1) return void response.socket?.destroy()
    if (requests % 4 === 2) {
      response.writeHead(206, {
        'content-range': `bytes ${from}-${to - 1}/${bytes.length}`,
        'content-length': to - from,
        etag: '"1"',
      })
      response.write(bytes.subarray(from, from + Math.floor((to - from) / 2)))
      return void setTimeout(() => response.socket?.destroy(), 10)
    }
    serve(response, from, to)
  }
  expect((await readAll()).equals(rows)).toBe(true)
  answer = (_, response, from, to) => {
    if (requests % 3 === 0) response.writeHead(503).end('busy')
    else serve(response, from, to)
  }
  expect((await readAll()).equals(rows)).toBe(true)
})

test.each([
  [
    'fewer bytes than asked for',
    (from: number, to: number) => bytes.subarray(from, to - (to > from + 1 ? 1 : 0)),
  ],
  [
    'more bytes than asked for',
    (from: number, to: number) => bytes.subarray(from, to + (to > from + 1 ? 1 : 0)),
  ],
])('%s', async (_, body) => {
  answer = (_, response, from, to) => serve(response, from, to, { body: body(from, to) })
  expect((await faultOf('FITS_HTTP_FAILED', readAll)).message).toContain('3 attempts')
})

test('another range than asked for', async () => {
  answer = (_, response, from, to) => serve(response, from + 1, to + 1)
  await faultOf('FITS_HTTP_FAILED', readAll)
})

test('a file that changes', async () => {
  answer = (_, response, from, to) => serve(response, from, to, { etag: from < 10_000 ? '"1"' : '"2"' })
  await faultOf('FITS_SOURCE_CHANGED', readAll)
  answer = (_, response, from, to) => serve(response, from, to, { total: from < 10_000 ? bytes.length : 9 })
  await faultOf('FITS_SOURCE_CHANGED', readAll)
})

test.each([
  ['FITS_HTTP_NO_RANGES', 200],
  ['FITS_FILE_MISSING', 404],
  ['FITS_HTTP_FAILED', 403],
  ['FITS_HTTP_FAILED', 416],
  ['FITS_HTTP_FAILED', 500],
] as const)('%s for status %i', async (code, status) => {
  answer = (_, response) => void response.writeHead(status).end('text')
  expect((await faultOf(code, readAll)).place.file).toBe(address())
})

test('a server that never answers, none at all, and no address', async () => {
  answer = () => {}
  const quick = { attempts: 1, timeout: 100 }
  await faultOf('FITS_HTTP_FAILED', () => httpSource(address(), quick))
  expect(
    (await faultOf('FITS_HTTP_FAILED', () => httpSource('http://127.0.0.1:1/x', quick))).message,
  ).toContain('1 attempts')
  await faultOf('FITS_HTTP_FAILED', () => httpSource('no address', quick))
})

test('a server that falls silent within its answer', async () => {
  answer = (_, response, from, to) => {
    if (to === 1) return serve(response, from, to)
    response.writeHead(206, { 'content-range': `bytes ${from}-${to - 1}/${bytes.length}`, etag: '"1"' })
    response.write(bytes.subarray(from, from + 10))
  }
  const source = await httpSource(address(), { attempts: 2, timeout: 100 })
  const fault = await faultOf('FITS_HTTP_FAILED', () => source.read(0, bytes.length))
  expect(fault.message).toMatch(/broke after 10 of \d+ bytes .*2 attempts/)
})

test('reading beyond the end', async () => {
  answer = (_, response, from, to) => serve(response, from, to)
  const source = await httpSource(address())
  expect(source.size).toBe(bytes.length)
  await faultOf('FITS_TRUNCATED', () => source.read(0, bytes.length + 1))
  expect((await source.read(5, 5)).length).toBe(0)
})
