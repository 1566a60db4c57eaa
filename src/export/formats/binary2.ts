// VOTable's BINARY2 (VOTable 1.4, section 5.4): rows of big-endian values behind a mask with a bit for each NULL.
import type { ColumnValues, ExportColumn } from '../columns.ts'
import { elementTypes } from '../columns.ts'
import { exportError } from '../errors.ts'
import type { Batch } from '../rows.ts'
import { momentLength, momentText } from '../value-text.ts'

/** The batch's rows as bytes. */
export function binary2Rows(columns: readonly ExportColumn[], batch: Batch): Uint8Array {
  const out = new GrowingBytes()
  const cells = columns.map(({ name }, i) => cellWriter(name, batch.columns[i]!, out))
  const maskBytes = Math.ceil(columns.length / 8)
  for (let row = 0; row < batch.rows; row++) {
    const mask = out.reserve(maskBytes)
    for (let i = 0; i < maskBytes; i++) out.view.setUint8(mask + i, 0)
    for (const [i, column] of batch.columns.entries()) {
      // The most significant bit of the first byte is the first column's.
      if (column.nulls[row])
        out.view.setUint8(mask + (i >> 3), out.view.getUint8(mask + (i >> 3)) | (0x80 >> (i & 7)))
    }
    for (const write of cells) write(row)
  }
  return out.bytes()
}

/** Bytes that double their room when it is full; take `view` anew after each `reserve`. */
class GrowingBytes {
  view = new DataView(new ArrayBuffer(1 << 20))
  #used = 0

  /** Room for so many bytes; answers where it begins. */
  reserve(count: number): number {
    const start = this.#used
    this.#used += count
    if (this.#used > this.view.byteLength) {
      const larger = new Uint8Array(Math.max(this.#used, 2 * this.view.byteLength))
      larger.set(new Uint8Array(this.view.buffer))
      this.view = new DataView(larger.buffer)
    }
    return start
  }

  append(bytes: Uint8Array): void {
    const at = this.reserve(bytes.length)
    new Uint8Array(this.view.buffer).set(bytes, at)
  }

  bytes(): Uint8Array {
    return new Uint8Array(this.view.buffer, 0, this.#used)
  }
}

type NumberType = keyof typeof storing

/** Width of a value in bytes, and how it is put. */
const storing = {
  smallint: [2, (view: DataView, at: number, value: number | bigint) => view.setInt16(at, Number(value))],
  integer: [4, (view: DataView, at: number, value: number | bigint) => view.setInt32(at, Number(value))],
  bigint: [8, (view: DataView, at: number, value: number | bigint) => view.setBigInt64(at, BigInt(value))],
  real: [4, (view: DataView, at: number, value: number | bigint) => view.setFloat32(at, Number(value))],
  'double precision': [
    8,
    (view: DataView, at: number, value: number | bigint) => view.setFloat64(at, Number(value)),
  ],
} as const

type WriteCell = (row: number) => void

function cellWriter(name: string, { type, values, nulls }: ColumnValues, out: GrowingBytes): WriteCell {
  switch (type) {
    case 'boolean':
      return (row) => out.append(Buffer.from(nulls[row] ? '?' : values[row] === 1 ? 'T' : 'F', 'latin1'))
    case 'text':
      return (row) => putText(out, values[row] as string)
    case 'timestamp':
      return (row) => {
        const text = nulls[row] ? '\0'.repeat(momentLength) : momentText(values[row] as bigint, name)
        out.append(Buffer.from(text, 'latin1'))
      }
    case 'real[]':
    case 'double precision[]':
    case 'bigint[]':
      return (row) => putArray(name, out, elementTypes[type], values[row] as ArrayCell)
    default:
      return numberWriter(type, values as ArrayLike<number | bigint>, nulls, out)
  }
}

const isFloat = (type: NumberType) => type === 'real' || type === 'double precision'

/** A float that is NULL is NaN behind its mask, so that a reader without masks sees no zero. */
function numberWriter(
  type: NumberType,
  values: ArrayLike<number | bigint>,
  nulls: Uint8Array,
  out: GrowingBytes,
): WriteCell {
  const [width, put] = storing[type]
  const none = isFloat(type) ? Number.NaN : 0
  return (row) => {
    const at = out.reserve(width)
    put(out.view, at, nulls[row] ? none : values[row]!)
  }
}

type ArrayCell = readonly (number | bigint | null)[]

/** Elements behind their number; a missing one is NaN, for the mask knows whole cells only. */
function putArray(name: string, out: GrowingBytes, type: NumberType, cell: ArrayCell): void {
  const [width, put] = storing[type]
  let at = out.reserve(4 + width * cell.length)
  out.view.setInt32(at, cell.length)
  at += 4
  for (const value of cell) {
    if (value === null && !isFloat(type)) throw nullElement(name, cell)
    put(out.view, at, value ?? Number.NaN)
    at += width
  }
}

function nullElement(column: string, cell: ArrayCell) {
  const value = `{${cell.map((each) => each ?? 'NULL').join(',')}}`
  return exportError('EXPORT_NULL_ELEMENT', `Column ${column} holds ${value}`, { column, value })
}

/** UTF-16, big-endian, behind the number of its units. */
function putText(out: GrowingBytes, text: string): void {
  const at = out.reserve(4)
  out.view.setInt32(at, text.length)
  out.append(Buffer.from(text, 'utf16le').swap16())
}
