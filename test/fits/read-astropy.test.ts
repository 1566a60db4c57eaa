// Hundreds of random tables that astropy writes: the reader finds the same layout and the same values.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  asciiLayout,
  type Cell,
  decodeAsciiColumn,
  decodeColumn,
  decodeHeapColumn,
  type FitsFile,
  fileSource,
  openFits,
  rowBlocks,
  storedValues,
  type TableColumn,
  type TableLayout,
  tableLayout,
} from '../../src/fits/index.ts'
import { needs } from '../require.ts'
import { askAstropy, differences, type OracleColumn, type OracleFile, shapeOf } from './oracle.ts'

async function readColumn(file: FitsFile, layout: TableLayout, column: TableColumn): Promise<Cell[]> {
  const cells: Cell[] = []
  for await (const block of rowBlocks(file, layout, { blockBytes: 3 * layout.rowBytes })) {
    const some = column.heap
      ? await decodeHeapColumn(file, layout, column, block)
      : decodeColumn(layout, column, block)
    cells.push(...some)
  }
  return cells
}

/** Bits of a float column as the oracle writes them, to compare NaN payloads too. */
async function readBits(file: FitsFile, layout: TableLayout, column: TableColumn): Promise<string[]> {
  const bits: string[] = []
  for await (const block of rowBlocks(file, layout)) {
    const stored = storedValues(layout, column, block) as Float32Array
    const bytes = Buffer.from(stored.buffer)
    const swapped = stored.BYTES_PER_ELEMENT === 4 ? bytes.swap32() : bytes.swap64()
    for (let i = 0; i < swapped.length; i += stored.BYTES_PER_ELEMENT) {
      bits.push(`x${swapped.toString('hex', i, i + stored.BYTES_PER_ELEMENT)}`)
    }
  }
  return bits
}

const oracleBits = (column: OracleColumn) => column.cells.flat().flatMap((text) => text.split(' '))

needs('astropy')('tables that astropy writes', () => {
  const folder = mkdtempSync(join(tmpdir(), 'almagest-oracle-'))
  let oracle: OracleFile[] = []
  beforeAll(() => {
    oracle = askAstropy('write', folder, '20260731', '40')
  })
  afterAll(() => rmSync(folder, { recursive: true }))

  const seen = { tables: 0, columns: 0, elements: 0, zeroWidth: 0, codes: new Set<string>() }

  test('have the same values, shapes and bits for the reader', async () => {
    const wrong: string[] = []
    for (const { file: name, hdus } of oracle) {
      const file = await openFits(await fileSource(join(folder, name)))
      expect(file.hdus.length - 1).toBe(hdus.length)
      for (const hdu of hdus.slice(0, -1)) {
        const layout = tableLayout(file, file.hdu(hdu.name, hdu.version))
        expect(layout.rowCount).toBe(hdu.rows)
        expect(layout.columns.map((column) => column.name)).toEqual(hdu.columns.map((column) => column.name))
        seen.tables++
        for (const expected of hdu.columns) {
          const column = layout.column(expected.name)
          const cells = await readColumn(file, layout, column)
          wrong.push(...differences(cells, expected).map((text) => `${name} ${hdu.name} ${text}`))
          expect(column.unit ?? null).toBe(expected.unit)
          if (cells.length > 0 && !column.heap && expected.shape) {
            expect(shapeOf(cells[0]!), `${name} ${hdu.name} ${column.name} ${column.tform}`).toEqual(
              expected.shape,
            )
          }
          if ('EDCM'.includes(column.code) && column.scale === 1 && column.zero === 0) {
            expect(await readBits(file, layout, column)).toEqual(oracleBits(expected))
          }
          seen.columns++
          if (column.bytes === 0) seen.zeroWidth++
          seen.elements += expected.cells.flat().length
          seen.codes.add(column.heap ? column.code + column.heap.code : column.code)
        }
      }
      await file.close()
    }
    expect(wrong).toEqual([])
  })

  test('of ASCII have the same values', async () => {
    const wrong: string[] = []
    for (const { file: name, hdus } of oracle) {
      const file = await openFits(await fileSource(join(folder, name)))
      const layout = asciiLayout(file, file.hdu('ASCII'))
      for (const expected of hdus.at(-1)!.columns) {
        const cells: Cell[] = []
        for await (const block of rowBlocks(file, layout, { blockBytes: 100 })) {
          cells.push(...decodeAsciiColumn(layout, layout.column(expected.name), block))
        }
        wrong.push(...differences(cells, expected).map((text) => `${name} ${text}`))
      }
      await file.close()
    }
    expect(wrong).toEqual([])
  })

  test('were many, of every type', () => {
    expect(seen.tables).toBe(400)
    expect(seen.elements).toBeGreaterThan(10_000)
    expect(seen.zeroWidth).toBeGreaterThan(10)
    const heap = [...'ABIJKEDCM'].flatMap((code) => [`P${code}`, `Q${code}`])
    expect([...seen.codes].sort()).toEqual([...'ABCDEIJKLMX', ...heap].sort())
  })
})
