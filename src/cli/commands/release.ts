// `almagest release`: named states of a survey that do not change: published, shown, verified, withdrawn.
import { writeFileSync } from 'node:fs'
import { Command } from 'commander'
import { exitCodes, type Survey } from '../../model/index.ts'
import { reportWriter } from '../../quality/index.ts'
import {
  type PublishedRelease,
  publishRelease,
  readReleases,
  releaseNamed,
  verifyRelease,
  withdrawRelease,
} from '../../release/index.ts'
import { type CommonOptions, databaseOptions, openArchiveFor, print, progressOf } from '../context.ts'
import { Gate } from '../gate.ts'
import { interruptible } from '../interrupt.ts'
import type { GateOptions } from '../publish-files.ts'
import { count, table } from '../report.ts'
import { findSurveys, surveyNamed } from '../surveys.ts'
import { reportText } from './check.ts'
import { gateOptions } from './load.ts'

interface ReleaseCommandOptions extends CommonOptions {
  survey: string
}

export function releaseCommand(): Command {
  const release = new Command('release').description(
    'named states of a survey that do not change any more, each in a schema of its own',
  )
  const commands = [
    ofSurvey(gateOptions(new Command('publish')))
      .description('check the tables and publish their rows under a name; exit code 8 if a check fails')
      .argument('<name>', 'name of the release, e.g. r1: its tables are in the schema SCHEMA_r1')
      .action(publish),
    databaseOptions(new Command('list')).description('the releases there are').action(list),
    ofSurvey(new Command('show'))
      .description('the tables, files and fingerprint of a release')
      .argument('<name>', 'its name')
      .action(show),
    ofSurvey(new Command('verify'))
      .description('whether a release still is what was published; exit code 8 if not')
      .argument('<name>', 'its name')
      .option('--fingerprint <hash>', 'a fingerprint that was kept elsewhere, to be compared with')
      .action(verify),
    ofSurvey(new Command('withdraw'))
      .description('drop a release and the rows that no other release has; its name is not used again')
      .argument('<name>', 'its name')
      .action(withdraw),
  ]
  for (const each of commands) release.addCommand(each)
  return release
}

const ofSurvey = (command: Command) =>
  databaseOptions(command).option('--survey <name>', 'the survey', 'desi-dr1')

const surveyOf = async ({ survey, catalogs }: ReleaseCommandOptions): Promise<Survey> =>
  surveyNamed(await findSurveys(catalogs), survey)

async function publish(name: string, options: ReleaseCommandOptions & GateOptions): Promise<void> {
  const survey = await surveyOf(options)
  const writers = options.report.map((file) => ({ file, write: reportWriter(file) }))
  const progress = progressOf(options)
  await using archive = await openArchiveFor(options, progress)
  const { client, server, sky } = archive
  using interrupt = interruptible(server, [client])
  const gate = new Gate({
    rows: options.rows,
    signal: interrupt.signal,
    onProgress: (done, total, check) => progress.step('checking', done, total, check),
  })
  let refused = true
  try {
    const published = await publishRelease(client, survey, name, sky, {
      gate: (inside) => gate.refusal(inside, survey, survey.catalogs),
      signal: interrupt.signal,
      onProgress: (done, total, of) => progress.step('freezing', done, total, of),
    })
    refused = false
    print({ value: published, text: showText(published) }, options)
  } finally {
    progress.end()
    const [report] = gate.reports
    if (report) {
      const parts = { report, runs: [], changes: [], catalogs: survey.catalogs }
      for (const { file, write } of writers) writeFileSync(file, await write(parts))
      if (refused) print({ value: report, text: reportText(report) }, options)
    }
  }
}

async function list(options: CommonOptions): Promise<void> {
  await using archive = await openArchiveFor(options, progressOf(options))
  const releases = await readReleases(archive.client)
  const rows = releases.map(({ survey, name, schema, publishedAt, withdrawnAt, parts, fingerprint }) => [
    name,
    survey,
    withdrawnAt ? `withdrawn ${withdrawnAt.toISOString()}` : schema,
    publishedAt,
    count(rowsOf(parts)),
    fingerprint.slice(0, 16),
  ])
  const text = table(['release', 'survey', 'in schema', 'published', 'rows', 'fingerprint'], rows)
  print({ value: releases, text: releases.length === 0 ? 'no release was published yet' : text }, options)
}

async function show(name: string, options: ReleaseCommandOptions): Promise<void> {
  const survey = await surveyOf(options)
  await using archive = await openArchiveFor(options, progressOf(options))
  const release = await releaseNamed(archive.client, survey, name)
  print({ value: release, text: showText(release) }, options)
}

async function verify(
  name: string,
  options: ReleaseCommandOptions & { fingerprint?: string },
): Promise<void> {
  const survey = await surveyOf(options)
  await using archive = await openArchiveFor(options, progressOf(options))
  const release = await releaseNamed(archive.client, survey, name)
  const faults = await verifyRelease(archive.client, survey, release, options.fingerprint)
  const lines = faults.map(({ table: of, file, problem }) => `${of}${file ? `, ${file}` : ''}: ${problem}`)
  const text =
    faults.length === 0
      ? `${name} is as it was published: ${count(rowsOf(release.parts))} rows, fingerprint ${release.fingerprint}`
      : `${name} is not what was published:\n${lines.join('\n')}`
  print({ value: { release: name, fingerprint: release.fingerprint, faults }, text }, options)
  if (faults.length > 0) process.exitCode = exitCodes.check
}

async function withdraw(name: string, options: ReleaseCommandOptions): Promise<void> {
  const survey = await surveyOf(options)
  await using archive = await openArchiveFor(options, progressOf(options))
  const release = await releaseNamed(archive.client, survey, name)
  const gone = await withdrawRelease(archive.client, release)
  const text = `${name} is withdrawn; ${count(gone)} rows that no other release has are gone`
  print({ value: { release: name, rows: gone }, text }, options)
}

const rowsOf = (parts: PublishedRelease['parts']) => parts.reduce((sum, { rows }) => sum + rows, 0)

function showText({ name, survey, schema, publishedAt, publishedBy, fingerprint, parts }: PublishedRelease) {
  const rows = parts.map(({ table: of, file, rows: number, hash }) => [
    `${schema}.${of.slice(of.indexOf('.') + 1)}`,
    file ?? 'rows of no file',
    count(number),
    hash.slice(0, 16),
  ])
  return [
    `${name} of ${survey}, published ${publishedAt.toISOString()} by ${publishedBy}`,
    `fingerprint ${fingerprint}`,
    table(['table', 'file', 'rows', 'hash'], rows),
  ].join('\n')
}
