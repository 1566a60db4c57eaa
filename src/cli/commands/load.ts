// `almagest load`: FITS files into their tables.
import { statSync } from 'node:fs'
import { Command } from 'commander'
import { filesOf, type LoadProgress, type LoadReport, loadFiles } from '../../load/index.ts'
import type { Survey } from '../../model/index.ts'
import { applySurvey, deployments, foreignKeys, orderBySky, secondaryIndexes } from '../../postgres/index.ts'
import type { Archive } from '../archive.ts'
import { type CommonOptions, databaseOptions, openArchiveFor, print, progressOf } from '../context.ts'
import { wholeNumber } from '../numbers.ts'
import type { Progress } from '../progress.ts'
import { count, seconds, table } from '../report.ts'
import { findSurveys } from '../surveys.ts'

interface LoadCommandOptions extends CommonOptions {
  jobs: number
  replace?: boolean
  maxRejects?: number
  skyOrder?: boolean
}

export function loadCommand(): Command {
  const command = databaseOptions(new Command('load'))
    .description('load FITS files; the names of the files tell which survey and tables they feed')
    .argument('<files...>', 'FITS files, or folders of which all files are taken that a catalogue loads')
    .option(
      '--jobs <number>',
      'files loaded at once, each over its own connection',
      wholeNumber('--jobs', 1, 64),
      1,
    )
    .option('--replace', 'let a changed file take the place of the one loaded under its name')
    .option(
      '--max-rejects <rows>',
      'fail a file with more rejected rows (default: any number for faulty values, none for keys and references)',
      wholeNumber('--max-rejects', 0),
    )
    .option(
      '--sky-order',
      'afterwards rewrite the tables in the order of their sky index; readers wait meanwhile, and the disk holds a table twice',
    )
  return command.action(async (paths: string[], options: LoadCommandOptions) => {
    const surveys = await findSurveys(options.catalogs)
    const { files, passedOver } = await filesOf(surveys, paths)
    const progress = progressOf(options)
    await using archive = await openArchiveFor(options, progress)
    await completeSchemas(archive, surveys)
    const report = await loadWithProgress(archive, surveys, files, options, progress)
    if (options.skyOrder) await orderTables(archive, surveys, report)
    const text = [loadText(report), ...passedOverText(passedOver)].join('\n')
    print({ value: { ...report, passedOver }, text }, options)
  })
}

const passedOverText = (paths: readonly string[]) =>
  paths.length === 0 ? [] : [`passed over, as no catalogue loads it: ${paths.join(', ')}`]

/** Loads files and tells how far it is; an interrupt rolls back the files under way. */
export async function loadWithProgress(
  archive: Archive,
  surveys: readonly Survey[],
  files: readonly string[],
  { jobs, replace = false, maxRejects }: Pick<LoadCommandOptions, 'jobs' | 'replace' | 'maxRejects'>,
  progress: Progress,
): Promise<LoadReport> {
  const interrupt = new AbortController()
  const onSignal = () => interrupt.abort()
  process.once('SIGINT', onSignal)
  process.once('SIGTERM', onSignal)
  try {
    const report = await loadFiles(archive.server, surveys, files, {
      jobs,
      replace,
      ...(maxRejects === undefined ? {} : { maxRejects }),
      afterwards: (catalog) => ({
        indexes: secondaryIndexes(catalog, archive.sky),
        foreignKeys: foreignKeys(catalog),
      }),
      onProgress: overallProgress(files, progress),
      signal: interrupt.signal,
    })
    return report
  } finally {
    progress.end()
    process.off('SIGINT', onSignal)
    process.off('SIGTERM', onSignal)
  }
}

/** Puts the tables that the files feed into the order of the sky. */
async function orderTables(
  { client }: Archive,
  surveys: readonly Survey[],
  report: LoadReport,
): Promise<void> {
  const fed = new Set(report.files.flatMap(({ tables }) => tables.map(({ table }) => table)))
  for (const catalog of surveys.flatMap(({ catalogs }) => catalogs)) {
    if (fed.has(catalog.name)) await orderBySky(client, catalog)
  }
}

/** Progress over all files, weighted by their sizes. */
function overallProgress(files: readonly string[], progress: Progress): (of: LoadProgress) => void {
  const sizes = files.map((file) => statSync(file, { throwIfNoEntry: false })?.size ?? 0)
  const total = sizes.reduce((sum, size) => sum + size, 0)
  const done = new Map<string, number>()
  return ({ file, rows, rowsTotal, bytes }) => {
    done.set(file, rowsTotal === 0 ? bytes : (bytes * rows) / rowsTotal)
    const sum = [...done.values()].reduce((all, each) => all + each, 0)
    progress.step('loading', sum, total, file)
  }
}

/** Rows by file and table, why rows were rejected, and optional columns that a file lacks. */
export function loadText(report: LoadReport): string {
  const rows = report.files.flatMap((file) =>
    file.tables.map((each) => [
      file.file,
      file.outcome,
      each.table,
      count(each.rowsRead),
      count(each.rowsLoaded),
      count(each.rowsRejected),
      [
        ...Object.entries(each.rejectsByRule).map(([rule, number]) => `${rule}: ${number}`),
        ...each.layout
          .split(' without ')
          .slice(1)
          .map((columns) => `without ${columns}`),
      ].join(', '),
    ]),
  )
  const total = `${count(report.rowsRead)} rows read, ${count(report.rowsLoaded)} loaded, ${count(report.rowsRejected)} rejected in ${seconds(report.seconds)}`
  const kept =
    report.rowsRejected > 0
      ? '\nrejected rows are kept in almagest.load_reject, with file, HDU, row, column, value and rule'
      : ''
  return `${table(['file', 'outcome', 'table', 'read', 'loaded', 'rejected', 'why'], rows)}\n${total}${kept}`
}

/** An earlier load that was killed may have left indexes and foreign keys to be built. */
async function completeSchemas({ client, sky }: Archive, surveys: readonly Survey[]): Promise<void> {
  const built = await deployments(client)
  for (const survey of surveys) {
    if (built.some((each) => each.name === survey.name)) await applySurvey(client, survey, sky)
  }
}
