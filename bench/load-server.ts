// A server of its own for the benchmarks of loading, psql beside it, and tables emptied between the runs.
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { forgetSurvey } from '../src/load/index.ts'
import type { Survey } from '../src/model/index.ts'
import {
  applySurvey,
  type Client,
  connect,
  quoteIdentifier,
  startEmbedded,
  stopEmbedded,
} from '../src/postgres/index.ts'
import { chooseSkyIndex, q3cExtensionFiles, type SkyIndex } from '../src/sky/index.ts'

export interface BenchServer {
  readonly url: string
  readonly client: Client
  /** For files of the benchmark; gone with the server. */
  readonly folder: string
  readonly sky: SkyIndex
  stop(): Promise<void>
}

/** A server is a process of its own: it must not outlive a benchmark that is stopped. */
const signals = ['SIGINT', 'SIGTERM'] as const

/** Starts the embedded server with the tables of the surveys. */
export async function benchServer(surveys: readonly Survey[]): Promise<BenchServer> {
  const folder = mkdtempSync(join(tmpdir(), 'almagest-bench-'))
  // As root the server runs as another user, who must get to its folder.
  chmodSync(folder, 0o755)
  const home = join(folder, 'home')
  const end = async () => {
    for (const signal of signals) process.off(signal, interrupted)
    await stopEmbedded({ home })
    rmSync(folder, { recursive: true, force: true })
  }
  let ended: Promise<void> | undefined
  const stop = () => {
    ended ??= end()
    return ended
  }
  const interrupted = () => void stop().finally(() => process.exit(130))
  for (const signal of signals) process.once(signal, interrupted)
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

/** From the next connection on, ANALYZE samples 300 rows: of a thousand columns the usual 30,000 take a minute. */
export async function smallStatistics({ url, client }: BenchServer): Promise<void> {
  const database = quoteIdentifier(new URL(url).pathname.slice(1))
  await client.query(`ALTER DATABASE ${database} SET default_statistics_target = 1`)
}

/** Seconds that psql takes for these commands, its own start included. */
export function psql(url: string, ...commands: string[]): number {
  const started = performance.now()
  execFileSync('psql', psqlArguments(url, commands), { stdio: ['ignore', 'ignore', 'inherit'] })
  return (performance.now() - started) / 1000
}

/** Seconds until all of several psql beside each other have done their commands. */
export async function psqlTogether(url: string, each: readonly (readonly string[])[]): Promise<number> {
  const started = performance.now()
  const children = each.map((commands) =>
    spawn('psql', psqlArguments(url, commands), { stdio: ['ignore', 'ignore', 'inherit'] }),
  )
  const ends = await Promise.all(children.map((child) => once(child, 'exit')))
  if (ends.some(([code]) => code !== 0)) throw new Error('psql failed')
  return (performance.now() - started) / 1000
}

const psqlArguments = (url: string, commands: readonly string[]) => [
  '-qX',
  '-v',
  'ON_ERROR_STOP=1',
  url,
  ...commands.flatMap((command) => ['-c', command]),
]
