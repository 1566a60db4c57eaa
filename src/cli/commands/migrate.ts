// `almagest migrate`: versioned migrations of a survey's schema: write, run, undo, prove.
import { join } from 'node:path'
import { Command } from 'commander'
import type { Survey } from '../../model/index.ts'
import {
  type Migrated,
  type Migration,
  migrateTo,
  migrationStatus,
  proveMigrations,
  readBackup,
  readMigrations,
  restoreBackup,
  sealMigrations,
  takeBackup,
  writeEmptyMigration,
  writeNewMigrations,
} from '../../postgres/index.ts'
import { chooseSkyIndex } from '../../sky/index.ts'
import type { Archive } from '../archive.ts'
import { type CommonOptions, databaseOptions, openArchiveFor, print, progressOf } from '../context.ts'
import { table } from '../report.ts'
import { findSurveys, surveyNamed } from '../surveys.ts'

interface MigrateOptions extends CommonOptions {
  migrations: string
  verifiedBackup?: string
  sql?: boolean
  transaction?: boolean
}

interface Place {
  readonly survey: Survey
  readonly folder: string
}

export function migrateCommand(): Command {
  const migrate = new Command('migrate').description(
    'versioned migrations of a schema: write, run, undo, prove',
  )
  const add = (words: string, description: string) =>
    databaseOptions(migrate.command(words))
      .description(description)
      .option('--migrations <folder>', 'folder with a folder of migrations for each survey', 'migrations')
  const backup = (command: Command) =>
    command.option(
      '--verified-backup <folder>',
      'what `migrate backup` made of this database: for steps that lose data for good',
    )
  add('new <survey> <name>', 'write the migrations that lead to the declaration')
    .option('--sql', 'write an empty migration, to be filled by hand and sealed')
    .option('--no-transaction', 'with --sql: for one statement that no transaction takes')
    .action(writeNew)
  add('seal <survey>', 'run hand-written migrations on a scratch database and write their manifests').action(
    seal,
  )
  backup(add('up <survey>', 'run the migrations that are not in force yet')).action(runTo(() => 'last'))
  backup(add('down <survey>', 'undo the last migration in force')).action(
    runTo(() => (current: number) => Math.max(0, current - 1)),
  )
  backup(add('to <survey> <number>', 'go up or down to a migration; 0000 is before the first')).action(
    (name: string, number: string, options: MigrateOptions) => runTo(() => number)(name, options),
  )
  add('backup <survey> <folder>', 'save the tables of which the next steps lose data, and verify the copy')
    .option('--to <number>', 'the version you go to: `last`, or a number for a way down', 'last')
    .action(backUp)
  add(
    'restore <survey> <folder>',
    "bring a backup's tables back in a schema of their own, beside the survey's",
  )
    .option('--schema <name>', 'name of that schema', 'almagest_restored')
    .action(restore)
  add('status <survey>', 'which migrations are in force').action(status)
  add('verify <survey>', 'check files, manifests and ledger against each other').action(verify)
  add('prove <survey>', 'prove on a scratch database with rows that every version leads up and back').action(
    prove,
  )
  return migrate
}

async function placeOf(name: string, options: MigrateOptions): Promise<Place> {
  const survey = surveyNamed(await findSurveys(options.catalogs), name)
  return { survey, folder: join(options.migrations, survey.name) }
}

async function withArchive<T>(options: MigrateOptions, work: (archive: Archive) => Promise<T>): Promise<T> {
  await using archive = await openArchiveFor(options, progressOf(options))
  return await work(archive)
}

async function writeNew(surveyName: string, name: string, options: MigrateOptions): Promise<void> {
  const { survey, folder } = await placeOf(surveyName, options)
  const written = options.sql
    ? [writeEmptyMigration(survey, folder, name, options.transaction !== false)]
    : await withArchive(options, ({ server }) =>
        writeNewMigrations(server.connectionUrl, chooseSkyIndex, survey, folder, name),
      )
  const text = written.map((each) => describe(each, folder)).join('\n')
  print(
    {
      value: written.map(withoutSql),
      text: text || `${survey.name}: the last migration leads to the declaration already`,
    },
    options,
  )
}

function describe(
  { number, name, transactional, irreversible, blocks, hazards }: Migration,
  folder: string,
): string {
  return [
    `${join(folder, `${number}_${name}`)}.{up.sql,down.sql,json}${transactional ? '' : ' (outside a transaction)'}`,
    ...irreversible.up.map((lost) => `    going up LOSES ${lost}`),
    ...irreversible.down.map((lost) => `    going down loses ${lost}`),
    ...blocks.up.map((what) => `    going up BLOCKS others: it ${what}`),
    ...blocks.down.map((what) => `    going down blocks others: it ${what}`),
    ...hazards.map((hazard) => `    ${hazard}`),
  ].join('\n')
}

function withoutSql({ upSql: _up, downSql: _down, ...manifest }: Migration) {
  return manifest
}

async function seal(surveyName: string, options: MigrateOptions): Promise<void> {
  const { survey, folder } = await placeOf(surveyName, options)
  const sealed = await withArchive(options, ({ server }) =>
    sealMigrations(server.connectionUrl, chooseSkyIndex, survey, folder),
  )
  print(
    { value: sealed.map(withoutSql), text: `${survey.name}: ${sealed.length} migrations sealed` },
    options,
  )
}

type Goal = Parameters<typeof migrateTo>[4]

function runTo(goal: () => Goal) {
  return async (surveyName: string, options: MigrateOptions): Promise<void> => {
    const { survey, folder } = await placeOf(surveyName, options)
    const progress = progressOf(options)
    const done = await withArchive(options, ({ client, sky }) =>
      migrateTo(client, survey, sky, folder, goal(), {
        onStep: (line) => progress.say(line),
        ...(options.verifiedBackup === undefined ? {} : { backup: options.verifiedBackup }),
      }),
    )
    print({ value: done, text: resultText(done) }, options)
  }
}

function resultText({ survey, from, to, steps }: Migrated): string {
  if (from === to) return [...steps, `${survey}: at ${to}, nothing to run`].join('\n')
  return `${survey}: from ${from} to ${to} in ${steps.length} ${steps.length === 1 ? 'step' : 'steps'}`
}

async function backUp(
  surveyName: string,
  out: string,
  options: MigrateOptions & { to: string },
): Promise<void> {
  const { survey, folder } = await placeOf(surveyName, options)
  const { backup, losses } = await withArchive(options, ({ client, server }) =>
    takeBackup(client, server.connectionUrl, chooseSkyIndex, survey, folder, options.to, out),
  )
  const saved = backup.tables.map(({ name, rows, bytes }) => [name, rows, bytes])
  const text = losses.length
    ? `${out}: what is lost from ${backup.version} to ${backup.goal} (${losses.join(', ')}), restored on a scratch database and found the same\n${table(['table', 'rows', 'bytes'], saved)}`
    : `${survey.name}: nothing is lost from ${backup.version} to ${backup.goal}; no backup is needed`
  print({ value: { ...backup, losses, folder: losses.length ? out : null }, text }, options)
}

async function restore(
  surveyName: string,
  from: string,
  options: MigrateOptions & { schema: string },
): Promise<void> {
  const { survey } = await placeOf(surveyName, options)
  const backup = readBackup(from)
  await withArchive(options, ({ client }) => restoreBackup(client, from, backup, options.schema))
  const tables = backup.tables.map(({ name, rows }) => ({ table: `${options.schema}.${name}`, rows }))
  const text = `${survey.name}: ${tables.map((each) => `${each.table} (${each.rows} rows)`).join(', ')}: the rows that were saved, without keys`
  print({ value: { survey: survey.name, tables }, text }, options)
}

async function status(surveyName: string, options: MigrateOptions): Promise<void> {
  const { survey, folder } = await placeOf(surveyName, options)
  const value = await withArchive(options, ({ client }) => migrationStatus(client, survey, folder))
  const rows = value.migrations.map(({ migration, state, at, blocks }) => [
    migration,
    state,
    at,
    blocks.join('; '),
  ])
  print(
    {
      value,
      text: `${survey.name}: at ${value.version}\n${table(['migration', 'state', 'since', 'next run blocks others'], rows)}`,
    },
    options,
  )
}

async function verify(surveyName: string, options: MigrateOptions): Promise<void> {
  const { survey, folder } = await placeOf(surveyName, options)
  const migrations = readMigrations(folder)
  const { version } = await withArchive(options, ({ client }) => migrationStatus(client, survey, folder))
  const value = { survey: survey.name, migrations: migrations.length, version }
  print(
    { value, text: `${survey.name}: ${migrations.length} migrations are as sealed, ${version} is in force` },
    options,
  )
}

async function prove(surveyName: string, options: MigrateOptions): Promise<void> {
  const { survey, folder } = await placeOf(surveyName, options)
  const value = await withArchive(options, ({ server }) =>
    proveMigrations(server.connectionUrl, chooseSkyIndex, survey, folder),
  )
  const lost = value.irreversible.map((each) => `\n  irreversible: ${each}`).join('')
  const text = `${survey.name}: proved: ${value.migrations} migrations, from each version to the last and back twice; ${value.rows} rows came back as they were, and the last version is what the declaration builds${lost}`
  print({ value, text }, options)
}
