// `almagest start` and `almagest stop`: the embedded server.
import { Command } from 'commander'
import { q3cExtensionFiles } from '../../sky/index.ts'
import { backendOf } from '../archive.ts'
import { type CommonOptions, databaseOptions, print, progressOf } from '../context.ts'
import { wholeNumber } from '../numbers.ts'
import { describeServer } from '../server-text.ts'

export function startCommand(): Command {
  const command = databaseOptions(new Command('start'))
    .description('start the embedded PostgreSQL server, setting it up the first time')
    .option('--port <number>', 'port to listen on', wholeNumber('--port', 1, 65535))
  return command.action(async (options: CommonOptions & { port?: number }) => {
    const progress = progressOf(options)
    const server = await backendOf(options).start({
      ...(options.port === undefined ? {} : { port: options.port }),
      extensionFiles: q3cExtensionFiles(),
      onProgress: (line) => progress.say(line),
    })
    print(describeServer(server, server.started ? 'started' : 'running'), options)
  })
}

export function stopCommand(): Command {
  const command = databaseOptions(new Command('stop')).description('stop the embedded PostgreSQL server')
  return command.action(async (options: CommonOptions) => {
    const stopped = await backendOf(options).stop()
    print({ value: { stopped }, text: stopped ? 'stopped' : 'it was not running' }, options)
  })
}
