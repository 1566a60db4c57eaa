// One table of one file: planned, streamed, its key faults sorted out, its rows counted against the server's count.
import type { FitsFile } from '../fits/index.ts'
import type { Catalog } from '../model/index.ts'
import { type Client, quoteIdentifier, sqlState } from '../postgres/index.ts'
import { type CopyHooks, copyRows } from './copy-rows.ts'
import type { Destination } from './destination.ts'
import { loadError } from './errors.ts'
import type { ColumnTally } from './fields/column-rules.ts'
import { hasKeyFaults, loadSorted } from './key-faults.ts'
import { type CatalogLayout, tellingLayout } from './match.ts'
import { brokenReference } from './orphans.ts'
import { type PlanOptions, planTable, type TablePlan } from './plan.ts'
import type { RejectLog } from './rejects.ts'
import type { TableReport } from './report.ts'

interface TableHooks extends CopyHooks, Pick<PlanOptions, 'agreed' | 'keys'> {
  readonly destination: Destination
}

/**
 * Loads one catalogue from a file within the transaction of the connection.
 * @throws AlmagestError LOAD_MISCOUNTED and those of the plan, the rows and the keys; the server's errors
 */
export async function loadTable(
  client: Client,
  file: FitsFile,
  chosen: CatalogLayout,
  rejects: RejectLog,
  hooks: TableHooks,
): Promise<TableReport> {
  const started = performance.now()
  const { catalog } = chosen
  const { plan, stored } = await storeRows(client, file, chosen, rejects, hooks)
  const { rows: rowsRejected, byRule } = rejects.current
  const foundRejected = await countRejected(client, catalog, rejects.fileId)
  if (stored + rowsRejected !== plan.rowCount || foundRejected !== rowsRejected) {
    const message =
      `${plan.rowCount} rows of ${file.name} were read for ${catalog.name}; the server stored ${stored}; ` +
      `${rowsRejected} were rejected, of which it holds ${foundRejected}`
    throw loadError('LOAD_MISCOUNTED', message, { file: file.name })
  }
  return {
    table: catalog.name,
    layout: layoutText(chosen),
    hdus: plan.hdus,
    rowsRead: plan.rowCount,
    rowsLoaded: stored,
    rowsRejected,
    rejectsByRule: byRule,
    nullsFromNan: counted(plan.tallies, 'nan'),
    raWrapped: counted(plan.tallies, 'wrapped'),
    seconds: (performance.now() - started) / 1000,
  }
}

/** The layout's name, and the optional columns that the file lacked. */
function layoutText({ layoutName, without }: CatalogLayout): string {
  return without.length === 0 ? layoutName : `${layoutName} without ${without.join(', ')}`
}

/** Failures after which sorting the rows out helps: keys stand against the rows, or another loader of the same keys. */
const keyFailures = ['23505', '23503', '40P01']

/** Times that another loader may bring keys of ours between our look at the table and our rows. */
const mostAttempts = 5

/** Straight into the table; when a key stands against it, again, its rows sorted out one by one. */
async function storeRows(
  client: Client,
  file: FitsFile,
  chosen: CatalogLayout,
  rejects: RejectLog,
  hooks: TableHooks,
): Promise<{ plan: TablePlan; stored: number }> {
  const { catalog } = chosen
  const { destination } = hooks
  const plan = await tellingLayout(chosen, () => planTable(file, chosen, rejects.fileId, hooks))
  const list = plan.columns.map((column) => quoteIdentifier(column)).join(', ')
  const { schema, table } = destination.place(catalog)
  const sql = `COPY ${quoteIdentifier(schema, table)} (${list}) FROM STDIN (FORMAT binary)`
  await client.query('SAVEPOINT almagest_table')
  for (let attempt = 0; ; attempt++) {
    rejects.begin(catalog.name)
    try {
      if (attempt > 0) {
        const numbered = await planTable(file, chosen, rejects.fileId, { ...hooks, numbered: true })
        // The rows were counted as done once.
        const quiet = { ...hooks, onRows: () => {} }
        return {
          plan: numbered,
          stored: await loadSorted(client, file, numbered, rejects, destination, quiet),
        }
      }
      const stored = await copyRows(client, file, plan, sql, rejects, hooks)
      const faulty = destination.staged
        ? await hasKeyFaults(client, plan, rejects.fileId, destination)
        : await brokenReference(client, catalog, [rejects.fileId])
      if (!faulty) return { plan, stored }
    } catch (error) {
      if (attempt === mostAttempts || !keyFailures.includes(sqlState(error) ?? '')) throw error
    }
    await client.query('ROLLBACK TO SAVEPOINT almagest_table')
  }
}

async function countRejected(client: Client, catalog: Catalog, fileId: number): Promise<number> {
  const { rows } = await client.query<{ rows: number }>(
    'SELECT count(*)::float8 AS rows FROM almagest.load_reject WHERE file_id = $1 AND table_name = $2',
    [fileId, catalog.name],
  )
  return rows[0]!.rows
}

function counted(tallies: Readonly<Record<string, ColumnTally>>, what: keyof ColumnTally) {
  const pairs = Object.entries(tallies).map(([column, tally]) => [column, tally[what]] as const)
  return Object.fromEntries(pairs.filter(([, count]) => count > 0))
}
