// Reads positions and keys of a table over COPY into typed arrays.
//
// Decoding knows the layout of its own query, and takes the server's messages as they come: this reading is the
// larger part of a cross-match.
import type { CrossMatch } from '../../model/index.ts'
import { type Client, copyDataHead, quoteQualified } from '../../postgres/index.ts'
import { emptyKeys, growColumn, type KeyColumn } from './keys.ts'
import { type ErrorEllipses, hasErrors } from './position-errors.ts'
import { errorsSql, keysSql, positionAt, rowRadiusSql } from './side-sql.ts'
import type { KeyType } from './table-facts.ts'

/** Rows with a position on the sphere, at the epoch of the match; right ascension in [0, 360). */
export interface Positions {
  rows: number
  ra: Float64Array
  dec: Float64Array
  /** Radius of each row in degrees, where rows have their own; NaN where it is none: such rows match nothing. */
  radius: Float64Array | undefined
  /** Where the match is by deviation. */
  errors: ErrorEllipses | undefined
  keys: KeyColumn[]
  /** Rows left out: NULL, NaN or infinite coordinates, declinations beyond 90 degrees, NULL in the key. */
  skipped: number
}

/** Declinations to read: from `low` up to, but not with, `high`. */
export interface Band {
  readonly low: number
  readonly high: number
}

/** What is read of a table. */
export interface Reading {
  readonly sql: string
  readonly keyTypes: readonly KeyType[]
  /** Columns between position and key. */
  readonly extra: 'none' | 'radius' | 'errors'
  /** For errors: the deviation allowed, and the largest error of the other side; they give each row its radius. */
  readonly deviation: number
  readonly otherError: number
}

/** The reading of one side of a match. */
export function readingOf(
  match: CrossMatch,
  side: 'a' | 'b',
  keyTypes: readonly KeyType[],
  { band, otherError = 0 }: { band?: Band | undefined; otherError?: number } = {},
): Reading {
  const { radius, deviation, epoch } = match
  const table = match[side]
  const perRow = side === 'a' && typeof radius !== 'number' ? radius : undefined
  const { ra, dec } = positionAt('t', table, epoch)
  const { major, minor, angle } = errorsSql('t', table)
  const extra = deviation !== undefined ? 'errors' : perRow ? 'radius' : 'none'
  const columns = [
    ra,
    dec,
    ...(extra === 'errors' ? [major, minor, angle] : []),
    ...(perRow ? [rowRadiusSql('t', perRow)] : []),
    ...keysSql('t', table, keyTypes),
  ]
  const where = band ? ` WHERE ${dec} >= ${band.low} AND ${dec} < ${band.high}` : ''
  const sql = `COPY (SELECT ${columns.join(', ')} FROM ${quoteQualified(table.table)} t${where}) TO STDOUT (FORMAT binary)`
  return { sql, keyTypes, extra, deviation: deviation ?? 0, otherError }
}

/** All rows at once. @param expected  about how many */
export async function readPositions(client: Client, reading: Reading, expected: number): Promise<Positions> {
  const decoder = new PositionDecoder(reading, expected)
  for await (const chunk of client.copyRows(reading.sql)) decoder.add(chunk)
  return decoder.positions
}

/** Rows of a chunk, about: enough that the rest costs nothing, few enough for the processor's cache. */
export const chunkRows = 1 << 14

/** Bytes that a stream of chunks may be ahead of its reader. */
const bytesAhead = 1 << 26

/**
 * The rows in chunks whose arrays are used again: each is valid until the next is asked for. The server sends from
 * the first call on.
 */
export async function* streamPositions(client: Client, reading: Reading): AsyncGenerator<Positions> {
  const decoder = new PositionDecoder(reading, 1.5 * chunkRows)
  const { positions } = decoder
  for await (const bytes of client.copyRows(reading.sql, bytesAhead)) {
    decoder.add(bytes)
    if (positions.rows < chunkRows) continue
    yield positions
    decoder.clear()
  }
  yield positions
}

/** Bytes of the header before the first row: signature, flags, length of an empty extension. */
const headerBytes = 19
const nullLength = -1
/** A double with its length. */
const doubleBytes = 12

const extraColumns = { none: 0, radius: 1, errors: 3 } as const

class PositionDecoder {
  readonly positions: Positions
  /** Bytes of a row without NULL, where all such rows have the same. */
  readonly #whole: number
  readonly #extra: Float64Array[]
  #capacity: number
  #started = false

  constructor(
    readonly reading: Reading,
    expected: number,
  ) {
    const { keyTypes, extra } = reading
    this.#capacity = Math.max(1024, Math.ceil(expected * 1.02))
    const fixed = (type: KeyType) => (type === 'text' ? Number.NaN : type === 'bigint' ? 12 : 8)
    const keyBytes = keyTypes.reduce((sum, type) => sum + fixed(type), 0)
    this.#whole = 2 + doubleBytes * (2 + extraColumns[extra]) + keyBytes
    this.#extra = Array.from({ length: extraColumns[extra] }, () => new Float64Array(this.#capacity))
    const [first, minor, angle] = this.#extra
    this.positions = {
      rows: 0,
      ra: new Float64Array(this.#capacity),
      dec: new Float64Array(this.#capacity),
      radius: extra === 'none' ? undefined : extra === 'radius' ? first : new Float64Array(this.#capacity),
      errors: extra === 'errors' ? { major: first!, minor: minor!, angle: angle! } : undefined,
      keys: emptyKeys(keyTypes, this.#capacity),
      skipped: 0,
    }
  }

  /** Forgets the rows, and keeps the count of those left out. */
  clear(): void {
    this.positions.rows = 0
    for (const column of this.positions.keys) if (column.type === 'text') column.strings.length = 0
  }

  /** Takes whole CopyData messages. */
  add(bytes: Buffer): void {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    for (let at = 0; at < bytes.length; ) {
      const end = at + 1 + view.getInt32(at + 1)
      const row = at + copyDataHead + (this.#started ? 0 : headerBytes)
      this.#started = true
      // A field count of -1 is the trailer.
      if (end - row === this.#whole || view.getInt16(row) >= 0) this.#row(bytes, view, row)
      at = end
    }
  }

  #row(bytes: Buffer, view: DataView, start: number): void {
    const { positions } = this
    const row = positions.rows
    if (row === this.#capacity) this.#grow()
    let at = start + 2
    const ra = doubleAt(view, at)
    at += bytesAt(view, at)
    const dec = doubleAt(view, at)
    at += bytesAt(view, at)
    if (!(ra - ra === 0 && dec >= -90 && dec <= 90)) {
      positions.skipped++
      return
    }
    positions.ra[row] = ra >= 0 && ra < 360 ? ra : fold(ra)
    positions.dec[row] = dec
    for (const extra of this.#extra) {
      extra[row] = doubleAt(view, at)
      at += bytesAt(view, at)
    }
    if (positions.radius) this.#setRadius(row)
    for (const column of positions.keys) {
      if (view.getInt32(at) === nullLength) {
        positions.skipped++
        return
      }
      at = readKey(column, row, bytes, view, at)
    }
    positions.rows++
  }

  #setRadius(row: number): void {
    const { radius, errors } = this.positions
    const { deviation, otherError } = this.reading
    if (!errors) {
      if (!Number.isFinite(radius![row]!)) radius![row] = Number.NaN
    } else if (hasErrors(errors, row)) {
      // Rounded up: the deviation decides.
      const largest = Math.hypot(Math.max(errors.major[row]!, errors.minor[row]!), otherError)
      radius![row] = deviation * largest * (1 + 1e-9) + 1e-12
    } else {
      radius![row] = Number.NaN
      errors.major[row] = Number.NaN
    }
  }

  #grow(): void {
    const { positions } = this
    this.#capacity *= 2
    positions.ra = larger(positions.ra, this.#capacity)
    positions.dec = larger(positions.dec, this.#capacity)
    for (const [i, extra] of this.#extra.entries()) this.#extra[i] = larger(extra, this.#capacity)
    if (positions.errors) {
      const [major, minor, angle] = this.#extra
      Object.assign(positions.errors, { major, minor, angle })
      positions.radius = larger(positions.radius!, this.#capacity)
    } else if (positions.radius) positions.radius = this.#extra[0]!
    for (const column of positions.keys) growColumn(column)
  }
}

/** The double whose length stands at `at`; NaN for NULL. */
const doubleAt = (view: DataView, at: number): number =>
  view.getInt32(at) === nullLength ? Number.NaN : view.getFloat64(at + 4)

const bytesAt = (view: DataView, at: number): number => (view.getInt32(at) === nullLength ? 4 : doubleBytes)

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
