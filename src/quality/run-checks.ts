// Runs the checks of tables: one scan for all column checks of a table, then those that ask for themselves.
import { AlmagestError, type Catalog, nearest, type Survey } from '../model/index.ts'
import type { Client } from '../postgres/index.ts'
import type { Check, CheckKind, OwnCheck, RunContext, ScanCheck, Scanned, Verdict } from './check.ts'
import { acceptExceptions, unmetExceptions } from './exceptions.ts'
import { failingRows, failingRowsSql } from './failing-rows.ts'
import { type CheckResult, type Report, summarise } from './result.ts'
import { scan, scanSql } from './scan.ts'
import { tableFacts } from './table-facts.ts'

export interface CheckOptions {
  /** Names of kinds or of checks; all where absent. */
  readonly only?: readonly string[]
  /** Share of each table that is read, in (0, 1]. */
  readonly share?: number
  /** Only rows of files loaded at or after this moment. */
  readonly since?: Date
  /** Most failing rows shown for a check. */
  readonly rows?: number
  readonly now?: Date
  readonly onProgress?: (done: number, total: number, name: string) => void
  readonly signal?: AbortSignal
}

/**
 * Checks tables against their declarations.
 * ```ts
 * const report = await runChecks(client, kinds, [{ survey, catalog }], { only: ['range'] })
 * ```
 * @throws AlmagestError `CHECK_UNKNOWN` for a name that is neither kind nor check, `CHECK_INTERRUPTED`
 */
export async function runChecks(
  client: Client,
  kinds: ReadonlyMap<string, CheckKind>,
  tables: readonly { readonly survey: Survey; readonly catalog: Catalog }[],
  options: CheckOptions = {},
): Promise<Report> {
  const started = options.now ?? new Date()
  const results: CheckResult[] = []
  const known = new Set<string>(kinds.keys())
  for (const [done, { survey, catalog }] of tables.entries()) {
    options.onProgress?.(done, tables.length, catalog.name)
    if (options.signal?.aborted) throw interrupted()
    results.push(...(await checkTable(client, kinds, survey, catalog, { ...options, now: started }, known)))
  }
  refuseUnknown(options.only ?? [], known)
  return summarise(results, started, new Date())
}

async function checkTable(
  client: Client,
  kinds: ReadonlyMap<string, CheckKind>,
  survey: Survey,
  catalog: Catalog,
  options: CheckOptions & { now: Date },
  known: Set<string>,
): Promise<CheckResult[]> {
  const facts = await tableFacts(client, catalog)
  if (!facts) return [plain(catalog, 'type', 'the table exists', 'fail', `there is no table ${catalog.name}`)]
  const { share = 1, since } = options
  const onlyFiles = since && facts.files.filter((f) => new Date(f.loadedAt) >= since).map(({ id }) => id)
  const context: RunContext = { client, survey, catalog, facts, share, onlyFiles }
  const all = [...kinds.values()].flatMap((kind) => kind.derive(context))
  for (const { name } of all) known.add(name)
  const wanted = all.filter((check) => isWanted(check.name, options.only))
  const absent = wanted.filter(({ columns }) => columns.some((column) => !facts.columns.has(column)))
  const present = wanted.filter((check) => !absent.includes(check))
  const results = absent.map((check) =>
    plain(catalog, check.name, check.about, 'error', 'a column that it needs is not in the table'),
  )
  const scanned = await scanAll(context, present.filter(isScanCheck))
  for (const check of present) {
    if (options.signal?.aborted) throw interrupted()
    const judged = await judge(context, check, scanned)
    results.push(
      acceptExceptions(catalog, await withRows(context, check, judged, options.rows ?? 10), options.now),
    )
  }
  return [...results, ...unmetExceptions(catalog, all, results, options.only === undefined)]
}

const isScanCheck = (check: Check): check is ScanCheck => 'aggregates' in check

const kindOf = (name: string) => name.split(':')[0]!

const isWanted = (name: string, only: readonly string[] | undefined) =>
  only === undefined || only.includes(name) || only.includes(kindOf(name))

type Outcome = { readonly scanned: Scanned } | { readonly fault: Error }

/** The one scan; if the server refuses it, each check has a scan of its own, so that one fault is not everyone's. */
async function scanAll(context: RunContext, checks: readonly ScanCheck[]): Promise<Map<Check, Outcome>> {
  if (checks.length === 0) return new Map()
  try {
    const found = await scan(context, checks)
    return new Map(checks.map((check, i) => [check, { scanned: found[i]! }]))
  } catch {
    const outcomes = new Map<Check, Outcome>()
    for (const check of checks) {
      const outcome = await scan(context, [check]).then(
        ([scanned]): Outcome => ({ scanned: scanned! }),
        (fault: Error): Outcome => ({ fault }),
      )
      outcomes.set(check, outcome)
    }
    return outcomes
  }
}

async function judge(
  context: RunContext,
  check: Check,
  scans: ReadonlyMap<Check, Outcome>,
): Promise<Verdict | Error> {
  try {
    if (!isScanCheck(check)) return await check.run(context)
    const outcome = scans.get(check)!
    if ('fault' in outcome) return outcome.fault
    if (outcome.scanned.rows === 0 && !check.evenEmpty)
      return { state: 'skipped', message: 'there are no rows to check' }
    const verdict = sampled(check.judge(outcome.scanned), outcome.scanned)
    const why = verdict.state === 'pass' ? undefined : await check.explain?.(context, verdict)
    return why === undefined ? verdict : { ...verdict, message: `${verdict.message}: ${why}` }
  } catch (error) {
    return error as Error
  }
}

/**
 * Of n rows drawn none failed: with 95 % confidence at most 3/n of all rows do ("rule of three": Hanley and
 * Lippman-Hand 1983, JAMA 249, 1743). Blocks are drawn, so neighbours in the file come together.
 */
function sampled(verdict: Verdict, { rows, share }: Scanned): Verdict {
  if (share === 1 || verdict.failing !== 0) return verdict
  const bound = Math.min(1, 3 / rows)
  const message = `none of ${rows} sampled rows fails: with 95 % confidence at most ${bound.toPrecision(2)} of all`
  return { ...verdict, message }
}

async function withRows(
  context: RunContext,
  check: Check,
  judged: Verdict | Error,
  limit: number,
): Promise<CheckResult> {
  const { catalog } = context
  const sql = sqlOf(context, check)
  if (judged instanceof Error) {
    return { ...plain(catalog, check.name, check.about, 'error', judged.message), sql }
  }
  const severity = severityOf(catalog, check)
  const { state, message, failing, numbers } = judged
  const rowsSql = state === 'pass' ? undefined : failingRowsSql(context, check.columns, judged, limit)
  const rows = rowsSql === undefined ? [] : await failingRows(context, check.columns, rowsSql)
  return {
    ...plain(catalog, check.name, check.about, state === 'fail' ? severity : state, message),
    sql: rowsSql ?? sql,
    columns: check.columns,
    ...(failing === undefined ? {} : { failing }),
    ...(numbers ? { numbers } : {}),
    rows,
  }
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

function plain(
  catalog: Catalog,
  name: string,
  about: string,
  state: CheckResult['state'],
  message: string,
): CheckResult {
  const owner = catalog.quality?.owner
  const base = { catalog: catalog.name, name, kind: kindOf(name), about, state, message }
  return { ...base, columns: [], rows: [], sql: '', ...(owner === undefined ? {} : { owner }) }
}

function refuseUnknown(only: readonly string[], known: ReadonlySet<string>): void {
  const unknown = only.find((name) => !known.has(name))
  if (unknown === undefined) return
  const near = nearest(unknown, [...known])
  throw new AlmagestError(
    'CHECK_UNKNOWN',
    'usage',
    `no kind and no check is called "${unknown}"${near ? `; did you mean "${near}"?` : ''}`,
    'docs/checks names the kinds; a check is called by its kind and what it is about, e.g. range:z.',
    { value: unknown },
  )
}

function interrupted(): AlmagestError {
  return new AlmagestError(
    'CHECK_INTERRUPTED',
    'interrupted',
    'the checks were interrupted',
    'Run the same command again; nothing was changed.',
  )
}
