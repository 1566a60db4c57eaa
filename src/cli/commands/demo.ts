// `almagest demo`: from nothing to a mapped, checked catalogue and first answers, on a mock of a survey.
import { basename, dirname, join } from 'node:path'
import { Command } from 'commander'
import { forgetSurvey, type LoadReport } from '../../load/index.ts'
import { AlmagestError, type Example, exitCodes, type MockTruth, type Survey } from '../../model/index.ts'
import { applySurvey, type Client, dropSurvey, findDeployment, homeFolder } from '../../postgres/index.ts'
import { forgetReleases } from '../../release/index.ts'
import { fillMatch } from '../../sky/index.ts'
import type { MapVoidsSummary } from '../../voids/index.ts'
import type { Archive } from '../archive.ts'
import {
  type CommonOptions,
  databaseOptions,
  openArchiveFor,
  print,
  progressOf,
  type Report,
} from '../context.ts'
import { bySource, type Comparison, compareWithTruth, unequal } from '../demo-check.ts'
import { wholeNumber } from '../numbers.ts'
import { count, seconds, table } from '../report.ts'
import { describeServer } from '../server-text.ts'
import { findSurveys, surveyNamed } from '../surveys.ts'
import { writeMock } from '../write-mock.ts'
import { loadWithProgress } from './load.ts'
import { mapWithProgress } from './map-voids.ts'

interface DemoOptions extends CommonOptions {
  galaxies: number
  seed: number
  jobs: number
  out?: string
}

interface Timed {
  readonly step: string
  readonly seconds: number
}

export function demoCommand(): Command {
  const command = databaseOptions(new Command('demo'))
    .description('build, load, map and question a mock of DESI DR1 with a known truth')
    .option('--galaxies <number>', 'galaxy rows of the mock', wholeNumber('--galaxies', 1000), 200_000)
    .option('--seed <number>', 'seed of the mock', wholeNumber('--seed', 0, 0xffffffff), 1)
    .option('--jobs <number>', 'files loaded at once', wholeNumber('--jobs', 1, 64), 2)
    .option('--out <folder>', 'folder for the FITS files (default: under the home)')
  command.setOptionValue('instance', 'demo')
  return command.action(runDemo)
}

async function runDemo(options: DemoOptions): Promise<void> {
  const progress = progressOf(options)
  const survey = surveyNamed(await findSurveys(options.catalogs), 'desi-dr1')
  const { mock } = survey
  if (!mock)
    throw new AlmagestError('MOCK_ABSENT', 'usage', 'desi-dr1 has no mock', 'Restore catalogs/desi-dr1/mock.')
  const times: Timed[] = []
  const timed = async <T>(step: string, work: () => Promise<T>): Promise<T> => {
    const started = performance.now()
    const result = await work()
    times.push({ step, seconds: (performance.now() - started) / 1000 })
    progress.say(`${step}: ${seconds(times.at(-1)!.seconds)}`)
    return result
  }
  await using archive = await timed('start the server', () => openArchiveFor(options, progress))
  const folder = options.out ?? join(homeFolder(options.home), 'mock', survey.name)
  await timed('create the schema', () => rebuild(archive, survey))
  const written = await timed(`write the mock (${folder})`, () =>
    writeMock(mock, folder, options, (file, done, total) =>
      progress.step('writing the mock', done, total, file),
    ),
  )
  const loaded = await timed('load and index', () =>
    loadWithProgress(archive, [survey], written.files, options, progress),
  )
  await timed('match positions', async () => {
    for (const match of survey.matches ?? []) await fillMatch(archive.server, archive.sky, match)
  })
  const mapped = await timed('map galaxies to voids', () => mapWithProgress(archive, survey, progress))
  const comparisons = await timed('check against the truth', () =>
    compareWithTruth(archive.client, survey, written.truth),
  )
  const answers = await askExamples(archive.client, survey.examples ?? [])
  const total = times.reduce((sum, each) => sum + each.seconds, 0)
  print(
    demoReport({ archive, loaded, mapped, comparisons, answers, times, total, truth: written.truth, folder }),
    options,
  )
  if (unequal(comparisons).length > 0) process.exitCode = exitCodes.check
}

/** A former demonstration's schemas are dropped; a working one is refused. */
async function rebuild({ client, sky }: Archive, survey: Survey): Promise<void> {
  const before = await findDeployment(client, survey.schema)
  if (before && before.purpose !== 'demo') {
    throw new AlmagestError(
      'DEMO_WOULD_DESTROY',
      'usage',
      `the schema "${survey.schema}" of this database holds a working survey, which a demonstration would replace`,
      'Use another database: unset DATABASE_URL for the embedded server, or name an empty database in it.',
    )
  }
  await forgetReleases(client, survey)
  await dropSurvey(client, survey)
  await applySurvey(client, survey, sky, 'demo')
  await forgetSurvey(client, survey)
}

interface Answer {
  readonly example: Example
  readonly rows: readonly Record<string, unknown>[]
  /** Fastest of the runs, in seconds: what the query costs once its pages are in memory. */
  readonly seconds: number
}

const timedRuns = 3

async function askExamples(client: Client, examples: readonly Example[]): Promise<Answer[]> {
  const answers: Answer[] = []
  for (const example of examples) {
    let fastest = Number.POSITIVE_INFINITY
    let rows: Record<string, unknown>[] = []
    for (let run = 0; run < timedRuns; run++) {
      const started = performance.now()
      rows = (await client.query(example.sql)).rows
      fastest = Math.min(fastest, (performance.now() - started) / 1000)
    }
    answers.push({ example, rows, seconds: fastest })
  }
  return answers
}

interface Demo {
  archive: Archive
  loaded: LoadReport
  mapped: MapVoidsSummary
  comparisons: Comparison[]
  answers: Answer[]
  times: Timed[]
  total: number
  truth: MockTruth
  folder: string
}

function demoReport(demo: Demo): Report {
  const { archive, loaded, mapped, comparisons, answers, times, total, folder } = demo
  const server = describeServer(archive.server, 'running')
  const wrong = unequal(comparisons)
  const value = {
    rowsRead: loaded.rowsRead,
    rowsLoaded: loaded.rowsLoaded,
    rowsRejected: loaded.rowsRejected,
    tables: byTable(loaded),
    voids: bySource(mapped),
    comparisons: { made: comparisons.length, wrong },
    queries: answers.map(({ example, rows, seconds }) => ({
      name: example.name,
      rows: rows.length,
      seconds,
    })),
    times,
    seconds: total,
    skyIndex: { name: archive.sky.name, version: archive.sky.version },
    folder,
    server: server.value,
  }
  const text = [
    table(
      ['question', 'rows', 'time'],
      answers.map(({ example, rows, seconds: time }) => [example.title, count(rows.length), seconds(time)]),
    ),
    voidWallText(answers),
    table(
      ['table', 'rows in', 'loaded', 'rejected', 'why'],
      byTable(loaded).map((each) => [
        each.table,
        count(each.read),
        count(each.loaded),
        count(each.rejected),
        each.why,
      ]),
    ),
    table(
      ['void finder', 'voids', 'galaxies in voids'],
      bySource(mapped).map((each) => [each.source, count(each.voids), count(each.galaxies)]),
    ),
    checkText(comparisons, wrong),
    `${count(loaded.rowsRead)} rows in ${seconds(total)} (sky index: ${archive.sky.name} ${archive.sky.version})`,
    server.text,
    ...(archive.server.dataFolder
      ? [`stop it with: npx almagest stop --instance ${basename(dirname(archive.server.dataFolder))}`]
      : []),
  ].join('\n')
  return { value, text }
}

function checkText(comparisons: readonly Comparison[], wrong: readonly Comparison[]): string {
  if (wrong.length === 0) return `checked: all ${comparisons.length} counts equal the mock's known truth`
  const rows = wrong.map((each) => [each.what, count(each.expected), count(each.found)])
  return `FAILED: ${wrong.length} of ${comparisons.length} counts differ from the mock's known truth\n${table(['what', 'expected', 'found'], rows)}`
}

/** The answer of the comparison between void and wall galaxies, as a table. */
function voidWallText(answers: readonly Answer[]): string {
  const answer = answers.find(({ example }) => example.name === 'void-wall')
  if (!answer?.rows[0]) return ''
  const names = Object.keys(answer.rows[0])
  return `${answer.example.title}\n${table(
    names,
    answer.rows.map((row) => names.map((each) => row[each])),
  )}`
}

/** Rows of all files by table, with the reasons for rejected ones. */
function byTable(loaded: LoadReport) {
  const all = loaded.files.flatMap(({ tables }) => tables)
  return [...new Set(all.map((each) => each.table))].map((name) => {
    const own = all.filter((each) => each.table === name)
    const rules = new Map<string, number>()
    for (const [rule, rows] of own.flatMap((each) => Object.entries(each.rejectsByRule))) {
      rules.set(rule, (rules.get(rule) ?? 0) + rows)
    }
    const sum = (of: 'rowsRead' | 'rowsLoaded' | 'rowsRejected') =>
      own.reduce((total, each) => total + each[of], 0)
    const why = [...rules].map(([rule, rows]) => `${rule}: ${rows}`).join(', ')
    return {
      table: name,
      read: sum('rowsRead'),
      loaded: sum('rowsLoaded'),
      rejected: sum('rowsRejected'),
      why,
    }
  })
}
