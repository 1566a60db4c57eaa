// Binary tables made by hand after the standard: layouts, values of each type, shapes, nulls, heaps, blocks of rows.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  bufferSource,
  type Cell,
  decodeColumn,
  decodeHeapColumn,
  type FitsFile,
  openFits,
  packRows,
  rowBlocks,
  type StoredArray,
  storedValues,
  tableLayout,
} from '../../src/fits/index.ts'
import { data, fileOf, header, primary, tableHeader, tableOf } from './build.ts'
import { faultOf } from './faults.ts'

const bytes = (...values: number[]) => Uint8Array.from(values)
const ascii = (text: string) => Buffer.from(text, 'latin1')

async function blockOf(file: FitsFile) {
  const layout = tableLayout(file, file.hdus[1]!)
  for await (const block of rowBlocks(file, layout)) return { layout, block }
  throw new Error('the table has no rows')
}

/** Cells of the first column of a table with one column. */
async function cellsOf(tform: string, cards: string[], rowBytes: number, rows: Uint8Array): Promise<Cell[]> {
  const { layout, block } = await blockOf(await tableOf([[tform, ...cards]], rowBytes, rows))
  return decodeColumn(layout, layout.columns[0]!, block)
}

describe('values of each type (section 7.3.3)', () => {
  const cases: [tform: string, cards: string[], rowBytes: number, rows: Uint8Array, expected: Cell[]][] = [
    ['L', [], 1, ascii('TF\0'), [true, false, null]],
    ['3L', [], 3, ascii('TF\0'), [[true, false, null]]],
    ['X', [], 1, bytes(0x80, 0x7f), [[true], [false]]],
    [
      '10X',
      [],
      2,
      bytes(0b10000001, 0b01000000),
      [[true, false, false, false, false, false, false, true, false, true]],
    ],
    ['B', [], 1, bytes(0, 255), [0, 255]],
    ['I', [], 2, bytes(0x80, 0, 0x7f, 0xff), [-32768, 32767]],
    ['J', [], 4, bytes(0xff, 0xff, 0xff, 0xfe), [-2]],
    ['K', [], 8, bytes(0, 0x20, 0, 0, 0, 0, 0, 1), [9007199254740993n]],
    ['5A', [], 5, ascii('ab   ' + ' ab  ' + 'a\0zzz' + '     ' + 'abcde'), ['ab', ' ab', 'a', '', 'abcde']],
    ['A5', [], 5, ascii('ab   '), ['ab']],
    ['6A', [], 6, Buffer.from('Grün  '.slice(0, 5)), ['Grün']],
    ['3A', [], 3, bytes(0x47, 0xfc, 0x6e), ['Gün']],
    ['E', [], 4, bytes(0x3f, 0x80, 0, 0, 0x80, 0, 0, 0, 0x7f, 0x80, 0, 0), [1, -0, Number.POSITIVE_INFINITY]],
    ['E', [], 4, bytes(0x7f, 0xc0, 0, 1), [Number.NaN]],
    ['D', [], 8, bytes(0, 0, 0, 0, 0, 0, 0, 1), [5e-324]],
    ['C', [], 8, bytes(0x3f, 0x80, 0, 0, 0xc0, 0, 0, 0), [{ re: 1, im: -2 }]],
    ['M', [], 16, bytes(0x3f, 0xf0, 0, 0, 0, 0, 0, 0, 0x40, 0, 0, 0, 0, 0, 0, 0), [{ re: 1, im: 2 }]],
  ]
  test.each(cases)('%s %j', async (tform, cards, rowBytes, rows, expected) => {
    const cells = await cellsOf(tform, cards, rowBytes, rows)
    expect(cells.length).toBe(expected.length)
    for (const [i, cell] of cells.entries()) {
      if (typeof cell === 'number') expect(Object.is(cell, expected[i])).toBe(true)
      else expect(cell).toEqual(expected[i])
    }
  })

  test('zero-width columns take no bytes and hold nothing', async () => {
    const file = await tableOf([['0J'], ['B'], ['0A'], ['0PJ']], 1, bytes(7, 8))
    const { layout, block } = await blockOf(file)
    expect(layout.columns.map((column) => [column.offset, column.bytes])).toEqual([
      [0, 0],
      [0, 1],
      [1, 0],
      [1, 0],
    ])
    expect(decodeColumn(layout, layout.columns[0]!, block)).toEqual([[], []])
    expect(decodeColumn(layout, layout.columns[1]!, block)).toEqual([7, 8])
    expect(decodeColumn(layout, layout.columns[2]!, block)).toEqual(['', ''])
    expect(await decodeHeapColumn(file, layout, layout.columns[3]!, block)).toEqual([[], []])
  })

  test('a logical value that is none names row, column and byte', async () => {
    const fault = await faultOf('FITS_LOGICAL_BAD', () =>
      cellsOf('2L', ["TTYPE#  = 'OK'"], 2, ascii('TTTFF1')),
    )
    expect(fault.place).toEqual({ file: 'made.fits', hdu: 'T', column: 'OK', row: 3, value: '49' })
  })
})

describe('scaling (sections 7.3.2, 5.3, Table 19)', () => {
  const all = (...values: (number | bigint)[]) => values
  const cases: [
    what: string,
    tform: string,
    cards: string[],
    bytesOfRow: number,
    rows: Uint8Array,
    expected: Cell[],
  ][] = [
    ['signed bytes', 'B', ['TZERO#  = -128'], 1, bytes(0, 128, 255), all(-128, 0, 127)],
    ['unsigned 16', 'I', ['TZERO#  = 32768'], 2, bytes(0x80, 0, 0x7f, 0xff), all(0, 65535)],
    [
      'unsigned 32',
      'J',
      ['TSCAL#  = 1.0', 'TZERO#  = 2147483648.'],
      4,
      bytes(0x7f, 255, 255, 255),
      all(4294967295),
    ],
    [
      'unsigned 64',
      'K',
      ['TZERO#  = 9223372036854775808'],
      8,
      new Uint8Array(8).fill(255),
      all(2n ** 63n - 1n),
    ],
    [
      'unsigned 64 as real',
      'K',
      ['TZERO#  = 9.223372036854775808E18'],
      8,
      bytes(0x7f, 255, 255, 255, 255, 255, 255, 255),
      all(2n ** 64n - 1n),
    ],
    [
      'offset 64 exact',
      'K',
      ['TZERO#  = 9007199254740993'],
      8,
      bytes(0, 0, 0, 0, 0, 0, 0, 2),
      all(9007199254740995n),
    ],
    ['offset', 'I', ['TZERO#  = 10'], 2, bytes(0, 5), all(15)],
    ['scale', 'B', ['TSCAL#  = 0.5', 'TZERO#  = 3'], 1, bytes(0, 3), all(3, 4.5)],
    ['scale 64', 'K', ['TSCAL#  = 0.5'], 8, bytes(0, 0, 0, 0, 0, 0, 0, 3), all(1.5)],
    ['scale real', 'E', ['TSCAL#  = 2', 'TZERO#  = 1'], 4, bytes(0x3f, 0x80, 0, 0), all(3)],
    [
      'scale complex',
      'C',
      ['TSCAL#  = 2', 'TZERO#  = 1'],
      8,
      bytes(0x3f, 0x80, 0, 0, 0x3f, 0x80, 0, 0),
      [{ re: 3, im: 2 }],
    ],
    ['null', 'I', ['TNULL#  = -1'], 2, bytes(255, 255, 0, 1), [null, 1]],
    ['null is a stored value', 'I', ['TNULL#  = 1', 'TZERO#  = 1'], 2, bytes(0, 0, 0, 1), [1, null]],
    [
      'null of unsigned',
      'J',
      ['TNULL#  = -2147483648', 'TZERO#  = 2147483648'],
      4,
      bytes(0x80, 0, 0, 0, 0, 0, 0, 0),
      [null, 2147483648],
    ],
    [
      'null of unsigned 64',
      'K',
      ['TNULL#  = -1', 'TZERO#  = 9223372036854775808'],
      8,
      new Uint8Array(8).fill(255),
      [null],
    ],
    ['null 64', 'K', ['TNULL#  = -9223372036854775808'], 8, bytes(0x80, 0, 0, 0, 0, 0, 0, 0), [null]],
    ['none on text', '2A', ['TZERO#  = 1', 'TNULL#  = 1'], 2, ascii('ab'), ['ab']],
  ]
  test.each(cases)('%s: %s %j', async (_, tform, cards, rowBytes, rows, expected) => {
    expect(await cellsOf(tform, cards, rowBytes, rows)).toEqual(expected)
  })
})

describe('shapes (TDIM, section 7.3.2)', () => {
  test('first axis fastest, last outermost', async () => {
    expect(await cellsOf('6B', ["TDIM#   = '(3,2)'"], 6, bytes(1, 2, 3, 4, 5, 6))).toEqual([
      [
        [1, 2, 3],
        [4, 5, 6],
      ],
    ])
    const deep = await cellsOf('8B', ["TDIM#   = '(2,2,2)'"], 8, bytes(1, 2, 3, 4, 5, 6, 7, 8))
    expect(deep).toEqual([
      [
        [
          [1, 2],
          [3, 4],
        ],
        [
          [5, 6],
          [7, 8],
        ],
      ],
    ])
  })

  test('a shape smaller than the column leaves the rest out', async () => {
    expect(await cellsOf('5B', ["TDIM#   = ' ( 2 , 2 ) '"], 5, bytes(1, 2, 3, 4, 5))).toEqual([
      [
        [1, 2],
        [3, 4],
      ],
    ])
  })

  test('arrays of texts, by TDIM or as rAw', async () => {
    expect(await cellsOf('6A', ["TDIM#   = '(3,2)'"], 6, ascii('a  bc '))).toEqual([['a', 'bc']])
    expect(await cellsOf('6A3', [], 6, ascii('a  bc '))).toEqual([['a', 'bc']])
  })

  test.each(['(3,3)', '(0,5)', '3,2', '(3,-2)', '()', '(99999999999,99999999999)'])(
    '%s is none for 6B',
    async (tdim) => {
      const fault = await faultOf('FITS_TDIM_BAD', () =>
        cellsOf('6B', [`TDIM#   = '${tdim}'`], 6, new Uint8Array(6)),
      )
      expect(fault.place.value).toBe(tdim)
    },
  )
})

describe('layouts', () => {
  test('columns have offsets, units, descriptions', async () => {
    const file = await tableOf(
      [
        ['K', "TTYPE#  = 'TARGETID' / DESI target", "TUNIT#  = ''"],
        ['2E', "TTYPE#  = 'Flux'", "TUNIT#  = 'nanomaggies'", "TCOMM#  = 'two bands'"],
        ['1PD(9)'],
      ],
      24,
      new Uint8Array(48),
    )
    const layout = tableLayout(file, file.hdu('T'))
    expect([layout.rowBytes, layout.rowCount]).toEqual([24, 2])
    expect(layout.columns[0]).toMatchObject({
      name: 'TARGETID',
      code: 'K',
      offset: 0,
      bytes: 8,
      description: 'DESI target',
    })
    expect(layout.columns[0]!.unit).toBeUndefined()
    expect(layout.columns[1]).toMatchObject({
      code: 'E',
      repeat: 2,
      offset: 8,
      unit: 'nanomaggies',
      description: 'two bands',
    })
    expect(layout.columns[2]).toMatchObject({
      name: 'col3',
      code: 'P',
      offset: 16,
      bytes: 8,
      heap: { code: 'D', maxLength: 9 },
    })
    expect(layout.column('flux').index).toBe(1)
    const fault = await faultOf('FITS_COLUMN_MISSING', () => layout.column('TARGETDI'))
    expect(fault.message).toContain('did you mean TARGETID?')
    expect(fault.place).toEqual({ file: 'made.fits', hdu: 'T', column: 'TARGETDI' })
  })

  test('names that differ in case only need the exact case; equal names are ambiguous', async () => {
    const file = await tableOf(
      [
        ['B', "TTYPE#  = 'z'"],
        ['B', "TTYPE#  = 'Z'"],
        ['B', "TTYPE#  = 'w'"],
        ['B', "TTYPE#  = 'w'"],
      ],
      4,
      bytes(1, 2, 3, 4),
    )
    const layout = tableLayout(file, file.hdus[1]!)
    expect([layout.column('z').index, layout.column('Z').index]).toEqual([0, 1])
    expect((await faultOf('FITS_COLUMN_AMBIGUOUS', () => layout.column('W'))).message).toContain('2 columns')
  })

  test.each(['F', 'e', '', '2PJ', '1P', 'PP', '-1J', '1.5E', '9999999999999999J'])(
    '"%s" is no format',
    async (tform) => {
      const file = await tableOf([[tform, "TTYPE#  = 'BAD'"]], 4, new Uint8Array(4))
      const fault = await faultOf('FITS_TFORM_BAD', () => tableLayout(file, file.hdus[1]!))
      expect(fault.place).toMatchObject({ column: 'BAD', value: tform })
    },
  )

  test('columns that do not fill the row', async () => {
    const file = await tableOf([['J'], ['D']], 16, new Uint8Array(16))
    const fault = await faultOf('FITS_ROW_WIDTH', () => tableLayout(file, file.hdus[1]!))
    expect(fault.message).toContain('12 bytes')
    expect(fault.message).toContain('NAXIS1 is 16')
  })

  test.each([
    ['FITS_KEYWORD_BAD', ['TFIELDS = 1000']],
    ['FITS_KEYWORD_MISSING', ['TFIELDS = 2']],
    ['FITS_KEYWORD_BAD', ['THEAP   = 3']],
    ['FITS_KEYWORD_BAD', ['THEAP   = 500']],
    ['FITS_KEYWORD_BAD', ['TNULL1  = 1.5']],
    ['FITS_KEYWORD_BAD', ["TSCAL1  = 'two'"]],
    ['FITS_COMPRESSED', ['ZTABLE  = T']],
  ] as const)('%s for %j', async (code, cards) => {
    // Of duplicate cards the first counts, so these come before.
    const parts = [
      "XTENSION= 'BINTABLE'",
      ...cards,
      'BITPIX  = 8',
      'NAXIS   = 2',
      'NAXIS1  = 4',
      'NAXIS2  = 1',
    ]
    const head = header(...parts, 'PCOUNT  = 0', 'GCOUNT  = 1', 'TFIELDS = 1', "TFORM1  = 'J'")
    const file = await fileOf(primary(), head, data(new Uint8Array(4)))
    await faultOf(code, () => tableLayout(file, file.hdus[1]!))
  })

  test('three axes or 16-bit words are no table; neither is an image', async () => {
    const head = (bitpix: number) =>
      header(
        "XTENSION= 'BINTABLE'",
        `BITPIX  = ${bitpix}`,
        'NAXIS   = 1',
        'NAXIS1  = 4',
        'PCOUNT  = 0',
        'GCOUNT  = 1',
        'TFIELDS = 0',
      )
    const file = await fileOf(primary(), head(8), data(new Uint8Array(4)), head(16), data(new Uint8Array(8)))
    await faultOf('FITS_KEYWORD_BAD', () => tableLayout(file, file.hdus[1]!))
    await faultOf('FITS_KEYWORD_BAD', () => tableLayout(file, file.hdus[2]!))
    await faultOf('FITS_NOT_A_TABLE', () => tableLayout(file, file.hdus[0]!))
  })

  test('rows without bytes are bounded, and so is a row', async () => {
    const empty = await fileOf(primary(), tableHeader(0, 1e15, 0))
    await faultOf('FITS_TOO_LARGE', () => tableLayout(empty, empty.hdus[1]!))
    const few = await fileOf(primary(), tableHeader(0, 3, 0))
    expect(tableLayout(few, few.hdus[1]!).rowCount).toBe(3)
    const wide = await fileOf(primary(), tableHeader(1e12, 0, 0))
    await faultOf('FITS_TOO_LARGE', () => tableLayout(wide, wide.hdus[1]!))
  })
})

describe('variable-length arrays (section 7.3.5)', () => {
  const heap = bytes(9, 9, 0, 1, 0, 2, 0, 3, 0x61, 0x62, 0x20)

  test('lie in the heap, in any order, shared or empty', async () => {
    const rows = bytes(0, 0, 0, 3, 0, 0, 0, 2, 0, 0, 0, 0, 255, 255, 255, 255, 0, 0, 0, 1, 0, 0, 0, 4)
    const file = await tableOf([['1PI(3)', 'TZERO#  = 1']], 8, rows, { heap })
    const { layout, block } = await blockOf(file)
    expect(await decodeHeapColumn(file, layout, layout.columns[0]!, block)).toEqual([[2, 3, 4], [], [3]])
  })

  test('with 64-bit descriptors, a gap before the heap, texts and shapes', async () => {
    const rows = bytes(0, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0, 6, 0, 0, 0, 4, 0, 0, 0, 0)
    const file = await tableOf([['QA'], ['PB(4)', "TDIM#   = '(2,2)'"]], 24, rows, {
      heap,
      cards: ['THEAP   = 26'],
    })
    const { layout, block } = await blockOf(file)
    expect([layout.heapSize, layout.heapStart]).toEqual([9, file.hdus[1]!.dataStart + 26])
    expect(await decodeHeapColumn(file, layout, layout.columns[0]!, block)).toEqual(['ab'])
    expect(await decodeHeapColumn(file, layout, layout.columns[1]!, block)).toEqual([
      [
        [0, 1],
        [0, 2],
      ],
    ])
  })

  test('far apart are found too', async () => {
    const large = new Uint8Array(30_000_000)
    large[0] = 1
    large[20_000_000] = 2
    large[29_999_999] = 3
    const descriptor = (offset: number) => [
      0,
      0,
      0,
      1,
      ...bytes(offset >>> 24, offset >>> 16, offset >>> 8, offset),
    ]
    const rows = bytes(...descriptor(29_999_999), ...descriptor(0), ...descriptor(20_000_000))
    const file = await tableOf([['1PB']], 8, rows, { heap: large })
    const { layout, block } = await blockOf(file)
    let bytesRead = 0
    const read = (from: number, to: number) => {
      bytesRead += to - from
      return file.source.read(from, to)
    }
    const counted = { ...file, source: { ...file.source, read } }
    expect(await decodeHeapColumn(counted, layout, layout.columns[0]!, block)).toEqual([[3], [1], [2]])
    expect(bytesRead).toBe(3)
  })

  test.each([
    ['beyond the end', bytes(0, 0, 0, 6, 0, 0, 0, 0)],
    ['from a negative place', bytes(0, 0, 0, 1, 255, 255, 255, 254)],
    ['negatively many', bytes(255, 255, 255, 255, 0, 0, 0, 0)],
    ['2^31 - 1 of them', bytes(127, 255, 255, 255, 0, 0, 0, 0)],
  ])('that point %s', async (_, descriptor) => {
    const rows = Buffer.concat([new Uint8Array(8), descriptor])
    const file = await tableOf([['1PI', "TTYPE#  = 'TRACE'"]], 8, rows, { heap })
    const { layout, block } = await blockOf(file)
    const fault = await faultOf('FITS_HEAP_POINTER', () =>
      decodeHeapColumn(file, layout, layout.columns[0]!, block),
    )
    expect(fault.place).toMatchObject({ file: 'made.fits', hdu: 'T', row: 2, column: 'TRACE' })
    expect(fault.message).toContain('the heap has 11')
  })

  test('that all share a large heap do not multiply it in memory', async () => {
    const rows = Buffer.alloc(8 * 4000)
    for (let i = 0; i < 4000; i++) rows.writeInt32BE(100_000, 8 * i)
    const file = await tableOf([['1PB']], 8, rows, { heap: new Uint8Array(100_000) })
    const { layout, block } = await blockOf(file)
    await faultOf('FITS_TOO_LARGE', () => decodeHeapColumn(file, layout, layout.columns[0]!, block))
    const doubles = await tableOf([['1PD']], 8, rows, { heap: new Uint8Array(800_000) })
    const other = await blockOf(doubles)
    await faultOf('FITS_TOO_LARGE', () =>
      decodeHeapColumn(doubles, other.layout, other.layout.columns[0]!, other.block),
    )
  })

  test('are decoded by their own function, and only they', async () => {
    const file = await tableOf([['1PI'], ['J']], 12, new Uint8Array(12))
    const { layout, block } = await blockOf(file)
    await faultOf('FITS_NOT_A_TABLE', () => decodeColumn(layout, layout.columns[0]!, block))
    await faultOf('FITS_NOT_A_TABLE', () => decodeHeapColumn(file, layout, layout.columns[1]!, block))
  })
})

describe('blocks of rows', () => {
  const rows = Uint8Array.from({ length: 1000 * 3 }, (_, i) => i % 251)

  async function collect(from: number, to: number, blockBytes: number) {
    const file = await tableOf([['3B']], 3, rows)
    const layout = tableLayout(file, file.hdus[1]!)
    const blocks = []
    for await (const block of rowBlocks(file, layout, { from, to, blockBytes })) blocks.push(block)
    return blocks
  }

  test('are the rows in order, whatever the size of a block', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.nat(1000),
        fc.nat(1000),
        fc.integer({ min: 1, max: 4000 }),
        async (a, b, blockBytes) => {
          const [from, to] = [Math.min(a, b), Math.max(a, b)]
          const blocks = await collect(from, to, blockBytes)
          expect(
            Buffer.concat(blocks.map((block) => block.bytes)).equals(rows.subarray(from * 3, to * 3)),
          ).toBe(true)
          let next = from
          for (const block of blocks) {
            expect(block.firstRow).toBe(next)
            expect(block.bytes.length).toBe(3 * block.rowCount)
            expect(block.bytes.length).toBeLessThanOrEqual(Math.max(3, blockBytes))
            next += block.rowCount
          }
          expect(next).toBe(to)
        },
      ),
      { numRuns: 50 },
    )
  })

  test.each([
    [-1, 5],
    [5, 4],
    [0, 1001],
    [0.5, 3],
    [Number.NaN, 3],
  ])('%s to %s are no rows', async (from, to) => {
    expect((await faultOf('FITS_ROWS_OUT_OF_RANGE', () => collect(from, to, 100))).message).toContain(
      'which has 1000',
    )
  })

  test('a caller that stops early may close the file at once', async () => {
    const pieces = Buffer.concat([
      primary(),
      tableHeader(1, 5000, 1, "TFORM1  = 'B'"),
      data(new Uint8Array(5000)),
    ])
    let underWay = 0
    const plain = bufferSource('slow', pieces)
    const slow = {
      ...plain,
      read: async (from: number, to: number) => {
        underWay++
        await new Promise((resolve) => setTimeout(resolve, 1))
        underWay--
        return plain.read(from, to)
      },
      close: async () => expect(underWay).toBe(0),
    }
    const file = await openFits(slow)
    for await (const block of rowBlocks(file, tableLayout(file, file.hdus[1]!), { blockBytes: 10 })) {
      if (block.firstRow > 100) break
    }
    await file.close()
  })

  test('a failing read ends the rows with its fault', async () => {
    const pieces = Buffer.concat([
      primary(),
      tableHeader(1, 5000, 1, "TFORM1  = 'B'"),
      data(new Uint8Array(5000)),
    ])
    const plain = bufferSource('breaks', pieces)
    const file = await openFits(plain)
    const broken = {
      ...file,
      source: { ...plain, read: (from: number, to: number) => plain.read(from, to > 9000 ? 1e9 : to) },
    }
    let rowsSeen = 0
    await faultOf('FITS_TRUNCATED', async () => {
      for await (const block of rowBlocks(broken, tableLayout(file, file.hdus[1]!), { blockBytes: 100 }))
        rowsSeen += block.rowCount
    })
    expect(rowsSeen).toBe(3200)
  })
})

describe('packed and stored again', () => {
  const arrays: [tform: string, make: (n: number) => StoredArray][] = [
    ['B', (n) => new Uint8Array(n)],
    ['2I', (n) => new Int16Array(2 * n)],
    ['J', (n) => new Int32Array(n)],
    ['K', (n) => new BigInt64Array(n)],
    ['3E', (n) => new Float32Array(3 * n)],
    ['D', (n) => new Float64Array(n)],
    ['C', (n) => new Float32Array(2 * n)],
    ['2M', (n) => new Float64Array(4 * n)],
    ['13X', (n) => new Uint8Array(2 * n)],
    ['5A', (n) => new Uint8Array(5 * n)],
    ['1PJ', (n) => new Int32Array(2 * n)],
    ['1QJ', (n) => new BigInt64Array(2 * n)],
  ]

  test('are the same bits, all columns side by side, from any row on', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 150 }),
        fc.nat(149),
        fc.infiniteStream(fc.nat(255)),
        async (n, start, random) => {
          const from = start % n
          const columns = arrays.map(([tform, make], i) => {
            const values = make(n)
            const raw = new Uint8Array(values.buffer)
            for (let k = 0; k < raw.length; k++) raw[k] = k % 7 === 0 ? random.next().value : (k * 31) & 255
            return { name: `C${i}`, tform, values }
          })
          const packed = packRows(columns, from, n)
          const rowBytes = packed.length / (n - from)
          const file = await tableOf(
            columns.map(({ tform }) => [tform]),
            rowBytes,
            packed,
          )
          const { layout, block } = await blockOf(file)
          for (const [i, { values }] of columns.entries()) {
            const stored = storedValues(layout, layout.columns[i]!, block)
            expect(stored.constructor).toBe(values.constructor)
            const each = values.byteLength / n
            const wanted = Buffer.from(values.buffer as ArrayBuffer).subarray(from * each)
            expect(Buffer.from(stored.buffer).equals(wanted)).toBe(true)
          }
        },
      ),
      { numRuns: 40 },
    )
  })
})
