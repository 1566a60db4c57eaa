// Rows of VOTable's BINARY and BINARY2 (VOTable 1.4, sections 5.3 and 5.4): big-endian values, one after another.
import { type FileCell, fileFault } from '../table-file.ts'

export interface VotableField {
  readonly name: string
  readonly datatype: string
  /** Absent for a single value. */
  readonly arraysize?: string
  readonly unit?: string
  readonly ucd?: string
}

const widths: Record<string, number> = {
  boolean: 1,
  unsignedByte: 1,
  char: 1,
  unicodeChar: 2,
  short: 2,
  int: 4,
  float: 4,
  long: 8,
  double: 8,
  floatComplex: 8,
  doubleComplex: 16,
}

/**
 * All rows of a stream. Arrays of numbers are passed over and come as null.
 * @param masked  BINARY2: a bit for each NULL goes before every row
 */
export function binaryRows(
  file: string,
  fields: readonly VotableField[],
  masked: boolean,
  bytes: Buffer,
): FileCell[][] {
  for (const { name, datatype } of fields) {
    if (widths[datatype] === undefined) {
      throw fileFault(file, `column ${name} has the datatype ${datatype}`, 'leave the column out')
    }
  }
  const rows: FileCell[][] = []
  for (let at = 0; at < bytes.length; ) {
    const start = at
    if (masked) at += Math.ceil(fields.length / 8)
    const cells = fields.map((field, i) => {
      const { first, count } = lengthOf(field, bytes, at)
      at = first + count * widths[field.datatype]!
      if (!(at >= first && at <= bytes.length)) {
        throw fileFault(file, 'its data end within a row', 'copy or download the file again', rows.length + 1)
      }
      const isNull = masked && (bytes[start + (i >> 3)]! & (0x80 >> (i & 7))) !== 0
      return isNull ? null : cellOf(field, bytes, first, at)
    })
    rows.push(cells)
  }
  return rows
}

/** Where a field's elements begin and how many there are; the last axis of an array may be counted in the data. */
function lengthOf({ arraysize }: VotableField, bytes: Buffer, at: number): { first: number; count: number } {
  if (arraysize === undefined) return { first: at, count: 1 }
  if (!arraysize.includes('*')) {
    return { first: at, count: arraysize.split('x').reduce((product, each) => product * Number(each), 1) }
  }
  return { first: at + 4, count: at + 4 > bytes.length ? 0 : bytes.readInt32BE(at) }
}

function cellOf({ datatype, arraysize }: VotableField, bytes: Buffer, at: number, end: number): FileCell {
  if (datatype === 'char') return bytes.toString('utf8', at, end).replace(/\0.*$/s, '').trimEnd() || null
  if (datatype === 'unicodeChar') {
    const swapped = Buffer.from(bytes.subarray(at, end)).swap16()
    return swapped.toString('utf16le').replace(/\0.*$/s, '') || null
  }
  if (arraysize !== undefined) return null
  if (datatype === 'double') return nanAsNull(bytes.readDoubleBE(at))
  if (datatype === 'float') return nanAsNull(bytes.readFloatBE(at))
  if (datatype === 'long') return bytes.readBigInt64BE(at)
  if (datatype === 'int') return BigInt(bytes.readInt32BE(at))
  if (datatype === 'short') return BigInt(bytes.readInt16BE(at))
  if (datatype === 'unsignedByte') return BigInt(bytes[at]!)
  return datatype === 'boolean' ? 'Tt1'.includes(String.fromCharCode(bytes[at]!)) : null
}

const nanAsNull = (value: number): number | null => (Number.isNaN(value) ? null : value)
