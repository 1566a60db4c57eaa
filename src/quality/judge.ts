// From what was found to a result: verdict, severity, failing rows, and what a sample says of the whole.
import type { Catalog } from '../model/index.ts'
import type { Check, OwnCheck, RunContext, ScanCheck, Scanned, Verdict } from './check.ts'
import { failingRows, failingRowsSql } from './failing-rows.ts'
import type { CheckResult } from './result.ts'
import { scanSql } from './scan.ts'

export const isScanCheck = (check: Check): check is ScanCheck => 'aggregates' in check

export const kindOf = (name: string) => name.split(':')[0]!

/** A result without rows, numbers and statement. */
export function plainResult(
  catalog: Catalog,
  { name, about }: Pick<Check, 'name' | 'about'>,
  state: CheckResult['state'],
  message: string,
): CheckResult {
  const owner = catalog.quality?.owner
  const base = { catalog: catalog.name, name, kind: kindOf(name), about, state, message }
  return { ...base, columns: [], rows: [], sql: '', ...(owner === undefined ? {} : { owner }) }
}

/** The verdict on what the scan found, with what happened to the failing rows where the check can tell. */
export async function scanVerdict(
  context: RunContext,
  check: ScanCheck,
  scanned: Scanned,
  pages: number | undefined,
): Promise<Verdict> {
  if (scanned.rows === 0 && !check.evenEmpty)
    return { state: 'skipped', message: 'there are no rows to check' }
  const verdict = sampled(check.judge(scanned), scanned, pages)
  const drawn = (await check.illustrate?.(context, verdict)) ?? verdict
  const why = verdict.state === 'pass' ? undefined : await check.explain?.(context, verdict)
  return why === undefined ? drawn : { ...drawn, message: `${verdict.message}: ${why}` }
}

/**
 * Of n drawn none failed: with 95 % confidence at most 3/n of all do ("rule of three": Hanley and Lippman-Hand 1983,
 * JAMA 249, 1743). Whole pages are drawn, so rows count one by one only if failing ones are scattered over the table;
 * where they stand together, pages count.
 */
function sampled(verdict: Verdict, { rows, share }: Scanned, pages: number | undefined): Verdict {
  if (share === 1 || verdict.failing !== 0) return verdict
  const bound = (drawn: number) => Math.min(1, 3 / drawn).toPrecision(2)
  const message =
    `none of ${rows} sampled rows fails: with 95 % confidence at most ${bound(rows)} of all if failing rows are scattered` +
    (pages === undefined ? '' : `, at most ${bound(pages)} if they stand together (${pages} pages drawn)`)
  return { ...verdict, message }
}

/** The result of a verdict, with some of the failing rows. */
export async function resultOf(
  context: RunContext,
  check: Check,
  judged: Verdict,
  limit: number,
): Promise<CheckResult> {
  const { catalog } = context
  const { state, message, failing, numbers, figure, relation } = judged
  const rowsSql = state === 'pass' ? undefined : failingRowsSql(context, check.columns, judged, limit)
  const rows = rowsSql === undefined ? [] : await failingRows(context, check.columns, rowsSql)
  return {
    ...plainResult(catalog, check, state === 'fail' ? severityOf(catalog, check) : state, message),
    sql: rowsSql ?? sqlOf(context, check),
    columns: check.columns,
    ...(failing === undefined ? {} : { failing }),
    ...(numbers ? { numbers } : {}),
    ...(figure ? { figure } : {}),
    ...(relation ? { relation } : {}),
    rows,
  }
}

/** The result of a check that could not be done. */
export function errorResult(context: RunContext, check: Check, error: Error): CheckResult {
  return { ...plainResult(context.catalog, check, 'error', error.message), sql: sqlOf(context, check) }
}

/** The statement behind a verdict: for one check of the scan, that scan with its aggregates alone. */
function sqlOf(context: RunContext, check: Check): string {
  if (!isScanCheck(check)) return (check as OwnCheck).sql ?? ''
  return scanSql(
    context,
    Object.values(check.aggregates).map(({ sql }) => sql),
  )
}

function severityOf({ quality }: Catalog, { name, severity }: Check) {
  return quality?.severity?.[name] ?? quality?.severity?.[kindOf(name)] ?? severity ?? 'fail'
}
