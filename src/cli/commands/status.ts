// `almagest status`: the server, the surveys built in it, and what is loaded.
import { Command } from 'commander'
import { readLedger } from '../../load/index.ts'
import { connect, deployments } from '../../postgres/index.ts'
import { deployedSkyIndex } from '../../sky/index.ts'
import { backendOf } from '../archive.ts'
import { type CommonOptions, databaseOptions, print } from '../context.ts'
import { count, table } from '../report.ts'
import { describeServer } from '../server-text.ts'

export function statusCommand(): Command {
  const command = databaseOptions(new Command('status')).description(
    'the server, the surveys built in it, the files loaded',
  )
  return command.action(async (options: CommonOptions) => {
    const status = await backendOf(options).status()
    if (status.state !== 'running') {
      const text =
        status.state === 'stopped'
          ? `stopped (data in ${status.dataFolder})`
          : 'not set up yet: run `almagest start`'
      return print({ value: status, text }, options)
    }
    await using client = await connect(status.server)
    const server = describeServer(status.server, 'running')
    const surveys = await deployments(client)
    const files = await readLedger(client)
    const sky = await deployedSkyIndex(client)
    const value = { server: server.value, sky: { name: sky.name, version: sky.version }, surveys, files }
    print(
      {
        value,
        text: [server.text, `sky index: ${sky.name} ${sky.version}`, ...texts(surveys, files)].join('\n'),
      },
      options,
    )
  })
}

type Deployments = Awaited<ReturnType<typeof deployments>>
type Files = Awaited<ReturnType<typeof readLedger>>

function texts(surveys: Deployments, files: Files): string[] {
  if (surveys.length === 0) return ['no survey built yet: run `almagest apply`']
  return [
    table(
      ['survey', 'schema', 'version', 'purpose'],
      surveys.map((each) => [each.name, each.schema, each.version, each.purpose]),
    ),
    files.length === 0
      ? 'no file loaded yet: run `almagest load FILES`'
      : table(['file', 'survey', 'state', 'rows loaded', 'rejected', 'bytes'], files.map(fileRow)),
  ]
}

function fileRow(file: Files[number]): string[] {
  const sum = (of: 'rowsLoaded' | 'rowsRejected') => file.tables.reduce((total, each) => total + each[of], 0)
  return [
    file.name,
    file.survey,
    file.state,
    count(sum('rowsLoaded')),
    count(sum('rowsRejected')),
    count(file.bytes),
  ]
}
