// `almagest load`: FITS files into their tables.
import { statSync } from 'node:fs'
import { Command } from 'commander'
import {
  type FileReport,
  type FreedDuplicates,
  filesOf,
  type LoadProgress,
  type LoadReport,
  loadFiles,
} from '../../load/index.ts'
import type { Survey } from '../../model/index.ts'
import { applySurvey, deployments, orderBySky } from '../../postgres/index.ts'
import type { Report } from '../../quality/index.ts'
import type { Archive } from '../archive.ts'
import {
  type CommonOptions,
  collect,
  databaseOptions,
  keysOf,
  keysOption,
  openArchiveFor,
  print,
  progressOf,
} from '../context.ts'
import { freedAfter, freedText } from '../freed.ts'
import { wholeNumber } from '../numbers.ts'
import type { Progress } from '../progress.ts'
import { builtAfterwards, type GateOptions, publishThroughGate } from '../publish-files.ts'
import { count, seconds, table } from '../report.ts'
import { findSurveys } from '../surveys.ts'
import { reportText } from './check.ts'

interface LoadCommandOptions extends CommonOptions, GateOptions {
  check?: boolean
  jobs: number
  maxRejects?: number
  skyOrder?: boolean
  keys?: string
}

export function loadCommand(): Command {
  const command = keysOption(gateOptions(databaseOptions(new Command('load'))))
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
      '--check',
      'load into staging first, and publish all files together if their checks pass (exit code 8 if not)',
    )
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
    const loaded = await loadWithProgress(
      archive,
      surveys,
      files,
      { ...options, stage: options.check },
      progress,
    )
    const checks: Report[] = []
    const report = options.check ? await publish(archive, surveys, loaded, options, progress, checks) : loaded
    if (options.skyOrder) await orderTables(archive, surveys, report)
    const freed: FreedDuplicates[] = []
    for (const survey of surveys) {
      const own = report.files.filter((file) => file.survey === survey.name)
      freed.push(...(await freedAfter(archive.client, survey, own)))
    }
    const text = [
      loadText(report),
      ...passedOverText(passedOver),
      ...freed.map(freedText),
      ...checks.map(reportText),
    ].join('\n')
    print({ value: { ...report, passedOver, freed, ...(options.check ? { checks } : {}) }, text }, options)
  })
}

const passedOverText = (paths: readonly string[]) =>
  paths.length === 0 ? [] : [`passed over, as no catalogue loads it: ${paths.join(', ')}`]

/** Options of commands that publish through checks. */
export function gateOptions(command: Command): Command {
  return command
    .option(
      '--report <file>',
      'also write a report of the checks; .html, .md, .xml (JUnit), .prom or .json, may be repeated',
      collect,
      [],
    )
    .option('--rows <number>', 'most failing rows shown for a check', wholeNumber('--rows', 0, 10_000), 10)
}

/** Brings staged files into the tables, survey by survey; the report tells what became of each. */
async function publish(
  archive: Archive,
  surveys: readonly Survey[],
  loaded: LoadReport,
  options: LoadCommandOptions,
  progress: Progress,
  checks: Report[],
): Promise<LoadReport> {
  const outcomes = new Map<string, FileReport['outcome']>()
  for (const survey of surveys) {
    const names = loaded.files
      .filter((file) => file.survey === survey.name && file.outcome.endsWith('staged'))
      .map(({ file }) => file)
    if (names.length === 0) continue
    const { published, report } = await publishThroughGate(
      archive,
      survey,
      names,
      options,
      progress,
      (found) => {
        if (found.outcome !== 'pass' && found.outcome !== 'warn')
          print(
            { value: { ...loaded, checks: [found] }, text: `${loadText(loaded)}\n${reportText(found)}` },
            options,
          )
      },
    )
    for (const { name, outcome } of published) outcomes.set(name, outcome)
    if (report) checks.push(report)
  }
  const files = loaded.files.map((file) => ({ ...file, outcome: outcomes.get(file.file) ?? file.outcome }))
  return { ...loaded, files }
}

/** Loads files and tells how far it is; an interrupt rolls back the files under way. */
export async function loadWithProgress(
  archive: Archive,
  surveys: readonly Survey[],
  files: readonly string[],
  {
    jobs,
    replace = false,
    stage = false,
    maxRejects,
    keys,
  }: Pick<LoadCommandOptions, 'jobs' | 'replace' | 'maxRejects' | 'keys'> & { stage?: boolean | undefined },
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
      stage,
      keys: keysOf(keys === undefined ? {} : { keys }),
      ...(maxRejects === undefined ? {} : { maxRejects }),
      afterwards: builtAfterwards(archive.sky),
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
