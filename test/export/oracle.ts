// What astropy reads in an exported file, and the same rows as they went into the table, in one spelling.
import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { SqlType } from '../../src/model/index.ts'

/** Text of a value: floats as the hexadecimal digits of their bytes; null where there is none. */
export type CellText = string | null | CellText[]

export interface ReadColumn {
  name: string
  /** numpy's, e.g. `<i8`. */
  dtype: string
  unit: string | null
  description: string | null
  ucd: string | null
  cells: CellText[]
}

const script = fileURLToPath(new URL('astropy_read.py', import.meta.url))

/** Columns of a file as astropy reads them. */
export function astropyReads(format: 'fits' | 'votable' | 'ecsv', path: string): ReadColumn[] {
  const text = execFileSync('/usr/bin/python3', [script, `${format}=${path}`], {
    maxBuffer: 2 ** 28,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  return (JSON.parse(text.toString()) as ReadColumn[][])[0]!
}

/** A value of a row in the oracle's spelling. */
export function spelt(type: SqlType, value: unknown): CellText {
  if (value === null) return null
  switch (type) {
    case 'boolean':
      return value ? 'True' : 'False'
    case 'real':
      return floatBytes(value as number, 4)
    case 'double precision':
      return floatBytes(value as number, 8)
    case 'timestamp':
      return `${(value as Date).toISOString().slice(0, -1)}000`
    case 'real[]':
      return (value as number[]).map((each) => spelt('real', each))
    case 'double precision[]':
      return (value as number[]).map((each) => spelt('double precision', each))
    case 'bigint[]':
      return (value as bigint[]).map((each) => spelt('bigint', each))
    default:
      return String(value)
  }
}

function floatBytes(value: number, bytes: 4 | 8): string {
  if (Number.isNaN(value)) return 'nan'
  const buffer = Buffer.alloc(bytes)
  if (bytes === 4) buffer.writeFloatBE(value)
  else buffer.writeDoubleBE(value)
  return buffer.toString('hex')
}
