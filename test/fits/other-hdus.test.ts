// ASCII tables and images made by hand after the standard, and what is refused in them.
import { describe, expect, test } from 'vitest'
import { asciiLayout, decodeAsciiColumn, type FitsFile, readImage, rowBlocks } from '../../src/fits/index.ts'
import { data, fileOf, header, primary } from './build.ts'
import { faultOf } from './faults.ts'

function asciiTable(width: number, rows: string[], ...cards: string[]): Promise<FitsFile> {
  const fields = cards.filter((card) => card.startsWith('TFORM')).length
  const head = header(
    "XTENSION= 'TABLE   '",
    ...[
      'BITPIX  = 8',
      'NAXIS   = 2',
      `NAXIS1  = ${width}`,
      `NAXIS2  = ${rows.length}`,
      'PCOUNT  = 0',
      'GCOUNT  = 1',
    ],
    `TFIELDS = ${fields}`,
    "EXTNAME = 'T'",
    ...cards,
  )
  return fileOf(primary(), head, data(Buffer.from(rows.map((row) => row.padEnd(width)).join('')), 32))
}

/** Values of one column that fills the row. */
async function valuesOf(tform: string, rows: string[], ...cards: string[]) {
  const width = Number(/\d+/.exec(tform)![0])
  const file = await asciiTable(width, rows, `TFORM1  = '${tform}'`, 'TBCOL1  = 1', ...cards)
  const layout = asciiLayout(file, file.hdu('T'))
  for await (const block of rowBlocks(file, layout))
    return decodeAsciiColumn(layout, layout.columns[0]!, block)
  return []
}

describe('ASCII tables (section 7.2)', () => {
  test('integers: blanks are zero, wide ones exact', async () => {
    expect(await valuesOf('I5', ['  42', '-7', '+8', '', '00012'])).toEqual([42, -7, 8, 0, 12])
    expect(await valuesOf('I20', ['9007199254740993', '-9223372036854775808', ''])).toEqual([
      9007199254740993n,
      -9223372036854775808n,
      0n,
    ])
  })

  test('reals: with point or an implied one, exponents by E, D or a bare sign', async () => {
    expect(await valuesOf('F8.2', ['1.25', '125', '-5', '.5', '5.', '', '+1'])).toEqual([
      1.25, 1.25, -0.05, 0.5, 5, 0, 0.01,
    ])
    expect(await valuesOf('E12.3', ['1.5E3', '1.5D3', '1.5+3', '1.5-3', '1500E0', '-1.e-2'])).toEqual([
      1500, 1500, 1500, 0.0015, 1.5, -0.01,
    ])
    expect(await valuesOf('D25.17', ['0.1', '4.9406564584124654D-324'])).toEqual([0.1, 5e-324])
  })

  test('texts, nulls, scaling', async () => {
    expect(await valuesOf('A4', ['ab', ' ab ', ''])).toEqual(['ab', ' ab', ''])
    expect(await valuesOf('F5.1', ['-99.9', '1.5'], "TNULL1  = '-99.9'")).toEqual([null, 1.5])
    expect(await valuesOf('I3', ['***', '12'], "TNULL1  = '***'", 'TSCAL1  = 0.5', 'TZERO1  = 1')).toEqual([
      null,
      7,
    ])
  })

  test.each([
    ['I5', '1.5'],
    ['I5', '1 2'],
    ['F5.1', 'abc'],
    ['F5.1', '.'],
    ['E9.1', '1E2E3'],
    ['E9.1', '-'],
  ])('%s is no place for %s', async (tform, text) => {
    const fault = await faultOf('FITS_NUMBER_BAD', () => valuesOf(tform, ['1', text], "TTYPE1  = 'MAG'"))
    expect(fault.place).toEqual({ file: 'made.fits', hdu: 'T', column: 'MAG', row: 2, value: text })
  })

  test('layouts: fields in any order, gaps, names', async () => {
    const cards = [
      "TFORM1  = 'I2'",
      'TBCOL1  = 8',
      "TTYPE1  = 'B'",
      "TFORM2  = 'A3'",
      'TBCOL2  = 1',
      "TUNIT2  = 'mag'",
    ]
    const file = await asciiTable(10, ['abc --- 12', 'x        3'], ...cards)
    const layout = asciiLayout(file, file.hdu('T'))
    expect(layout.columns[1]).toMatchObject({ name: 'col2', offset: 0, bytes: 3, unit: 'mag', code: 'A' })
    for await (const block of rowBlocks(file, layout)) {
      expect(decodeAsciiColumn(layout, layout.column('b'), block)).toEqual([1, 0])
      expect(decodeAsciiColumn(layout, layout.column('col2'), block)).toEqual(['abc', 'x'])
    }
  })

  test('layouts that are none', async () => {
    const layout = async (...cards: string[]) => {
      const file = await asciiTable(4, ['1'], ...cards)
      return asciiLayout(file, file.hdus[1]!)
    }
    await faultOf('FITS_TFORM_BAD', () => layout("TFORM1  = 'J'", 'TBCOL1  = 1'))
    await faultOf('FITS_TFORM_BAD', () => layout("TFORM1  = 'F5'", 'TBCOL1  = 1'))
    await faultOf('FITS_KEYWORD_MISSING', () => layout("TFORM1  = 'I3'"))
    await faultOf('FITS_KEYWORD_BAD', () => layout("TFORM1  = 'I3'", 'TBCOL1  = 0'))
    const fault = await faultOf('FITS_ROW_WIDTH', () => layout("TFORM1  = 'I3'", 'TBCOL1  = 3'))
    expect(fault.message).toContain('character 5')
    const file = await fileOf(primary())
    await faultOf('FITS_NOT_A_TABLE', () => asciiLayout(file, file.hdus[0]!))
  })
})

describe('images (section 7.1)', () => {
  const image = async (bitpix: number, bytes: number[], ...cards: string[]) => {
    const axes = [3, bytes.length / 3 / (Math.abs(bitpix) / 8)]
    const sizes = [
      'NAXIS   = 2',
      `NAXIS1  = ${axes[0]}`,
      `NAXIS2  = ${axes[1]}`,
      'PCOUNT  = 0',
      'GCOUNT  = 1',
    ]
    const head = header("XTENSION= 'IMAGE   '", `BITPIX  = ${bitpix}`, ...sizes, ...cards)
    const file = await fileOf(primary(), head, data(Uint8Array.from(bytes)))
    return readImage(file, file.hdus[1]!)
  }

  test('have numpy order and the array of their BITPIX', async () => {
    expect(await image(8, [1, 2, 3, 4, 5, 6])).toEqual({
      shape: [2, 3],
      values: Uint8Array.of(1, 2, 3, 4, 5, 6),
    })
    expect((await image(16, [255, 255, 0, 1, 128, 0])).values).toEqual(Int16Array.of(-1, 1, -32768))
    expect((await image(32, [0, 0, 1, 0, 0, 0, 0, 0, 255, 255, 255, 255])).values).toEqual(
      Int32Array.of(256, 0, -1),
    )
    const long = [...new Uint8Array(16), 0, 32, 0, 0, 0, 0, 0, 1]
    expect((await image(64, long)).values).toEqual(BigInt64Array.of(0n, 0n, 2n ** 53n + 1n))
    expect((await image(-32, [0x3f, 0x80, 0, 0, ...new Uint8Array(8)])).values).toEqual(
      Float32Array.of(1, 0, 0),
    )
    expect((await image(-64, [0x3f, 0xf0, ...new Uint8Array(22)])).values).toEqual(Float64Array.of(1, 0, 0))
  })

  test('unsigned, scaled, blank, with unit', async () => {
    expect((await image(16, [128, 0, 0, 0, 127, 255], 'BZERO   = 32768')).values).toEqual(
      Uint16Array.of(0, 32768, 65535),
    )
    const scaled = await image(
      8,
      [1, 255, 3],
      'BSCALE  = 0.5',
      'BZERO   = 1',
      'BLANK   = 255',
      "BUNIT   = 'Jy'",
    )
    expect(scaled).toEqual({
      shape: [1, 3],
      values: Float64Array.of(1.5, Number.NaN, 2.5),
      unit: 'Jy',
      blank: 255,
    })
  })

  test('without data are empty', async () => {
    const file = await fileOf(primary())
    expect(await readImage(file, file.hdus[0]!)).toEqual({ shape: [], values: new Uint8Array(0) })
  })

  test('that are none, compressed or too large', async () => {
    const table = await asciiTable(1, ['1'], "TFORM1  = 'I1'", 'TBCOL1  = 1')
    await faultOf('FITS_NOT_AN_IMAGE', () => readImage(table, table.hdus[1]!))
    await faultOf('FITS_COMPRESSED', () => image(8, [1, 2, 3], 'ZIMAGE  = T'))
    const file = await fileOf(primary())
    const large = { ...file.hdus[0]!, header: { ...file.hdus[0]!.header } }
    const claims: Record<string, number> = { NAXIS: 2, NAXIS1: 1e6, NAXIS2: 1e6, BITPIX: 8 }
    large.header.get = (keyword) => claims[keyword]
    expect((await faultOf('FITS_TOO_LARGE', () => readImage(file, large))).message).toContain('1000000000000')
  })
})
