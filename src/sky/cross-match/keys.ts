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
