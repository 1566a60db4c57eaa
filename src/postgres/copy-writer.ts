// Values to COPY BINARY, into one growing buffer that is used again and again.
import { AlmagestError } from '../model/index.ts'
import {
  type CopyType,
  copyHeader,
  copyTrailer,
  type ElementType,
  elementOids,
  fixedBytes,
  nullLength,
  timestampEpoch,
} from './copy-format.ts'

/** What a field of each type is written from; arrays are one-dimensional and may hold nulls. */
export interface CopyValue {
  boolean: boolean
  smallint: number
  integer: number
  bigint: bigint
  real: number
  'double precision': number
  text: string
  bytea: Uint8Array
  timestamp: Date
  'smallint[]': ArrayLike<number | null>
  'integer[]': ArrayLike<number | null>
  'bigint[]': ArrayLike<bigint | null>
  'real[]': ArrayLike<number | null>
  'double precision[]': ArrayLike<number | null>
}

/**
 * Writes rows in the COPY BINARY format, header first. Take `bytes()` when they are many, send them, then
 * `clear()`; at the end `finish()` writes the trailer.
 * ```ts
 * const writer = new CopyWriter(2)
 * writer.row()
 * writer.value('bigint', 39627854849247294n)
 * writer.value('real', 0.25)
 * ```
 */
export class CopyWriter {
  #buffer: Buffer
  #view: DataView
  #used = 0

  /**
   * @param fields  fields of every row
   * @param capacity  bytes reserved at first; the buffer doubles when it is full
   */
  constructor(
    readonly fields: number,
    capacity = 1 << 16,
  ) {
    this.#buffer = Buffer.allocUnsafe(Math.max(capacity, 64))
    this.#view = viewOf(this.#buffer)
    this.#bytes(copyHeader)
  }

  /** Bytes waiting. */
  get length(): number {
    return this.#used
  }

  /** The bytes waiting, as a view of the buffer: valid until the next value or `clear`. */
  bytes(): Uint8Array {
    // Not a Buffer, whose slice() would share memory where a Uint8Array's copies.
    return new Uint8Array(this.#buffer.buffer, this.#buffer.byteOffset, this.#used)
  }

  /** Makes room for more, after `bytes()` were sent. */
  clear(): void {
    this.#used = 0
  }

  /** Begins a row; exactly `fields` calls of `value` must follow. */
  row(): void {
    this.#reserve(2)
    this.#view.setInt16(this.#used, this.fields)
    this.#used += 2
  }

  /** Writes the trailer. */
  finish(): void {
    this.#bytes(copyTrailer)
  }

  /**
   * Writes a field.
   * @throws AlmagestError `VALUE_OUT_OF_RANGE` for a number that its type cannot hold
   */
  value<T extends CopyType>(type: T, value: CopyValue[T] | null): void
  value(type: CopyType, value: CopyValue[CopyType] | null): void {
    if (value === null) this.#int32(nullLength)
    else if (type === 'text') this.#text(value as string)
    else if (type === 'bytea') this.#lengthAndBytes(value as Uint8Array)
    else if (type.endsWith('[]'))
      this.#array(type.slice(0, -2) as ElementType, value as CopyValue['bigint[]'])
    else this.#fixed(type as keyof typeof fixedBytes, value as number)
  }

  #fixed(type: keyof typeof fixedBytes, value: number | bigint | boolean | Date): void {
    const size = fixedBytes[type]
    this.#reserve(4 + size)
    this.#view.setInt32(this.#used, size)
    const at = this.#used + 4
    switch (type) {
      case 'boolean':
        this.#view.setUint8(at, value ? 1 : 0)
        break
      case 'smallint':
        this.#view.setInt16(at, whole(value as number, 15, type))
        break
      case 'integer':
        this.#view.setInt32(at, whole(value as number, 31, type))
        break
      case 'bigint':
        this.#view.setBigInt64(at, exact(value as bigint))
        break
      case 'real':
        this.#view.setFloat32(at, single(value as number))
        break
      case 'double precision':
        this.#view.setFloat64(at, value as number)
        break
      case 'timestamp':
        this.#view.setBigInt64(at, BigInt((value as Date).getTime()) * 1000n - timestampEpoch)
    }
    this.#used = at + size
  }

  #text(value: string): void {
    // UTF-8 takes at most three bytes for each UTF-16 unit.
    this.#reserve(4 + value.length * 3)
    const size = this.#buffer.write(value, this.#used + 4, 'utf8')
    this.#view.setInt32(this.#used, size)
    this.#used += 4 + size
  }

  #lengthAndBytes(value: Uint8Array): void {
    this.#int32(value.length)
    this.#bytes(value)
  }

  /** Dimensions, whether there are nulls, element oid, then length and lower bound of each dimension. */
  #array(element: ElementType, values: ArrayLike<number | bigint | null>): void {
    const start = this.#used
    this.#int32(0)
    this.#int32(values.length === 0 ? 0 : 1)
    this.#int32(Array.prototype.includes.call(values, null) ? 1 : 0)
    this.#int32(elementOids[element])
    if (values.length > 0) {
      this.#int32(values.length)
      this.#int32(1)
    }
    for (let i = 0; i < values.length; i++) {
      const value = values[i]
      if (value === null || value === undefined) this.#int32(nullLength)
      else this.#fixed(element, value)
    }
    this.#view.setInt32(start, this.#used - start - 4)
  }

  #int32(value: number): void {
    this.#reserve(4)
    this.#view.setInt32(this.#used, value)
    this.#used += 4
  }

  #bytes(value: Uint8Array): void {
    this.#reserve(value.length)
    this.#buffer.set(value, this.#used)
    this.#used += value.length
  }

  #reserve(size: number): void {
    if (this.#used + size <= this.#buffer.length) return
    const larger = Buffer.allocUnsafe(Math.max(this.#buffer.length * 2, this.#used + size))
    larger.set(this.bytes())
    this.#buffer = larger
    this.#view = viewOf(larger)
  }
}

function viewOf(buffer: Buffer): DataView {
  return new DataView(buffer.buffer, buffer.byteOffset, buffer.byteLength)
}

function whole(value: number, bits: number, type: string): number {
  const limit = 2 ** bits
  if (Number.isInteger(value) && value >= -limit && value < limit) return value
  throw outOfRange(value, type, `whole numbers from -${limit} to ${limit - 1}`)
}

function exact(value: bigint): bigint {
  if (BigInt.asIntN(64, value) === value) return value
  throw outOfRange(value, 'bigint', `whole numbers from ${-(2n ** 63n)} to ${2n ** 63n - 1n}`)
}

/** Rounds to single precision; a finite value must not become infinite in silence. */
function single(value: number): number {
  const rounded = Math.fround(value)
  if (Number.isFinite(rounded) || !Number.isFinite(value)) return rounded
  throw outOfRange(value, 'real', 'magnitudes up to 3.4028235e38')
}

function outOfRange(value: number | bigint, type: string, holds: string): AlmagestError {
  return new AlmagestError(
    'VALUE_OUT_OF_RANGE',
    'data',
    `${value} does not fit type ${type}, which holds ${holds}`,
    'Give the column a wider type, or reject the row.',
    { value: String(value) },
  )
}
