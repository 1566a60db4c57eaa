// Files as plain data: what `info` and `head` print.
import { expect, test } from 'vitest'
import { describeFile, headRows } from '../../src/fits/index.ts'
import { data, fileOf, header, primary, tableHeader, tableOf } from './build.ts'
import { faultOf } from './faults.ts'
import { seedFiles } from './fuzz.ts'

test('a file with its HDUs and columns', async () => {
  const cards = ["TTYPE#  = 'RA' / Right ascension", "TUNIT#  = 'deg'"]
  const file = await tableOf(
    [
      ['D', ...cards],
      ['6E', "TDIM#   = '(3,2)'"],
    ],
    32,
    new Uint8Array(64),
  )
  const description = describeFile(file)
  expect(description).toMatchObject({ name: 'made.fits', trailingBytes: 0, size: file.size })
  expect(description.hdus[0]).toEqual({
    ...{ index: 0, name: 'PRIMARY', version: 1, kind: 'image', cards: 3, dataBytes: 0, axes: [], bitpix: 8 },
  })
  expect(description.hdus[1]).toMatchObject({
    name: 'T',
    kind: 'bintable',
    rows: 2,
    axes: [32, 2],
    columns: [
      { name: 'RA', tform: 'D', unit: 'deg', description: 'Right ascension' },
      { name: 'col2', tform: '6E', dim: [3, 2] },
    ],
  })
})

test('a table that cannot be read is described with its fault, the others are whole', async () => {
  const bad = tableHeader(4, 1, 1, "TFORM1  = 'Z'", "EXTNAME = 'BAD'")
  const good = tableHeader(4, 1, 1, "TFORM1  = 'J'", "EXTNAME = 'GOOD'")
  const compressed = tableHeader(4, 1, 1, "TFORM1  = 'J'", 'ZTABLE  = T')
  const four = data(new Uint8Array(4))
  const file = await fileOf(primary(), bad, four, good, four, compressed, four)
  const [, first, second, third] = describeFile(file).hdus
  expect(first!.fault).toMatchObject({ code: 'FITS_TFORM_BAD' })
  expect(second).toMatchObject({ rows: 1, columns: [{ name: 'col1', tform: 'J' }] })
  expect(third!.fault).toMatchObject({ code: 'FITS_COMPRESSED' })
  expect(third!.fault!.hint).toContain('funpack')
})

test('the first rows of binary and ASCII tables, of all or some columns', async () => {
  const [binary, text] = await seedFiles()
  const file = await fileOf(binary!)
  const head = await headRows(file, file.hdu('EVERY'), 2, ['A', 'p', 'B'])
  expect(head).toMatchObject({
    columns: [{ name: 'A' }, { name: 'P' }, { name: 'B' }],
    rows: [
      ['one', [1, 2, 3], 3.5],
      ['two', [4], 4],
    ],
  })
  expect((await headRows(file, file.hdu('EVERY'), 100)).rows.length).toBe(3)
  const other = await fileOf(text!)
  expect((await headRows(other, other.hdu('TEXT'), 2)).rows).toEqual([
    [1, 2.5, ' abc'],
    [22, -5, '   x'],
  ])
  await faultOf('FITS_COLUMN_MISSING', () => headRows(file, file.hdu('EVERY'), 2, ['NOPE']))
  await faultOf('FITS_NOT_A_TABLE', () => headRows(other, other.hdu('IMAGE'), 2))
})

test('an HDU of unknown kind', async () => {
  const odd = header("XTENSION= 'FOREIGN'", 'BITPIX  = 8', 'NAXIS   = 1', 'NAXIS1  = 10')
  const file = await fileOf(primary(), odd, data(new Uint8Array(10)))
  expect(describeFile(file).hdus[1]).toMatchObject({ name: '', kind: 'other', dataBytes: 10 })
})
