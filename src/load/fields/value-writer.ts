// Writers of physical values into the column's type: overflow and range checked, integers exact to 64 bits.
import { outOfRange, reject } from './column-rules.ts'
import type { NumberFieldParts } from './number-parts.ts'
import type { StoredNumber } from './stored-number.ts'

/** Writes the value read from `from`; answers as a field writer does. */
export type WriteValue = (from: number, at: number, value: number) => number

const integerLimits = { smallint: 2 ** 15, integer: 2 ** 31, bigint: 2 ** 63 } as const

export function valueWriter(parts: NumberFieldParts, stored: StoredNumber): WriteValue {
  const { type } = parts
  if (type === 'real' || type === 'double precision') return floatWriter(parts, stored)
  return type === 'bigint' ? bigintWriter(parts, stored) : integerWriter(parts, stored)
}

function floatWriter({ type, convert, rules, out }: NumberFieldParts, stored: StoredNumber): WriteValue {
  const { low, high } = rules
  const { view } = out
  const isReal = type === 'real'
  const exact = stored.whole && !convert
  return (from, at, value) => {
    const rounded = isReal ? Math.fround(value) : value
    if (exact && (rounded !== value || !Number.isSafeInteger(value))) {
      return reject(rules, 'overflow', stored.show(from), `${type} cannot hold this integer exactly`)
    }
    if (!Number.isFinite(rounded) && Number.isFinite(stored.read(from))) {
      return reject(rules, 'overflow', stored.show(from), `beyond the largest ${type}`)
    }
    if (!(rounded >= low && rounded <= high)) return outOfRange(rules, stored.show(from))
    if (isReal) {
      view.setInt32(at, 4)
      view.setFloat32(at + 4, rounded)
      return at + 8
    }
    view.setInt32(at, 8)
    view.setFloat64(at + 4, rounded)
    return at + 12
  }
}

function integerWriter({ type, rules, out }: NumberFieldParts, stored: StoredNumber): WriteValue {
  const { low, high } = rules
  const { view } = out
  const small = type === 'smallint'
  const limit = integerLimits[type as 'smallint' | 'integer']
  return (from, at, value) => {
    if (!(value >= -limit && value < limit)) {
      return reject(rules, 'overflow', stored.show(from), `${type} holds -${limit} to ${limit - 1}`)
    }
    if (!(value >= low && value <= high)) return outOfRange(rules, stored.show(from))
    if (small) {
      view.setInt32(at, 2)
      view.setInt16(at + 4, value)
      return at + 6
    }
    view.setInt32(at, 4)
    view.setInt32(at + 4, value)
    return at + 8
  }
}

function bigintWriter({ rules, out }: NumberFieldParts, stored: StoredNumber): WriteValue {
  const { low, high } = rules
  const { view } = out
  const limits = exactLimits(low, high)
  return (from, at, value) => {
    view.setInt32(at, 8)
    if (Number.isSafeInteger(value)) {
      if (!(value >= low && value <= high)) return outOfRange(rules, stored.show(from))
      view.setInt32(at + 4, Math.floor(value / 4294967296))
      view.setUint32(at + 8, value >>> 0)
      return at + 12
    }
    const exact = stored.exact(from)
    if (BigInt.asIntN(64, exact) !== exact) {
      return reject(rules, 'overflow', String(exact), 'bigint holds -2^63 to 2^63 - 1')
    }
    if (exact < limits.low || exact > limits.high) return outOfRange(rules, String(exact))
    view.setBigInt64(at + 4, exact)
    return at + 12
  }
}

/** The interval's whole numbers; where a comparison of doubles would round, bigints compare exactly. */
function exactLimits(low: number, high: number): { low: bigint; high: bigint } {
  return {
    low: Number.isFinite(low) ? BigInt(Math.ceil(low)) : -(2n ** 63n),
    high: Number.isFinite(high) ? BigInt(Math.floor(high)) : 2n ** 63n,
  }
}
