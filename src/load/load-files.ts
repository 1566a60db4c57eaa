// Many files over several connections: matched first, in an order that references allow, indexes built at the end.
import { fileSource } from '../fits/index.ts'
import type { KeyRing } from '../keys/index.ts'
import type { Catalog, Survey } from '../model/index.ts'
import { type Client, connect, quoteIdentifier, translateServerError } from '../postgres/index.ts'
import { type BuiltAfterwards, builtAfterwards } from './built-afterwards.ts'
import { FileDigests } from './digests.ts'
import { loadError } from './errors.ts'
import { fileColumnOf } from './file-column.ts'
import { ensureLedger } from './ledger-ddl.ts'
import { type FileOptions, loadFile } from './load-file.ts'
import { matchName, type NamedFile } from './match.ts'
import { overAll } from './over-all.ts'
import type { FileReport, LoadProgress, LoadReport } from './report.ts'
import { loadingStages } from './stages.ts'
import { ensureStaging } from './staging-tables.ts'

export interface LoadOptions {
  /** Connections over which files are loaded at once, and then indexes built; 1 unless said. */
  readonly jobs?: number
  /** Whether a changed file takes the place of the loaded one. */
  readonly replace?: boolean
  /** Whether the rows go to staging, from where `publishStaged` brings them into the tables. */
  readonly stage?: boolean
  /** Most rejected rows per file; without it value rules may reject any number, keys and references none. */
  readonly maxRejects?: number
  /** Keys that seal the values of encrypted columns. */
  readonly keys?: KeyRing | undefined
  readonly onProgress?: (progress: LoadProgress) => void
  /** What is to be dropped from tables that are empty, and built again when the data are in. */
  readonly afterwards?: (catalog: Catalog) => BuiltAfterwards
  /** Rolls back the files under way and ends the load. */
  readonly signal?: AbortSignal
}

/**
 * Loads FITS files into the tables of their surveys, each file in a transaction of its own: readers see all of
 * a file or nothing of it, and after a failure or a kill the same call goes on at the first file not loaded.
 * ```ts
 * const report = await loadFiles(server, surveys, ['fastspec-iron-main-bright-nside1-hp00.fits'], { jobs: 2 })
 * ```
 * @param server  a running server, or a connection URL
 * @throws AlmagestError (LOAD_..., and what the server reports) or FitsError, with the file in `place`; files
 *   that were loaded before stay loaded
 */
export async function loadFiles(
  server: string | { readonly connectionUrl: string },
  surveys: readonly Survey[],
  paths: readonly string[],
  options: LoadOptions = {},
): Promise<LoadReport> {
  const started = performance.now()
  const files = paths.map((path) => matchName(surveys, path))
  refuseTwins(files)
  // A misspelt path is told before the first file is loaded.
  for (const path of paths) await (await fileSource(path)).close()
  const url = typeof server === 'string' ? server : server.connectionUrl
  const jobs = Math.max(1, options.jobs ?? 1)
  const clients = await openClients(url, jobs)
  const digests = new FileDigests(Math.min(jobs, files.length))
  try {
    const first = clients[0]!
    const catalogs = [...new Set(files.flatMap(({ candidates }) => candidates.map(({ catalog }) => catalog)))]
    if (!options.keys) refuseWithoutKeys(catalogs)
    await ensureLedger(first)
    await refuseMissing(first, catalogs)
    const stage = options.stage ?? false
    if (stage) await prepareStaging(first, files, catalogs)
    const reports = await builtAfterwards(clients, stage ? [] : catalogs, options.afterwards, () =>
      loadInStages(clients, url, digests, files, {
        replace: options.replace ?? false,
        stage,
        maxRejects: options.maxRejects,
        keys: options.keys,
        signal: options.signal,
        onProgress: options.onProgress ?? (() => {}),
      }),
    )
    if (!stage) await analyze(clients, catalogs, reports)
    return summary(reports, (performance.now() - started) / 1000)
  } catch (error) {
    throw isTyped(error) ? error : translateServerError(error)
  } finally {
    await digests.end()
    await Promise.all(clients.map((client) => client.end().catch(() => {})))
  }
}

const isTyped = (error: unknown) => error instanceof Error && 'hint' in error && 'place' in error

async function openClients(url: string, jobs: number): Promise<Client[]> {
  const opened = await Promise.allSettled(Array.from({ length: jobs }, () => connect(url)))
  const clients = opened.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []))
  const failed = opened.find((each) => each.status === 'rejected')
  if (!failed) return clients
  await Promise.all(clients.map((client) => client.end()))
  throw failed.reason
}

function refuseTwins(files: readonly NamedFile[]): void {
  const seen = new Map<string, NamedFile>()
  for (const file of files) {
    const twin = seen.get(file.name)
    if (twin) {
      const message = `${twin.path} and ${file.path} have the same name, by which the ledger knows files`
      throw loadError('LOAD_NAMED_TWICE', message, { file: file.path })
    }
    seen.set(file.name, file)
  }
}

function refuseWithoutKeys(catalogs: readonly Catalog[]): void {
  for (const { name, columns } of catalogs) {
    const column = Object.keys(columns).find((each) => columns[each]!.encrypts)
    if (column === undefined) continue
    throw loadError(
      'LOAD_KEYS_MISSING',
      `${name} has the encrypted column ${column}, and no keys are given`,
      { column },
    )
  }
}

/** Before anything is loaded, all tables must be there. */
async function refuseMissing(client: Client, catalogs: readonly Catalog[]): Promise<void> {
  for (const { schema, table, name } of catalogs) {
    const { rows } = await client.query<{ there: boolean }>('SELECT to_regclass($1) IS NOT NULL AS there', [
      quoteIdentifier(schema, table),
    ])
    if (!rows[0]!.there) throw loadError('LOAD_TABLE_MISSING', `there is no table ${name}`, {})
  }
}

async function prepareStaging(
  client: Client,
  files: readonly NamedFile[],
  fed: readonly Catalog[],
): Promise<void> {
  for (const survey of new Set(files.map((file) => file.survey))) {
    const own = survey.catalogs.filter((catalog) => fed.includes(catalog))
    const referred = own.flatMap(({ foreignKeys }) => foreignKeys.map(({ references }) => references))
    const needed = survey.catalogs.filter(
      (each) => own.includes(each) || (referred.includes(each.name) && fileColumnOf(each)),
    )
    await ensureStaging(client, survey, needed)
  }
}

/** One stage after the other; within a stage each connection takes the next file. */
async function loadInStages(
  clients: readonly Client[],
  url: string,
  digests: FileDigests,
  files: readonly NamedFile[],
  options: FileOptions,
): Promise<FileReport[]> {
  const reports = new Map<NamedFile, FileReport>()
  for (const stage of loadingStages(files)) {
    const queue = [...stage]
    let failed = false
    const work = async (client: Client) => {
      for (let file = queue.shift(); file && !failed; file = queue.shift()) {
        try {
          if (options.signal?.aborted) throw interrupted(file)
          digests.of(file)
          // The threads never wait for a file's rows or its commit: they go on with the next one.
          if (queue[0]) digests.of(queue[0])
          reports.set(file, await loadFile(client, url, digests, file, options))
        } catch (error) {
          // Files under way on other connections come to their end; no new one is begun.
          failed = true
          throw error
        }
      }
    }
    const ends = await Promise.allSettled(clients.map(work))
    const failure = ends.find((end) => end.status === 'rejected')
    if (failure) throw failure.reason
  }
  return files.map((file) => reports.get(file)!)
}

const interrupted = ({ path }: NamedFile) =>
  loadError('LOAD_INTERRUPTED', `the load was interrupted before ${path}`, { file: path })

/** Fresh statistics for the planner on every table that got rows. */
async function analyze(
  clients: readonly Client[],
  catalogs: readonly Catalog[],
  reports: readonly FileReport[],
): Promise<void> {
  const fed = new Set(
    reports
      .filter(({ outcome }) => !outcome.startsWith('already'))
      .flatMap(({ tables }) => tables.map(({ table }) => table)),
  )
  const tables = catalogs.filter(({ name }) => fed.has(name))
  await overAll(clients, tables, (client, { schema, table }) =>
    client.query(`ANALYZE ${quoteIdentifier(schema, table)}`),
  )
}

function summary(files: readonly FileReport[], seconds: number): LoadReport {
  const done = files.filter(({ outcome }) => !outcome.startsWith('already')).flatMap(({ tables }) => tables)
  const sum = (of: 'rowsRead' | 'rowsLoaded' | 'rowsRejected') =>
    done.reduce((total, table) => total + table[of], 0)
  return {
    files,
    rowsRead: sum('rowsRead'),
    rowsLoaded: sum('rowsLoaded'),
    rowsRejected: sum('rowsRejected'),
    seconds,
  }
}
