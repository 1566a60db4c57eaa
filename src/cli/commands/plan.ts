// `almagest plan`: what would change in the schemas to bring them to their declarations.
import { Command } from 'commander'
import { exitCodes } from '../../model/index.ts'
import { deployments, makePlan, type Plan, printPlan } from '../../postgres/index.ts'
import { type CommonOptions, databaseOptions, openArchiveFor, print, progressOf } from '../context.ts'
import { findSurveys, surveyNamed } from '../surveys.ts'

interface PlanOptions extends CommonOptions {
  check?: boolean
}

export function planCommand(): Command {
  const command = databaseOptions(new Command('plan'))
    .description(
      'what would bring the schemas to their declarations, with locks, hazards and sizes; changes nothing',
    )
    .argument('[surveys...]', 'names of surveys (default: all that are in the database)')
    .option('--check', 'exit with code 8 when there is anything to change')
  return command.action(async (names: string[], options: PlanOptions) => {
    const all = await findSurveys(options.catalogs)
    await using archive = await openArchiveFor(options, progressOf(options))
    const built = names.length ? names : (await deployments(archive.client)).map(({ name }) => name)
    const plans: Plan[] = []
    for (const name of built) plans.push(await makePlan(archive.client, surveyNamed(all, name), archive.sky))
    print(
      {
        value: plans,
        text: plans.map(printPlan).join('\n\n') || 'no survey built yet: run `almagest apply`',
      },
      options,
    )
    if (options.check && plans.some(({ changes }) => changes.length > 0)) process.exitCode = exitCodes.check
  })
}
