// `almagest staging`: files that were loaded and not published: seen, published, given up.
import { Command } from 'commander'
import {
  discardStaged,
  type FreedDuplicates,
  type LedgerFile,
  type PublishedFile,
  readLedger,
} from '../../load/index.ts'
import type { Survey } from '../../model/index.ts'
import { stagingSchema } from '../../postgres/index.ts'
import type { Report } from '../../quality/index.ts'
import { type CommonOptions, databaseOptions, openArchiveFor, print, progressOf } from '../context.ts'
import { freedAfter, freedText } from '../freed.ts'
import { type GateOptions, publishThroughGate } from '../publish-files.ts'
import { count, table } from '../report.ts'
import { findSurveys } from '../surveys.ts'
import { reportText } from './check.ts'
import { gateOptions } from './load.ts'

export function stagingCommand(): Command {
  const staging = new Command('staging').description(
    'files that were loaded with --check and not published: in tables of their own, which readers do not see',
  )
  const list = databaseOptions(new Command('list')).description('the files that are staged, and why')
  list.action(async (options: CommonOptions) => {
    const { surveys, files } = await stagedFilesOf(options)
    print({ value: files, text: listText(surveys, files) }, options)
  })
  const publish = gateOptions(databaseOptions(new Command('publish')))
    .description('check staged files and publish them together if the checks pass; exit code 8 if not')
    .argument('[files...]', 'base names (default: all that are staged)')
    .option('--replace', 'let staged files take the place of those loaded under their names')
  publish.action(async (names: string[], options: CommonOptions & GateOptions) => {
    const progress = progressOf(options)
    const { surveys, files } = await stagedFilesOf(options)
    await using archive = await openArchiveFor(options, progress)
    const done: {
      survey: string
      files: readonly PublishedFile[]
      checks: Report | undefined
      freed: FreedDuplicates[]
    }[] = []
    for (const { survey, own } of bySurvey(surveys, files, names)) {
      const { published, report } = await publishThroughGate(
        archive,
        survey,
        own,
        options,
        progress,
        (found) => {
          if (found.outcome !== 'pass') print({ value: found, text: reportText(found) }, options)
        },
      )
      const freed = await freedAfter(archive.client, survey, published)
      done.push({ survey: survey.name, files: published, checks: report, freed })
    }
    const lines = done.flatMap(({ files: published, freed }) => [
      ...published.map(({ name, outcome }) => `${name}: ${outcome}`),
      ...freed.map(freedText),
    ])
    print({ value: done, text: lines.join('\n') || 'nothing is staged' }, options)
  })
  const discard = databaseOptions(new Command('discard'))
    .description('give up staged files; what readers see stays as it is')
    .argument('<files...>', 'base names')
  discard.action(async (names: string[], options: CommonOptions) => {
    const { surveys, files } = await stagedFilesOf(options)
    await using archive = await openArchiveFor(options, progressOf(options))
    const gone: string[] = []
    for (const { survey, own } of bySurvey(surveys, files, names))
      gone.push(...(await discardStaged(archive.client, survey, own)))
    print({ value: gone, text: gone.map((name) => `${name}: discarded`).join('\n') }, options)
  })
  for (const each of [list, publish, discard]) staging.addCommand(each)
  return staging
}

async function stagedFilesOf(options: CommonOptions): Promise<{ surveys: Survey[]; files: LedgerFile[] }> {
  const surveys = await findSurveys(options.catalogs)
  await using archive = await openArchiveFor(options, progressOf(options))
  const files = (await readLedger(archive.client)).filter(({ state }) => state === 'staged')
  return { surveys, files }
}

/** The surveys that staged files belong to; a name that nobody staged is left to the first one to be refused. */
function bySurvey(surveys: readonly Survey[], files: readonly LedgerFile[], names: readonly string[]) {
  const staged = (survey: Survey) =>
    files.filter((file) => file.survey === survey.name).map(({ name }) => name)
  const unknown = names.filter((name) => !files.some((file) => file.name === name))
  const groups = surveys.map((survey) => ({
    survey,
    own: names.length > 0 ? names.filter((name) => staged(survey).includes(name)) : staged(survey),
  }))
  const found = groups.filter(({ own }) => own.length > 0)
  if (unknown.length === 0 || !surveys[0]) return found
  return [{ survey: found[0]?.survey ?? surveys[0], own: unknown }]
}

function listText(surveys: readonly Survey[], files: readonly LedgerFile[]): string {
  if (files.length === 0) return 'nothing is staged'
  const schemaOf = (name: string) => {
    const survey = surveys.find((each) => each.name === name)
    return survey ? stagingSchema(survey) : ''
  }
  return table(
    ['file', 'survey', 'rows', 'in schema', 'why'],
    files.map((file) => [
      file.name,
      file.survey,
      count(file.tables.reduce((sum, each) => sum + each.rowsLoaded, 0)),
      schemaOf(file.survey),
      file.error?.message ?? 'not checked yet',
    ]),
  )
}
