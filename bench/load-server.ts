// A server of its own for the benchmarks of loading, psql beside it, and tables emptied between the runs.
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { forgetSurvey } from '../src/load/index.ts'
import type { Survey } from '../src/model/index.ts'
import { applySurvey, type Client, connect, startEmbedded, stopEmbedded } from '../src/postgres/index.ts'
import { chooseSkyIndex, q3cExtensionFiles, type SkyIndex } from '../src/sky/index.ts'

export interface BenchServer {
  readonly url: string
  readonly client: Client
  /** For files of the benchmark; gone with the server. */
  readonly folder: string
  readonly sky: SkyIndex
  stop(): Promise<void>
}

/** Starts the embedded server with the tables of the surveys. */
export async function benchServer(surveys: readonly Survey[]): Promise<BenchServer> {
  const folder = mkdtempSync(join(tmpdir(), 'almagest-bench-'))
  // As root the server runs as another user, who must get to its folder.
  chmodSync(folder, 0o755)
  const home = join(folder, 'home')
  const stop = async () => {
    await stopEmbedded({ home })
    rmSync(folder, { recursive: true, force: true })
  }
  try {
    const { connectionUrl: url } = await startEmbedded({ home, extensionFiles: q3cExtensionFiles() })
    const client = await connect(url)
    const sky = await chooseSkyIndex(client)
    for (const survey of surveys) await applySurvey(client, survey, sky)
    return { url, client, folder, sky, stop: async () => client.end().then(stop) }
  } catch (error) {
    await stop()
    throw error
  }
}

/** Empties a table and the ledger; a checkpoint, so that no run pays for another one's pages. */
export async function empty({ client }: BenchServer, survey: Survey, table: string): Promise<void> {
  await client.query(`SET client_min_messages = warning; TRUNCATE ${table} CASCADE`)
  await forgetSurvey(client, survey)
  await client.query('CHECKPOINT')
}

/** Seconds that psql takes for these commands, its own start included. */
export function psql(url: string, ...commands: string[]): number {
  const started = performance.now()
  execFileSync('psql', psqlArguments(url, commands), { stdio: ['ignore', 'ignore', 'inherit'] })
  return (performance.now() - started) / 1000
}

/** Seconds until all of several psql beside each other have done theirs. */
export async function psqlTogether(url: string, each: readonly string[]): Promise<number> {
  const started = performance.now()
  const children = each.map((command) =>
    spawn('psql', psqlArguments(url, [command]), { stdio: ['ignore', 'ignore', 'inherit'] }),
  )
  await Promise.all(children.map((child) => once(child, 'exit')))
  return (performance.now() - started) / 1000
}

const psqlArguments = (url: string, commands: readonly string[]) => [
  '-qX',
  '-v',
  'ON_ERROR_STOP=1',
  url,
  ...commands.flatMap((command) => ['-c', command]),
]
