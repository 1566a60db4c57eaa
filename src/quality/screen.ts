// Screens: what the extremes of a column already exclude need not be counted row by row.
import type { Sky } from '../model/index.ts'
import { quoteIdentifier } from '../postgres/index.ts'
import type { Aggregate, Screen } from './check.ts'

/** Least and greatest value of a column. NaN is the greatest of all for PostgreSQL. */
export function extremes(name: string): { low: Aggregate; high: Aggregate } {
  const column = quoteIdentifier(name)
  return { low: { sql: `min(${column})`, merge: 'min' }, high: { sql: `max(${column})`, merge: 'max' } }
}

/** The same of both coordinates. */
export function skyExtremes({ ra, dec }: Sky) {
  const [{ low: lowRa, high: highRa }, { low: lowDec, high: highDec }] = [extremes(ra), extremes(dec)]
  return { lowRa, highRa, lowDec, highDec }
}

/** Number of NULLs of a column. */
export function nullsOf(name: string): Aggregate {
  return { sql: `count(*) - count(${quoteIdentifier(name)})`, merge: 'sum' }
}

/**
 * Excludes a fault of single values by the least and the greatest of them.
 * @param clears  whether no value between these can be at fault; NaN must not clear
 */
export function byExtremes(name: string, clears: (low: number, high: number) => boolean): Screen {
  return {
    aggregates: extremes(name),
    clears: ({ measures: { low, high } }) => low == null || high == null || clears(low, high),
  }
}
