// Accepted exceptions: failures that a catalogue tolerates until a day, and exceptions that tolerate nothing any more.
import type { Catalog } from '../model/index.ts'
import type { Check } from './check.ts'
import type { CheckResult } from './result.ts'

/** A failure that an exception in force covers becomes a warning that says so; an expired one is named. */
export function acceptExceptions(catalog: Catalog, result: CheckResult, now: Date): CheckResult {
  if (result.state !== 'fail') return result
  const exception = catalog.quality?.exceptions?.find(({ check }) => check === result.name)
  if (!exception) return result
  const { reason, until, rows } = exception
  if (now.toISOString().slice(0, 10) > until) {
    return { ...result, message: `${result.message}; the exception for it ended on ${until} (${reason})` }
  }
  if (rows !== undefined && (result.failing ?? Infinity) > rows) {
    return { ...result, message: `${result.message}; the exception for it allows ${rows} rows (${reason})` }
  }
  return { ...result, state: 'warn', accepted: { reason, until } }
}

/** Exceptions for checks that there are not, and, after a whole run, for checks that pass. */
export function unmetExceptions(
  catalog: Catalog,
  checks: readonly Check[],
  results: readonly CheckResult[],
  whole: boolean,
): CheckResult[] {
  const base = { catalog: catalog.name, kind: 'exception', columns: [], rows: [], sql: '' }
  return (catalog.quality?.exceptions ?? []).flatMap(({ check, reason }): CheckResult[] => {
    const about = `the exception for ${check} is needed`
    const entry = { ...base, name: `exception:${check}`, about }
    if (!checks.some(({ name }) => name === check))
      return [{ ...entry, state: 'error', message: `there is no check ${check} on this table (${reason})` }]
    const passes = results.some(({ name, state }) => name === check && state === 'pass')
    return whole && passes
      ? [{ ...entry, state: 'warn', message: `${check} passes without it (${reason})` }]
      : []
  })
}
