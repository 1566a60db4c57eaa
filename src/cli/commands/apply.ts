// `almagest apply`: builds the declared schemas.
import { Command } from 'commander'
import { type Applied, applySurvey } from '../../postgres/index.ts'
import { type CommonOptions, databaseOptions, openArchiveFor, print, progressOf } from '../context.ts'
import { findSurveys, surveyNamed } from '../surveys.ts'

export function applyCommand(): Command {
  const command = databaseOptions(new Command('apply'))
    .description('create the schema of surveys as declared; what is there and right stays as it is')
    .argument('[surveys...]', 'names of surveys (default: all)')
  return command.action(async (names: string[], options: CommonOptions) => {
    const all = await findSurveys(options.catalogs)
    const surveys = names.length ? names.map((name) => surveyNamed(all, name)) : all
    const progress = progressOf(options)
    await using archive = await openArchiveFor(options, progress)
    const applied: Applied[] = []
    for (const survey of surveys) applied.push(await applySurvey(archive.client, survey, archive.sky))
    print({ value: applied, text: applied.map(line).join('\n') }, options)
  })
}

function line({ survey, schema, outcome, made, skyIndex }: Applied): string {
  const what = outcome === 'unchanged' ? 'as declared already' : `${outcome}: ${made.length} objects`
  return `${survey}: schema ${schema} ${what} (sky index: ${skyIndex})`
}
