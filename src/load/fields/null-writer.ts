// Writers of NULL, or of the fault where a column must have a value.
import { type ColumnRules, reject } from './column-rules.ts'
import { type RowOutput, rejected, type WriteField } from './row-input.ts'

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

/** Writes NULL for a NaN, and counts it. */
export function nanToNull(rules: ColumnRules, writeNull: WriteField, from: number, at: number): number {
  const after = writeNull(from, at)
  if (after !== rejected) rules.tally.nan++
  return after
}
