// `almagest map-voids`: which galaxies live in which voids, by each finder's own definition.
import { Command } from 'commander'
import { AlmagestError, exitCodes, type Survey } from '../../model/index.ts'
import { deployments } from '../../postgres/index.ts'
import {
  checkMembership,
  type MappingSummary,
  type MapVoidsSummary,
  type MembershipCheck,
  mapVoids,
} from '../../voids/index.ts'
import type { Archive } from '../archive.ts'
import { type CommonOptions, databaseOptions, openArchiveFor, print, progressOf } from '../context.ts'
import { nonNegative, wholeNumber } from '../numbers.ts'
import type { Progress } from '../progress.ts'
import { count, table } from '../report.ts'
import { findSurveys, surveyNamed } from '../surveys.ts'

interface MapVoidsCommandOptions extends CommonOptions {
  shell: number
  check?: boolean
  onlyNew?: boolean
  threads?: number
}

export function mapVoidsCommand(): Command {
  const command = databaseOptions(new Command('map-voids'))
    .description('map galaxies to voids; a second run replaces the first')
    .argument('[survey]', 'name of the survey (default: every one in the database that has voids)')
    .option(
      '--shell <Mpc/h>',
      'call galaxies up to this far outside a VoidFinder void void_shell (default: no shells)',
      nonNegative('--shell'),
      0,
    )
    .option(
      '--threads <number>',
      'worker threads that place galaxies (default: one less than cores, 4 at most; none below 500,000 galaxies)',
      wholeNumber('--threads', 0, 64),
    )
    .option('--only-new', 'add only what came since the last mapping: galaxies, or void files')
    .option('--check', 'find all pairs a second time, by SQL alone, and compare')
  return command.action(async (name: string | undefined, options: MapVoidsCommandOptions) => {
    const all = await findSurveys(options.catalogs)
    const progress = progressOf(options)
    await using archive = await openArchiveFor(options, progress)
    const surveys = name ? [surveyNamed(all, name)] : await builtWithVoids(archive, all)
    const results = []
    for (const survey of surveys) {
      const mapped = await mapWithProgress(archive, survey, progress, options)
      const check = options.check ? await checkMembership(archive.client, survey) : undefined
      if (check && check.onlyStored + check.onlyInSql > 0) process.exitCode = exitCodes.check
      results.push({ survey: survey.name, ...mapped, ...(check ? { check } : {}) })
    }
    const text = results.map(
      (each) =>
        `${each.survey}: ${count(each.galaxies)} galaxies${mappedText(each)}\n${mappingTable(each)}\n${environmentTable(each)}${checkText(each.check)}`,
    )
    print({ value: results, text: text.join('\n\n') }, options)
  })
}

/** Maps one survey and tells how far it is. */
export async function mapWithProgress(
  archive: Archive,
  survey: Survey,
  progress: Progress,
  {
    shell = 0,
    onlyNew = false,
    threads,
  }: { readonly shell?: number; readonly onlyNew?: boolean; readonly threads?: number } = {},
): Promise<MapVoidsSummary> {
  const summary = await mapVoids(archive.client, survey, {
    ...{ shell, onlyNew },
    ...(threads === undefined ? {} : { threads }),
    onProgress: ({ phase, done, total }) => {
      if (total !== undefined) progress.step('mapping voids', done, total, phase)
    },
  })
  progress.end()
  return summary
}

/** Voids and the galaxies in them, by source and cap, the cruder spheres under their own heading. */
export function mappingTable({ releases, spheres }: MapVoidsSummary): string {
  return table(
    ['source', 'cap', 'voids', 'galaxies in voids', 'pairs', 'on surfaces', 'in effective-radius spheres'],
    releases.map((each) => [
      each.source,
      each.cap,
      count(each.voids),
      count(each.galaxiesInside),
      count(each.pairs),
      count(each.environments.surface),
      sphereText(spheres.find(({ source, cap }) => source === each.source && cap === each.cap)),
    ]),
  )
}

const sphereText = (sphere: MappingSummary | undefined) => (sphere ? count(sphere.galaxiesInside) : '')

/** Galaxies by source and environment, and of how many the footprint is unknown. */
export function environmentTable({ environments, releases }: MapVoidsSummary): string {
  const sources = Object.entries(environments)
  const words = ['void_interior', 'void_shell', 'surface', 'wall', 'edge', 'outside', 'unknown'] as const
  const drawn = table(
    ['source', ...words.map((word) => word.replace('_', ' '))],
    sources.map(([source, counts]) => [source, ...words.map((word) => count(counts[word]))]),
  )
  const unsure = releases.filter(({ oddities }) => oddities.galaxyFootprintUnknown > 0)
  const names = [...new Set(unsure.map(({ source }) => source))]
  if (names.length === 0) return drawn
  return `${drawn}\n${names.join(', ')}: footprint unknown, for no mask is loaded; galaxies called wall may be edge or outside`
}

const mappedWords = {
  all: '',
  none: '; nothing is new',
  galaxies: '; only new galaxies were mapped',
  sources: '; only void finders with new files were mapped',
} as const

function mappedText({ mapped, because }: MapVoidsSummary): string {
  return because ? `; all were mapped: ${because}` : mappedWords[mapped]
}

function checkText(check: MembershipCheck | undefined): string {
  if (!check) return ''
  const { stored, inSql, onlyStored, onlyInSql, undecided } = check
  const found = `\nchecked by SQL alone: ${count(inSql)} pairs, ${count(stored)} stored`
  const doubt = undecided > 0 ? `, ${count(undecided)} too near to a surface to tell` : ''
  if (onlyStored + onlyInSql === 0) return `${found}${doubt}: the same`
  return `${found}${doubt}; FAILED: ${count(onlyStored)} only stored, ${count(onlyInSql)} only by SQL`
}

/** The surveys with voids that the database has. @throws AlmagestError `SURVEY_NOT_BUILT` */
export async function builtWithVoids({ client }: Archive, all: readonly Survey[]): Promise<Survey[]> {
  const built = await deployments(client)
  const found = all.filter((survey) => survey.voids && built.some((each) => each.name === survey.name))
  if (found.length > 0) return found
  throw new AlmagestError(
    'SURVEY_NOT_BUILT',
    'usage',
    'no survey with voids is built in this database',
    'Run `almagest apply` and `almagest load FILES` first.',
  )
}
