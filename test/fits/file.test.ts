// Files: the list of HDUs, sources of bytes, what is no FITS file, what is cut short, gzip.
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { bufferSource, fileSource, hduLabel, openFits, rowBlocks, tableLayout } from '../../src/fits/index.ts'
import { data, fileOf, header, primary, tableHeader } from './build.ts'
import { faultOf } from './faults.ts'

const folder = mkdtempSync(join(tmpdir(), 'almagest-file-'))
afterAll(() => rmSync(folder, { recursive: true }))

const table = (name: string, version: number, rows: number) =>
  Buffer.concat([
    tableHeader(4, rows, 1, "TFORM1  = 'J'", "TTYPE1  = 'N'", `EXTNAME = '${name}'`, `EXTVER  = ${version}`),
    data(Buffer.alloc(4 * rows, version)),
  ])

const several = Buffer.concat([primary(), table('VOIDS', 1, 3), table('Holes', 1, 800), table('VOIDS', 2, 0)])

describe('the list of HDUs', () => {
  test('has names, versions, kinds and places', async () => {
    const file = await fileOf(several)
    expect(file.hdus.map(({ index, name, version, kind }) => [index, name, version, kind])).toEqual([
      [0, 'PRIMARY', 1, 'image'],
      [1, 'VOIDS', 1, 'bintable'],
      [2, 'Holes', 1, 'bintable'],
      [3, 'VOIDS', 2, 'bintable'],
    ])
    expect(
      file.hdus.map(({ headerStart, dataStart, dataSize }) => [headerStart, dataStart, dataSize]),
    ).toEqual([
      [0, 2880, 0],
      [2880, 5760, 12],
      [8640, 11520, 3200],
      [17280, 20160, 0],
    ])
  })

  test('finds by name, ignoring case, and version', async () => {
    const file = await fileOf(several)
    expect(file.hdu('holes').index).toBe(2)
    expect(file.hdu('VOIDS').index).toBe(1)
    expect(file.hdu('voids', 2).index).toBe(3)
    const version = await faultOf('FITS_HDU_MISSING', () => file.hdu('VOIDS', 3))
    expect(version.message).toContain('1, 2')
    const name = await faultOf('FITS_HDU_MISSING', () => file.hdu('HOLE'))
    expect(name.message).toContain('did you mean Holes?')
    expect(name.message).toContain('PRIMARY, VOIDS, Holes, VOIDS')
    expect(name.place).toEqual({ file: 'made.fits', hdu: 'HOLE' })
    expect((await faultOf('FITS_HDU_MISSING', () => file.hdu('SPECPHOT'))).message).not.toContain(
      'did you mean',
    )
  })

  test('labels nameless extensions by their position', async () => {
    const file = await fileOf(primary(), header("XTENSION= 'IMAGE'", 'BITPIX  = 8', 'NAXIS   = 0'))
    expect(file.hdus.map(hduLabel)).toEqual(['PRIMARY', '#1'])
  })

  test('ignores what follows the last HDU, and a missing last padding', async () => {
    const file = await fileOf(several, Buffer.alloc(5000, 'x'))
    expect(file.hdus.length).toBe(4)
    expect(file.trailingBytes).toBe(5000)
    const unpadded = await fileOf(several.subarray(0, 11520 + 3200))
    expect(unpadded.hdus.length).toBe(3)
    expect(unpadded.trailingBytes).toBe(0)
  })

  test('passes over extensions of unknown kind and random groups', async () => {
    const groups = primary('GROUPS  = T')
      .toString('latin1')
      .replace('NAXIS   =                    0', 'NAXIS   =                    3')
    const cards = ['NAXIS1  = 0', 'NAXIS2  = 3', 'NAXIS3  = 5', 'PCOUNT  = 5', 'GCOUNT  = 10', 'GROUPS  = T']
    const head = header('SIMPLE  =                    T', 'BITPIX  = -32', 'NAXIS   = 3', ...cards)
    expect(groups).toContain('GROUPS')
    const odd = header("XTENSION= 'FOREIGN'", 'BITPIX  = 8', 'NAXIS   = 1', 'NAXIS1  = 10', "EXTNAME = 'ODD'")
    const file = await fileOf(
      head,
      data(Buffer.alloc(4 * 10 * (5 + 15))),
      odd,
      data(Buffer.alloc(10)),
      table('T', 1, 1),
    )
    expect(file.hdus.map(({ kind, dataSize }) => [kind, dataSize])).toEqual([
      ['image', 800],
      ['other', 10],
      ['bintable', 4],
    ])
  })
})

describe('what is no FITS file, or not all of it', () => {
  test.each([
    ['empty', Buffer.alloc(0), 'it is empty'],
    ['text', Buffer.from('ra,dec,z\n1,2,3\n'), 'ra,dec,z.1,2,3'],
    ['SIMPLE = F', header('SIMPLE  =                    F', 'BITPIX  = 8', 'NAXIS   = 0'), 'SIMPLE'],
  ])('%s', async (_, bytes, part) => {
    expect((await faultOf('FITS_NOT_FITS', () => fileOf(bytes))).message).toContain(part)
  })

  test('data cut short, with both numbers', async () => {
    const fault = await faultOf('FITS_TRUNCATED', () => fileOf(several.subarray(0, 12000)))
    expect(fault.message).toContain('needs 14720 bytes')
    expect(fault.message).toContain('has 12000')
    expect(fault.place).toEqual({ file: 'made.fits', hdu: 'Holes' })
  })

  test('a next header cut short', async () => {
    await faultOf('FITS_TRUNCATED', () => fileOf(several.subarray(0, 17280 + 500)))
  })

  test.each([
    ['1E15 rows', 'NAXIS2  = 1000000000000000'],
    ['more than fits a number', 'NAXIS2  = 9007199254740991'],
    ['a huge heap', 'PCOUNT  = 9007199254740991'],
  ])('%s claimed is an error, not an allocation', async (_, card) => {
    const text = tableHeader(4, 3, 1, "TFORM1  = 'J'", ...(card.startsWith('PCOUNT') ? [card] : []))
    const claimed = Buffer.from(
      text
        .toString('latin1')
        .replace('NAXIS2  = 3'.padEnd(80), (card.startsWith('NAXIS2') ? card : 'NAXIS2  = 3').padEnd(80)),
    )
    await faultOf('FITS_TRUNCATED', () => fileOf(primary(), claimed, data(Buffer.alloc(12))))
  })

  test('a failure closes the source', async () => {
    let closed = 0
    const source = { ...bufferSource('x', Buffer.from('no FITS here')), close: async () => void closed++ }
    await faultOf('FITS_NOT_FITS', () => openFits(source))
    expect(closed).toBe(1)
  })
})

describe('files on disk', () => {
  const path = join(folder, 'several.fits')
  writeFileSync(path, several)

  test('are read like buffers', async () => {
    const file = await openFits(await fileSource(path))
    expect(file.name).toBe(path)
    const layout = tableLayout(file, file.hdu('Holes'))
    let rows = 0
    for await (const block of rowBlocks(file, layout, { blockBytes: 1000 })) rows += block.rowCount
    expect(rows).toBe(800)
    await file.close()
  })

  test('give the same rows in buffers that are used again', async () => {
    const file = await openFits(await fileSource(path))
    const layout = tableLayout(file, file.hdu('Holes'))
    const all = async (reuse: boolean) => {
      const blocks: Buffer[] = []
      const memory = new Set<ArrayBufferLike>()
      for await (const { bytes } of rowBlocks(file, layout, { blockBytes: 1000, reuse })) {
        blocks.push(Buffer.from(bytes))
        memory.add(bytes.buffer)
      }
      return { bytes: Buffer.concat(blocks), blocks: blocks.length, buffers: memory.size }
    }
    const [fresh, again] = [await all(false), await all(true)]
    expect(again.bytes.equals(fresh.bytes)).toBe(true)
    expect([again.buffers, fresh.buffers]).toEqual([2, fresh.blocks])
    expect(fresh.blocks).toBeGreaterThan(3)
    await file.close()
  })

  test('that are missing', async () => {
    const missing = await faultOf('FITS_FILE_MISSING', () => fileSource(join(folder, 'no.fits')))
    expect(missing.place.file).toContain('no.fits')
    await faultOf('FITS_FILE_MISSING', () => fileSource(join(path, 'below')))
  })

  test('that are folders', async () => {
    mkdirSync(join(folder, 'sub.fits'))
    await faultOf('FITS_NOT_A_FILE', () => fileSource(join(folder, 'sub.fits')))
  })

  test('that cannot be opened', async () => {
    symlinkSync(join(folder, 'loop.fits'), join(folder, 'loop.fits'))
    expect(
      (await faultOf('FITS_FILE_UNREADABLE', () => fileSource(join(folder, 'loop.fits')))).message,
    ).toContain('ELOOP')
  })

  test('that cannot be read any more', async () => {
    const source = await fileSource(path)
    await source.close()
    await faultOf('FITS_FILE_UNREADABLE', () => source.read(0, 10))
  })

  test('that shrink while being read', async () => {
    const shrinking = join(folder, 'shrinking.fits')
    writeFileSync(shrinking, several)
    const source = await fileSource(shrinking)
    truncateSync(shrinking, 100)
    expect((await faultOf('FITS_SOURCE_CHANGED', () => source.read(0, 200))).message).toContain('byte 100')
    await faultOf('FITS_TRUNCATED', () => source.read(0, 1e9))
    await source.close()
  })
})

describe('gzip', () => {
  // A temporary folder of its own, so that what other tests do at the same time is not seen here.
  const before = process.env.TMPDIR
  const own = join(folder, 'tmp')
  const restore = () => {
    if (before === undefined) delete process.env.TMPDIR
    else process.env.TMPDIR = before
  }
  beforeAll(() => {
    mkdirSync(own)
    process.env.TMPDIR = own
  })
  afterAll(restore)
  const leftovers = () => readdirSync(own)

  test('is decompressed on the way, several members too', async () => {
    const bytes = Buffer.concat([gzipSync(several.subarray(0, 3000)), gzipSync(several.subarray(3000))])
    const file = await openFits(bufferSource('several.fits.gz', bytes))
    expect(file.size).toBe(several.length)
    expect(file.name).toBe('several.fits.gz')
    expect(Buffer.from(await file.source.read(0, file.size)).equals(several)).toBe(true)
    await file.close()
    expect(leftovers()).toEqual([])
  })

  test.each([
    ['cut short', gzipSync(several).subarray(0, 100)],
    ['damaged', Buffer.concat([gzipSync(several).subarray(0, 60), Buffer.alloc(200, 0x55)])],
    ['with nothing after the magic number', Buffer.from([0x1f, 0x8b])],
  ])('%s', async (_, bytes) => {
    await faultOf('FITS_GZIP_BROKEN', () => openFits(bufferSource('x.fits.gz', bytes)))
    expect(leftovers()).toEqual([])
  })

  test('that holds no FITS file', async () => {
    await faultOf('FITS_NOT_FITS', () => openFits(bufferSource('x.gz', gzipSync('hello'))))
  })

  test('without a place for the copy', async () => {
    process.env.TMPDIR = join(folder, 'absent')
    try {
      await faultOf('FITS_TEMPORARY_FAILED', () => openFits(bufferSource('x.gz', gzipSync(several))))
    } finally {
      process.env.TMPDIR = own
    }
  })
})
