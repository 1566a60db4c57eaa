// Where a 64-bit key stands in a column: an open-addressing hash table in typed arrays, without a bigint per look-up.

export interface KeyIndex {
  /** Row of each key, -1 where the index doesn't hold it. */
  rows(keys: BigInt64Array): Int32Array
  /** The first two rows that hold the same key, or undefined. */
  readonly duplicate: readonly [number, number] | undefined
}

/** Indexes a column of keys; of equal keys the first row counts. */
export function keyIndex(keys: BigInt64Array): KeyIndex {
  const bits = Math.max(4, Math.ceil(Math.log2(keys.length + 1)) + 1)
  const slots = new Int32Array(2 ** bits).fill(-1)
  const mask = slots.length - 1
  const shift = 32 - bits
  const held = halves(keys)
  let duplicate: readonly [number, number] | undefined

  /** The slot of a key: the one that holds it, or the empty one where it belongs. */
  const slotOf = (low: number, high: number): number => {
    let slot = hash(low, high) >>> shift
    for (let row = slots[slot]!; row >= 0; row = slots[slot]!) {
      if (held[2 * row] === low && held[2 * row + 1] === high) break
      slot = (slot + 1) & mask
    }
    return slot
  }

  for (let row = 0; row < keys.length; row++) {
    const slot = slotOf(held[2 * row]!, held[2 * row + 1]!)
    if (slots[slot]! < 0) slots[slot] = row
    else duplicate ??= [slots[slot]!, row]
  }

  function rows(wanted: BigInt64Array): Int32Array {
    const sought = halves(wanted)
    const found = new Int32Array(wanted.length)
    for (let i = 0; i < found.length; i++) found[i] = slots[slotOf(sought[2 * i]!, sought[2 * i + 1]!)]!
    return found
  }

  return { rows, duplicate }
}

/** The two 32-bit halves of each key, in the machine's order, over the same memory. */
function halves(keys: BigInt64Array): Int32Array {
  return new Int32Array(keys.buffer, keys.byteOffset, 2 * keys.length)
}

/** Mixes both halves so that the top bits depend on all 64 (multipliers of MurmurHash3's finaliser). */
function hash(low: number, high: number): number {
  let h = Math.imul(low ^ Math.imul(high, 0x9e3779b1), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return h ^ (h >>> 16)
}
