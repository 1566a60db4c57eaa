// `almagest check`: whether the content of tables is right.
import { writeFileSync } from 'node:fs'
import { Command } from 'commander'
import { AlmagestError, type Catalog, exitCodes, type Survey } from '../../model/index.ts'
import { type Client, connect, deployments } from '../../postgres/index.ts'
import {
  type CheckResult,
  changesSince,
  counted,
  type FormerRun,
  formerRuns,
  keepRun,
  loadCheckKinds,
  type Report,
  reportWriter,
  runChecks,
} from '../../quality/index.ts'
import type { Archive } from '../archive.ts'
import {
  type CommonOptions,
  collect,
  databaseOptions,
  openArchiveFor,
  print,
  progressOf,
} from '../context.ts'
import { interruptible } from '../interrupt.ts'
import { invalid, wholeNumber } from '../numbers.ts'
import type { Progress } from '../progress.ts'
import { seconds, table } from '../report.ts'
import { catalogNamed, findSurveys } from '../surveys.ts'

interface CheckCommandOptions extends CommonOptions {
  catalog?: string[]
  only?: string[]
  since?: Since
  jobs: number
  sample: number
  rows: number
  report: string[]
}

export function checkCommand(): Command {
  const command = databaseOptions(new Command('check'))
    .description(
      'check the content of tables; exit code 8 when a check fails or none runs, 5 when one cannot be done, 130 when interrupted',
    )
    .argument('[catalogues...]', 'tables, with or without their schema (default: all that are built)')
    .option('--catalog <names>', 'the same, separated by commas', names)
    .option('--only <names>', 'kinds or checks separated by commas, e.g. range,key or range:z', names)
    .option(
      '--since <moment>',
      'only rows of files loaded since: a date, e.g. 2026-01-31, "last" for the last run of checks, or run:N for that run',
      since,
    )
    .option('--jobs <number>', 'connections that check at the same time', wholeNumber('--jobs', 1, 64), 2)
    .option('--sample <share>', 'share of each table to read, e.g. 0.01', share, 1)
    .option(
      '--report <file>',
      'also write a report; .html, .md, .xml (JUnit), .prom (Prometheus) or .json, may be repeated',
      collect,
      [],
    )
    .option('--rows <number>', 'most failing rows shown for a check', wholeNumber('--rows', 0, 10_000), 10)
  return command.action(async (wanted: string[], options: CheckCommandOptions) => {
    const surveys = await findSurveys(options.catalogs)
    const writers = options.report.map((name) => ({ name, write: reportWriter(name) }))
    const named = [...wanted, ...(options.catalog ?? [])].map((name) => catalogNamed(surveys, name))
    const progress = progressOf(options)
    await using archive = await openArchiveFor(options, progress)
    const tables = await tablesOf(archive, surveys, named)
    const runs = await formerRuns(archive.client)
    const report = await checkWithProgress(archive, tables, options, runs, progress)
    const changes = changesSince(runs, report)
    const parts = { report, runs, changes, catalogs: tables.map(({ catalog }) => catalog) }
    for (const { name, write } of writers) writeFileSync(name, await write(parts))
    // A run that was cancelled says nothing of what changed.
    if (!report.cancelled) await keepRun(archive.client, report)
    print({ value: { ...report, changes }, text: reportText(report) }, options)
    process.exitCode = checkExit(report)
  })
}

/** 8 for a failure, also where nothing ran; 5 where a check could not be done; 130 for a cancelled run. */
export function checkExit({ outcome, cancelled }: Report): number {
  if (cancelled) return exitCodes.interrupted
  return { pass: 0, warn: 0, fail: 8, error: 5 }[outcome]
}

type Tables = { survey: Survey; catalog: Catalog }[]

async function tablesOf(
  { client }: Archive,
  surveys: readonly Survey[],
  named: readonly Catalog[],
): Promise<Tables> {
  const built = await deployments(client)
  return surveys.flatMap((survey) =>
    survey.catalogs
      .filter((catalog) =>
        named.length > 0 ? named.includes(catalog) : built.some(({ name }) => name === survey.name),
      )
      .map((catalog) => ({ survey, catalog })),
  )
}

/** Runs all kinds over several connections; an interrupt ends the statements under way. */
async function checkWithProgress(
  { client, server }: Archive,
  tables: Tables,
  { only, since, sample, rows, jobs }: CheckCommandOptions,
  runs: readonly FormerRun[],
  progress: Progress,
): Promise<Report> {
  const from = since && momentOf(since, runs)
  const others: Client[] = []
  try {
    while (others.length + 1 < jobs) others.push(await connect(server))
    using interrupt = interruptible(server, [client, ...others])
    return await runChecks(client, await loadCheckKinds(), tables, {
      ...(only ? { only } : {}),
      ...(from ? { since: from } : {}),
      share: sample,
      rows,
      others,
      signal: interrupt.signal,
      onProgress: (done, total, name) => progress.step('checking', done, total, name),
    })
  } finally {
    progress.end()
    await Promise.all(others.map((other) => other.end()))
  }
}

/** What does not pass, with rows, then the totals. */
export function reportText({ results, totals, outcome, seconds: time, cancelled }: Report): string {
  const told = results.filter(({ state }) => state !== 'pass' && state !== 'skipped')
  const sum = Object.values(totals).reduce((all, each) => all + each, 0)
  const counts = Object.entries(totals).map(([state, number]) => `${number} ${state}`)
  const nothing = sum === totals.skipped ? ' (no check ran: that is a failure)' : ''
  const cut = cancelled ? ' (cancelled: the checks without an answer are skipped)' : ''
  return [
    ...told.map(resultText),
    `${counted(sum, 'check')} in ${seconds(time)}: ${counts.join(', ')}: ${outcome}${nothing}${cut}`,
  ].join('\n')
}

function resultText({ state, catalog, name, message, rows, sql, accepted, owner }: CheckResult): string {
  const lines = [`${state.toUpperCase()} ${catalog} ${name}: ${message}`]
  if (accepted) lines.push(`  accepted until ${accepted.until}: ${accepted.reason}`)
  if (owner !== undefined) lines.push(`  owner: ${owner}`)
  if (rows.length > 0) {
    const columns = Object.keys(rows[0]!.values)
    lines.push(
      table(
        [...columns, 'FITS file', 'HDU', 'row'],
        rows.map((row) => [...columns.map((column) => row.values[column]), row.file, row.hdu, row.row]),
      ),
    )
  }
  if (sql) lines.push(`  ${sql.replaceAll('\n', '\n  ')}`)
  return lines.join('\n')
}

const names = (text: string) => text.split(',').map((each) => each.trim())

/** A moment, or the start of a former run: of the last one, or by its number. */
type Since = Date | 'last' | { readonly run: number }

function since(text: string): Since {
  if (text === 'last') return 'last'
  const run = /^run:(\d+)$/.exec(text)
  if (run) return { run: Number(run[1]) }
  const date = new Date(text)
  if (Number.isNaN(date.getTime()))
    throw invalid('--since', text, 'a date such as 2026-01-31, "last" or run:N with the number of a run')
  return date
}

/** @throws AlmagestError `CHECK_RUN_UNKNOWN` when no such run is kept */
function momentOf(since: Since, runs: readonly FormerRun[]): Date {
  if (since instanceof Date) return since
  const found = since === 'last' ? runs.at(-1) : runs.find(({ run }) => run === since.run)
  if (found) return new Date(found.startedAt)
  const known = runs.map(({ run }) => run)
  throw new AlmagestError(
    'CHECK_RUN_UNKNOWN',
    'usage',
    since === 'last' ? 'no run of checks is kept here' : `no run ${since.run} of checks is kept here`,
    known.length === 0
      ? 'Run `almagest check` without --since first.'
      : `The last runs are ${known.join(', ')}.`,
  )
}

function share(text: string): number {
  const value = Number(text)
  if (value > 0 && value <= 1) return value
  throw invalid('--sample', text, 'a share above 0 and at most 1')
}
