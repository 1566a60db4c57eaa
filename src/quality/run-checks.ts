// Runs the checks of tables: one scan for all column checks of a table, then those that ask for themselves.
import { AlmagestError, type Catalog, nearest, type Survey } from '../model/index.ts'
import type { Client } from '../postgres/index.ts'
import type { Check, CheckKind, RunContext, ScanCheck, Scanned } from './check.ts'
import { acceptExceptions, unmetExceptions } from './exceptions.ts'
import { errorResult, isScanCheck, kindOf, plainResult, resultOf, scanVerdict } from './judge.ts'
import { type CheckResult, type Report, summarise } from './result.ts'
import { sampledPages, scan } from './scan.ts'
import { contained, onOneSnapshot } from './snapshot.ts'
import { tableFacts } from './table-facts.ts'

export interface CheckOptions {
  /** Names of kinds or of checks; all where absent. */
  readonly only?: readonly string[]
  /** Share of each table that is read, in (0, 1]. */
  readonly share?: number
  /** Only rows of files loaded at or after this moment. */
  readonly since?: Date
  /** Only rows of these files, by their numbers in the ledger. */
  readonly files?: readonly number[]
  /** Most failing rows shown for a check. */
  readonly rows?: number
  readonly now?: Date
  /** Further connections, over which checks run at the same time; all of them see the same snapshot. */
  readonly others?: readonly Client[]
  readonly onProgress?: (done: number, total: number, name: string) => void
  /** Ends the run: checks that have no answer by then are skipped, and say so. */
  readonly signal?: AbortSignal
}

interface TableToCheck {
  readonly survey: Survey
  readonly catalog: Catalog
}

/**
 * Checks tables against their declarations, as they are at one moment. In a transaction of the caller's the checks see
 * what it has changed, and there is one connection.
 * ```ts
 * const report = await runChecks(client, kinds, [{ survey, catalog }], { only: ['range'] })
 * ```
 * @throws AlmagestError `CHECK_UNKNOWN` for a name that is neither kind nor check
 */
export async function runChecks(
  client: Client,
  kinds: ReadonlyMap<string, CheckKind>,
  tables: readonly TableToCheck[],
  options: CheckOptions = {},
): Promise<Report> {
  const started = options.now ?? new Date()
  const clients = client.inTransaction ? [client] : [client, ...(options.others ?? [])]
  const results = await onOneSnapshot(clients, async () => {
    const planned: PlannedTable[] = []
    for (const table of tables) planned.push(await planTable(client, kinds, table, options))
    refuseUnknown(options.only ?? [], new Set([...kinds.keys(), ...planned.flatMap(namesOf)]))
    const tasks = planned.flatMap(tasksOf)
    const total = tasks.reduce((sum, { checks }) => sum + checks.length, 0)
    const found = new Map<Check, CheckResult>()
    const queue = [...tasks]
    const work = async (worker: Client) => {
      for (let task = queue.shift(); task; task = queue.shift()) {
        if (!options.signal?.aborted) options.onProgress?.(found.size, total, task.name)
        for (const [check, result] of await runTask(worker, task, options)) found.set(check, result)
      }
    }
    await Promise.all(clients.map(work))
    return planned.flatMap((table) => resultsOf(table, found, options, started))
  })
  return summarise(results, started, new Date(), options.signal?.aborted)
}

interface PlannedTable {
  readonly catalog: Catalog
  /** Undefined where the table does not exist. */
  readonly subject: Omit<RunContext, 'client'> | undefined
  /** All checks of the table, and those of them that are wanted. */
  readonly all: readonly Check[]
  readonly wanted: readonly Check[]
}

async function planTable(
  client: Client,
  kinds: ReadonlyMap<string, CheckKind>,
  { survey, catalog }: TableToCheck,
  { share = 1, since, files, only }: CheckOptions,
): Promise<PlannedTable> {
  const facts = await tableFacts(client, catalog)
  if (!facts) return { catalog, subject: undefined, all: [], wanted: [] }
  const isWantedFile = ({ id, loadedAt }: { id: number; loadedAt: string }) =>
    (!since || new Date(loadedAt) >= since) && (!files || files.includes(id))
  const onlyFiles = since || files ? facts.files.filter(isWantedFile).map(({ id }) => id) : undefined
  const subject = { survey, catalog, facts, share, onlyFiles }
  const all = [...kinds.values()].flatMap((kind) => kind.derive(subject))
  const wanted = all.filter(({ name }) => !only || only.includes(name) || only.includes(kindOf(name)))
  return { catalog, subject, all, wanted }
}

const namesOf = ({ all }: PlannedTable) => all.map(({ name }) => name)

const lacksColumn = ({ subject }: PlannedTable, { columns }: Check) =>
  columns.some((column) => !subject?.facts.columns.has(column))

/** What one connection does at a time: the scan of a table, or a check that asks for itself. */
interface Task {
  readonly name: string
  readonly subject: Omit<RunContext, 'client'>
  readonly checks: readonly Check[]
}

function tasksOf(table: PlannedTable): Task[] {
  const { subject, catalog, wanted } = table
  if (!subject) return []
  const present = wanted.filter((check) => !lacksColumn(table, check))
  const scanned = present.filter(isScanCheck)
  const own = present.filter((check) => !isScanCheck(check))
  return [
    ...(scanned.length > 0 ? [{ name: catalog.name, subject, checks: scanned }] : []),
    ...own.map((check) => ({ name: `${catalog.name} ${check.name}`, subject, checks: [check] })),
  ]
}

type Outcome =
  | { readonly scanned: Scanned; readonly pages: number | undefined }
  | { readonly fault: Error }
  | undefined

async function runTask(
  client: Client,
  { subject, checks }: Task,
  { signal, rows = 10 }: CheckOptions,
): Promise<Map<Check, CheckResult>> {
  const context: RunContext = { ...subject, client }
  const scans = signal?.aborted ? new Map() : await scanAll(context, checks.filter(isScanCheck), signal)
  const results = new Map<Check, CheckResult>()
  for (const check of checks) {
    const outcome: Outcome = scans.get(check)
    const answer = async () => {
      if (!isScanCheck(check)) return resultOf(context, check, await check.run(context), rows)
      if (!outcome || 'fault' in outcome) throw outcome?.fault ?? new Error('it was not scanned')
      const verdict = await scanVerdict(context, check, outcome.scanned, outcome.pages)
      return resultOf(context, check, verdict, rows)
    }
    const result = signal?.aborted
      ? cancelled(context, check)
      : await contained(client, answer).catch((error: Error) =>
          signal?.aborted ? cancelled(context, check) : errorResult(context, check, error),
        )
    results.set(check, result)
  }
  return results
}

const cancelled = ({ catalog }: RunContext, check: Check) =>
  plainResult(catalog, check, 'skipped', 'cancelled before it had an answer')

/** The one scan; if the server refuses it, each check has a scan of its own, so that one fault is not everyone's. */
async function scanAll(
  context: RunContext,
  checks: readonly ScanCheck[],
  signal: AbortSignal | undefined,
): Promise<Map<Check, Outcome>> {
  if (checks.length === 0) return new Map()
  const { client, share } = context
  try {
    const found = await contained(client, () => scan(context, checks))
    const pages = share < 1 ? await contained(client, () => sampledPages(context)) : undefined
    return new Map(checks.map((check, i) => [check, { scanned: found[i]!, pages }]))
  } catch {
    const outcomes = new Map<Check, Outcome>()
    for (const check of checks) {
      if (signal?.aborted) break
      const outcome = await contained(client, () => scan(context, [check])).then(
        ([scanned]): Outcome => ({ scanned: scanned!, pages: undefined }),
        (fault: Error): Outcome => ({ fault }),
      )
      outcomes.set(check, outcome)
    }
    return outcomes
  }
}

/** Results in the order of the declarations, and those about the exceptions of the table. */
function resultsOf(
  table: PlannedTable,
  found: ReadonlyMap<Check, CheckResult>,
  { only, signal }: CheckOptions,
  now: Date,
): CheckResult[] {
  const { catalog, subject, all, wanted } = table
  if (!subject) {
    const check = { name: 'type', about: 'the table exists' }
    return [plainResult(catalog, check, 'fail', `there is no table ${catalog.name}`)]
  }
  const results = wanted.map((check) =>
    lacksColumn(table, check)
      ? plainResult(catalog, check, 'error', 'a column that it needs is not in the table')
      : acceptExceptions(catalog, found.get(check)!, now),
  )
  const whole = only === undefined && !signal?.aborted
  return [...results, ...unmetExceptions(catalog, all, results, whole)]
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
