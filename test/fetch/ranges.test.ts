// Sets of bytes against a plain array with a mark for each byte.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { missingPieces, type Range, sizeOf, withRange } from '../../src/fetch/ranges.ts'

const total = 40
const range = fc
  .tuple(fc.nat(total), fc.nat(total))
  .map(([a, b]): Range => (a < b ? [a, b] : [b, a]))
  .filter(([from, to]) => from < to)

test('ranges put together are the bytes they cover, sorted, apart, and their rest is what is missing', () => {
  fc.assert(
    fc.property(fc.array(range), fc.integer({ min: 1, max: 15 }), (added, most) => {
      const marks = new Array<boolean>(total).fill(false)
      let ranges: readonly Range[] = []
      for (const [from, to] of added) {
        ranges = withRange(ranges, [from, to])
        marks.fill(true, from, to)
      }
      const covered = marks.map(() => false)
      for (const [from, to] of ranges) covered.fill(true, from, to)
      expect(covered).toEqual(marks)
      expect(sizeOf(ranges)).toBe(marks.filter(Boolean).length)
      for (const [i, [from]] of ranges.entries()) if (i > 0) expect(from).toBeGreaterThan(ranges[i - 1]![1])

      const missing = missingPieces(ranges, total, most)
      expect(missing.every(([from, to]) => to > from && to - from <= most)).toBe(true)
      const bytes = missing.flatMap(([from, to]) => Array.from({ length: to - from }, (_, i) => from + i))
      expect(bytes).toEqual(marks.flatMap((mark, byte) => (mark ? [] : [byte])))
    }),
  )
})
