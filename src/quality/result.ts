// What a run of checks found: a result for each check, and totals that are computed from them.
import type { DistributionFigure, FailingRow, RelationFigure, State } from './check.ts'

export interface CheckResult {
  readonly catalog: string
  /** Name of the check: kind, and after a colon what it is about. */
  readonly name: string
  readonly kind: string
  readonly about: string
  readonly state: State
  readonly message: string
  readonly columns: readonly string[]
  /** Number of failing rows, where rows fail. */
  readonly failing?: number
  /** Some of them. */
  readonly rows: readonly FailingRow[]
  readonly numbers?: Readonly<Record<string, number | string | null>>
  readonly figure?: DistributionFigure
  readonly relation?: RelationFigure
  /** The statement that shows it. */
  readonly sql: string
  readonly owner?: string
  /** The accepted exception that turned a failure into a warning. */
  readonly accepted?: { readonly reason: string; readonly until: string }
}

export interface Report {
  /** Version of this layout: it changes when a field changes its meaning or goes. */
  readonly schema: 'almagest-check-1'
  readonly startedAt: string
  readonly seconds: number
  /** fail where a check failed or none ran; else error where one could not be done, or the run was cut; else warn or pass. */
  readonly outcome: Exclude<State, 'skipped'>
  readonly totals: Readonly<Record<State, number>>
  /** Whether the run was interrupted: checks without an answer by then are skipped. */
  readonly cancelled?: true
  readonly results: readonly CheckResult[]
}

const gravest: readonly State[] = ['fail', 'error', 'warn', 'skipped', 'pass']

/** The report of a run: gravest results first, totals counted from the results themselves. */
export function summarise(
  results: readonly CheckResult[],
  started: Date,
  ended: Date,
  cancelled = false,
): Report {
  const totals: Record<State, number> = { pass: 0, warn: 0, fail: 0, error: 0, skipped: 0 }
  for (const { state } of results) totals[state]++
  const order = (result: CheckResult) => gravest.indexOf(result.state)
  return {
    schema: 'almagest-check-1',
    startedAt: started.toISOString(),
    seconds: (ended.getTime() - started.getTime()) / 1000,
    outcome: outcomeOf(totals, cancelled),
    totals,
    ...(cancelled ? { cancelled } : {}),
    results: [...results].sort((a, b) => order(a) - order(b)),
  }
}

/** A run in which nothing was checked proves nothing: it fails. Nor does one that was cut say that all is well. */
function outcomeOf(
  { pass, warn, fail, error }: Record<State, number>,
  cancelled: boolean,
): Report['outcome'] {
  if (fail > 0 || pass + warn + error === 0) return 'fail'
  if (error > 0 || cancelled) return 'error'
  return warn > 0 ? 'warn' : 'pass'
}
