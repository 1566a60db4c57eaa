// Single fields: bytes of a FITS value in, bytes of a COPY field out; expected bytes are those of IEEE 754 and two's complement.
import { describe, expect, test } from 'vitest'
import { arrayField } from '../../src/load/fields/array-field.ts'
import { type ColumnRules, closedInterval } from '../../src/load/fields/column-rules.ts'
import { numberField } from '../../src/load/fields/number-field.ts'
import { emptyInput, outputOf, rejected, setBlock } from '../../src/load/fields/row-input.ts'
import { booleanField, textField } from '../../src/load/fields/text-field.ts'
import type { Conversion, Range, SqlType } from '../../src/model/index.ts'

interface Given {
  code?: 'B' | 'I' | 'J' | 'K' | 'E' | 'D'
  type?: SqlType
  scale?: number
  zero?: number | bigint
  null?: bigint
  nulls?: number[]
  convert?: Conversion
  range?: Range
  required?: boolean
}

function bench(given: Given) {
  const input = emptyInput(0)
  const out = outputOf(256)
  const tally = { nan: 0, wrapped: 0 }
  const note = { hdu: '', column: '', rule: 'range' as const, value: null, detail: '' }
  const rules: ColumnRules = {
    column: 'c',
    hdu: 'H',
    required: given.required ?? false,
    range: given.range,
    ...closedInterval(given.range),
    tally,
    note,
  }
  return { input, out, tally, note, rules }
}

/** The field's bytes in hex (length and value), or the rule that was broken with the value shown. */
function field(given: Given, hex: string) {
  const { input, out, tally, note, rules } = bench(given)
  const { code = 'D', type = 'double precision', scale = 1, zero = 0, convert, nulls = [] } = given
  const column = { code, scale, zero, ...(given.null === undefined ? {} : { null: given.null }) }
  const write = numberField({ column, type, convert, nulls, rules, input, out })
  if (!write) return 'impossible'
  setBlock(input, Buffer.from(hex.replaceAll(' ', ''), 'hex'))
  const end = write(0, 0)
  if (end === rejected) return `${note.rule}: ${note.value}`
  const bytes = Buffer.from(out.bytes.subarray(0, end)).toString('hex')
  const counts = `${tally.nan ? ' nan' : ''}${tally.wrapped ? ' wrapped' : ''}`
  return `${bytes.slice(0, 8)} ${bytes.slice(8)}${counts}`.trim()
}

const f64 = (value: number) => {
  const bytes = Buffer.alloc(8)
  bytes.writeDoubleBE(value)
  return bytes.toString('hex')
}
const f32 = (value: number) => {
  const bytes = Buffer.alloc(4)
  bytes.writeFloatBE(value)
  return bytes.toString('hex')
}
const i64 = (value: bigint) => BigInt.asUintN(64, value).toString(16).padStart(16, '0')
const asReal = (value: number) => `00000004 ${f32(value)}`
const asDouble = (value: number) => `00000008 ${f64(value)}`
const asBigint = (value: bigint) => `00000008 ${i64(value)}`
const none = 'ffffffff'

describe('values that pass as they are', () => {
  test.each([
    ['K', 'bigint', '7fffffffffffffff', '00000008 7fffffffffffffff'],
    ['K', 'bigint', '8000000000000000', '00000008 8000000000000000'],
    ['K', 'bigint', '0020000000000001', '00000008 0020000000000001'],
    ['J', 'integer', '80000000', '00000004 80000000'],
    ['I', 'smallint', '7fff', '00000002 7fff'],
    ['E', 'real', '80000000', '00000004 80000000'],
    ['E', 'real', '00000001', '00000004 00000001'],
    ['E', 'real', '7f800000', '00000004 7f800000'],
    ['E', 'real', '7f7fffff', '00000004 7f7fffff'],
    ['D', 'double precision', '8000000000000000', '00000008 8000000000000000'],
    ['D', 'double precision', '0000000000000001', '00000008 0000000000000001'],
    ['D', 'double precision', 'fff0000000000000', '00000008 fff0000000000000'],
    ['D', 'double precision', '3ff0000000000001', '00000008 3ff0000000000001'],
  ] as const)('%s to %s: %s', (code, type, hex, expected) => {
    expect(field({ code, type }, hex)).toBe(expected)
    expect(field({ code, type, required: true }, hex)).toBe(expected)
  })
})

describe('NaN', () => {
  test.each([
    ['E', 'real', '7fc00000'],
    ['E', 'real', 'ffa00001'],
    ['E', 'double precision', '7f800001'],
    ['D', 'double precision', '7ff8000000000000'],
    ['D', 'double precision', 'fff0000000abcdef'],
    ['D', 'real', '7ff0000000000001'],
  ] as const)('of any payload is NULL and counted: %s to %s, %s', (code, type, hex) => {
    expect(field({ code, type }, hex)).toBe(`${none}  nan`)
    expect(field({ code, type, required: true }, hex)).toBe('not-null: NaN')
    expect(field({ code, type, range: { from: 0, to: 1 } }, hex)).toBe(`${none}  nan`)
  })
})

describe('floating-point conversions', () => {
  const real: Given = { code: 'D', type: 'real' }
  test('single to double is exact', () => {
    expect(field({ code: 'E', type: 'double precision' }, '3dcccccd')).toBe('00000008 3fb99999a0000000')
    expect(field({ code: 'E', type: 'double precision' }, '00000001')).toBe('00000008 36a0000000000000')
    expect(field({ code: 'E', type: 'double precision' }, '80000000')).toBe('00000008 8000000000000000')
  })
  test('double to single rounds to nearest, ties to even', () => {
    expect(field(real, f64(0.1))).toBe('00000004 3dcccccd')
    expect(field(real, '3ff0000010000000')).toBe('00000004 3f800000')
    expect(field(real, '3ff0000030000000')).toBe('00000004 3f800002')
    expect(field(real, f64(-0))).toBe('00000004 80000000')
  })
  test('a finite double beyond single precision is an overflow, infinity is not', () => {
    expect(field(real, '47effffff0000000')).toBe('overflow: 3.4028235677973366e+38')
    expect(field(real, '47efffffe0000000')).toBe('00000004 7f7fffff')
    expect(field(real, '7ff0000000000000')).toBe('00000004 7f800000')
  })
})

describe('integers', () => {
  const k = (type: SqlType, value: bigint, more: Given = {}) =>
    field({ code: 'K', type, ...more }, i64(value))
  test('narrower types take what they can hold', () => {
    expect(k('integer', 2147483647n)).toBe('00000004 7fffffff')
    expect(k('integer', -2147483648n)).toBe('00000004 80000000')
    expect(k('integer', 2147483648n)).toBe('overflow: 2147483648')
    expect(k('smallint', -32768n)).toBe('00000002 8000')
    expect(k('smallint', 32768n)).toBe('overflow: 32768')
    expect(k('integer', 9223372036854775807n)).toBe('overflow: 9223372036854775807')
    expect(field({ code: 'J', type: 'smallint' }, '00008000')).toBe('overflow: 32768')
    expect(field({ code: 'I', type: 'bigint' }, 'fffe')).toBe(asBigint(-2n))
    expect(field({ code: 'B', type: 'smallint' }, 'ff')).toBe('00000002 00ff')
  })
  test('floats take only integers that they hold exactly', () => {
    expect(k('double precision', 9007199254740991n)).toBe(asDouble(9007199254740991))
    expect(k('double precision', 9007199254740993n)).toBe('overflow: 9007199254740993')
    expect(field({ code: 'J', type: 'real' }, '01000001')).toBe('overflow: 16777217')
    expect(field({ code: 'J', type: 'real' }, '01000000')).toBe(asReal(16777216))
  })
  test('unsigned by TZERO', () => {
    expect(field({ code: 'I', type: 'integer', zero: 32768 }, '8000')).toBe('00000004 00000000')
    expect(field({ code: 'I', type: 'integer', zero: 32768 }, '7fff')).toBe('00000004 0000ffff')
    expect(field({ code: 'I', type: 'smallint', zero: 32768 }, '7fff')).toBe('overflow: 65535')
    expect(field({ code: 'J', type: 'bigint', zero: 2147483648 }, '7fffffff')).toBe(asBigint(4294967295n))
    expect(field({ code: 'B', type: 'smallint', zero: -128 }, '00')).toBe('00000002 ff80')
    const unsigned = { zero: 2n ** 63n }
    expect(k('bigint', -(2n ** 63n), unsigned)).toBe(asBigint(0n))
    expect(k('bigint', -1n, unsigned)).toBe(asBigint(2n ** 63n - 1n))
    expect(k('bigint', 0n, unsigned)).toBe('overflow: 9223372036854775808')
    expect(k('integer', 7n - 2n ** 63n, unsigned)).toBe('00000004 00000007')
  })
  test('TSCAL makes numbers with fractions, which no integer column takes', () => {
    expect(field({ code: 'I', type: 'double precision', scale: 0.5, zero: 1 }, '0003')).toBe(asDouble(2.5))
    expect(field({ code: 'I', type: 'integer', scale: 0.5 }, '0003')).toBe('impossible')
    expect(field({ code: 'D', type: 'bigint' }, f64(1))).toBe('impossible')
  })
})

describe('values that mean "no value"', () => {
  test('TNULL is compared as stored', () => {
    expect(field({ code: 'J', type: 'integer', null: -99n }, 'ffffff9d')).toBe(none)
    expect(field({ code: 'J', type: 'integer', null: -99n }, 'ffffff9e')).toBe('00000004 ffffff9e')
    expect(field({ code: 'I', type: 'integer', zero: 32768, null: 32767n }, '7fff')).toBe(none)
    expect(field({ code: 'K', type: 'bigint', null: 2n ** 63n - 1n }, '7fffffffffffffff')).toBe(none)
    expect(field({ code: 'K', type: 'bigint', null: 2n ** 63n - 1n }, '7ffffffffffffffe')).toBe(
      asBigint(2n ** 63n - 2n),
    )
  })
  test('sentinels are compared as the file can hold them', () => {
    expect(field({ code: 'K', type: 'bigint', nulls: [-1] }, i64(-1n))).toBe(none)
    expect(field({ code: 'K', type: 'bigint', nulls: [-1] }, i64(1n))).toBe(asBigint(1n))
    expect(field({ code: 'E', type: 'real', nulls: [-999.9] }, f32(-999.9))).toBe(none)
    expect(field({ code: 'D', type: 'double precision', nulls: [-999.9] }, f64(Math.fround(-999.9)))).toBe(
      asDouble(Math.fround(-999.9)),
    )
    // 2^53 + 1 rounds to the double 2^53, but isn't it.
    expect(field({ code: 'K', type: 'bigint', nulls: [2 ** 53] }, i64(2n ** 53n + 1n))).toBe(
      asBigint(2n ** 53n + 1n),
    )
    expect(field({ code: 'K', type: 'bigint', nulls: [2 ** 53] }, i64(2n ** 53n))).toBe(none)
  })
  test('and break the rule of a required column', () => {
    expect(field({ code: 'K', type: 'bigint', nulls: [-1], required: true }, i64(-1n))).toBe('not-null: -1')
    expect(field({ code: 'J', type: 'integer', null: 0n, required: true }, '00000000')).toBe('not-null: 0')
  })
})

describe('declared conversions', () => {
  const ra = (value: number, type: SqlType = 'double precision') =>
    field({ convert: { kind: 'wrap-ra' }, range: { from: 0, below: 360 }, type, required: true }, f64(value))
  test('right ascension', () => {
    expect(ra(12.5)).toBe(asDouble(12.5))
    expect(ra(-0.5)).toBe(`${asDouble(359.5)} wrapped`)
    expect(ra(360)).toBe(`${asDouble(0)} wrapped`)
    expect(ra(719.25)).toBe(`${asDouble(359.25)} wrapped`)
    expect(ra(-1e-20)).toBe(`${asDouble(0)} wrapped`)
    expect(ra(359.9999999999)).toBe(asDouble(359.9999999999))
    expect(ra(359.9999999999, 'real')).toBe(`${asReal(0)} wrapped`)
    expect(ra(Infinity)).toBe('range: Infinity')
    expect(ra(NaN)).toBe('not-null: NaN')
  })
  test('scale', () => {
    const convert = { kind: 'scale', factor: 2.5, reason: 'test' } as const
    expect(field({ convert }, f64(4))).toBe(asDouble(10))
    expect(field({ code: 'E', type: 'real', convert }, f32(4))).toBe(asReal(10))
    expect(field({ code: 'D', type: 'real', convert }, f64(3e38))).toBe('overflow: 3e+38')
    expect(field({ code: 'J', type: 'integer', convert }, '00000001')).toBe('impossible')
  })
  test('inverse variance to standard error', () => {
    const error = (value: number) => field({ convert: { kind: 'ivar-to-error' } }, f64(value))
    expect(error(4)).toBe(asDouble(0.5))
    expect(error(0)).toBe(none)
    expect(error(Infinity)).toBe(asDouble(0))
    expect(error(-1)).toBe('range: -1')
  })
})

describe('ranges', () => {
  const next = 360 - 2 ** -44 // the double before 360
  test('ends are open or closed to the last bit', () => {
    expect(field({ range: { from: 0, below: 360 } }, f64(360))).toBe('range: 360')
    expect(field({ range: { from: 0, below: 360 } }, f64(next))).toBe(asDouble(next))
    expect(field({ range: { above: 0 } }, f64(0))).toBe('range: 0')
    expect(field({ range: { above: 0 } }, f64(5e-324))).toBe(asDouble(5e-324))
    expect(field({ range: { above: -0.01, below: 10 } }, f64(-0.01))).toBe('range: -0.01')
    expect(field({ range: { to: -1 } }, f64(-1))).toBe(asDouble(-1))
    expect(field({ range: { below: -1 } }, f64(-1))).toBe('range: -1')
  })
  test('of single-precision columns hold for the value as stored', () => {
    expect(field({ code: 'E', type: 'real', range: { from: 0.5 } }, f32(0.1))).toBe('range: 0.1')
    expect(field({ code: 'D', type: 'real', range: { below: 360 } }, f64(359.9999999999))).toBe(
      'range: 359.9999999999',
    )
  })
  test('of 64-bit integers are exact', () => {
    const range = { to: 2 ** 53 }
    expect(field({ code: 'K', type: 'bigint', range }, i64(2n ** 53n))).toBe(asBigint(2n ** 53n))
    expect(field({ code: 'K', type: 'bigint', range }, i64(2n ** 53n + 1n))).toBe('range: 9007199254740993')
    expect(field({ code: 'K', type: 'bigint', range: { from: 0 } }, i64(-1n))).toBe('range: -1')
    expect(field({ code: 'K', type: 'bigint', range: { from: 0 } }, i64(2n ** 63n - 1n))).toBe(
      asBigint(2n ** 63n - 1n),
    )
  })
})

describe('texts and truth values', () => {
  function text(bytes: Buffer, vocabulary?: string[]) {
    const { input, out, note, rules } = bench({})
    setBlock(input, bytes)
    const end = textField(bytes.length, vocabulary, rules, input, out)(0, 0)
    if (end === rejected) return `${note.rule}: ${note.value}`
    expect(new DataView(out.bytes.buffer).getInt32(0)).toBe(end - 4)
    return Buffer.from(out.bytes.subarray(4, end)).toString()
  }
  test('end at the first NUL and lose trailing blanks only', () => {
    expect(text(Buffer.from('main    '))).toBe('main')
    expect(text(Buffer.from('main\0\0xx'))).toBe('main')
    expect(text(Buffer.from('  a b \0 '))).toBe('  a b')
    expect(text(Buffer.from('        '))).toBe('')
    expect(text(Buffer.from('\0\0'))).toBe('')
    expect(text(Buffer.from(''))).toBe('')
  })
  test('are UTF-8 or rejected', () => {
    expect(text(Buffer.from('Ångström '))).toBe('Ångström')
    expect(text(Buffer.from([0x61, 0xe5, 0x62]))).toBe('encoding: a\\xe5b')
  })
  test('keep to the vocabulary', () => {
    expect(text(Buffer.from('NGC '), ['NGC', 'SGC'])).toBe('NGC')
    expect(text(Buffer.from('NG  '), ['NGC', 'SGC'])).toBe('vocabulary: NG')
    expect(text(Buffer.from('NGCx'), ['NGC', 'SGC'])).toBe('vocabulary: NGCx')
  })
  test('logical values are T, F or a zero byte', () => {
    const logical = (byte: number) => {
      const { input, out, note, rules } = bench({})
      setBlock(input, Buffer.from([byte]))
      const end = booleanField(rules, input, out)(0, 0)
      return end === rejected
        ? `${note.rule}: ${note.value}`
        : Buffer.from(out.bytes.subarray(0, end)).toString('hex')
    }
    expect(logical(0x54)).toBe('0000000101')
    expect(logical(0x46)).toBe('0000000100')
    expect(logical(0)).toBe(none)
    expect(logical(1)).toBe('encoding: \\x01')
  })
})

describe('arrays', () => {
  function array(axes: number[], given: Given, hex: string) {
    const { input, out, note, rules } = bench(given)
    const column = { code: given.code ?? 'E', scale: 1, zero: 0 } as const
    const element = numberField({
      column,
      type: given.type ?? 'real',
      convert: undefined,
      nulls: [],
      rules,
      input,
      out,
    })!
    setBlock(input, Buffer.from(hex, 'hex'))
    const end = arrayField(axes, 4, 700, element, out)(0, 0)
    if (end === rejected) return `${note.rule}: ${note.value}`
    return Buffer.from(out.bytes.subarray(0, end))
      .toString('hex')
      .replaceAll(/(.{8})/g, '$1 ')
      .trim()
  }
  test('of one dimension', () => {
    expect(array([2], {}, f32(1) + f32(-0))).toBe(
      '00000024 00000001 00000000 000002bc 00000002 00000001 00000004 3f800000 00000004 80000000',
    )
  })
  test('NaN is a NULL element', () => {
    expect(array([2], {}, `${f32(1)}7fc00000`)).toBe(
      '00000020 00000001 00000001 000002bc 00000002 00000001 00000004 3f800000 ffffffff',
    )
  })
  test('axes are turned round: FITS counts the first one fastest', () => {
    expect(array([1, 2], {}, f32(1) + f32(2))).toBe(
      '0000002c 00000002 00000000 000002bc 00000002 00000001 00000001 00000001 00000004 3f800000 00000004 40000000',
    )
  })
  test('without elements have no dimension', () => {
    expect(array([0], {}, '')).toBe('0000000c 00000000 00000000 000002bc')
  })
  test('an element out of range rejects the row', () => {
    expect(array([2], { range: { from: 0 } }, f32(1) + f32(-1))).toBe('range: -1')
  })
})
