// `almagest drift`: what was changed in the schemas behind Almagest's back.
import { Command } from 'commander'
import { exitCodes } from '../../model/index.ts'
import { acceptDrift, type Difference, type Drift, deployments, findDrift } from '../../postgres/index.ts'
import { type CommonOptions, databaseOptions, openArchiveFor, print, progressOf } from '../context.ts'
import { findSurveys, surveyNamed } from '../surveys.ts'

interface DriftOptions extends CommonOptions {
  accept?: boolean
}

export function driftCommand(): Command {
  const command = databaseOptions(new Command('drift'))
    .description(
      'what was changed in the schemas since Almagest last made them; exit code 8 when anything was',
    )
    .argument('[surveys...]', 'names of surveys (default: all that are in the database)')
    .option('--accept', 'take the schemas as they are now for right')
  return command.action(async (names: string[], options: DriftOptions) => {
    const all = await findSurveys(options.catalogs)
    await using archive = await openArchiveFor(options, progressOf(options))
    const built = names.length ? names : (await deployments(archive.client)).map(({ name }) => name)
    const drifts: Drift[] = []
    for (const name of built) {
      const look = options.accept ? acceptDrift : findDrift
      drifts.push(await look(archive.client, surveyNamed(all, name)))
    }
    print(
      {
        value: drifts,
        text: drifts.map((each) => describe(each, options)).join('\n') || 'no survey built yet',
      },
      options,
    )
    if (!options.accept && drifts.some(({ differences }) => differences.length > 0))
      process.exitCode = exitCodes.check
  })
}

function describe({ survey, schema, differences, recordedAt }: Drift, { accept }: DriftOptions): string {
  const since = recordedAt.toISOString()
  if (differences.length === 0) return `${survey}: schema ${schema} is as recorded at ${since}`
  const head = `${survey}: ${differences.length} ${differences.length === 1 ? 'change' : 'changes'} in schema ${schema} since ${since}${accept ? ', accepted' : ''}`
  return [head, ...differences.map(differenceLine)].join('\n')
}

/** e.g. `  changed  column galaxies.z: real, was double precision` */
export function differenceLine({ object, desired, found }: Difference): string {
  const definition = (text: string) => (text === '' ? '' : `: ${text}`)
  if (found === undefined) return `  missing  ${object}${definition(desired ?? '')}`
  if (desired === undefined) return `  added    ${object}${definition(found)}`
  return `  changed  ${object}: ${found || '(plain)'}, was ${desired || '(plain)'}`
}
