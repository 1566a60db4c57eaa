// `almagest check`: whether the content of tables is right.
import { writeFileSync } from 'node:fs'
import { Command } from 'commander'
import type { Catalog, Survey } from '../../model/index.ts'
import { connect, deployments } from '../../postgres/index.ts'
import {
  type CheckResult,
  changesSince,
  formerRuns,
  keepRun,
  loadCheckKinds,
  type Report,
  reportWriter,
  runChecks,
} from '../../quality/index.ts'
import type { Archive } from '../archive.ts'
import { type CommonOptions, databaseOptions, openArchiveFor, print, progressOf } from '../context.ts'
import { invalid, wholeNumber } from '../numbers.ts'
import type { Progress } from '../progress.ts'
import { seconds, table } from '../report.ts'
import { catalogNamed, findSurveys } from '../surveys.ts'

interface CheckCommandOptions extends CommonOptions {
  only?: string[]
  since?: Date
  sample: number
  rows: number
  report: string[]
}

export function checkCommand(): Command {
  const command = databaseOptions(new Command('check'))
    .description(
      'check the content of tables; exit code 8 when a check fails or none runs, 5 when one cannot be done',
    )
    .argument('[catalogues...]', 'tables, with or without their schema (default: all that are built)')
    .option('--only <names>', 'kinds or checks separated by commas, e.g. range,key or range:z', names)
    .option('--since <date>', 'only rows of files loaded since, e.g. 2026-01-31', moment)
    .option('--sample <share>', 'share of each table to read, e.g. 0.01', share, 1)
    .option(
      '--report <file>',
      'also write a report; .html, .md, .xml (JUnit), .prom (Prometheus) or .json, may be repeated',
      (name: string, before: string[]) => [...before, name],
      [],
    )
    .option('--rows <number>', 'most failing rows shown for a check', wholeNumber('--rows', 0, 10_000), 10)
  return command.action(async (wanted: string[], options: CheckCommandOptions) => {
    const surveys = await findSurveys(options.catalogs)
    const writers = options.report.map((name) => ({ name, write: reportWriter(name) }))
    const named = wanted.map((name) => catalogNamed(surveys, name))
    const progress = progressOf(options)
    await using archive = await openArchiveFor(options, progress)
    const tables = await tablesOf(archive, surveys, named)
    const report = await checkWithProgress(archive, tables, options, progress)
    const runs = await formerRuns(archive.client)
    const changes = changesSince(runs, report)
    const parts = { report, runs, changes, catalogs: tables.map(({ catalog }) => catalog) }
    for (const { name, write } of writers) writeFileSync(name, write(parts))
    await keepRun(archive.client, report)
    print({ value: { ...report, changes }, text: reportText(report) }, options)
    process.exitCode = checkExit(report)
  })
}

/** 8 for a failure, also where nothing ran; 5 where a check could not be done. */
export function checkExit({ outcome }: Report): number {
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

/** Runs all kinds; an interrupt ends the statement under way. */
async function checkWithProgress(
  { client, server }: Archive,
  tables: Tables,
  { only, since, sample, rows }: CheckCommandOptions,
  progress: Progress,
): Promise<Report> {
  const interrupt = new AbortController()
  const onSignal = async () => {
    interrupt.abort()
    await using other = await connect(server)
    await other.query('SELECT pg_cancel_backend($1)', [client.processId])
  }
  process.once('SIGINT', onSignal)
  try {
    return await runChecks(client, await loadCheckKinds(), tables, {
      ...(only ? { only } : {}),
      ...(since ? { since } : {}),
      share: sample,
      rows,
      signal: interrupt.signal,
      onProgress: (done, total, name) => progress.step('checking', done, total, name),
    })
  } finally {
    progress.end()
    process.off('SIGINT', onSignal)
  }
}

/** What does not pass, with rows, then the totals. */
export function reportText({ results, totals, outcome, seconds: time }: Report): string {
  const told = results.filter(({ state }) => state !== 'pass' && state !== 'skipped')
  const sum = Object.values(totals).reduce((all, each) => all + each, 0)
  const counts = Object.entries(totals).map(([state, number]) => `${number} ${state}`)
  const nothing = sum === totals.skipped ? ' (no check ran: that is a failure)' : ''
  return [
    ...told.map(resultText),
    `${sum} checks in ${seconds(time)}: ${counts.join(', ')}: ${outcome}${nothing}`,
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

function moment(text: string): Date {
  const date = new Date(text)
  if (Number.isNaN(date.getTime())) throw invalid('--since', text, 'a date such as 2026-01-31')
  return date
}

function share(text: string): number {
  const value = Number(text)
  if (value > 0 && value <= 1) return value
  throw invalid('--sample', text, 'a share above 0 and at most 1')
}
