// Fetching from servers that cut, stall, lie, change and refuse: the right file under its name, or a typed error.
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type FetchOptions, fetchRelease } from '../../src/fetch/index.ts'
import { type Asked, type Fault, type ReleaseServer, releaseServer, sha256 } from './release-server.ts'

const size = 1_000_003
const quick: FetchOptions = { pieceBytes: 100_000, attempts: 3, pause: 5, timeout: 300 }

let folder: string
let server: ReleaseServer
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'almagest-fetch-'))
  server = await releaseServer({ 'a.fits': size })
})
afterEach(async () => {
  await server[Symbol.asyncDispose]()
  rmSync(folder, { recursive: true })
})

const fetchAll = (options: FetchOptions = {}) =>
  fetchRelease(server.release, folder, { ...quick, ...options })
const path = (name = 'a.fits') => join(folder, name)
const isRight = (name = 'a.fits') => readFileSync(path(name)).equals(server.files.get(name)!)

/** The first `times` requests that `which` picks, of those after the first byte's. */
function first(times: number, fault: Fault, which: (asked: Asked) => boolean = () => true) {
  let left = times
  return (asked: Asked) => (asked.nth > 1 && which(asked) && left-- > 0 ? fault : undefined)
}

test('a sound server: every byte once, over several connections, and nothing left behind', async () => {
  const told: number[] = []
  const report = await fetchAll({ onProgress: (bytes, total) => told.push(bytes / total) })
  expect(report).toMatchObject({ bytes: size, received: size, folder })
  expect(report.files).toEqual([
    {
      file: 'a.fits',
      url: `${server.baseUrl}v1/a.fits`,
      bytes: size,
      received: size,
      sha256: sha256(server.files.get('a.fits')!),
      verified: true,
      outcome: 'fetched',
    },
  ])
  expect(isRight()).toBe(true)
  expect(readdirSync(folder)).toEqual(['a.fits'])
  expect(told.at(-1)).toBe(1)
  // Eleven pieces, and the first byte once more.
  expect(server.asked.length).toBe(12)
  expect(server.sent).toBe(size + 1)
})

describe('what passes', () => {
  const faults: [string, Fault, number][] = [
    ['503, then 200', { kind: 'status', status: 503 }, 2],
    ['429 with Retry-After', { kind: 'status', status: 429, retryAfter: 0.02 }, 2],
    ['a connection cut within the body', { kind: 'cut', after: 30_000 }, 8],
    ['a connection cut before the body', { kind: 'cut', after: 0 }, 2],
    ['a connection that stalls', { kind: 'stall', after: 30_000 }, 2],
    ['a length that promises too much', { kind: 'length', more: 5 }, 2],
    ['a length that says too little', { kind: 'length', more: -7 }, 6],
  ]
  test.each(faults)('%s', async (_, fault, times) => {
    server.misbehave = first(times, fault)
    await fetchAll()
    expect(isRight()).toBe(true)
    expect(readdirSync(folder)).toEqual(['a.fits'])
  })

  test('bytes that have arrived are not asked for again', async () => {
    server.misbehave = first(5, { kind: 'cut', after: 50_000 }, ({ range }) => range![1] - range![0] > 50_000)
    const report = await fetchAll()
    expect(report.received).toBe(size)
    expect(server.sent).toBe(size + 1)
    expect(isRight()).toBe(true)
  })

  test('a first answer that fails is asked for again', async () => {
    server.misbehave = ({ nth }) => (nth < 3 ? { kind: 'status', status: 500 } : undefined)
    await fetchAll()
    expect(isRight()).toBe(true)
  })

  test('bytes garbled on the way: fetched anew, and right', async () => {
    server.misbehave = first(1, { kind: 'garbled' })
    expect((await fetchAll()).received).toBe(2 * size)
    expect(isRight()).toBe(true)
  })
})

test('a server that sends elsewhere', async () => {
  server.misbehave = () => ({ kind: 'moved' })
  await fetchAll()
  expect(isRight()).toBe(true)
})

describe('servers without ranges', () => {
  test.each([[{ kind: 'whole' }], [{ kind: 'chunked' }]] as [Fault][])('%j: in one go', async (fault) => {
    server.misbehave = () => fault
    await fetchAll()
    expect(isRight()).toBe(true)
  })

  test('begin anew after a cut, and are right in the end', async () => {
    server.misbehave = ({ nth }) => (nth === 2 ? { kind: 'cut', after: 70_000 } : { kind: 'whole' })
    await fetchAll()
    expect(isRight()).toBe(true)
  })

  test('that send ranges at first and then only the whole', async () => {
    server.misbehave = ({ nth }) => (nth > 3 ? { kind: 'whole' } : undefined)
    await fetchAll()
    expect(isRight()).toBe(true)
  })

  test('and without a length are refused when no checksum tells the end', async () => {
    server.misbehave = () => ({ kind: 'chunked' })
    server.checksums = undefined
    await expect(fetchAll({ unverified: true })).rejects.toMatchObject({ code: 'FETCH_CHECKSUMS_MISSING' })
    expect(existsSync(path())).toBe(false)
  })
})

describe('a file that changes on the server', () => {
  /** Puts other content in its place, with its checksum. */
  function change(length = size) {
    const content = Buffer.alloc(length, Math.floor(Math.random() * 256))
    server.files.set('a.fits', content)
    server.checksums = `${sha256(content)}  a.fits\n`
  }

  test.each([size, size - 1000])('within a run (%d bytes then) is begun anew', async (length) => {
    // The checksum file is read before, so that it has to be the new one's.
    const old = server.files.get('a.fits')!
    change(length)
    const fresh = server.files.get('a.fits')!
    server.files.set('a.fits', old)
    server.misbehave = ({ nth }) => {
      if (nth === 4) server.files.set('a.fits', fresh)
      return undefined
    }
    await fetchAll({ jobs: 1 })
    expect(readFileSync(path()).equals(fresh)).toBe(true)
  })

  test('between two runs: nothing of the old is used', async () => {
    server.misbehave = first(Infinity, { kind: 'status', status: 503 }, ({ nth }) => nth > 5)
    await expect(fetchAll({ jobs: 1 })).rejects.toMatchObject({ code: 'FETCH_HTTP_FAILED' })
    expect(readdirSync(folder).sort()).toEqual(['a.fits.part', 'a.fits.part.json'])
    change()
    server.misbehave = () => undefined
    expect((await fetchAll()).received).toBe(size)
    expect(isRight()).toBe(true)
  })

  test('between two runs without an ETag: the checksum tells, and it is begun anew', async () => {
    server.etag = false
    server.misbehave = first(Infinity, { kind: 'status', status: 503 }, ({ nth }) => nth > 5)
    await expect(fetchAll({ jobs: 1 })).rejects.toMatchObject({ code: 'FETCH_HTTP_FAILED' })
    change()
    server.misbehave = () => undefined
    await fetchAll()
    expect(isRight()).toBe(true)
  })

  test('without end is an error', async () => {
    server.misbehave = ({ nth }) => {
      if (nth > 1) change()
      return undefined
    }
    await expect(fetchAll()).rejects.toMatchObject({ code: 'FETCH_CHANGED', kind: 'environment' })
    expect(readdirSync(folder)).toEqual([])
  })
})

describe('what does not pass', () => {
  test('a wrong checksum: both are told, and no file stays', async () => {
    server.checksums = `${'0'.repeat(64)}  a.fits\n`
    await expect(fetchAll()).rejects.toMatchObject({
      code: 'FETCH_CHECKSUM',
      kind: 'data',
      message: expect.stringMatching(new RegExp(`${sha256(server.files.get('a.fits')!)}.*${'0'.repeat(64)}`)),
    })
    expect(readdirSync(folder)).toEqual([])
  })

  const answers: [string, Fault, string][] = [
    ['503 without end', { kind: 'status', status: 503 }, 'FETCH_HTTP_FAILED'],
    ['403', { kind: 'status', status: 403 }, 'FETCH_HTTP_FAILED'],
    ['404', { kind: 'status', status: 404 }, 'FETCH_FILE_MISSING'],
    ['a range that begins elsewhere', { kind: 'elsewhere' }, 'FETCH_HTTP_FAILED'],
    ['content that is encoded', { kind: 'encoded' }, 'FETCH_HTTP_FAILED'],
    ['cuts without end and without a byte', { kind: 'cut', after: 0 }, 'FETCH_HTTP_FAILED'],
    ['stalls without end', { kind: 'stall', after: 0 }, 'FETCH_HTTP_FAILED'],
  ]
  test.each(answers)('%s', async (_, fault, code) => {
    server.misbehave = () => fault
    await expect(fetchAll({ timeout: 50 })).rejects.toMatchObject({
      code,
      place: { file: expect.stringContaining('a.fits') },
    })
    expect(existsSync(path())).toBe(false)
  })

  test('a server that is not there', async () => {
    await server[Symbol.asyncDispose]()
    await expect(fetchAll()).rejects.toMatchObject({
      code: 'FETCH_HTTP_FAILED',
      message: expect.stringContaining('ECONNREFUSED'),
    })
  })

  test.each([
    ['absent', undefined],
    ['without the file', `${'0'.repeat(64)}  b.fits\n`],
    ['a web page', '<html>not found</html>'],
  ])('a checksum file that is %s, unless files may go unverified', async (_, checksums) => {
    server.checksums = checksums
    await expect(fetchAll()).rejects.toMatchObject({ code: 'FETCH_CHECKSUMS_MISSING' })
    expect(readdirSync(folder)).toEqual([])
    const { files } = await fetchAll({ unverified: true })
    expect(files[0]).toMatchObject({ verified: false, sha256: sha256(server.files.get('a.fits')!) })
    expect(isRight()).toBe(true)
  })

  test('a release larger than the disk', async () => {
    const folders = [{ path: 'v1/', checksums: 'v1.sha256sum', files: { 'a.fits': 2 ** 60 } }]
    await expect(fetchRelease({ ...server.release, folders }, folder, quick)).rejects.toMatchObject({
      code: 'FETCH_NO_SPACE',
    })
    expect(server.asked).toEqual([])
  })

  test('a folder where the part should be', async () => {
    mkdirSync(path('a.fits.part'))
    await expect(fetchAll()).rejects.toMatchObject({ code: 'FETCH_WRITE_FAILED', kind: 'environment' })
  })

  test('a pattern that fits no file', async () => {
    await expect(fetchAll({ files: 'b*' })).rejects.toMatchObject({ code: 'FETCH_NOTHING', kind: 'usage' })
  })
})

describe('files that are there', () => {
  test('are compared, not fetched', async () => {
    await fetchAll()
    server.asked.length = 0
    const { files, received } = await fetchAll()
    expect(files[0]).toMatchObject({ outcome: 'already there', verified: true })
    expect([received, server.asked]).toEqual([0, []])
  })

  test('with other content are kept, unless they may be replaced', async () => {
    writeFileSync(path(), 'mine')
    await expect(fetchAll()).rejects.toMatchObject({ code: 'FETCH_FILE_DIFFERS', kind: 'usage' })
    expect(readFileSync(path(), 'utf8')).toBe('mine')
    await fetchAll({ replace: true })
    expect(isRight()).toBe(true)
  })

  test('without a known checksum count when their length is that of the published ones', async () => {
    server.checksums = undefined
    writeFileSync(path(), server.files.get('a.fits')!.subarray(0, size - 1))
    await expect(fetchAll({ unverified: true })).rejects.toMatchObject({
      code: 'FETCH_FILE_DIFFERS',
      message: expect.stringContaining(`length ${size - 1}`),
    })
    await fetchAll({ unverified: true, replace: true })
    expect(isRight()).toBe(true)
    const { files } = await fetchAll({ unverified: true })
    expect(files[0]).toMatchObject({ outcome: 'already there', verified: false, received: 0 })
  })

  test('a state that is damaged counts for nothing', async () => {
    server.misbehave = first(Infinity, { kind: 'status', status: 503 }, ({ nth }) => nth > 5)
    await expect(fetchAll({ jobs: 1 })).rejects.toThrow()
    writeFileSync(path('a.fits.part.json'), '{"arrived": [[0, ')
    server.misbehave = () => undefined
    expect((await fetchAll()).received).toBe(size)
    expect(isRight()).toBe(true)
  })

  test('a part that is shorter than its state says counts for nothing', async () => {
    server.misbehave = first(Infinity, { kind: 'status', status: 503 }, ({ nth }) => nth > 5)
    await expect(fetchAll({ jobs: 1 })).rejects.toThrow()
    writeFileSync(path('a.fits.part'), 'short')
    server.misbehave = () => undefined
    expect((await fetchAll()).received).toBe(size)
    expect(isRight()).toBe(true)
  })
})

test('several files: by pattern, an empty one too, and one that fails keeps no other', async () => {
  await using many = await releaseServer({
    'v-1.fits': 300_000,
    'v-2.fits': 200_000,
    'v-3.fits': 0,
    'g-1.fits': 10,
  })
  many.misbehave = ({ name }) => (name === 'v-1.fits' ? { kind: 'status', status: 403 } : undefined)
  await expect(fetchRelease(many.release, folder, { ...quick, files: 'v-*' })).rejects.toMatchObject({
    code: 'FETCH_HTTP_FAILED',
    place: { file: expect.stringContaining('v-1.fits') },
  })
  expect(readdirSync(folder).sort()).toEqual(['v-2.fits', 'v-3.fits'])
  many.misbehave = () => undefined
  const { files, received } = await fetchRelease(many.release, folder, { ...quick, files: 'v-*' })
  expect(files.map(({ file, outcome }) => [file, outcome]).sort()).toEqual([
    ['v-1.fits', 'fetched'],
    ['v-2.fits', 'already there'],
    ['v-3.fits', 'already there'],
  ])
  expect(received).toBe(300_000)
  for (const { file } of files) expect(readFileSync(path(file)).equals(many.files.get(file)!)).toBe(true)
})

test('an interrupt keeps what has arrived', async () => {
  const interrupt = new AbortController()
  server.misbehave = ({ nth }) => {
    if (nth === 6) interrupt.abort()
    return undefined
  }
  await expect(fetchAll({ jobs: 1, signal: interrupt.signal })).rejects.toMatchObject({
    code: 'FETCH_INTERRUPTED',
  })
  expect(readdirSync(folder).sort()).toEqual(['a.fits.part', 'a.fits.part.json'])
  const { received } = await fetchAll()
  expect(received).toBeLessThanOrEqual(size - 300_000)
  expect(isRight()).toBe(true)
})
