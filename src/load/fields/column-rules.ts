// What a value of a column must satisfy, what counts as no value, and the note of the rule it broke.
import { type Range, showRange } from '../../model/index.ts'
import { rejected } from './row-input.ts'

/** Rules by which single rows are rejected. */
export type Rule =
  | 'range'
  | 'not-null'
  | 'vocabulary'
  | 'overflow'
  | 'encoding'
  | 'duplicate-key'
  | 'foreign-key'

/** Which rule the current row broke, where and with which value. */
export interface FaultNote {
  hdu: string
  column: string
  rule: Rule
  value: string | null
  detail: string
}

/** What happened to a column's values on their way, counted while rows pass. */
export interface ColumnTally {
  /** NaN in the file, NULL in the table. */
  nan: number
  /** Right ascensions brought into [0, 360). */
  wrapped: number
}

/** A column's rules while a file is loaded. */
export interface ColumnRules {
  readonly column: string
  readonly hdu: string
  readonly required: boolean
  readonly range: Range | undefined
  /** Closed interval of doubles equal to the range. */
  readonly low: number
  readonly high: number
  readonly tally: ColumnTally
  readonly note: FaultNote
}

/** Notes the fault; answers what a field writer answers then. */
export function reject(rules: ColumnRules, rule: Rule, value: string | null, detail: string): number {
  const { note } = rules
  note.hdu = rules.hdu
  note.column = rules.column
  note.rule = rule
  note.value = value
  note.detail = detail
  return rejected
}

/** Rejects a value that lies outside the column's range. */
export function outOfRange(rules: ColumnRules, value: string): number {
  const detail = rules.range ? `allowed is ${showRange(rules.range)}` : ''
  return reject(rules, 'range', value, detail)
}

/** The range as a closed interval of doubles: an open end becomes the next double inside. */
export function closedInterval(range: Range | undefined): { low: number; high: number } {
  const low = range?.from ?? (range?.above === undefined ? -Infinity : nextDouble(range.above, 1))
  const high = range?.to ?? (range?.below === undefined ? Infinity : nextDouble(range.below, -1))
  return { low, high }
}

const double = new Float64Array(1)
const bits = new BigInt64Array(double.buffer)

/** The neighbour of a finite double, upwards (1) or downwards (-1): IEEE 754 nextUp and nextDown. */
function nextDouble(value: number, direction: 1 | -1): number {
  if (value === 0) return direction * Number.MIN_VALUE
  double[0] = value
  bits[0]! += BigInt(value > 0 ? direction : -direction)
  return double[0]
}
