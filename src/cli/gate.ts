// The gate: files and releases are published when their checks pass.
import type { Catalog, Survey } from '../model/index.ts'
import type { Client } from '../postgres/index.ts'
import { type CheckOptions, loadCheckKinds, type Report, runChecks } from '../quality/index.ts'

/** The checks that a publication stands or falls by, and what they found. */
export class Gate {
  readonly reports: Report[] = []

  constructor(private readonly options: Pick<CheckOptions, 'rows' | 'signal' | 'onProgress'> = {}) {}

  /** Checks tables within the caller's transaction, of all rows or of some files; returns why it refuses. */
  async refusal(
    client: Client,
    survey: Survey,
    catalogs: readonly Catalog[],
    restriction: Pick<CheckOptions, 'files'> = {},
  ): Promise<string | undefined> {
    const tables = catalogs.map((catalog) => ({ survey, catalog }))
    const report = await runChecks(client, await loadCheckKinds(), tables, {
      ...this.options,
      ...restriction,
    })
    this.reports.push(report)
    return refusalOf(report)
  }
}

/** Warnings let pass; failures, and checks that could not be done, do not. */
function refusalOf({ outcome, results, totals }: Report): string | undefined {
  if (outcome === 'pass' || outcome === 'warn') return undefined
  const bad = results.filter(({ state }) => state === 'fail' || state === 'error')
  if (bad.length === 0) return 'no check ran, and what is not checked is not published'
  const [first] = bad
  const others = bad.length > 1 ? `; ${bad.length - 1} more` : ''
  const count = `${totals.fail} of ${results.length} checks failed${totals.error > 0 ? `, ${totals.error} could not be done` : ''}`
  return `${count}: ${first!.catalog} ${first!.name}: ${first!.message}${others}`
}
