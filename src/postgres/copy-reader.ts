// COPY BINARY to typed columns, as a stream in batches.
import { AlmagestError } from '../model/index.ts'
import {
  type CopyType,
  copyHeader,
  type ElementType,
  elementOids,
  fieldPrefixBytes,
  fixedBytes,
  nullLength,
  rowPrefixBytes,
} from './copy-format.ts'

/** How a column of each type is held; a NULL leaves 0 or an empty value in its place. */
export interface CopyArray {
  /** 0 or 1. */
  boolean: Uint8Array
  smallint: Int16Array
  integer: Int32Array
  bigint: BigInt64Array
  real: Float32Array
  'double precision': Float64Array
  text: string[]
  bytea: Uint8Array[]
  /** Microseconds since 2000-01-01 00:00 UTC, as PostgreSQL holds them. */
  timestamp: BigInt64Array
  'smallint[]': (number | null)[][]
  'integer[]': (number | null)[][]
  'bigint[]': (bigint | null)[][]
  'real[]': (number | null)[][]
  'double precision[]': (number | null)[][]
}

export interface CopyColumn<T extends CopyType = CopyType> {
  type: T
  values: CopyArray[T]
  /** 1 where the value is NULL. */
  nulls: Uint8Array
}

export interface CopyBatch<Types extends readonly CopyType[]> {
  rows: number
  /** One column for each type asked for, all of `rows` values; the arrays are the receiver's to keep. */
  columns: { [I in keyof Types]: CopyColumn<Types[I]> }
}

/**
 * Reads the output of `COPY ... TO STDOUT (FORMAT binary)`, wherever its chunks are cut.
 * @param chunks  such as `client.copyOut(sql)`
 * @param types  types of the columns, in order; they must be the query's own (cast in the query)
 * @param batchRows  rows of each batch but the last
 * @throws AlmagestError `COPY_FORMAT` when the bytes are no such output or end early, or when the columns
 *   are others than `types` says
 */
export async function* readCopy<const Types extends readonly CopyType[]>(
  chunks: AsyncIterable<Uint8Array>,
  types: Types,
  batchRows = 1 << 16,
): AsyncGenerator<CopyBatch<Types>, void, undefined> {
  let batch = new BatchBuilder(types, batchRows)
  let pending: Buffer = Buffer.alloc(0)
  let inRows = false
  let ended = false
  for await (const chunk of chunks) {
    if (ended) continue
    pending = pending.length === 0 ? asBuffer(chunk) : Buffer.concat([pending, chunk])
    let at = 0
    if (!inRows) {
      const start = headerEnd(pending)
      if (start === undefined) continue
      at = start
      inRows = true
    }
    const view = new DataView(pending.buffer, pending.byteOffset, pending.byteLength)
    for (let next: number | undefined; (next = batch.readRow(pending, view, at)) !== undefined; at = next) {
      if (next === endOfRows) {
        ended = true
        break
      }
      if (batch.rows === batchRows) {
        yield batch.take() as CopyBatch<Types>
        batch = new BatchBuilder(types, batchRows)
      }
    }
    pending = pending.subarray(at)
  }
  if (!ended) throw malformed('it ends without a trailer')
  if (batch.rows > 0) yield batch.take() as CopyBatch<Types>
}

const endOfRows = -1

type FixedType = keyof typeof fixedBytes

/** Fills the columns of one batch row by row. */
class BatchBuilder {
  rows = 0
  readonly #values: CopyArray[CopyType][]
  readonly #nulls: Uint8Array[]

  constructor(
    readonly types: readonly CopyType[],
    capacity: number,
  ) {
    this.#values = types.map((type) => makeArray[type]?.(capacity) ?? [])
    this.#nulls = types.map(() => new Uint8Array(capacity))
  }

  /**
   * Reads one row.
   * @returns where the next one begins; undefined when the row is not complete yet, in which case nothing
   *   is kept of it; `endOfRows` at the trailer
   */
  readRow(bytes: Buffer, view: DataView, start: number): number | undefined {
    const end = view.byteLength
    let at = start + rowPrefixBytes
    if (at > end) return undefined
    const fields = view.getInt16(start)
    if (fields === -1) return endOfRows
    if (fields !== this.types.length) {
      throw malformed(`a row has ${fields} fields, ${this.types.length} were expected`)
    }
    for (let field = 0; field < fields; field++) {
      if (at + fieldPrefixBytes > end) return undefined
      const length = view.getInt32(at)
      at += fieldPrefixBytes
      if (length === nullLength) {
        this.#skip(field)
        continue
      }
      if (at + length > end) return undefined
      this.#read(field, bytes, view, at, length)
      at += length
    }
    this.rows++
    return at
  }

  take(): CopyBatch<readonly CopyType[]> {
    const columns = this.types.map((type, field) => ({
      type,
      values: this.#values[field]!.slice(0, this.rows),
      nulls: this.#nulls[field]!.subarray(0, this.rows),
    }))
    return { rows: this.rows, columns: columns as CopyColumn[] }
  }

  #skip(field: number): void {
    const values = this.#values[field]!
    if (Array.isArray(values)) values[this.rows] = emptyValue(this.types[field]!) as never
    else if (values instanceof BigInt64Array) values[this.rows] = 0n
    else values[this.rows] = 0
    this.#nulls[field]![this.rows] = 1
  }

  /** The cases are spelt out because one shared store over all array types is five times slower. */
  #read(field: number, bytes: Buffer, view: DataView, at: number, length: number): void {
    const type = this.types[field]!
    const values = this.#values[field]!
    const row = this.rows
    this.#nulls[field]![row] = 0
    if (type in fixedBytes) checkLength(type as FixedType, length)
    switch (type) {
      case 'boolean':
        ;(values as Uint8Array)[row] = view.getUint8(at)
        break
      case 'smallint':
        ;(values as Int16Array)[row] = view.getInt16(at)
        break
      case 'integer':
        ;(values as Int32Array)[row] = view.getInt32(at)
        break
      case 'bigint':
      case 'timestamp':
        ;(values as BigInt64Array)[row] = view.getBigInt64(at)
        break
      case 'real':
        ;(values as Float32Array)[row] = view.getFloat32(at)
        break
      case 'double precision':
        ;(values as Float64Array)[row] = view.getFloat64(at)
        break
      case 'text':
        ;(values as string[])[row] = bytes.toString('utf8', at, at + length)
        break
      case 'bytea':
        ;(values as Uint8Array[])[row] = Uint8Array.from(bytes.subarray(at, at + length))
        break
      default:
        ;(values as unknown[])[row] = readArray(type.slice(0, -2) as ElementType, view, at)
    }
  }
}

/** Typed arrays of the types that have them; the others are collected in plain arrays. */
const makeArray: { [T in CopyType]?: (capacity: number) => CopyArray[T] } = {
  boolean: (n) => new Uint8Array(n),
  smallint: (n) => new Int16Array(n),
  integer: (n) => new Int32Array(n),
  bigint: (n) => new BigInt64Array(n),
  real: (n) => new Float32Array(n),
  'double precision': (n) => new Float64Array(n),
  timestamp: (n) => new BigInt64Array(n),
}

function emptyValue(type: CopyType): unknown {
  return type === 'text' ? '' : type === 'bytea' ? new Uint8Array(0) : []
}

function checkLength(type: FixedType, length: number): void {
  if (length === fixedBytes[type]) return
  throw malformed(`a field has ${length} bytes, type ${type} has ${fixedBytes[type]}`)
}

/** Dimensions, whether there are nulls, element oid, then length and lower bound of each dimension. */
function readArray(element: ElementType, view: DataView, start: number): (number | bigint | null)[] {
  const dimensions = view.getInt32(start)
  const oid = view.getInt32(start + 8)
  if (oid !== elementOids[element]) {
    throw malformed(`an array has elements of type oid ${oid}, ${element} has ${elementOids[element]}`)
  }
  if (dimensions > 1) throw malformed(`an array has ${dimensions} dimensions, only one can be read`)
  const values: (number | bigint | null)[] = []
  const count = dimensions === 0 ? 0 : view.getInt32(start + 12)
  for (let i = 0, at = start + 20; i < count; i++) {
    const length = view.getInt32(at)
    at += fieldPrefixBytes
    values.push(length === nullLength ? null : readElement[element](view, at))
    at += Math.max(length, 0)
  }
  return values
}

const readElement: Record<ElementType, (view: DataView, at: number) => number | bigint> = {
  smallint: (view, at) => view.getInt16(at),
  integer: (view, at) => view.getInt32(at),
  bigint: (view, at) => view.getBigInt64(at),
  real: (view, at) => view.getFloat32(at),
  'double precision': (view, at) => view.getFloat64(at),
}

/** Where the rows begin; undefined when the header is not complete yet. */
function headerEnd(bytes: Buffer): number | undefined {
  if (bytes.length < copyHeader.length) return undefined
  const signature = copyHeader.subarray(0, 11)
  if (!bytes.subarray(0, signature.length).equals(signature)) {
    throw malformed('it does not begin with the COPY BINARY signature')
  }
  const end = copyHeader.length + bytes.readInt32BE(copyHeader.length - 4)
  return bytes.length < end ? undefined : end
}

function asBuffer(chunk: Uint8Array): Buffer {
  return Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
}

function malformed(what: string): AlmagestError {
  return new AlmagestError(
    'COPY_FORMAT',
    'server',
    `The server's binary COPY output cannot be read: ${what}`,
    'Ask for the columns with FORMAT binary and cast each to the type it is read as.',
  )
}
