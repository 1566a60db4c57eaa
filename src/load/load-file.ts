// One file in one transaction: all its tables, its rejects and its entry in the ledger, or nothing.
import { stat } from 'node:fs/promises'
import { FitsError, type FitsFile, fileSource, openFits } from '../fits/index.ts'
import type { KeyRing } from '../keys/index.ts'
import { AlmagestError } from '../model/index.ts'
import { type Client, connect, translateServerError } from '../postgres/index.ts'
import { agreementOf } from './agreement.ts'
import { type Destination, staging, tables as theTables } from './destination.ts'
import { type FileDigest, type FileDigests, refuseChanged } from './digests.ts'
import { loadError } from './errors.ts'
import { freedDuplicates } from './freed-duplicates.ts'
import {
  beginAttempt,
  contentOf,
  type FailureNote,
  failAttempt,
  finishAttempt,
  type LoadedFile,
  loadedTables,
  markGone,
} from './ledger.ts'
import { loadTable } from './load-table.ts'
import { type CatalogLayout, chooseLayouts, findHdu, type NamedFile } from './match.ts'
import { pixelTable } from './pixel-table.ts'
import { RejectLog } from './rejects.ts'
import { deleteRows, isStillThere } from './replace.ts'
import type { FileReport, LoadProgress, TableReport } from './report.ts'

export interface FileOptions {
  readonly replace: boolean
  /** Whether the rows go to staging. */
  readonly stage: boolean
  readonly maxRejects: number | undefined
  readonly keys: KeyRing | undefined
  readonly signal: AbortSignal | undefined
  readonly onProgress: (progress: LoadProgress) => void
}

/**
 * Loads a file, once: an advisory lock keeps other loaders off the same name meanwhile.
 * @param server  where a new connection may be had, to note a failure when the first one is lost
 * @throws AlmagestError or FitsError; then nothing of the file is in the tables, and the ledger says why
 */
export async function loadFile(
  client: Client,
  server: string,
  digests: FileDigests,
  file: NamedFile,
  options: FileOptions,
): Promise<FileReport> {
  const lock = `almagest load ${file.survey.name} ${file.name}`
  try {
    await client.query('SELECT pg_advisory_lock(hashtextextended($1, 0))', [lock])
    const report = await loadLocked(client, server, digests, file, options)
    await client.query('SELECT pg_advisory_unlock(hashtextextended($1, 0))', [lock])
    return report
  } catch (error) {
    await client.query('SELECT pg_advisory_unlock(hashtextextended($1, 0))', [lock]).catch(() => {})
    throw error instanceof FitsError ? error : translateServerError(error, { file: file.path })
  }
}

async function loadLocked(
  client: Client,
  server: string,
  digests: FileDigests,
  file: NamedFile,
  options: FileOptions,
): Promise<FileReport> {
  const started = performance.now()
  const source = await fileSource(file.path)
  try {
    const bytes = (await stat(file.path)).size
    const before = await presentContent(client, file)
    const { agreed, digest } = digests.of(file)
    const same = before && isSame(before, file, await digest)
    // Rows that it yielded to another file's, which are gone, are worth loading it again.
    if (
      same &&
      !(options.replace && (await freedDuplicates(client, file.survey, before.fileId)).length > 0)
    ) {
      const tables = await loadedTables(client, before.fileId)
      return report(file, 'already loaded', before.fileId, before.sha256, bytes, tables, started)
    }
    if (before && !options.replace) throw changed(before, file, await digest)
    const waiting = options.stage ? await stagedContent(client, file) : undefined
    if (waiting && isSame(waiting, file, await digest)) {
      const tables = await loadedTables(client, waiting.fileId)
      return report(file, 'already staged', waiting.fileId, waiting.sha256, bytes, tables, started)
    }
    const fileId = await beginAttempt(client, file, bytes)
    const former = options.stage ? waiting : before
    const destination = options.stage ? staging(file.survey, fileId) : theTables
    const attempt = { client, agreed, digest, file, fileId, bytes, former, destination, options }
    const { tables, sha256 } = await recordingFailure(client, server, fileId, async () => {
      const fits = await openFits(source)
      return attemptLoad(fits, attempt).finally(() => fits.close())
    })
    const outcome = options.stage ? 'staged' : before ? 'replaced' : 'loaded'
    return report(file, outcome, fileId, sha256, bytes, tables, started)
  } finally {
    await source.close().catch(() => {})
  }
}

/** The content that is loaded under this name; one whose rows are gone from the tables doesn't count. */
async function presentContent(client: Client, file: NamedFile): Promise<LoadedFile | undefined> {
  const before = await contentOf(client, file, 'loaded')
  if (!before || (await isStillThere(client, file.survey, before.fileId, theTables))) return before
  await markGone(client, before.fileId, 'replaced')
  return undefined
}

/** The content that is staged under this name, unless its rows were lost. */
async function stagedContent(client: Client, file: NamedFile): Promise<LoadedFile | undefined> {
  const waiting = await contentOf(client, file, 'staged')
  const place = staging(file.survey, waiting?.fileId ?? 0)
  if (!waiting || (await isStillThere(client, file.survey, waiting.fileId, place))) return waiting
  await markGone(client, waiting.fileId, 'discarded')
  return undefined
}

function isSame(before: LoadedFile, { survey }: NamedFile, { sha256 }: FileDigest): boolean {
  return before.version === survey.version && before.sha256 === sha256
}

function changed(before: LoadedFile, file: NamedFile, { sha256 }: FileDigest): AlmagestError {
  const message =
    sha256 === before.sha256
      ? `${file.name} is loaded by version ${before.version} of the catalogue, which is at version ${file.survey.version} now`
      : `${file.name} is loaded with other content: SHA-256 ${before.sha256}, now ${sha256}`
  return loadError('LOAD_CHANGED', message, { file: file.path })
}

interface Attempt {
  readonly client: Client
  readonly file: NamedFile
  readonly fileId: number
  readonly bytes: number
  /** Whether columns that must agree are digested, so that the rows need not be compared. */
  readonly agreed: Promise<boolean>
  readonly digest: Promise<FileDigest>
  /** The content of the destination to be replaced. */
  readonly former: LoadedFile | undefined
  readonly destination: Destination
  readonly options: FileOptions
}

async function attemptLoad(
  fits: FitsFile,
  { client, agreed, digest, file, fileId, bytes, former, destination, options }: Attempt,
): Promise<{ tables: TableReport[]; sha256: string }> {
  const layouts = chooseLayouts(file, fits)
  const agreement = agreementOf(fits, layouts)
  const rejects = new RejectLog(fileId, file.path, options.maxRejects)
  let rows = 0
  const rowsTotal = layouts.reduce((sum, layout) => sum + rowsOf(fits, layout), 0)
  const onRows = (more: number) => {
    rows += more
    options.onProgress({ file: file.name, rows, rowsTotal, bytes })
  }
  return client.transaction(async () => {
    if (former) await deleteRows(client, file.survey, former.fileId, file.name, destination)
    const tables: TableReport[] = []
    const hooks = { signal: options.signal, onRows, agreed: await agreed, keys: options.keys, destination }
    for (const layout of layouts) tables.push(await loadTable(client, fits, layout, rejects, hooks))
    if (former) await markGone(client, former.fileId, destination.staged ? 'discarded' : 'replaced')
    const digested = await digest
    await refuseChanged(file.path, digested)
    if (hooks.agreed) await agreement.check(digested.columns)
    const { sha256 } = digested
    await finishAttempt(client, fileId, fits, sha256, tables, destination.staged ? 'staged' : 'loaded')
    return { tables, sha256 }
  })
}

/** Rows that a layout will read, for the progress. */
function rowsOf(fits: FitsFile, { layout }: CatalogLayout): number {
  if (layout.rows === 'file') return 1
  if (layout.rows === 'pixels') return pixelTable(fits, findHdu(fits, layout.hdus[0]!)!).rowCount
  const table = layout.hdus.map((name) => findHdu(fits, name)).find((hdu) => hdu && hdu.kind !== 'image')
  return Number(table?.header.get('NAXIS2') ?? 0)
}

/** Runs the attempt; a failure is noted in the ledger, over a new connection if the old one is lost. */
async function recordingFailure<T>(
  client: Client,
  server: string,
  fileId: number,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work()
  } catch (error) {
    const failure: FailureNote =
      error instanceof AlmagestError || error instanceof FitsError ? error : translateServerError(error)
    try {
      await failAttempt(client, fileId, failure)
    } catch {
      await recordAnew(server, fileId, failure)
    }
    throw error
  }
}

/** Without a server there is nobody to tell: the entry stays "loading", and the next run takes it up. */
async function recordAnew(server: string, fileId: number, failure: FailureNote): Promise<void> {
  try {
    await using client = await connect(server)
    await failAttempt(client, fileId, failure)
  } catch {}
}

function report(
  file: NamedFile,
  outcome: FileReport['outcome'],
  fileId: number,
  sha256: string,
  bytes: number,
  tables: readonly TableReport[],
  started: number,
): FileReport {
  const seconds = (performance.now() - started) / 1000
  const read = outcome.startsWith('already') ? 0 : tables.reduce((sum, { rowsRead }) => sum + rowsRead, 0)
  return {
    file: file.name,
    path: file.path,
    survey: file.survey.name,
    outcome,
    fileId,
    sha256,
    bytes,
    tables,
    seconds,
    rowsPerSecond: read / seconds,
  }
}
