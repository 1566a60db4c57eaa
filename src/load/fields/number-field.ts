// Field writers for numbers: bytes passed on where FITS and COPY agree, converted and checked where they don't.
import type { Conversion, SqlType } from '../../model/index.ts'
import { type ColumnTally, reject } from './column-rules.ts'
import { nanToNull, nullWriter } from './null-writer.ts'
import { type NumberFieldParts, numberBytes } from './number-parts.ts'
import { passedOn } from './passed-on.ts'
import type { WriteField } from './row-input.ts'
import { type StoredNumber, storedNumber } from './stored-number.ts'
import { valueWriter } from './value-writer.ts'

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
