// Field writers for numbers whose bytes are the same in FITS and in COPY, checked on their way.
import { outOfRange } from './column-rules.ts'
import { nanToNull, nullWriter } from './null-writer.ts'
import type { NumberFieldParts } from './number-parts.ts'
import type { WriteField } from './row-input.ts'
import type { StoredNumber } from './stored-number.ts'

/** Whether nothing is declared that would change a value on its way. */
export function isPassedOn({
  column,
  convert,
  nulls,
}: Pick<NumberFieldParts, 'column' | 'convert' | 'nulls'>): boolean {
  return (
    column.scale === 1 &&
    Number(column.zero) === 0 &&
    column.null === undefined &&
    !convert &&
    nulls.length === 0
  )
}

/** Writers for values whose bytes are the same on both sides; undefined where something else is declared. */
export function passedOn(parts: NumberFieldParts, stored: StoredNumber): WriteField | undefined {
  if (!isPassedOn(parts)) return undefined
  const { column, type, rules } = parts
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
