// Floats written in one loop: the bytes that each must become are worked out here from the format of COPY alone.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { encodeRows } from '../../src/load/encode-rows.ts'
import { type ColumnRules, closedInterval } from '../../src/load/fields/column-rules.ts'
import { numberField } from '../../src/load/fields/number-field.ts'
import { emptyInput, outputOf, setBlock } from '../../src/load/fields/row-input.ts'
import type { TablePlan } from '../../src/load/plan.ts'
import type { Field } from '../../src/load/plan-field.ts'
import { joinSingles } from '../../src/load/single-runs.ts'

interface Column {
  readonly required: boolean
  /** Values within 0 to 1 only, so that it is no float of any value. */
  readonly ranged: boolean
  /** Bytes of other columns before it. */
  readonly gap: number
}

function planOf(columns: readonly Column[]) {
  const stride = columns.reduce((sum, { gap }) => sum + gap + 4, 0)
  const input = emptyInput(stride)
  const out = outputOf(2 * (8 * columns.length + 8))
  const note = { hdu: '', column: '', rule: 'range' as const, value: null, detail: '' }
  const tallies = Object.fromEntries(columns.map((_, i) => [`c${i}`, { nan: 0, wrapped: 0 }]))
  let offset = 0
  const fields = columns.map(({ required, ranged, gap }, i): Field => {
    const range = ranged ? { from: 0, to: 1 } : undefined
    const tally = tallies[`c${i}`]!
    const rules: ColumnRules = {
      ...{ column: `c${i}`, hdu: 'H', required, range, tally, note },
      ...closedInterval(range),
    }
    const column = { code: 'E', scale: 1, zero: 0 } as const
    const write = numberField({ column, type: 'real', convert: undefined, nulls: [], rules, input, out })!
    offset += gap
    const field = { input, offset, write, ...(ranged ? {} : { single: out }) }
    offset += 4
    return field
  })
  const steps = joinSingles(fields)
  const prefix = Uint8Array.from([0, columns.length])
  const rowNumber = emptyInput(1)
  const rowBytes = prefix.length + 8 * columns.length
  const plan = { fields, steps, prefix, inputs: [input], rowNumber, out, tallies, note, rowBytes }
  return { plan: plan as unknown as TablePlan, input, stride, fields, steps }
}

/** Ordinary numbers, and those that are easily lost: zeros with signs, denormals, infinities, NaNs of any payload. */
const bits = fc.oneof(
  { weight: 8, arbitrary: fc.integer({ min: 0, max: 0xffffffff }) },
  fc.constantFrom(0, 0x80000000, 1, 0x807fffff, 0x7f800000, 0xff800000, 0x3f800000, 0x3f000000),
  fc.constantFrom(0x7f800001, 0xff800001, 0x7fc00000, 0xffffffff),
)
const columns = fc.array(
  fc.record({
    required: fc.boolean(),
    ranged: fc.oneof({ weight: 5, arbitrary: fc.constant(false) }, fc.boolean()),
    gap: fc.oneof({ weight: 5, arbitrary: fc.constant(0) }, fc.integer({ min: 0, max: 7 })),
  }),
  { minLength: 1, maxLength: 12 },
)

describe('floats written in one loop', () => {
  test('keep their bits, are NULL for NaN, and reject the row by the first rule that is broken', () => {
    const given = columns.chain((each) =>
      fc.tuple(fc.constant(each), fc.array(bits, { minLength: each.length, maxLength: each.length })),
    )
    fc.assert(
      fc.property(given, ([each, values]) => {
        const { plan, input, stride } = planOf(each)
        const row = Buffer.alloc(stride, 0x55)
        const expected: number[] = [0, each.length]
        let broken: string | undefined
        const counted: Record<string, number> = {}
        let at = 0
        each.forEach(({ required, ranged, gap }, i) => {
          const value = values[i]!
          at += gap
          row.writeUInt32BE(value, at)
          const number = row.readFloatBE(at)
          at += 4
          if (Number.isNaN(number)) {
            if (required) broken ??= `c${i} not-null`
            expected.push(255, 255, 255, 255)
            counted[`c${i}`] = 1
          } else {
            if (ranged && (number < 0 || number > 1)) broken ??= `c${i} range`
            expected.push(0, 0, 0, 4, value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255)
          }
        })
        setBlock(input, row)
        let told: string | undefined
        const { done, at: end } = encodeRows(plan, 1, 0, plan.out.bytes.length, () => {
          told = `${plan.note.column} ${plan.note.rule}`
        })
        expect(done).toBe(1)
        expect(told).toBe(broken)
        expect([...plan.out.bytes.subarray(0, end)]).toEqual(broken ? [] : expected)
        for (const [name, { nan }] of Object.entries(plan.tallies)) {
          expect(nan).toBe(broken ? 0 : (counted[name] ?? 0))
        }
      }),
      { numRuns: 2000 },
    )
  })

  test('are one step where they follow each other in the file as in the table', () => {
    const plain = { required: false, ranged: false, gap: 0 }
    const { steps } = planOf([plain, plain, { ...plain, ranged: true }, plain, plain, plain])
    expect(steps).toHaveLength(3)
    expect(planOf([plain, { ...plain, gap: 4 }, plain]).steps).toHaveLength(2)
  })
})
