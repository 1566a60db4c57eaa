// Reads positions and keys of a table over COPY into typed arrays.
//
// Decoding knows the layout of its own query, which takes half the time of the general reader: this reading
// is the larger part of a cross-match.
import { type Client, quoteIdentifier, quoteQualified } from '../../postgres/index.ts'
import type { MatchTable, RowRadius } from './declaration.ts'
import { emptyKeys, type KeyColumn } from './keys.ts'
import type { TableFacts } from './table-facts.ts'

/** Rows with a position on the sphere; right ascension in [0, 360). */
export interface Positions {
  rows: number
  ra: Float64Array
  dec: Float64Array
  /** Radius of each row in degrees, where rows have their own; NaN where it is none: such rows match nothing. */
  radius: Float64Array | undefined
  keys: KeyColumn[]
  /** Rows left out: NULL, NaN or infinite coordinates, declinations beyond 90 degrees, NULL in the key. */
  skipped: number
}

/** Declinations to read: from `low` up to, but not with, `high`. */
export interface Band {
  readonly low: number
  readonly high: number
}

export async function readPositions(
  client: Client,
  table: MatchTable,
  facts: TableFacts,
  radius?: RowRadius,
  band?: Band,
): Promise<Positions> {
  const decoder = new PositionDecoder(facts, radius !== undefined, band ? 0 : facts.rows)
  for await (const chunk of client.copyOut(copySql(table, facts, radius, band))) decoder.add(chunk)
  return decoder.positions
}

function copySql(table: MatchTable, { keyTypes }: TableFacts, radius?: RowRadius, band?: Band): string {
  const dec = quoteIdentifier(table.dec)
  const columns = [
    `${quoteIdentifier(table.ra)}::float8`,
    `${dec}::float8`,
    ...(radius ? [`${quoteIdentifier(radius.column)}::float8 * ${radius.degrees}::float8`] : []),
    ...table.key.map((column, i) => `${quoteIdentifier(column)}::${keyTypes[i]}`),
  ]
  const where = band ? ` WHERE ${dec} >= ${band.low} AND ${dec} < ${band.high}` : ''
  return `COPY (SELECT ${columns.join(', ')} FROM ${quoteQualified(table.table)}${where}) TO STDOUT (FORMAT binary)`
}

/** Bytes of the header before the first row: signature, flags, length of an empty extension. */
const headerBytes = 19
const nullLength = -1

class PositionDecoder {
  readonly positions: Positions
  readonly #fields: number
  #capacity: number
  #pending: Buffer = Buffer.alloc(0)
  #started = false

  constructor({ keyTypes }: TableFacts, hasRadius: boolean, expected: number) {
    this.#capacity = Math.max(1024, Math.ceil(expected * 1.02))
    this.#fields = 2 + (hasRadius ? 1 : 0) + keyTypes.length
    this.positions = {
      rows: 0,
      ra: new Float64Array(this.#capacity),
      dec: new Float64Array(this.#capacity),
      radius: hasRadius ? new Float64Array(this.#capacity) : undefined,
      keys: emptyKeys(keyTypes, this.#capacity),
      skipped: 0,
    }
  }

  /** Takes the next bytes, wherever they are cut. */
  add(chunk: Buffer): void {
    const bytes = this.#pending.length === 0 ? chunk : Buffer.concat([this.#pending, chunk])
    if (!this.#started && bytes.length < headerBytes) {
      this.#pending = bytes
      return
    }
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    let at = this.#started ? 0 : headerBytes
    this.#started = true
    for (let end = this.#rowEnd(view, at); end > 0; end = this.#rowEnd(view, at)) {
      this.#row(bytes, view, at)
      at = end
    }
    // What is left may be a cut row, or the trailer, to which nothing comes any more.
    this.#pending = bytes.subarray(at)
  }

  /** Where the row that begins at `at` ends; 0 when it isn't complete or is the trailer. */
  #rowEnd(view: DataView, at: number): number {
    const { byteLength } = view
    let end = at + 2
    for (let field = 0; field < this.#fields; field++) {
      if (end + 4 > byteLength) return 0
      const length = view.getInt32(end)
      end += length === nullLength ? 4 : 4 + length
    }
    return end > byteLength ? 0 : end
  }

  #row(bytes: Buffer, view: DataView, start: number): void {
    const { positions } = this
    const ra = view.getInt32(start + 2) === 8 ? view.getFloat64(start + 6) : Number.NaN
    const afterRa = start + (view.getInt32(start + 2) === 8 ? 14 : 6)
    const dec = view.getInt32(afterRa) === 8 ? view.getFloat64(afterRa + 4) : Number.NaN
    if (!(ra - ra === 0 && dec >= -90 && dec <= 90)) {
      positions.skipped++
      return
    }
    const row = positions.rows
    if (row === this.#capacity) this.#grow()
    positions.ra[row] = ra >= 0 && ra < 360 ? ra : fold(ra)
    positions.dec[row] = dec
    let at = afterRa + 12
    if (positions.radius) {
      const present = view.getInt32(at) === 8
      const value = present ? view.getFloat64(at + 4) : Number.NaN
      positions.radius[row] = Number.isFinite(value) ? value : Number.NaN
      at += present ? 12 : 4
    }
    for (const column of positions.keys) {
      if (view.getInt32(at) === nullLength) {
        positions.skipped++
        return
      }
      at = readKey(column, row, bytes, view, at)
    }
    positions.rows++
  }

  #grow(): void {
    const { positions } = this
    this.#capacity *= 2
    positions.ra = larger(positions.ra, this.#capacity)
    positions.dec = larger(positions.dec, this.#capacity)
    if (positions.radius) positions.radius = larger(positions.radius, this.#capacity)
    for (const column of positions.keys) {
      if (column.type === 'text') continue
      const words = new Int32Array(column.words.length * 2)
      words.set(column.words)
      column.words = words
    }
  }
}

/** @returns where the next field begins */
function readKey(column: KeyColumn, row: number, bytes: Buffer, view: DataView, at: number): number {
  const length = view.getInt32(at)
  const value = at + 4
  if (column.type === 'bigint') {
    column.words[2 * row] = view.getInt32(value)
    column.words[2 * row + 1] = view.getInt32(value + 4)
  } else if (column.type === 'integer') column.words[row] = view.getInt32(value)
  else column.strings[row] = bytes.toString('utf8', value, value + length)
  return value + length
}

function larger(values: Float64Array, capacity: number): Float64Array {
  const copy = new Float64Array(capacity)
  copy.set(values)
  return copy
}

/** Right ascension in [0, 360); -1e-20 is 0. */
function fold(ra: number): number {
  const positive = ((ra % 360) + 360) % 360
  return positive === 360 ? 0 : positive
}
