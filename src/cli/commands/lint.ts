// `almagest lint`: what is unwise in a survey's declaration, its migrations and, on request, its database.
import { join } from 'node:path'
import { Command } from 'commander'
import { type Finding, lintSurvey } from '../../lint/index.ts'
import { exitCodes } from '../../model/index.ts'
import { readUnchecked } from '../../postgres/index.ts'
import { type CommonOptions, databaseOptions, openArchiveFor, print, progressOf } from '../context.ts'
import { findSurveys, surveyNamed } from '../surveys.ts'

interface LintOptions extends CommonOptions {
  migrations: string
  database?: boolean
  strict?: boolean
}

export function lintCommand(): Command {
  const command = databaseOptions(new Command('lint'))
    .description('what is unwise in declarations and migrations (docs/lint); exit code 8 for errors')
    .argument('[surveys...]', 'names of surveys (default: all)')
    .option('--migrations <folder>', 'folder with a folder of migrations for each survey', 'migrations')
    .option('--database', 'ask the database too: sizes of tables, indexes that nobody uses')
    .option('--strict', 'exit code 8 for warnings too')
  return command.action(async (names: string[], options: LintOptions) => {
    const all = await findSurveys(options.catalogs)
    const surveys = names.length ? names.map((name) => surveyNamed(all, name)) : all
    await using archive = options.database ? await openArchiveFor(options, progressOf(options)) : undefined
    const results: { survey: string; findings: Finding[] }[] = []
    for (const survey of surveys) {
      const folder = join(options.migrations, survey.name)
      const migrations = readUnchecked(folder)
      const client = archive ? { client: archive.client } : {}
      results.push({
        survey: survey.name,
        findings: await lintSurvey({ survey, migrations, folder, ...client }),
      })
    }
    print({ value: results, text: results.map(describe).join('\n') }, options)
    const findings = results.flatMap((each) => each.findings)
    if (findings.some(({ level }) => options.strict || level === 'error')) process.exitCode = exitCodes.check
  })
}

function describe({ survey, findings }: { survey: string; findings: readonly Finding[] }): string {
  if (findings.length === 0) return `${survey}: nothing to object to`
  const errors = findings.filter(({ level }) => level === 'error').length
  const head = `${survey}: ${errors} ${errors === 1 ? 'error' : 'errors'}, ${findings.length - errors} ${findings.length - errors === 1 ? 'warning' : 'warnings'}`
  return [head, ...findings.map(findingText)].join('\n')
}

function findingText({ rule, level, where, problem, remedy }: Finding): string {
  return `  ${level}  ${where}  [${rule}]\n    ${problem}\n    ${remedy}`
}
