// Former runs: kept in the database, compared with the last one, and shown as a trend.
import type { Client } from '../postgres/index.ts'
import type { State } from './check.ts'
import type { Report } from './result.ts'

const ddl = `
CREATE SCHEMA IF NOT EXISTS almagest;
CREATE TABLE IF NOT EXISTS almagest.check_run (
  run_id serial PRIMARY KEY,
  started_at timestamptz NOT NULL,
  outcome text NOT NULL,
  totals jsonb NOT NULL,
  states jsonb NOT NULL
);
COMMENT ON TABLE almagest.check_run IS 'Runs of almagest check';
COMMENT ON COLUMN almagest.check_run.run_id IS 'Number of the run';
COMMENT ON COLUMN almagest.check_run.started_at IS 'When it started';
COMMENT ON COLUMN almagest.check_run.outcome IS 'pass, warn, fail or error';
COMMENT ON COLUMN almagest.check_run.totals IS 'Numbers of checks by state';
COMMENT ON COLUMN almagest.check_run.states IS 'State of each check, by catalogue and name separated by a blank'`

export interface FormerRun {
  /** Its number. */
  readonly run: number
  readonly startedAt: string
  readonly outcome: Report['outcome']
  readonly totals: Report['totals']
  readonly states: Readonly<Record<string, State>>
}

/** A check whose state is not what it was when it last ran. */
export interface Change {
  readonly check: string
  readonly before: State | 'absent'
  readonly after: State
}

/** Keeps a run. */
export async function keepRun(client: Client, report: Report): Promise<void> {
  await client.query(ddl)
  const { startedAt, outcome, totals } = report
  await client.query(
    'INSERT INTO almagest.check_run (started_at, outcome, totals, states) VALUES ($1, $2, $3, $4)',
    [startedAt, outcome, totals, statesOf(report)],
  )
}

/** The last runs, oldest first; none where no run was kept. */
export async function formerRuns(client: Client, most = 30): Promise<FormerRun[]> {
  const { rows: there } = await client.query<{ there: boolean }>(
    "SELECT to_regclass('almagest.check_run') IS NOT NULL AS there",
  )
  if (!there[0]?.there) return []
  const { rows } = await client.query<FormerRun & Record<string, unknown>>(
    `SELECT run_id AS run, to_char(started_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS "startedAt", outcome, totals, states
     FROM almagest.check_run ORDER BY run_id DESC LIMIT $1`,
    [most],
  )
  return rows.reverse()
}

/** What changed since each check last ran; nothing without former runs. */
export function changesSince(runs: readonly FormerRun[], report: Report): Change[] {
  if (runs.length === 0) return []
  const last = Object.assign({}, ...runs.map(({ states }) => states)) as Record<string, State>
  return Object.entries(statesOf(report)).flatMap(([check, after]) => {
    const before = last[check] ?? 'absent'
    return before === after ? [] : [{ check, before, after }]
  })
}

function statesOf({ results }: Report): Record<string, State> {
  return Object.fromEntries(results.map(({ catalog, name, state }) => [`${catalog} ${name}`, state]))
}
