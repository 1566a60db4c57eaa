// `almagest published`: the read schemas of the surveys, and who still uses the deprecated ones.
import { Command } from 'commander'
import { readSchemaUse, type UseReport } from '../../postgres/index.ts'
import { type CommonOptions, databaseOptions, openArchiveFor, print, progressOf } from '../context.ts'
import { count, table } from '../report.ts'
import { findSurveys, surveyNamed } from '../surveys.ts'

export function publishedCommand(): Command {
  const command = databaseOptions(new Command('published'))
    .description('the published read schemas, and who uses them as far as pg_stat_statements tells')
    .argument('[surveys...]', 'names of surveys (default: all that publish)')
  return command.action(async (names: string[], options: CommonOptions) => {
    const all = await findSurveys(options.catalogs)
    const surveys = names.length
      ? names.map((name) => surveyNamed(all, name))
      : all.filter(({ published }) => published)
    await using archive = await openArchiveFor(options, progressOf(options))
    const reports: UseReport[] = []
    for (const survey of surveys) reports.push(await readSchemaUse(archive.client, survey))
    print(
      { value: reports, text: reports.map(describe).join('\n') || 'no survey publishes read schemas' },
      options,
    )
  })
}

function describe({ survey, counted, schemas }: UseReport): string {
  if (schemas.length === 0) return `${survey}: publishes no read schema`
  const states = schemas.map(({ name, built, deprecated, title }) => [
    name,
    built
      ? deprecated
        ? `deprecated since ${deprecated.since}: use ${deprecated.use}`
        : 'current'
      : 'not built',
    title,
  ])
  const uses = schemas.flatMap(({ name, uses }) =>
    uses.map(({ role, statements, calls, example }) => [
      name,
      role,
      count(calls),
      count(statements),
      example.replace(/\s+/g, ' ').slice(0, 60),
    ]),
  )
  const paths = schemas.flatMap(({ name, bySearchPath }) =>
    bySearchPath.map(
      (role) => `${name} is on the search_path of ${role}: uses without its name are not counted`,
    ),
  )
  const usesText =
    counted === true
      ? uses.length
        ? table(['read schema', 'role', 'calls', 'statements', 'most frequent'], uses)
        : 'no statement has named any of them since the statistics began'
      : `uses are not counted: ${counted}`
  return [survey, table(['read schema', 'state', 'title'], states), usesText, ...paths].join('\n')
}
