// What astropy says of FITS tables, and the comparison of our cells with it, element by element.
import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { Cell, Complex, Scalar } from '../../src/fits/index.ts'

export interface OracleColumn {
  name: string
  tform: string
  unit: string | null
  null: string | null
  /** Shape of a cell, null where unknown. */
  shape: number[] | null
  /** Elements of each cell, flat, as text. */
  cells: string[][]
}

export interface OracleFile {
  file: string
  /** Cards of the primary header: keyword and value, null where it has none. */
  primary: [keyword: string, value: string | null][]
  hdus: { name: string; version: number; rows: number; columns: OracleColumn[] }[]
}

const script = fileURLToPath(new URL('astropy_tables.py', import.meta.url))

/** Runs the oracle: `write FOLDER SEED FILES` or `dump FOLDER`. */
export function askAstropy(...args: string[]): OracleFile[] {
  const text = execFileSync('/usr/bin/python3', [script, ...args], {
    maxBuffer: 2 ** 29,
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  return JSON.parse(text.toString()) as OracleFile[]
}

/** Leaves of a nested cell in C order. */
export const flat = (cell: Cell): Scalar[] => (Array.isArray(cell) ? cell.flatMap(flat) : [cell as Scalar])

/** Shape of a nested cell. */
export function shapeOf(cell: Cell): number[] {
  return Array.isArray(cell) ? [cell.length, ...(cell.length ? shapeOf(cell[0] as Cell) : [])] : []
}

/** Whether an element is what the oracle says; floats must have the same bits but for NaN payloads. */
export function sameElement(actual: Scalar, expected: string, nullText: string | null): boolean {
  if (actual === null) return expected === nullText
  if (typeof actual === 'boolean') return expected === (actual ? 'T' : 'F')
  if (typeof actual === 'object') return sameComplex(actual, expected)
  if (typeof actual === 'number' && expected.startsWith('x')) return Object.is(actual, floatOf(expected))
  if (typeof actual !== 'string' && expected === nullText) return false
  return String(actual) === expected
}

function sameComplex({ re, im }: Complex, expected: string): boolean {
  const [real, imaginary] = expected.split(' ')
  return Object.is(re, floatOf(real!)) && Object.is(im, floatOf(imaginary!))
}

function floatOf(hex: string): number {
  const bytes = Buffer.from(hex.slice(1), 'hex')
  return bytes.length === 4 ? bytes.readFloatBE() : bytes.readDoubleBE()
}

/** Differences between our cells and the oracle's, as text; none when they agree. */
export function differences(cells: readonly Cell[], expected: OracleColumn): string[] {
  if (cells.length !== expected.cells.length)
    return [`${cells.length} rows, astropy ${expected.cells.length}`]
  return cells.flatMap((cell, row) => {
    const leaves = flat(cell)
    const wanted = expected.cells[row]!
    const same =
      leaves.length === wanted.length && leaves.every((v, i) => sameElement(v, wanted[i]!, expected.null))
    return same ? [] : [`${expected.name} (${expected.tform}) row ${row + 1}: ${leaves} | astropy ${wanted}`]
  })
}
