// `almagest profile`: how the columns of tables are distributed, stored to compare later content with.
import { readFileSync, writeFileSync } from 'node:fs'
import { Command } from 'commander'
import { AlmagestError } from '../../model/index.ts'
import {
  makeProfile,
  type Profile,
  parseProfiles,
  storedProfiles,
  storeProfile,
  tableFacts,
} from '../../quality/index.ts'
import { type CommonOptions, databaseOptions, openArchiveFor, print, progressOf } from '../context.ts'
import { count, table } from '../report.ts'
import { catalogNamed, findSurveys } from '../surveys.ts'

interface ProfileOptions extends CommonOptions {
  name: string
  out?: string
  import?: string
}

export function profileCommand(): Command {
  const command = databaseOptions(new Command('profile'))
    .description('store how the columns of tables are distributed; without tables, list what is stored')
    .argument('[catalogues...]', 'tables, with or without their schema')
    .option('--name <name>', 'name of the profile; checks look for "reference" unless told', 'reference')
    .option('--out <file>', 'write the profiles to a JSON file, not to the database')
    .option('--import <file>', 'store the profiles of such a file in the database')
  return command.action(async (wanted: string[], options: ProfileOptions) => {
    const version = command.parent?.version() ?? ''
    const surveys = await findSurveys(options.catalogs)
    const catalogs = wanted.map((name) => catalogNamed(surveys, name))
    const imported = options.import ? parseProfiles(readFileSync(options.import, 'utf8'), options.import) : []
    const progress = progressOf(options)
    await using archive = await openArchiveFor(options, progress)
    const made: Profile[] = []
    for (const [done, catalog] of catalogs.entries()) {
      progress.step('profiling', done, catalogs.length, catalog.name)
      const facts = await tableFacts(archive.client, catalog)
      if (!facts) throw tableMissing(catalog.name)
      made.push(await makeProfile(archive.client, catalog, facts, { name: options.name, version }))
    }
    progress.end()
    if (options.out) writeFileSync(options.out, `${JSON.stringify(made)}\n`)
    else for (const profile of [...imported, ...made]) await storeProfile(archive.client, profile)
    const listed =
      made.length + imported.length > 0 ? [...imported, ...made] : await storedProfiles(archive.client)
    print({ value: listed, text: profilesText(listed) }, options)
  })
}

function profilesText(profiles: readonly Profile[]): string {
  if (profiles.length === 0)
    return 'no profile is stored: name a table, e.g. almagest profile fastspecfit_iron'
  const rows = profiles.map(({ name, table: of, rows: n, columns, files, madeAt }) => [
    name,
    of,
    count(n),
    String(Object.keys(columns).length),
    String(files.length),
    madeAt.slice(0, 19),
  ])
  return table(['profile', 'table', 'rows', 'columns', 'files', 'made'], rows)
}

function tableMissing(name: string): AlmagestError {
  return new AlmagestError(
    'PROFILE_NO_TABLE',
    'usage',
    `there is no table ${name}`,
    'Build it: almagest apply.',
    {
      value: name,
    },
  )
}
