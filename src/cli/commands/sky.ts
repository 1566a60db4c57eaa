// `almagest sky`: which sky indexes a server can serve, changing from one to another, positions in other frames.
import { Command } from 'commander'
import { applySurvey, deployments } from '../../postgres/index.ts'
import { chooseSkyIndex, loadSkyIndexBackends, moveSkyIndex } from '../../sky/index.ts'
import { type CommonOptions, databaseOptions, openArchiveFor, print, progressOf } from '../context.ts'
import { table } from '../report.ts'
import { findSurveys, surveyNamed } from '../surveys.ts'
import { convertCommand } from './sky-convert.ts'

export function skyCommand(): Command {
  return new Command('sky')
    .description('the indexes by which rows are found on the sky; positions in other frames')
    .addCommand(listCommand())
    .addCommand(moveCommand())
    .addCommand(convertCommand())
}

function listCommand(): Command {
  const command = databaseOptions(new Command('list')).description(
    'the sky indexes that the server can serve, and why not the others',
  )
  return command.action(async (options: CommonOptions) => {
    await using archive = await openArchiveFor(options, progressOf(options))
    const rows: { name: string; serves: boolean; used: boolean; note: string }[] = []
    for (const backend of await loadSkyIndexBackends()) {
      const answer = await backend.detect(archive.client)
      const serves = !('refusal' in answer)
      const note = 'refusal' in answer ? answer.refusal : answer.version
      rows.push({ name: backend.name, serves, used: backend.name === archive.sky.name, note })
    }
    const cells = rows.map(({ name, serves, used, note }) => [
      name,
      serves ? 'yes' : 'no',
      used ? 'yes' : '',
      note,
    ])
    print(
      { value: rows, text: table(['index', 'can be served', 'used', 'version or reason'], cells) },
      options,
    )
  })
}

function moveCommand(): Command {
  const command = databaseOptions(new Command('move'))
    .description('change the sky index of every table in the database, while it is read and written')
    .requiredOption('--to <index>', 'q3c, q3c-sql, healpix or pgsphere: see `almagest sky list`')
  return command.action(async (options: CommonOptions & { to: string }) => {
    const all = await findSurveys(options.catalogs)
    const progress = progressOf(options)
    await using archive = await openArchiveFor(options, progress)
    const { client } = archive
    const to = await chooseSkyIndex(client, options.to)
    for (const statement of to.install) await client.query(statement)
    const moved: { catalogue: string; moved: boolean }[] = []
    const surveys = (await deployments(client)).map(({ name, purpose }) => ({
      survey: surveyNamed(all, name),
      purpose,
    }))
    for (const { survey, purpose } of surveys) {
      for (const catalog of survey.catalogs.filter(({ sky }) => sky)) {
        progress.say(`${catalog.name}: building its index for ${to.name}`)
        moved.push({ catalogue: catalog.name, moved: await moveSkyIndex(client, catalog, to) })
      }
      // records the deployment, and what the schema is now
      await applySurvey(client, survey, to, purpose)
    }
    const lines = moved.map((each) => `${each.catalogue}: ${each.moved ? `now ${to.name}` : 'as it was'}`)
    print({ value: moved, text: lines.join('\n') || 'no survey built yet: run `almagest apply`' }, options)
  })
}
