// Values as text that gives the same value again: the fewest digits for numbers, ISO 8601 for moments.
import { singleText as fewestDigits } from '../fits/index.ts'
import { timestampEpoch } from '../postgres/index.ts'
import { exportError } from './errors.ts'

/** How a format spells what is no finite number. */
export interface NumberWords {
  readonly nan: string
  readonly infinity: string
}

/** A double in the fewest digits that give it again, -0 told from 0. */
export function doubleText(value: number, { nan, infinity }: NumberWords): string {
  if (Number.isNaN(value)) return nan
  if (!Number.isFinite(value)) return value > 0 ? infinity : `-${infinity}`
  return Object.is(value, -0) ? '-0.0' : String(value)
}

/** A single-precision number in the fewest digits (at most 9) that give it again, -0 told from 0. */
export function singleText(value: number, words: NumberWords): string {
  if (!Number.isFinite(value) || value === 0) return doubleText(value, words)
  return fewestDigits(value)
}

/** First and last moment with an ISO 8601 text of four-digit years, in microseconds of Unix time. */
const firstMoment = BigInt(Date.parse('0001-01-01T00:00:00Z')) * 1000n
const lastMoment = BigInt(Date.parse('9999-12-31T23:59:59.999Z')) * 1000n + 999n

/** Characters of a moment's text. */
export const momentLength = 26

/**
 * A timestamp as PostgreSQL holds it (microseconds since 2000) in microseconds of Unix time.
 * @throws AlmagestError `EXPORT_TIME_RANGE`
 */
export function unixMicroseconds(value: bigint, column: string): bigint {
  const unix = value + timestampEpoch
  if (unix >= firstMoment && unix <= lastMoment) return unix
  throw exportError(
    'EXPORT_TIME_RANGE',
    `Column ${column} holds a moment ${value} microseconds from 2000-01-01`,
    {
      column,
      value: String(value),
    },
  )
}

/**
 * A timestamp as `2025-03-19T12:00:00.000000`, the form of FITS 4.0 (section 9.1.1), DALI 1.1 and ECSV alike.
 * @throws AlmagestError `EXPORT_TIME_RANGE`
 */
export function momentText(value: bigint, column: string): string {
  const unix = unixMicroseconds(value, column)
  const within = ((unix % 1000n) + 1000n) % 1000n
  const milliseconds = new Date(Number((unix - within) / 1000n)).toISOString().slice(0, -1)
  return milliseconds + String(within).padStart(3, '0')
}
