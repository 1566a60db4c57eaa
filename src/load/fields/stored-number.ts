// Numbers as a FITS column stores them: read as doubles, told apart from TNULL, shown exactly.
import { singleText, type TableColumn } from '../../fits/index.ts'
import type { RowInput } from './row-input.ts'

/** How to read one number of a column; positions are bytes of the input. */
export interface StoredNumber {
  /** Bytes of an element. */
  readonly size: number
  /** True when every physical value is a whole number: an integer code, TSCAL 1 and a whole TZERO. */
  readonly whole: boolean
  /** Physical value; whole numbers beyond 2^53 come rounded, see `exact`. */
  read(from: number): number
  /** True where the stored integer is TNULL; absent where there is no TNULL. */
  readonly isNull: ((from: number) => boolean) | undefined
  /** The whole number, exact to 64 bits and beyond. */
  exact(from: number): bigint
  /** The value as a message shows it: in as few digits as tell it from its neighbours. */
  show(from: number): string
}

const sizes = { B: 1, I: 2, J: 4, K: 8, E: 4, D: 8 } as const
type NumberCode = keyof typeof sizes

/** The reader of a column's numbers, or undefined for a column of other values. */
export function storedNumber(
  column: Pick<TableColumn, 'code' | 'scale' | 'zero' | 'null'>,
  input: RowInput,
): StoredNumber | undefined {
  if (!(column.code in sizes)) return undefined
  const code = column.code as NumberCode
  const { scale, zero } = column
  const whole = code !== 'E' && code !== 'D' && scale === 1 && isWhole(zero)
  const stored = storedReader(code, input)
  const storedExact = exactReader(code, input, stored)
  const offset = Number(zero)
  const exact = (from: number) => storedExact(from) + BigInt(zero)
  const read =
    scale === 1 && offset === 0
      ? stored
      : // Beyond 2^53 the sum must not be rounded twice.
        whole && code === 'K'
        ? (from: number) => Number(exact(from))
        : (from: number) => offset + scale * stored(from)
  const { null: nullValue } = column
  return {
    size: sizes[code],
    whole,
    read,
    isNull: nullValue === undefined ? undefined : equalityReader(code, input, stored, nullValue),
    exact,
    show: (from) =>
      whole ? String(exact(from)) : code === 'E' && scale === 1 ? singleText(read(from)) : String(read(from)),
  }
}

const isWhole = (zero: number | bigint) => typeof zero === 'bigint' || Number.isInteger(zero)

function storedReader(code: NumberCode, input: RowInput): (from: number) => number {
  switch (code) {
    case 'B':
      return (from) => input.bytes[from]!
    case 'I':
      return (from) => input.view.getInt16(from)
    case 'J':
      return (from) => input.view.getInt32(from)
    case 'K':
      return (from) => input.view.getInt32(from) * 4294967296 + input.view.getUint32(from + 4)
    case 'E':
      return (from) => input.view.getFloat32(from)
    case 'D':
      return (from) => input.view.getFloat64(from)
  }
}

/** Whether the stored integer equals a value, without a bigint for each row. */
function equalityReader(
  code: NumberCode,
  input: RowInput,
  stored: (from: number) => number,
  value: bigint,
): (from: number) => boolean {
  if (code !== 'K') {
    const number = Number(value)
    return (from) => stored(from) === number
  }
  if (BigInt.asIntN(64, value) !== value) return () => false
  const high = Number(value >> 32n)
  const low = Number(value & 0xffffffffn)
  return (from) => input.view.getUint32(from + 4) === low && input.view.getInt32(from) === high
}

function exactReader(code: NumberCode, input: RowInput, stored: (from: number) => number) {
  if (code === 'K') return (from: number) => input.view.getBigInt64(from)
  return (from: number) => BigInt(stored(from))
}
