// Everything a user can get wrong: each a typed error with a place, a hint and a documented exit code, no stack trace.
import {
  chmodSync,
  closeSync,
  copyFileSync,
  mkdirSync,
  openSync,
  readFileSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { createServer, type Server } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { fileSource, openFits, tableLayout } from '../../src/fits/index.ts'
import { type ScratchDatabase, scratchDatabase } from '../postgres/scratch.ts'
import { almagest, type Ended, temporaryFolder } from './almagest.ts'

const galaxyFile = 'fastspec-iron-main-bright-nside1-hp04.fits'

let database: ScratchDatabase
let environment: Record<string, string>
const folder = temporaryFolder()
const mock = join(folder.path, 'mock')

beforeAll(async () => {
  database = await scratchDatabase()
  environment = { DATABASE_URL: database.url }
  const made = await almagest(['mock', 'desi-dr1', '--galaxies', '3000', '--out', mock])
  expect(made.err, made.err).not.toContain('error')
  expect((await almagest(['apply', 'desi-dr1'], environment)).code).toBe(0)
})
afterAll(async () => {
  await database.drop()
  folder[Symbol.dispose]()
})

function expectFailure(ended: Ended, code: string, exit: number): void {
  expect(ended.err).toContain(`code:  ${code}`)
  expect(ended.err).toContain('hint:')
  expect(ended.err).not.toMatch(/^\s+at .*\.(ts|js)/m)
  expect(ended.code).toBe(exit)
}

/** A copy of the mock's galaxy file, changed; in a folder of its own because its name must stay. */
function changedCopy(name: string, change: (path: string) => void): string {
  const own = join(folder.path, name)
  mkdirSync(own)
  const path = join(own, galaxyFile)
  copyFileSync(join(mock, galaxyFile), path)
  change(path)
  return path
}

/** Overwrites bytes of one value of one row (counted from 1). */
async function overwrite(
  path: string,
  hdu: string,
  column: string,
  row: number,
  bytes: Buffer,
): Promise<void> {
  const file = await openFits(await fileSource(path))
  const layout = tableLayout(file, file.hdu(hdu))
  const at = layout.hdu.dataStart + (row - 1) * layout.rowBytes + layout.column(column).offset
  await file.close()
  const handle = openSync(path, 'r+')
  writeSync(handle, bytes, 0, bytes.length, at)
  closeSync(handle)
}

function double(value: number): Buffer {
  const bytes = Buffer.alloc(8)
  bytes.writeDoubleBE(value)
  return bytes
}

async function rowsInTables(): Promise<bigint> {
  const { rows } = await database.client.query<{ n: bigint }>(
    'SELECT count(*) AS n FROM desi_analysis.fastspecfit_iron',
  )
  return rows[0]!.n
}

describe('files', () => {
  test('missing', async () => {
    const ended = await almagest(['load', join(folder.path, 'none', galaxyFile)], environment)
    expectFailure(ended, 'FITS_FILE_MISSING', 2)
    expect(ended.err).toContain(galaxyFile)
  })

  test('truncated', async () => {
    const path = changedCopy('truncated', (copy) => truncateSync(copy, 100_000))
    const ended = await almagest(['load', path], environment)
    expectFailure(ended, 'FITS_TRUNCATED', 3)
    expect(ended.err).toContain('100000')
    expect(await rowsInTables()).toBe(0n)
  })

  test('not FITS', async () => {
    const path = changedCopy('text', (copy) => writeFileSync(copy, 'ra,dec\n1,2\n'.repeat(1000)))
    expectFailure(await almagest(['load', path], environment), 'FITS_NOT_FITS', 3)
  })

  test('of a name that no survey knows', async () => {
    const path = join(folder.path, 'other.fits')
    copyFileSync(join(mock, galaxyFile), path)
    expectFailure(await almagest(['load', path], environment), 'LOAD_NO_CATALOG', 2)
  })

  test('in a folder, of which no file has a name that a survey knows', async () => {
    const own = join(folder.path, 'strange')
    mkdirSync(join(own, 'below'), { recursive: true })
    copyFileSync(join(mock, galaxyFile), join(own, 'other.fits'))
    copyFileSync(join(mock, galaxyFile), join(own, 'below', galaxyFile))
    const ended = await almagest(['load', own], environment)
    expectFailure(ended, 'LOAD_FOLDER_EMPTY', 2)
    expect(ended.err).toContain(`${own} is a folder`)
  })

  test('without an HDU that is needed', async () => {
    const path = changedCopy('no-hdu', (copy) =>
      replaceText(copy, "EXTNAME = 'METADATA'", "EXTNAME = 'METADADA'"),
    )
    const ended = await almagest(['load', path], environment)
    expect(ended.code).toBe(3)
    expect(ended.err).toContain('METADATA')
    expect(ended.err).toContain('METADADA')
  })

  test('without a column that is needed', async () => {
    const path = changedCopy('no-column', (copy) => replaceText(copy, "'DEC     '", "'DECL    '"))
    const ended = await almagest(['load', path], environment)
    expect(ended.code).toBe(3)
    expect(ended.err).toContain('DEC')
    expect(ended.err).toContain('METADATA')
  })

  test('with HDUs out of step', async () => {
    const path = changedCopy('misaligned', () => {})
    await overwrite(path, 'FASTSPEC', 'TARGETID', 7, Buffer.alloc(8, 1))
    const ended = await almagest(['load', path], environment)
    expectFailure(ended, 'LOAD_MISALIGNED', 3)
    expect(ended.err).toMatch(/row 7\b/)
    expect(ended.err).toContain('FASTSPEC')
    expect(await rowsInTables()).toBe(0n)
  })

  test('with a key twice', async () => {
    const path = changedCopy('doubled', () => {})
    const first = await firstTargetId(path)
    for (const hdu of ['METADATA', 'SPECPHOT', 'FASTSPEC']) await overwrite(path, hdu, 'TARGETID', 5, first)
    const ended = await almagest(['load', path], environment)
    expectFailure(ended, 'LOAD_DUPLICATE_KEY', 3)
    expect(ended.err).toMatch(/row 5\b.*\brow 1\b/)
    expect(ended.err).toContain('targetid')
    expect(ended.err).toContain(first.readBigInt64BE().toString())
    expect(await rowsInTables()).toBe(0n)
  })

  test('with faulty values: the rows are kept aside, the others are loaded, every row is accounted for', async () => {
    const path = changedCopy('faulty', () => {})
    await overwrite(path, 'METADATA', 'DEC', 11, double(95.5))
    await overwrite(path, 'METADATA', 'RA', 12, double(Number.NaN))
    const strict = await almagest(['load', path, '--max-rejects', '1'], environment)
    expect(strict.code).not.toBe(0)
    expect(await rowsInTables()).toBe(0n)
    const ended = await almagest(['load', path, '--json'], environment)
    expect(ended.code, ended.err).toBe(0)
    const report = JSON.parse(ended.out) as { rowsRead: number; rowsLoaded: number; rowsRejected: number }
    expect(report.rowsRejected).toBeGreaterThanOrEqual(2)
    expect(report.rowsLoaded + report.rowsRejected).toBe(report.rowsRead)
    const { rows } = await database.client.query(
      'SELECT hdu, row_number::int AS row, column_name AS column, value, rule FROM almagest.load_reject WHERE row_number IN (11, 12) ORDER BY row_number',
    )
    expect(rows).toEqual([
      { hdu: 'METADATA', row: 11, column: 'dec', value: '95.5', rule: 'range' },
      { hdu: 'METADATA', row: 12, column: 'ra', value: 'NaN', rule: 'not-null' },
    ])
  })

  test('changed since it was loaded', async () => {
    const ended = await almagest(['load', join(mock, galaxyFile)], environment)
    expectFailure(ended, 'LOAD_CHANGED', 2)
    expect(ended.err).toContain('--replace')
  })
})

async function firstTargetId(path: string): Promise<Buffer> {
  const file = await openFits(await fileSource(path))
  const layout = tableLayout(file, file.hdu('METADATA'))
  const at = layout.hdu.dataStart + layout.column('TARGETID').offset
  const bytes = await file.source.read(at, at + 8)
  await file.close()
  return Buffer.from(bytes)
}

function replaceText(path: string, from: string, to: string): void {
  const bytes = readFileSync(path)
  const at = bytes.indexOf(from)
  expect(at).toBeGreaterThan(0)
  bytes.write(to, at, 'latin1')
  writeFileSync(path, bytes)
}

describe('servers', () => {
  test.each([
    ['postgres://nobody:secret-word@127.0.0.1:1/x', 'SERVER_REFUSED'],
    ['postgres://nobody:secret-word@no-such-host.invalid/x', 'SERVER_UNKNOWN_HOST'],
    ['mysql://nobody:secret-word@127.0.0.1/x', 'DATABASE_URL_INVALID'],
    ['127.0.0.1:5432 secret-word', 'DATABASE_URL_INVALID'],
  ])('%s', async (url, code) => {
    const ended = await almagest(['status'], { DATABASE_URL: url })
    expect(ended.err).toContain(code)
    expect([2, 5]).toContain(ended.code)
    expect(ended.err + ended.out).not.toContain('secret-word')
  })

  test('a database that is not there', async () => {
    const url = new URL(database.url)
    url.pathname = '/almagest_no_such_database'
    const ended = await almagest(['apply'], { DATABASE_URL: url.href })
    expectFailure(ended, 'DATABASE_MISSING', 5)
    if (url.password) expect(ended.err).not.toContain(decodeURIComponent(url.password))
  })

  test('a port in use', async () => {
    const taken = await listen()
    const { port } = taken.address() as { port: number }
    const ended = await almagest(['start', '--port', String(port), '--home', join(folder.path, 'home-port')])
    taken.close()
    expectFailure(ended, 'PORT_IN_USE', 6)
    expect(ended.err).toContain(String(port))
  })

  test('a home that cannot be written', async () => {
    const file = join(folder.path, 'a-file')
    writeFileSync(file, '')
    chmodSync(file, 0o444)
    const ended = await almagest(['start', '--home', join(file, 'home')])
    expectFailure(ended, 'HOME_UNWRITABLE', 6)
  })
})

function listen(): Promise<Server> {
  return new Promise((resolve) => {
    const server = createServer()
    server.listen(0, '127.0.0.1', () => resolve(server))
  })
}

describe('words', () => {
  test.each([
    [['statsu'], 'Did you mean status?'],
    [['query', 'fastspecfit_iron', '--cnoe', '1,2,3'], 'Did you mean --cone?'],
    [['query', 'fastspecfit_irn'], 'did you mean "fastspecfit_iron"?'],
    [['query', 'void_galaxy_map'], 'desi_analysis.void_galaxy_map or sdss_dr7_voids.void_galaxy_map'],
    [['query', 'fastspecfit_iron', '--columns', 'targetid,logmstr'], 'did you mean "logmstar"?'],
    [['query', 'fastspecfit_iron', '--only', 'void_smaple'], 'did you mean "void_sample"?'],
    [['query', 'fastspecfit_iron', '--where', 'z about 3'], 'COLUMN between A and B'],
    [['query', 'fastspecfit_iron', '--cone', '1,2'], '3 values: lon,lat,radius'],
    [['query', 'fastspecfit_iron', '--cone', '12:60:00,2,1'], '60 minutes'],
    [['query', 'fastspecfit_iron', '--cone', '1,2,3', '--box', '1,2,3,4'], 'without another'],
    [['query', 'fastspecfit_iron', '--moc', '1/x'], 'no part of a coverage map'],
    [['query', 'fastspecfit_iron', '--moc', 'nowhere.fits'], 'nowhere.fits'],
    [['query', 'fastspecfit_iron', '--cone', '1,2,3parsec'], 'an angle in degrees'],
    [['mock', 'desi-dr2', '--out', 'x'], 'did you mean "desi-dr1"?'],
    [['mock', 'desi-dr1', '--out', 'x', '--galaxies', 'many'], 'a whole number'],
  ])('almagest %j', async (words, complaint) => {
    const ended = await almagest(words, environment)
    expect(ended.err).toContain(complaint)
    expect(ended.code).toBe(2)
    expect(ended.out).toBe('')
  })

  test('--json tells failures as JSON', async () => {
    const ended = await almagest(['query', 'fastspecfit_irn', '--json'], environment)
    expect(JSON.parse(ended.err).error).toMatchObject({ code: 'CATALOG_UNKNOWN', exitCode: 2 })
  })
})

describe('regions', () => {
  test.each([
    [['--cone', '1,5,-2'], 'REGION_RADIUS', 'radius of a cone is -2 degrees', /sizes are degrees/],
    [['--cone', '1,95,2'], 'REGION_POSITION', 'declination is 95', /longitude .* comes first/],
    [['--polygon', '0,0 10,10 10,0 0,10'], 'REGION_POLYGON', 'edges 1 and 3', /hint: +\S/],
    [['--polygon', '0,-10 120,-10 240,-10'], 'REGION_POLYGON', 'hemisphere', /hint: +\S/],
    [['--cone', '1,2,3', '--frame', 'galatic'], 'FRAME_UNKNOWN', 'galatic', /Did you mean galactic\?/],
  ])('%j', async (words, code, complaint, hint) => {
    const ended = await almagest(['query', 'fastspecfit_iron', ...words], environment)
    expectFailure(ended, code, 2)
    expect(ended.err).toContain(complaint)
    expect(ended.err).toMatch(hint)
    expect(ended.out).toBe('')
  })

  test('in a large table without sky index', async () => {
    const table = 'desi_analysis.fastspecfit_iron'
    await database.client.query(`DROP INDEX desi_analysis.idx_fastspecfit_q3c;
      UPDATE pg_class SET reltuples = 6445927 WHERE oid = '${table}'::regclass`)
    const words = ['query', 'fastspecfit_iron', '--cone', '1,2,3', '--count']
    const ended = await almagest(words, environment)
    expectFailure(ended, 'SKY_INDEX_MISSING', 2)
    expect(ended.err).toContain('about 6445927 rows')
    expect(ended.err).toContain('--force')
    expect((await almagest([...words, '--force'], environment)).code).toBe(0)
    const statement = /Add it: (CREATE INDEX .*?);/s.exec(ended.err)![1]!.replaceAll(/\s+/g, ' ')
    await database.client.query(statement)
    const served = await almagest(words, environment)
    expect(served.code, served.err).toBe(0)
  })
})
