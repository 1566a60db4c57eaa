// Staged files through the gate, for `load --check` and `staging publish`: the report is told whatever it says.
import { writeFileSync } from 'node:fs'
import { type LoadOptions, type PublishedFile, publishStaged } from '../load/index.ts'
import type { Survey } from '../model/index.ts'
import { foreignKeys, secondaryIndexes } from '../postgres/index.ts'
import { type Report, reportWriter } from '../quality/index.ts'
import type { Archive } from './archive.ts'
import { Gate } from './gate.ts'
import { interruptible } from './interrupt.ts'
import type { Progress } from './progress.ts'

export interface GateOptions {
  readonly replace?: boolean
  readonly rows: number
  /** Names of report files. */
  readonly report: readonly string[]
}

export interface GatedFiles {
  readonly published: readonly PublishedFile[]
  readonly report: Report | undefined
}

/** What tables that are filled for the first time get when the rows are in. */
export const builtAfterwards =
  (sky: Archive['sky']): NonNullable<LoadOptions['afterwards']> =>
  (catalog) => ({ indexes: secondaryIndexes(catalog, sky), foreignKeys: foreignKeys(catalog) })

/**
 * Publishes staged files of a survey if their checks pass. A report that was asked for is written in either case.
 * @param onReport  gets the report of the checks before a refusal is thrown
 * @throws AlmagestError LOAD_CHECKS_FAILED and those of `publishStaged`
 */
export async function publishThroughGate(
  { client, server, sky }: Archive,
  survey: Survey,
  names: readonly string[] | undefined,
  { replace = false, rows, report: reports }: GateOptions,
  progress: Progress,
  onReport: (report: Report) => void,
): Promise<GatedFiles> {
  const writers = reports.map((name) => ({ name, write: reportWriter(name) }))
  using interrupt = interruptible(server, [client])
  const gate = new Gate({
    rows,
    signal: interrupt.signal,
    onProgress: (done, total, name) => progress.step('checking', done, total, name),
  })
  try {
    const published = await publishStaged(client, survey, {
      ...(names ? { names } : {}),
      replace,
      signal: interrupt.signal,
      afterwards: builtAfterwards(sky),
      gate: (inside, catalogs, files) =>
        gate.refusal(inside, survey, catalogs, { files: files.map(({ fileId }) => fileId) }),
    })
    return { published, report: gate.reports[0] }
  } finally {
    progress.end()
    const [report] = gate.reports
    if (report) {
      const parts = { report, runs: [], changes: [], catalogs: survey.catalogs }
      for (const { name, write } of writers) writeFileSync(name, await write(parts))
      onReport(report)
    }
  }
}
