// Tables that the writer makes: astropy finds them valid, their checksums right, and the same values in them.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import {
  type CardToWrite,
  type ColumnToWrite,
  fileSource,
  openFits,
  packArrays,
  packedRowBytes,
  packRows,
  rowBlocks,
  type StoredArray,
  type TableToWrite,
  tableLayout,
  unsignedZero,
  verifyChecksums,
  writeFits,
} from '../../src/fits/index.ts'
import { needs } from '../require.ts'
import { randomFrom } from './fuzz.ts'
import { askAstropy } from './oracle.ts'

type Random = () => number
type Values = StoredArray | string[] | boolean[]

/** Random bits in a typed array, with the special values that arithmetic would lose. */
function bits<T extends StoredArray>(random: Random, array: T): T {
  const bytes = new Uint8Array(array.buffer)
  for (let i = 0; i < bytes.length; i++) bytes[i] = Math.floor(random() * 256)
  const special = [0, -0, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 5e-324, 1.4e-45]
  if (array instanceof Float32Array || array instanceof Float64Array) {
    for (let i = 0; i < array.length; i++) if (random() < 0.3) array[i] = special[Math.floor(random() * 7)]!
  }
  return array
}

const letters = ' abcXYZ019-_/&\'"()+'
const word = (random: Random, width: number) =>
  Array.from(
    { length: Math.floor(random() * (width + 1)) },
    () => letters[Math.floor(random() * letters.length)],
  )
    .join('')
    .trimEnd()

const makers: ((n: number, random: Random) => { tform: string; values: Values; dim?: number[] })[] = [
  (n, r) => ({ tform: 'L', values: Array.from({ length: n }, () => r() < 0.5) }),
  (n, r) => ({ tform: 'B', values: bits(r, new Uint8Array(n)) }),
  (n, r) => ({ tform: '2I', values: bits(r, new Int16Array(2 * n)) }),
  (n, r) => ({ tform: 'J', values: bits(r, new Int32Array(n)) }),
  (n, r) => ({ tform: 'K', values: bits(r, new BigInt64Array(n)) }),
  (n, r) => ({ tform: 'I', values: bits(r, new Uint16Array(n)) }),
  (n, r) => ({ tform: 'J', values: bits(r, new Uint32Array(n)) }),
  (n, r) => ({ tform: 'K', values: bits(r, new BigUint64Array(n)) }),
  (n, r) => ({ tform: 'E', values: bits(r, new Float32Array(n)) }),
  (n, r) => ({ tform: '6D', values: bits(r, new Float64Array(6 * n)), dim: [3, 2] }),
  (n, r) => ({ tform: 'C', values: bits(r, new Float32Array(2 * n)) }),
  (n, r) => ({ tform: '3M', values: bits(r, new Float64Array(6 * n)) }),
  (n, r) => ({ tform: '11X', values: bits(r, new Uint8Array(2 * n)) }),
  (n, r) => ({ tform: '9A', values: Array.from({ length: n }, () => word(r, 9)) }),
]

const heapMakers: Record<string, (n: number, random: Random) => StoredArray> = {
  B: (n, r) => bits(r, new Uint8Array(n)),
  I: (n, r) => bits(r, new Int16Array(n)),
  J: (n, r) => bits(r, new Int32Array(n)),
  K: (n, r) => bits(r, new BigInt64Array(n)),
  E: (n, r) => bits(r, new Float32Array(n)),
  D: (n, r) => bits(r, new Float64Array(n)),
  M: (n, r) => bits(r, new Float64Array(2 * n)),
}

interface Made {
  table: TableToWrite
  /** With the arrays of each row where they have lengths of their own. */
  columns: { values: Values; tform: string; arrays?: StoredArray[] }[]
}

/** A column of arrays of any length, and the heap with them. */
function heapColumn(rowCount: number, random: Random) {
  const codes = Object.keys(heapMakers)
  const code = codes[Math.floor(random() * codes.length)]!
  const arrays = Array.from({ length: rowCount }, () => heapMakers[code]!(Math.floor(random() * 6), random))
  const tform = `1${random() < 0.5 ? 'P' : 'Q'}${code}(5)`
  const { values, heap } = packArrays({ name: 'HEAP', tform }, arrays)
  return { column: { name: 'HEAP', tform, values, arrays }, heap }
}

function randomTable(random: Random, index: number): Made {
  const rowCount = [0, 1, 3, 40, 333][Math.floor(random() * 5)]!
  const columns: (Made['columns'][number] & { name: string; dim?: number[] })[] = Array.from(
    { length: 1 + Math.floor(random() * 12) },
    (_, i) => {
      const made = makers[Math.floor(random() * makers.length)]!(rowCount, random)
      return { name: `C${i}`, ...made }
    },
  )
  const extra = rowCount > 0 && random() < 0.3 ? heapColumn(rowCount, random) : undefined
  if (extra) columns.push(extra.column)
  const described: ColumnToWrite[] = columns.map(({ name, tform, values, dim }) => {
    const zero = /[PQ]/.test(tform) ? undefined : unsignedZero(values)
    return { name, tform, unit: 'deg', ...(dim ? { dim } : {}), ...(zero === undefined ? {} : { zero }) }
  })
  const half = Math.floor(rowCount / 2)
  const rows = [packRows(columns, 0, half), packRows(columns, half, rowCount)]
  const heap = extra ? { heap: extra.heap } : {}
  return {
    table: { name: `T${index}`, version: index + 1, columns: described, rowCount, rows, ...heap },
    columns,
  }
}

/** The elements of a row as the oracle writes them. */
function expectedCell(
  { values, tform, arrays }: Made['columns'][number],
  row: number,
  rows: number,
): string[] {
  if (arrays) return expectedCell({ values: arrays[row]!, tform: tform.replace(/\(.*/, '') }, 0, 1)
  if (tform === '11X') {
    const bytes = values as Uint8Array
    return Array.from({ length: 11 }, (_, k) =>
      (bytes[2 * row + (k >> 3)]! >> (7 - (k & 7))) & 1 ? 'T' : 'F',
    )
  }
  if (Array.isArray(values)) return [typeof values[row] === 'string' ? values[row] : values[row] ? 'T' : 'F']
  const n = values.length / rows
  const elements = Array.from({ length: n }, (_, k) => elementText(values, row * n + k))
  if (!/[CM]$/.test(tform)) return elements
  return elements.flatMap((text, k) => (k % 2 === 0 ? [`${text} ${elements[k + 1]}`] : []))
}

function elementText(values: StoredArray, i: number): string {
  if (!(values instanceof Float32Array || values instanceof Float64Array)) return String(values[i])
  const width = values.BYTES_PER_ELEMENT
  const bytes = Buffer.from(values.buffer.slice(i * width, (i + 1) * width))
  return `x${bytes.reverse().toString('hex')}`
}

needs('astropy')('tables that the writer makes', () => {
  const folder = mkdtempSync(join(tmpdir(), 'almagest-written-'))
  afterAll(() => rmSync(folder, { recursive: true }))

  test('verify without a warning and have the same values, to the bit', async () => {
    const random = randomFrom(31)
    const files = Array.from({ length: 20 }, () =>
      Array.from({ length: 10 }, (_, i) => randomTable(random, i)),
    )
    for (const [i, tables] of files.entries()) {
      const path = join(folder, `${String(i).padStart(3, '0')}.fits`)
      await writeFits(
        path,
        tables.map(({ table }) => table),
      )
    }
    const oracle = askAstropy('dump', folder)
    expect(oracle.length).toBe(20)
    for (const [i, { hdus }] of oracle.entries()) {
      for (const [k, hdu] of hdus.entries()) {
        const { table, columns } = files[i]![k]!
        expect([hdu.name, hdu.version, hdu.rows]).toEqual([table.name, table.version, table.rowCount])
        for (const [c, column] of hdu.columns.entries()) {
          const expected = Array.from({ length: hdu.rows }, (_, row) =>
            expectedCell(columns[c]!, row, hdu.rows),
          )
          expect(column.cells, `${i} ${hdu.name} ${column.name} ${column.tform}`).toEqual(expected)
        }
      }
    }
  })

  test('have the header cards that were given', async () => {
    const sub = mkdtempSync(join(folder, 'cards-'))
    const long = "it's a long text, ".repeat(20).trim()
    const cards: CardToWrite[] = [
      ['SHORT', "O'Neill", 'a comment'],
      ['LONGTEXT', long, 'over several cards'],
      ['EMPTY', ''],
      ['NOVALUE', null, 'undefined'],
      ['YES', true],
      ['BIG', 9223372036854775807n],
      ['TENTH', 0.1],
      ['TINY', 5e-324],
      ['HUGE', 1.7976931348623157e308],
      ['NEGZERO', -0],
      ['ESO DET CHIP NAME', 'chip 1', 'hierarchical'],
      ['LONGERTHAN8', 42],
      ['HISTORY', 'h'.repeat(100)],
    ]
    await writeFits(join(sub, 'cards.fits'), [], { primary: cards })
    const given = new Map(askAstropy('dump', sub)[0]!.primary)
    const float = (value: number) => elementText(Float64Array.of(value), 0)
    expect(given.get('SHORT')).toBe("O'Neill")
    expect(given.get('LONGTEXT')).toBe(long)
    expect([given.get('EMPTY'), given.get('NOVALUE'), given.get('YES')]).toEqual(['', null, 'T'])
    expect(given.get('BIG')).toBe('9223372036854775807')
    expect(given.get('TENTH')).toBe(float(0.1))
    expect(given.get('TINY')).toBe(float(5e-324))
    expect(given.get('HUGE')).toBe(float(1.7976931348623157e308))
    expect(given.get('NEGZERO')).toBe(float(-0))
    expect(given.get('ESO DET CHIP NAME')).toBe('chip 1')
    expect(given.get('LONGERTHAN8')).toBe('42')
  })

  test('with variable-length arrays have the same arrays', async () => {
    const sub = mkdtempSync(join(folder, 'heap-'))
    const short = [Int32Array.of(1, -2, 2 ** 31 - 1), Int32Array.of(), Int32Array.of(7)]
    const long = [Float64Array.of(0.1), Float64Array.of(2, -0, 4), Float64Array.of()]
    const first = packArrays({ name: 'P', tform: '1PJ' }, short)
    const second = packArrays({ name: 'Q', tform: '1QD' }, long, first.heap.length)
    const columns = [
      { name: 'P', tform: '1PJ(3)', values: first.values },
      { name: 'Q', tform: '1QD(3)', values: second.values },
    ]
    const heap = Buffer.concat([first.heap, second.heap])
    await writeFits(join(sub, 'heap.fits'), [
      { name: 'H', columns, rowCount: 3, rows: [packRows(columns, 0, 3)], heap },
    ])
    const [p, q] = askAstropy('dump', sub)[0]!.hdus[0]!.columns
    expect(p!.cells).toEqual(short.map((array) => [...array].map(String)))
    expect(q!.cells).toEqual(long.map((array) => Array.from(array, (_, i) => elementText(array, i))))
  })

  test('written out of what was read are the same bytes of data', async () => {
    const path = join(folder, '003.fits')
    const copy = join(folder, 'copy.fits')
    const file = await openFits(await fileSource(path))
    const tables: TableToWrite[] = []
    for (const hdu of file.hdus.slice(1)) {
      const layout = tableLayout(file, hdu)
      expect(packedRowBytes(layout.columns)).toBe(layout.rowBytes)
      const rows = (async function* () {
        for await (const block of rowBlocks(file, layout)) yield block.bytes
      })()
      const heap = await file.source.read(layout.heapStart, layout.heapStart + layout.heapSize)
      tables.push({ name: hdu.name, columns: layout.columns, rowCount: layout.rowCount, rows, heap })
    }
    await writeFits(copy, tables)
    const again = await openFits(await fileSource(copy))
    const dataOf = (name: string, { dataStart, dataSize }: { dataStart: number; dataSize: number }) =>
      readFileSync(name).subarray(dataStart, dataStart + dataSize)
    for (const [i, hdu] of file.hdus.entries()) {
      expect(dataOf(copy, again.hdus[i]!).equals(dataOf(path, hdu))).toBe(true)
    }
    expect((await verifyChecksums(again)).every((hdu) => hdu.datasum === 'ok' && hdu.checksum === 'ok')).toBe(
      true,
    )
    await file.close()
    await again.close()
  })
})
