// Field writers for numbers: bytes passed on where FITS and COPY agree, converted and checked where they don't.
import type { TableColumn } from '../../fits/index.ts'
import { type Conversion, type SqlType, showRange } from '../../model/index.ts'
import { type ColumnRules, type ColumnTally, reject } from './column-rules.ts'
import { type RowInput, type RowOutput, rejected, type WriteField } from './row-input.ts'
import { type StoredNumber, storedNumber } from './stored-number.ts'

/** What a number field is made from. */
export interface NumberFieldParts {
  readonly column: Pick<TableColumn, 'code' | 'scale' | 'zero' | 'null'>
  readonly type: SqlType
  readonly convert: Conversion | undefined
  /** Sentinels that mean "no value". */
  readonly nulls: readonly number[]
  readonly rules: ColumnRules
  readonly input: RowInput
  readonly out: RowOutput
}

/** Bytes of a number in COPY BINARY, by type. */
export const numberBytes = { smallint: 2, integer: 4, bigint: 8, real: 4, 'double precision': 8 } as const
export type NumberType = keyof typeof numberBytes

/**
 * Writer of NULL at `at` for the value at `from`, or of a `not-null` fault in a required column.
 * @param show  the stored value as text; without it there is none to show
 */
export function nullWriter(rules: ColumnRules, out: RowOutput, show?: (from: number) => string) {
  if (rules.required) {
    return (from: number, _at: number) =>
      reject(rules, 'not-null', show?.(from) ?? null, `${rules.column} must have a value`)
  }
  const { view } = out
  return (_from: number, at: number) => {
    view.setInt32(at, -1)
    return at + 4
  }
}

/**
 * The writer of a number field, or undefined when the column's values can't fill the type exactly
 * (text into a number, a fraction into an integer).
 */
export function numberField(parts: NumberFieldParts): WriteField | undefined {
  const stored = storedNumber(parts.column, parts.input)
  if (!stored || !(parts.type in numberBytes)) return undefined
  const integerType = parts.type !== 'real' && parts.type !== 'double precision'
  if (integerType && (!stored.whole || parts.convert)) return undefined
  return passedOn(parts, stored) ?? converted(parts, stored)
}

/** Writers for values whose bytes are the same on both sides; undefined where something else is declared. */
function passedOn(parts: NumberFieldParts, stored: StoredNumber): WriteField | undefined {
  const { column, type, convert, nulls, rules } = parts
  const plain = column.scale === 1 && Number(column.zero) === 0 && column.null === undefined
  if (!plain || convert || nulls.length > 0) return undefined
  const unbounded = rules.low === -Infinity && rules.high === Infinity
  switch (`${column.code} ${type}`) {
    case 'K bigint':
      return unbounded ? copied8(parts) : undefined
    case 'J integer':
      return unbounded ? copied4(parts) : undefined
    case 'I smallint':
      return unbounded ? copied2(parts) : undefined
    case 'E real':
      return single(parts, stored)
    case 'D double precision':
      return double(parts, stored)
    case 'E double precision':
      return widened(parts, stored)
    default:
      return undefined
  }
}

const copied8 = ({ input, out: { view } }: NumberFieldParts): WriteField => {
  return (from, at) => {
    view.setInt32(at, 8)
    view.setInt32(at + 4, input.view.getInt32(from))
    view.setInt32(at + 8, input.view.getInt32(from + 4))
    return at + 12
  }
}

const copied4 = ({ input, out: { view } }: NumberFieldParts): WriteField => {
  return (from, at) => {
    view.setInt32(at, 4)
    view.setInt32(at + 4, input.view.getInt32(from))
    return at + 8
  }
}

const copied2 = ({ input, out: { view } }: NumberFieldParts): WriteField => {
  return (from, at) => {
    view.setInt32(at, 2)
    view.setInt16(at + 4, input.view.getInt16(from))
    return at + 6
  }
}

// One comparison finds both faults: NaN lies in no interval. What lies in one keeps its bits through a double.

const single = (parts: NumberFieldParts, stored: StoredNumber): WriteField => {
  const { input, out, rules } = parts
  const { low, high } = rules
  const { view } = out
  const odd = oddFloat(parts, stored)
  return (from, at) => {
    const value = input.view.getFloat32(from)
    if (!(value >= low && value <= high)) return odd(from, at, value)
    view.setInt32(at, 4)
    view.setFloat32(at + 4, value)
    return at + 8
  }
}

const double = (parts: NumberFieldParts, stored: StoredNumber): WriteField => {
  const { input, out, rules } = parts
  const { low, high } = rules
  const { view } = out
  const odd = oddFloat(parts, stored)
  return (from, at) => {
    const value = input.view.getFloat64(from)
    if (!(value >= low && value <= high)) return odd(from, at, value)
    view.setInt32(at, 8)
    view.setFloat64(at + 4, value)
    return at + 12
  }
}

const widened = (parts: NumberFieldParts, stored: StoredNumber): WriteField => {
  const { input, out, rules } = parts
  const { low, high } = rules
  const { view } = out
  const odd = oddFloat(parts, stored)
  return (from, at) => {
    const value = input.view.getFloat32(from)
    if (!(value >= low && value <= high)) return odd(from, at, value)
    view.setInt32(at, 8)
    view.setFloat64(at + 4, value)
    return at + 12
  }
}

/** What to do with a NaN or a value out of range. */
function oddFloat({ rules, out }: NumberFieldParts, stored: StoredNumber) {
  const writeNull = nullWriter(rules, out, stored.show)
  return (from: number, at: number, value: number): number => {
    if (!Number.isNaN(value)) return outOfRange(rules, stored.show(from))
    return nanToNull(rules, writeNull, from, at)
  }
}

function nanToNull(rules: ColumnRules, writeNull: WriteField, from: number, at: number): number {
  const after = writeNull(from, at)
  if (after !== rejected) rules.tally.nan++
  return after
}

function outOfRange(rules: ColumnRules, value: string): number {
  const detail = rules.range ? `allowed is ${showRange(rules.range)}` : ''
  return reject(rules, 'range', value, detail)
}

/** The general writer: TNULL, NaN, sentinels, conversion, overflow, range, in this order. */
function converted(parts: NumberFieldParts, stored: StoredNumber): WriteField {
  const { type, convert, rules, out } = parts
  const { read, isNull } = stored
  const writeNull = nullWriter(rules, out, stored.show)
  const isSentinel = sentinelTest(parts, stored)
  const conversion = convert && converter(convert, type, rules.tally)
  const write = valueWriter(parts, stored)
  return (from, at) => {
    if (isNull?.(from)) return writeNull(from, at)
    let value = read(from)
    if (Number.isNaN(value)) return nanToNull(rules, writeNull, from, at)
    if (isSentinel?.(from, value)) return writeNull(from, at)
    if (conversion) {
      if (convert.kind === 'ivar-to-error' && value < 0) {
        return reject(rules, 'range', stored.show(from), 'an inverse variance below 0')
      }
      value = conversion(value)
      if (Number.isNaN(value)) return writeNull(from, at)
    }
    return write(from, at, value)
  }
}

function sentinelTest({ column, nulls }: NumberFieldParts, stored: StoredNumber) {
  if (nulls.length === 0) return undefined
  if (column.code === 'K' && stored.whole) {
    const exact = nulls.filter(Number.isInteger).map(BigInt)
    // Only a value whose rounding matches can match exactly.
    return (from: number, value: number) => nulls.includes(value) && exact.includes(stored.exact(from))
  }
  const rounded = column.code === 'E' && column.scale === 1 ? nulls.map(Math.fround) : nulls
  return (_: number, value: number) => rounded.includes(value)
}

/** The conversion as a function; NaN stands for "no value". */
function converter(convert: Conversion, type: SqlType, tally: ColumnTally): (value: number) => number {
  switch (convert.kind) {
    case 'scale':
      return (value) => value * convert.factor
    case 'ivar-to-error':
      return (value) => (value === 0 ? Number.NaN : 1 / Math.sqrt(value))
    case 'wrap-ra':
      return type === 'real' ? rightAscension(Math.fround, tally) : rightAscension((value) => value, tally)
  }
}

/** Degrees into [0, 360) as the target type holds them; rounding up to 360 counts as wrapped. */
function rightAscension(round: (value: number) => number, tally: ColumnTally) {
  return (value: number): number => {
    const ra = round(value)
    if ((ra >= 0 && ra < 360) || !Number.isFinite(ra)) return ra
    tally.wrapped++
    const wrapped = round(ra - 360 * Math.floor(ra / 360))
    return wrapped >= 360 ? 0 : wrapped
  }
}

type WriteValue = (from: number, at: number, value: number) => number

const integerLimits = { smallint: 2 ** 15, integer: 2 ** 31, bigint: 2 ** 63 } as const

function valueWriter(parts: NumberFieldParts, stored: StoredNumber): WriteValue {
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
