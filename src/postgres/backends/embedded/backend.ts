// An embedded server by name: set up on first use, started, found running, stopped.
import { randomBytes } from 'node:crypto'
import { existsSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { AlmagestError } from '../../../model/index.ts'
import { connect } from '../../connection.ts'
import { quoteIdentifier } from '../../identifiers.ts'
import type { Backend, RunningServer, ServerStatus, StartOptions } from '../backend.ts'
import { maskUrl, withConnectionUrl } from '../connection-url.ts'
import { serverAccount } from './account.ts'
import { installBinaries, packagedBinaries, placeExtensionFiles } from './binaries.ts'
import {
  accountOf,
  awaitReady,
  type Cluster,
  haltCluster,
  initCluster,
  launchCluster,
  owner,
} from './cluster.ts'
import { homeFolder, type InstanceFolders, instanceFolders, makeFolder, translateFileError } from './home.ts'
import { checkPort, choosePort, firstPort } from './port.ts'
import { findPostmaster } from './postmaster.ts'
import { defaultSettings } from './settings.ts'
import { newSibling } from './sibling.ts'

export interface EmbeddedInstance {
  /** Folder for binaries and data; default: `ALMAGEST_HOME`, /var/lib/almagest for root, else the user's. */
  home?: string
  /** Which of the home's clusters: `main` unless said otherwise. */
  instance?: string
}

/** The embedded server as a backend; see {@link startEmbedded} for errors. */
export function embeddedBackend(which: EmbeddedInstance = {}): Backend {
  return {
    kind: 'embedded',
    start: (options) => startEmbedded({ ...which, ...options }),
    stop: () => stopEmbedded(which),
    status: () => statusEmbedded(which),
  }
}

/**
 * Starts an embedded PostgreSQL 16 that outlives this process; one that runs already is returned as it is.
 * @throws AlmagestError `PORT_IN_USE`, `PORT_INVALID`, `ALREADY_RUNNING` (at another port than asked for),
 *   `HOME_UNWRITABLE`, `HOME_NOT_TRAVERSABLE`, `HOME_OF_ANOTHER_USER`, `DISK_FULL`, `BINARIES_MISSING`,
 *   `BINARIES_NOT_RUNNABLE`, `DATA_FOLDER_VERSION`, `INITDB_FAILED`, `SERVER_NOT_STARTED`,
 *   `NO_UNPRIVILEGED_ACCOUNT`, `INSTANCE_NAME`
 */
export async function startEmbedded(options: EmbeddedInstance & StartOptions = {}): Promise<RunningServer> {
  const folders = foldersOf(options)
  const onProgress = options.onProgress ?? (() => {})
  if (options.port !== undefined) checkPort(options.port)
  if (existsSync(folders.instance)) checkOwnership(folders)
  const running = findPostmaster(folders.data)
  if (running && options.port !== undefined && running.port !== options.port) {
    throw runsElsewhere(folders, running.port, options.port)
  }
  const account = existsSync(folders.data) ? accountOf(folders.data) : serverAccount()
  makeFolder(join(folders.home, 'instances'))
  makeFolder(folders.binaries)
  const { major } = packagedBinaries()
  const bin = await installBinaries(folders, account, onProgress)
  placeExtensionFiles(bin, options.extensionFiles ?? {})
  const cluster: Cluster = { ...folders, bin, account }
  if (!existsSync(folders.instance)) {
    onProgress(`Setting up a PostgreSQL ${major} cluster in ${folders.instance}`)
    await createInstance(cluster, options.settings?.fsync !== 'off')
  }
  checkDataVersion(folders.data, major)
  const started = !running && (await launchOnPort(cluster, options, onProgress))
  await awaitReady(folders.data)
  return describeServer(folders, started)
}

/** Stops an embedded server. @returns whether it was running @throws AlmagestError `SERVER_NOT_STOPPED` */
export async function stopEmbedded(which: EmbeddedInstance = {}): Promise<boolean> {
  const folders = foldersOf(which)
  if (!existsSync(folders.data)) return false
  checkOwnership(folders)
  return haltCluster(folders.data)
}

/** How an embedded server stands; starts nothing. */
export async function statusEmbedded(which: EmbeddedInstance = {}): Promise<ServerStatus> {
  const folders = foldersOf(which)
  if (!existsSync(folders.instance)) return { state: 'absent' }
  checkOwnership(folders)
  if (!findPostmaster(folders.data)) return { state: 'stopped', dataFolder: folders.data }
  return { state: 'running', server: await describeServer(folders, false) }
}

function foldersOf(which: EmbeddedInstance): InstanceFolders {
  return instanceFolders(homeFolder(which.home), which.instance ?? 'main')
}

/** Sets a cluster up under another name and renames it when complete, so that none is ever half set up. */
async function createInstance(cluster: Cluster, durable: boolean): Promise<void> {
  const unfinished = newSibling(cluster.instance)
  try {
    await initCluster(
      cluster.bin,
      cluster.account,
      unfinished,
      randomBytes(18).toString('base64url'),
      durable,
    )
    renameSync(unfinished, cluster.instance)
  } catch (error) {
    rmSync(unfinished, { recursive: true, force: true })
    // Another process may have been first, and its cluster serves as well.
    if (!existsSync(cluster.instance)) throw translateFileError(error, cluster.instance)
  }
}

/** @returns whether this call started it: another process may have been faster */
async function launchOnPort(
  cluster: Cluster,
  { port: asked, settings }: StartOptions,
  onProgress: (line: string) => void,
): Promise<boolean> {
  let preferred = lastPort(cluster.settings)
  for (;;) {
    const port = await choosePort(asked, preferred)
    onProgress(`Starting PostgreSQL on 127.0.0.1:${port}`)
    try {
      await launchCluster(cluster, { ...defaultSettings(port), ...settings })
      return findPostmaster(cluster.data)?.port === port
    } catch (error) {
      if (findPostmaster(cluster.data)) return false
      if (asked !== undefined || (error as AlmagestError).code !== 'PORT_IN_USE') throw error
      preferred = port + 1
    }
  }
}

/** The port of the last start, so that commands noted down keep working. */
function lastPort(settings: string): number {
  if (!existsSync(settings)) return firstPort
  return Number(/^port = '(\d+)'/m.exec(readFileSync(settings, 'utf8'))?.[1] ?? firstPort)
}

/** Opens the server once: that proves that it answers, and makes the database after the first start. */
async function describeServer(folders: InstanceFolders, started: boolean): Promise<RunningServer> {
  const port = findPostmaster(folders.data)?.port ?? lastPort(folders.settings)
  const url = new URL(`postgresql://${owner}@127.0.0.1:${port}/postgres`)
  url.password = readFileSync(folders.passwords, 'utf8').trim().split(':')[4] ?? ''
  const tls = existsSync(folders.authority)
  if (tls) {
    url.searchParams.set('sslmode', 'verify-full')
    url.searchParams.set('sslrootcert', folders.authority)
  }
  await using client = await connect(url.href)
  const { rows } = await client.query<{ version: string; made: boolean }>(
    `SELECT current_setting('server_version') AS version,
      EXISTS (SELECT FROM pg_database WHERE datname = $1) AS made`,
    [owner],
  )
  if (!rows[0]?.made) await createDatabase(client)
  url.pathname = `/${owner}`
  const server = {
    host: '127.0.0.1',
    port,
    user: owner,
    database: owner,
    publicUrl: maskUrl(url),
    psql: `PGPASSFILE='${folders.passwords}'${tls ? ` PGSSLMODE=verify-full PGSSLROOTCERT='${folders.authority}'` : ''} psql -h 127.0.0.1 -p ${port} -U ${owner} ${owner}`,
    version: rows[0]?.version ?? '',
    dataFolder: folders.data,
    started,
  }
  return withConnectionUrl(server, url.href)
}

async function createDatabase(client: Awaited<ReturnType<typeof connect>>): Promise<void> {
  await client.query(`CREATE DATABASE ${quoteIdentifier(owner)}`).catch((error: { code?: string }) => {
    // 42P04 and 23505: another process made it in this moment.
    if (error.code !== '42P04' && error.code !== '23505') throw error
  })
}

/** An instance serves the user who made it: nobody else can read its password. */
function checkOwnership(folders: InstanceFolders): void {
  try {
    readFileSync(folders.passwords)
  } catch (error) {
    throw new AlmagestError(
      'HOME_OF_ANOTHER_USER',
      'environment',
      `The instance ${folders.instance} cannot be opened: ${(error as Error).message}`,
      'Run as the user who set it up, or choose a home of your own with ALMAGEST_HOME.',
      { file: folders.passwords },
      { cause: error },
    )
  }
}

function checkDataVersion(data: string, needed: string): void {
  const found = readFileSync(join(data, 'PG_VERSION'), 'utf8').trim()
  if (found === needed) return
  throw new AlmagestError(
    'DATA_FOLDER_VERSION',
    'environment',
    `${data} holds data of PostgreSQL ${found}, and the embedded server is PostgreSQL ${needed}`,
    'Choose another home with ALMAGEST_HOME and load again, or start the folder with its own version.',
    { file: data },
  )
}

function runsElsewhere(folders: InstanceFolders, port: number, asked: number): AlmagestError {
  return new AlmagestError(
    'ALREADY_RUNNING',
    'usage',
    `The server of ${folders.data} runs already, on port ${port} instead of ${asked}`,
    'Use that port, or stop it first with almagest stop.',
    { value: String(asked) },
  )
}
