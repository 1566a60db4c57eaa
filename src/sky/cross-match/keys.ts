// Key columns of many rows, as they travel: 32-bit words for integers, strings for the rest.
import type { KeyType } from './table-facts.ts'

/** One key column; row i of an `integer` is word i, of a `bigint` words 2i (high) and 2i + 1 (low). */
export type KeyColumn =
  | { readonly type: 'integer'; words: Int32Array }
  | { readonly type: 'bigint'; words: Int32Array }
  | { readonly type: 'text'; readonly strings: string[] }

export function emptyKeys(types: readonly KeyType[], capacity: number): KeyColumn[] {
  return types.map((type) =>
    type === 'text'
      ? { type, strings: [] }
      : { type, words: new Int32Array(type === 'bigint' ? 2 * capacity : capacity) },
  )
}

/** Value of a key column at a row. */
export function keyValue(column: KeyColumn, row: number): number | bigint | string {
  if (column.type === 'text') return column.strings[row]!
  if (column.type === 'integer') return column.words[row]!
  return (BigInt(column.words[2 * row]!) << 32n) | BigInt(column.words[2 * row + 1]! >>> 0)
}

/** Order of two rows by their keys: below 0 when x comes first. Text compares byte by byte, as COLLATE "C". */
export function compareKeys(x: readonly KeyColumn[], i: number, y: readonly KeyColumn[], j: number): number {
  for (let c = 0; c < x.length; c++) {
    const order = compareColumn(x[c]!, i, y[c]!, j)
    if (order !== 0) return order
  }
  return 0
}

function compareColumn(x: KeyColumn, i: number, y: KeyColumn, j: number): number {
  if (x.type === 'bigint' && y.type === 'bigint') {
    const high = x.words[2 * i]! - y.words[2 * j]!
    return high !== 0 ? high : (x.words[2 * i + 1]! >>> 0) - (y.words[2 * j + 1]! >>> 0)
  }
  if (x.type === 'integer' && y.type === 'integer') return x.words[i]! - y.words[j]!
  return Buffer.compare(Buffer.from(String(keyValue(x, i))), Buffer.from(String(keyValue(y, j))))
}

/** Keys collected one by one, from columns whose arrays are used again. */
export class GrowingKeys {
  columns: KeyColumn[] = []
  #count = 0
  #capacity: number

  constructor(capacity: number) {
    this.#capacity = Math.max(1024, Math.min(capacity, 1 << 20))
  }

  /** @returns the row under which it is kept */
  add(from: readonly KeyColumn[], row: number): number {
    if (this.#count === 0)
      this.columns = emptyKeys(
        from.map(({ type }) => type),
        this.#capacity,
      )
    if (this.#count === this.#capacity) this.#grow()
    const to = this.#count++
    for (let c = 0; c < from.length; c++) copyKey(from[c]!, row, this.columns[c]!, to)
    return to
  }

  #grow(): void {
    this.#capacity *= 2
    for (const column of this.columns) growColumn(column)
  }
}

/** Makes room for twice the rows. */
export function growColumn(column: KeyColumn): void {
  if (column.type === 'text') return
  const words = new Int32Array(column.words.length * 2)
  words.set(column.words)
  column.words = words
}

function copyKey(from: KeyColumn, row: number, into: KeyColumn, to: number): void {
  if (from.type === 'bigint' && into.type === 'bigint') {
    into.words[2 * to] = from.words[2 * row]!
    into.words[2 * to + 1] = from.words[2 * row + 1]!
  } else if (from.type === 'integer' && into.type === 'integer') into.words[to] = from.words[row]!
  else if (from.type === 'text' && into.type === 'text') into.strings[to] = from.strings[row]!
}
