// The writer by itself: what it refuses, what a failure leaves behind, sinks that cannot patch.
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import {
  bufferSource,
  decodeColumn,
  openFits,
  packArrays,
  packRows,
  rowBlocks,
  type TableToWrite,
  tableLayout,
  verifyChecksums,
  writeFits,
} from '../../src/fits/index.ts'
import { fileSink } from '../../src/fits/sink.ts'
import { faultOf } from './faults.ts'

const folder = mkdtempSync(join(tmpdir(), 'almagest-write-'))
afterAll(() => rmSync(folder, { recursive: true }))

const columns = [
  { name: 'ID', tform: 'K', values: BigInt64Array.of(1n, 2n, -(2n ** 63n)) },
  { name: 'NAME', tform: '6A', values: ['a', 'Grün', ''] },
  { name: 'OK', tform: 'L', values: [true, false, null] },
]
const table = (changes: Partial<TableToWrite> = {}): TableToWrite => ({
  name: 'T',
  columns,
  rowCount: 3,
  rows: [packRows(columns, 0, 3)],
  ...changes,
})

describe('a file', () => {
  test('holds what was written', async () => {
    const path = join(folder, 'a.fits')
    await writeFits(path, [table({ version: 7, cards: [['OMEGAM', 0.3, 'matter density']] })])
    const file = await openFits(bufferSource('a', readFileSync(path)))
    const layout = tableLayout(file, file.hdu('T', 7))
    expect(layout.hdu.header.get('OMEGAM')).toBe(0.3)
    for await (const block of rowBlocks(file, layout)) {
      const cells = layout.columns.map((column) => decodeColumn(layout, column, block))
      expect(cells).toEqual([
        [1n, 2n, -(2n ** 63n)],
        ['a', 'Grün', ''],
        [true, false, null],
      ])
    }
    expect((await verifyChecksums(file)).map(({ datasum, checksum }) => [datasum, checksum])).toEqual([
      ['ok', 'ok'],
      ['ok', 'ok'],
    ])
  })

  test('appears only when complete, and leaves the old one until then', async () => {
    const path = join(folder, 'b.fits')
    writeFileSync(path, 'old')
    await faultOf('FITS_ROWS_MISCOUNTED', () => writeFits(path, [table({ rowCount: 4 })]))
    const failing = (async function* () {
      yield packRows(columns, 0, 1)
      throw new Error('the rows broke off')
    })()
    await expect(writeFits(path, [table({ rows: failing })])).rejects.toThrow('the rows broke off')
    expect(readFileSync(path, 'utf8')).toBe('old')
    expect(readdirSync(folder).filter((name) => name.includes('.part'))).toEqual([])
  })

  test('where none can be', async () => {
    const path = join(folder, 'no', 'such', 'folder.fits')
    expect((await faultOf('FITS_WRITE_FAILED', () => writeFits(path, []))).message).toContain('ENOENT')
    expect(existsSync(path)).toBe(false)
  })

  test.skipIf(!existsSync('/dev/full'))('on a full disk', async () => {
    // The device that refuses every byte, under the name that the sink gives to its unfinished file.
    const path = join(folder, 'full.fits')
    symlinkSync('/dev/full', `${path}.${process.pid}.part`)
    const sink = await fileSink(path)
    expect((await faultOf('FITS_WRITE_FAILED', () => sink.write(new Uint8Array(10)))).message).toContain(
      'ENOSPC',
    )
    await sink.abandon()
    expect(existsSync(path)).toBe(false)
  })
})

describe('a sink', () => {
  test('that cannot patch gets no checksums', async () => {
    const pieces: Uint8Array[] = []
    await writeFits({ write: async (bytes) => void pieces.push(bytes) }, [table()])
    const file = await openFits(bufferSource('s', Buffer.concat(pieces)))
    expect((await verifyChecksums(file)).map(({ datasum, checksum }) => [datasum, checksum])).toEqual([
      ['absent', 'absent'],
      ['absent', 'absent'],
    ])
  })
})

describe('checksums', () => {
  test('tell a changed byte of data from one of the header', async () => {
    const path = join(folder, 'c.fits')
    await writeFits(path, [table()])
    const states = async (change: (bytes: Buffer, dataStart: number) => void) => {
      const bytes = readFileSync(path)
      const { hdus } = await openFits(bufferSource('c', bytes))
      change(bytes, hdus[1]!.dataStart)
      const [, second] = await verifyChecksums(await openFits(bufferSource('c', bytes)))
      return [second!.datasum, second!.checksum]
    }
    expect(await states(() => {})).toEqual(['ok', 'ok'])
    expect(await states((bytes, at) => bytes.writeUInt8(99, at + 3))).toEqual(['wrong', 'wrong'])
    expect(await states((bytes, at) => bytes.write('Y', at - 1))).toEqual(['ok', 'wrong'])
  })
})

describe('rows', () => {
  test.each([
    ['too few', 4, 'needs'],
    ['too many', 2, 'or more'],
  ])('%s', async (_, rowCount) => {
    const fault = await faultOf('FITS_ROWS_MISCOUNTED', () =>
      writeFits(join(folder, 'd.fits'), [table({ rowCount })]),
    )
    expect(fault.message).toContain(`${rowCount} rows, ${rowCount * 15} bytes`)
    expect(fault.message).toContain('45')
  })

  test.each([
    ['too short an array', { tform: 'J', values: Int32Array.of(1, 2) }, '12 bytes, given 8'],
    [
      'an array of another kind',
      { tform: 'J', values: Float32Array.of(1, 2, 3) },
      'Int32Array or Uint32Array',
    ],
    ['too few texts', { tform: '3A', values: ['a'] }, '3 texts, given 1'],
    ['too long a text', { tform: '3A', values: ['a', 'Grün', ''] }, 'at most 3 bytes, given 5'],
    ['booleans for numbers', { tform: 'J', values: [true, false, true] }, 'Int32Array'],
    ['too few booleans', { tform: '2L', values: [true, false, true] }, '6 booleans, given 3'],
    ['numbers for texts', { tform: '3A', values: [true, false, true] }, 'texts, given boolean'],
  ])('%s', async (_, column, part) => {
    const fault = await faultOf('FITS_VALUES_MISFIT', () => packRows([{ name: 'X', ...column }], 0, 3))
    expect(fault.message).toContain(part)
    expect(fault.place.column).toBe('X')
  })

  test('arrays of any length need a format of variable length', async () => {
    await faultOf('FITS_VALUES_MISFIT', () => packArrays({ name: 'X', tform: '3J' }, []))
    await faultOf('FITS_TFORM_BAD', () => packRows([{ name: 'X', tform: 'Y', values: [] }], 0, 0))
  })
})
