// One file in one transaction: all its tables, its rejects and its entry in the ledger, or nothing.
import { stat } from 'node:fs/promises'
import { FitsError, type FitsFile, fileSource, openFits } from '../fits/index.ts'
import { AlmagestError } from '../model/index.ts'
import { type Client, connect, translateServerError } from '../postgres/index.ts'
import { agreementOf } from './agreement.ts'
import { type FileDigest, type FileDigests, refuseChanged } from './digests.ts'
import { loadError } from './errors.ts'
import {
  beginAttempt,
  type FailureNote,
  failAttempt,
  finishAttempt,
  type LoadedFile,
  loadedFile,
  loadedTables,
  markReplaced,
} from './ledger.ts'
import { loadTable } from './load-table.ts'
import { type CatalogLayout, chooseLayouts, findHdu, type NamedFile } from './match.ts'
import { pixelTable } from './pixel-table.ts'
import { RejectLog } from './rejects.ts'
import { deleteRows, isStillThere } from './replace.ts'
import type { FileReport, LoadProgress, TableReport } from './report.ts'

export interface FileOptions {
  readonly replace: boolean
  readonly maxRejects: number | undefined
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
    if (before && isSame(before, file, await digest)) {
      const tables = await loadedTables(client, before.fileId)
      return report(file, 'already loaded', before.fileId, before.sha256, bytes, tables, started)
    }
    if (before && !options.replace) throw changed(before, file, await digest)
    const fileId = await beginAttempt(client, file, bytes)
    const attempt = { client, agreed, digest, file, fileId, bytes, before, options }
    const { tables, sha256 } = await recordingFailure(client, server, fileId, async () => {
      const fits = await openFits(source)
      return attemptLoad(fits, attempt).finally(() => fits.close())
    })
    return report(file, before ? 'replaced' : 'loaded', fileId, sha256, bytes, tables, started)
  } finally {
    await source.close().catch(() => {})
  }
}

/** The content that is loaded under this name; one whose rows are gone from the tables doesn't count. */
async function presentContent(client: Client, file: NamedFile): Promise<LoadedFile | undefined> {
  const before = await loadedFile(client, file)
  if (!before || (await isStillThere(client, file.survey, before.fileId))) return before
  await markReplaced(client, before.fileId)
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
  /** The content to be replaced. */
  readonly before: LoadedFile | undefined
  readonly options: FileOptions
}

async function attemptLoad(
  fits: FitsFile,
  { client, agreed, digest, file, fileId, bytes, before, options }: Attempt,
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
    if (before) await deleteRows(client, file.survey, before.fileId, file.name)
    const tables: TableReport[] = []
    const hooks = { signal: options.signal, onRows, agreed: await agreed }
    for (const layout of layouts) tables.push(await loadTable(client, fits, layout, rejects, hooks))
    if (before) await markReplaced(client, before.fileId)
    const digested = await digest
    await refuseChanged(file.path, digested)
    if (hooks.agreed) await agreement.check(digested.columns)
    const { sha256 } = digested
    await finishAttempt(client, fileId, fits, sha256, tables)
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
  const read = outcome === 'already loaded' ? 0 : tables.reduce((sum, { rowsRead }) => sum + rowsRead, 0)
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
