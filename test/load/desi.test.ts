// The DESI catalogue in both layouts of its files: three joined HDUs (3.0) and two (2.1), with declared conversions.
import { basename } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import desi, { fastspecfit } from '../../catalogs/desi-dr1/index.ts'
import { type ColumnToPack, writeFits } from '../../src/fits/index.ts'
import { freedDuplicates, loadFiles } from '../../src/load/index.ts'
import type { ScratchDatabase } from '../postgres/scratch.ts'
import { archiveOf, countRows } from './archive.ts'
import { table, temporaryFolder } from './sample.ts'

const folder = temporaryFolder()
let database: ScratchDatabase
beforeAll(async () => {
  database = await archiveOf(desi)
})
afterAll(async () => {
  await database.drop()
  folder.remove()
})

const rows = 3
const doubles = (name: string, ...values: number[]): ColumnToPack => ({
  name,
  tform: 'D',
  values: Float64Array.from(values),
})
const singles = (name: string, ...values: number[]): ColumnToPack => ({
  name,
  tform: 'E',
  values: Float32Array.from(values),
})
const texts = (name: string, width: number, value: string): ColumnToPack => ({
  name,
  tform: `${width}A`,
  values: Array<string>(rows).fill(value),
})
const targetid = (first: bigint): ColumnToPack => ({
  name: 'TARGETID',
  tform: 'K',
  values: BigInt64Array.of(first, first + 1n, first + 2n),
})

const metadata = (first: bigint): ColumnToPack[] => [
  targetid(first),
  texts('SURVEY', 4, 'main'),
  texts('PROGRAM', 6, 'bright'),
  { name: 'HEALPIX', tform: 'J', values: Int32Array.of(1, 2, 3) },
  doubles('RA', 360, 10, 20),
  doubles('DEC', -10, 0, 10),
  doubles('Z', 0.1, 0.2, 0.3),
  { name: 'ZWARN', tform: 'K', values: BigInt64Array.of(0n, 4n, 2n ** 60n) },
  doubles('DELTACHI2', 1, 2, 3),
  texts('SPECTYPE', 6, 'GALAXY'),
]
const select = `SELECT targetid, ra, z, logmstar, av, tauv, vdisp, vdisp_error, dn4000_error, sfr_error, zwarn, spectype, program
  FROM desi_analysis.fastspecfit_iron WHERE source_file = $1 ORDER BY source_row`

test('version 3.0: dust as optical depth, errors from inverse variances', async () => {
  const first = 39_627_854_849_247_294n
  const path = folder.path('fastspec-iron-main-bright-nside1-hp04.fits')
  const errors = ['LOGMSTAR', 'SFR', 'VDISP', 'AGE', 'TAUV', 'DN4000']
  const specphot = [
    targetid(first),
    ...errors.map((name) => singles(name, 1, 2, Number.NaN)),
    ...errors.map((name) => singles(`${name}_IVAR`, 4, 0, 0.25)),
  ]
  await writeFits(path, [
    table('METADATA', metadata(first), rows),
    table('SPECPHOT', specphot, rows),
    table('FASTSPEC', [targetid(first), singles('OTHER', 1, 2, 3)], rows),
  ])
  const { files } = await loadFiles(database.url, [desi], [path])
  expect(files[0]!.tables[0]).toMatchObject({
    layout: 'v3.0',
    hdus: ['METADATA', 'SPECPHOT', 'FASTSPEC'],
    rowsLoaded: 3,
    nullsFromNan: { logmstar: 1, sfr: 1, vdisp: 1, age: 1, av: 1, tauv: 1, dn4000: 1 },
    raWrapped: { ra: 1 },
  })
  // A_V = 2.5 log10(e) tau_V: 1.0857 mag for an optical depth of 1.
  const magnitudes = 1.085736204758129
  const shared = { spectype: 'GALAXY', program: 'bright' }
  const loaded = await database.client.query(select, [files[0]!.fileId])
  const near = (value: number) => expect.closeTo(value, 6)
  expect(loaded.rows).toEqual([
    {
      ...{ targetid: first, ra: 0, z: 0.1, logmstar: 1, av: near(magnitudes), tauv: 1, vdisp: 1 },
      ...{ vdisp_error: 0.5, dn4000_error: 0.5, sfr_error: 0.5, zwarn: 0n, ...shared },
    },
    {
      ...{ targetid: first + 1n, ra: 10, z: 0.2, logmstar: 2, av: near(2 * magnitudes), tauv: 2, vdisp: 2 },
      ...{ vdisp_error: null, dn4000_error: null, sfr_error: null, zwarn: 4n, ...shared },
    },
    {
      ...{ targetid: first + 2n, ra: 20, z: 0.3, logmstar: null, av: null, tauv: null, vdisp: null },
      ...{ vdisp_error: 2, dn4000_error: 2, sfr_error: 2, zwarn: 2n ** 60n, ...shared },
    },
  ])
})

test('version 2.1: dust in magnitudes, no errors of mass and rate', async () => {
  const first = 1n
  const path = folder.path('fastspec-iron-main-bright-nside1-hp05.fits')
  const fastspec = [
    targetid(first),
    ...['LOGMSTAR', 'SFR', 'VDISP', 'AGE', 'AV', 'DN4000'].map((name) => singles(name, 1, 2, Number.NaN)),
    ...['VDISP_IVAR', 'DN4000_IVAR'].map((name) => singles(name, 4, 0, 0.25)),
  ]
  await writeFits(path, [table('METADATA', metadata(first), rows), table('FASTSPEC', fastspec, rows)])
  const { files } = await loadFiles(database.url, [desi], [path])
  expect(files[0]!.tables[0]).toMatchObject({ layout: 'v2.1', hdus: ['METADATA', 'FASTSPEC'], rowsLoaded: 3 })
  const loaded = await database.client.query(select, [files[0]!.fileId])
  expect(loaded.rows[0]).toMatchObject({
    av: 1,
    tauv: null,
    vdisp_error: 0.5,
    dn4000_error: 0.5,
    sfr_error: null,
  })
})

test('version 3.0 without SPECPHOT is taken as 2.1, and the error says so', async () => {
  const path = folder.path('fastspec-iron-main-bright-nside1-hp07.fits')
  await writeFits(path, [
    table('METADATA', metadata(20n), rows),
    table('FASTSPEC', [targetid(20n), singles('OTHER', 1, 2, 3)], rows),
  ])
  await expect(loadFiles(database.url, [desi], [path])).rejects.toMatchObject({
    code: 'FITS_COLUMN_MISSING',
    message: expect.stringMatching(
      /LOGMSTAR.*taken as layout v2\.1, because HDU SPECPHOT of layout v3\.0 is missing/s,
    ),
    hint: expect.stringContaining('SPECPHOT'),
  })
})

test('a target of several programs: the row that was loaded first stays, the other is told with the reason', async () => {
  const [bright, dark, backup] = ['main-bright', 'main-dark', 'sv3-backup'].map((part, i) =>
    folder.path(`fastspec-iron-${part}-nside1-hp0${i}.fits`),
  ) as [string, string, string]
  const fastspec = (first: bigint) => [
    targetid(first),
    ...['LOGMSTAR', 'SFR', 'VDISP', 'AGE', 'AV', 'DN4000'].map((name) => singles(name, 1, 2, 3)),
    ...['VDISP_IVAR', 'DN4000_IVAR'].map((name) => singles(name, 4, 4, 4)),
  ]
  const write = (path: string, first: bigint) =>
    writeFits(path, [table('METADATA', metadata(first), rows), table('FASTSPEC', fastspec(first), rows)])
  await write(bright, 100n)
  await write(dark, 102n)
  await write(backup, 103n)
  const { files } = await loadFiles(database.url, [desi], [bright, dark])
  expect(files.map(({ tables }) => tables[0])).toMatchObject([
    { rowsRead: 3, rowsLoaded: 3, rowsRejected: 0 },
    { rowsRead: 3, rowsLoaded: 2, rowsRejected: 1, rejectsByRule: { 'duplicate-key': 1 } },
  ])
  const found = await database.client.query(
    'SELECT targetid::int, source_file FROM desi_analysis.fastspecfit_iron WHERE targetid BETWEEN 100 AND 199 ORDER BY 1',
  )
  const [a, b] = files.map(({ fileId }) => fileId)
  expect(found.rows).toEqual([
    ...[100, 101, 102].map((targetid) => ({ targetid, source_file: a })),
    ...[103, 104].map((targetid) => ({ targetid, source_file: b })),
  ])
  const rejects = await database.client.query(
    'SELECT row_number::int AS row, value, rule, detail FROM almagest.load_reject WHERE file_id = $1',
    [b],
  )
  expect(rejects.rows).toEqual([
    {
      ...{ row: 1, value: '102', rule: 'duplicate-key' },
      detail: expect.stringMatching(
        /hp00\.fits; the first one is kept: a target observed in several surveys/,
      ),
    },
  ])
  // The row that it yielded to goes with its file's old content: the file may be loaded again for it.
  const again = () => loadFiles(database.url, [desi], [dark], { replace: true })
  expect((await again()).files[0]!.outcome).toBe('already loaded')
  await write(bright, 99n)
  await loadFiles(database.url, [desi], [bright], { replace: true })
  const freed = { file: basename(dark), table: fastspecfit.name, rows: 1 }
  expect(await freedDuplicates(database.client, desi)).toEqual([freed])
  expect(await again()).toMatchObject({ rowsLoaded: 3, rowsRejected: 0, files: [{ outcome: 'replaced' }] })
  expect(await freedDuplicates(database.client, desi)).toEqual([])
  // They are no faults, so no limit counts them.
  const limited = await loadFiles(database.url, [desi], [backup], { maxRejects: 0 })
  expect([limited.rowsLoaded, limited.rowsRejected]).toEqual([1, 2])
})

test('neither version: the missing HDU of each is named', async () => {
  const path = folder.path('fastspec-iron-main-bright-nside1-hp06.fits')
  await writeFits(path, [table('METADATA', metadata(9n), rows)])
  await expect(loadFiles(database.url, [desi], [path])).rejects.toMatchObject({
    code: 'LOAD_HDU_MISSING',
    message: expect.stringMatching(/SPECPHOT \(layout v3\.0\), FASTSPEC \(layout v2\.1\)/),
  })
  expect(await countRows(database, fastspecfit as never)).toBe(13)
})

test('which row is the first does not hang on the speed of connections', async () => {
  const many = 20_000
  const [bright, dark] = ['main-bright', 'sv3-dark'].map((part, i) =>
    folder.path(`fastspec-iron-${part}-nside1-hp0${i + 8}.fits`),
  ) as [string, string]
  // The file given first is by far the longer one, and what the other has too stands at its end.
  const ids = BigInt64Array.from({ length: many }, (_, i) => 1_000_000n + BigInt(i))
  const long = (columns: ColumnToPack[]): ColumnToPack[] =>
    columns.map(({ values, ...column }) => {
      if (column.name === 'TARGETID') return { ...column, values: ids }
      const of = (i: number) => (values as readonly never[])[i % rows]!
      if (Array.isArray(values)) return { ...column, values: Array.from({ length: many }, (_, i) => of(i)) }
      const array = values as Float64Array
      return { ...column, values: new (array.constructor as typeof Float64Array)(many).map((_, i) => of(i)) }
    })
  const fastspec = [
    targetid(1n),
    ...['LOGMSTAR', 'SFR', 'VDISP', 'AGE', 'AV', 'DN4000'].map((name) => singles(name, 1, 2, 3)),
    ...['VDISP_IVAR', 'DN4000_IVAR'].map((name) => singles(name, 4, 4, 4)),
  ]
  const noLong = metadata(1n).filter(({ name }) => name !== 'ZWARN')
  const zwarn: ColumnToPack = { name: 'ZWARN', tform: 'K', values: new BigInt64Array(many) }
  await writeFits(bright, [
    table('METADATA', [...long(noLong), zwarn], many),
    table('FASTSPEC', long(fastspec), many),
  ])
  const last = 1_000_000n + BigInt(many) - 3n
  await writeFits(dark, [
    table('METADATA', metadata(last), rows),
    table('FASTSPEC', [targetid(last), ...fastspec.slice(1)], rows),
  ])
  const { files } = await loadFiles(database.url, [desi], [bright, dark], { jobs: 2 })
  expect(files.map(({ tables }) => tables[0]!.rowsRejected)).toEqual([0, rows])
})
