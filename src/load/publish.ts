// From staging into the tables: files appear to readers together, after what is asked of them was found to hold.
import type { Catalog, Survey } from '../model/index.ts'
import { type Client, quoteIdentifier, sqlState, stagingSchema } from '../postgres/index.ts'
import { builtAfterwards } from './built-afterwards.ts'
import { staging, tables } from './destination.ts'
import { loadError } from './errors.ts'
import { fileColumnOf } from './file-column.ts'
import { contentOf, failStaged, loadedTables, markGone, stagedFiles } from './ledger.ts'
import type { LoadOptions } from './load-files.ts'
import { brokenReference } from './orphans.ts'
import { deleteRows } from './replace.ts'

/** A file that is to appear, or has. */
export interface PublishedFile {
  readonly fileId: number
  readonly name: string
  readonly outcome: 'loaded' | 'replaced'
}

export interface PublishOptions extends Pick<LoadOptions, 'afterwards' | 'signal'> {
  /** Base names of the files; all that are staged where absent. */
  readonly names?: readonly string[]
  /** Whether a staged file may take the place of a loaded one. */
  readonly replace?: boolean
  /**
   * Looks at the tables as they will be, within the transaction that makes them so, over its connection.
   * @param catalogs  the tables that get rows
   * @returns why the files may not be published; undefined lets them
   */
  readonly gate?: (
    client: Client,
    catalogs: readonly Catalog[],
    files: readonly PublishedFile[],
  ) => Promise<string | undefined>
}

/**
 * Publishes staged files of a survey in one transaction: rows, counts and ledger. What the gate looks at is what readers
 * get, to the row, because other writers of the tables wait meanwhile; readers don't. Refused, everything is as it was.
 * @throws AlmagestError LOAD_CHECKS_FAILED when the gate refuses, LOAD_NOT_STAGED, LOAD_CHANGED, LOAD_REFERENCED,
 *   LOAD_FOREIGN_KEY, LOAD_MISCOUNTED, LOAD_INTERRUPTED
 */
export async function publishStaged(
  client: Client,
  survey: Survey,
  options: PublishOptions = {},
): Promise<PublishedFile[]> {
  const names = options.names ?? (await stagedFiles(client, survey)).map(({ name }) => name)
  if (names.length === 0) return []
  const fed = await fedCatalogs(client, survey, names)
  let ids: readonly number[] = []
  try {
    return await builtAfterwards([client], fed, options.afterwards, () =>
      client.transaction(async () => {
        const files = await takeStaged(client, survey, names, options.replace ?? false)
        ids = files.map(({ fileId }) => fileId)
        await lockTables(client, fed)
        for (const { before, name } of files) {
          if (!before) continue
          await deleteRows(client, survey, before, name, tables)
          await markGone(client, before, 'replaced')
        }
        for (const catalog of fed) await moveRows(client, survey, catalog, ids)
        for (const catalog of fed) await refuseOrphans(client, catalog, ids)
        await client.query(
          `UPDATE almagest.load_file SET state = 'loaded', error = NULL, finished_at = clock_timestamp()
           WHERE file_id = ANY($1)`,
          [ids],
        )
        for (const { schema, table } of fed) await client.query(`ANALYZE ${quoteIdentifier(schema, table)}`)
        const published = files.map(
          ({ fileId, name, before }): PublishedFile => ({
            fileId,
            name,
            outcome: before ? 'replaced' : 'loaded',
          }),
        )
        const refusal = await options.gate?.(client, fed, published)
        if (options.signal?.aborted)
          throw loadError('LOAD_INTERRUPTED', 'publishing was interrupted; the files stay in staging', {})
        if (refusal !== undefined) throw loadError('LOAD_CHECKS_FAILED', refusal, {})
        return published
      }),
    )
  } catch (error) {
    await noteRefusal(client, fed, ids, error)
    throw error
  }
}

/** Gives up staged files: their rows go, the ledger keeps that they were there. */
export async function discardStaged(
  client: Client,
  survey: Survey,
  names?: readonly string[],
): Promise<string[]> {
  const wanted = names ?? (await stagedFiles(client, survey)).map(({ name }) => name)
  return client.transaction(async () => {
    for (const { fileId, name } of await takeStaged(client, survey, wanted, true)) {
      await deleteRows(client, survey, fileId, name, staging(survey, fileId))
      await markGone(client, fileId, 'discarded')
    }
    return [...wanted]
  })
}

/** The staged files of these names and the loaded ones whose place they take; no loader touches them till the commit. */
async function takeStaged(client: Client, survey: Survey, names: readonly string[], replace: boolean) {
  const files: { fileId: number; name: string; before: number | undefined }[] = []
  for (const name of [...names].sort()) {
    const lock = `almagest load ${survey.name} ${name}`
    await client.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [lock])
    const waiting = await contentOf(client, { survey, name }, 'staged')
    if (!waiting)
      throw loadError('LOAD_NOT_STAGED', `no file ${name} of ${survey.name} is staged`, { file: name })
    const before = await contentOf(client, { survey, name }, 'loaded')
    if (before && !replace)
      throw loadError('LOAD_CHANGED', `${name} is loaded with other content than the staged one`, {
        file: name,
      })
    files.push({ fileId: waiting.fileId, name, before: before?.fileId })
  }
  return files
}

async function fedCatalogs(client: Client, survey: Survey, names: readonly string[]): Promise<Catalog[]> {
  const fed = new Set<string>()
  for (const name of names) {
    const waiting = await contentOf(client, { survey, name }, 'staged')
    for (const { table } of waiting ? await loadedTables(client, waiting.fileId) : []) fed.add(table)
  }
  return survey.catalogs.filter(({ name }) => fed.has(name))
}

/** Other writers wait until the end of the transaction, so that nothing comes between a check and the commit. */
async function lockTables(client: Client, catalogs: readonly Catalog[]): Promise<void> {
  for (const { schema, table } of catalogs)
    await client.query(`LOCK TABLE ${quoteIdentifier(schema, table)} IN SHARE ROW EXCLUSIVE MODE`)
}

async function moveRows(
  client: Client,
  survey: Survey,
  catalog: Catalog,
  ids: readonly number[],
): Promise<void> {
  const table = quoteIdentifier(catalog.schema, catalog.table)
  const twin = quoteIdentifier(stagingSchema(survey), catalog.table)
  const mine = `WHERE ${quoteIdentifier(fileColumnOf(catalog)!)} = ANY($1)`
  const list = Object.keys(catalog.columns)
    .map((name) => quoteIdentifier(name))
    .join(', ')
  const { rowCount } = await client
    .query(`INSERT INTO ${table} (${list}) SELECT ${list} FROM ${twin} ${mine}`, [ids])
    .catch((error) => {
      throw sqlState(error) === foreignKeyViolation ? orphaned(catalog, String(error.detail), error) : error
    })
  const { rows } = await client.query<{ expected: number }>(
    `SELECT coalesce(sum(rows_loaded), 0)::float8 AS expected FROM almagest.load_table
     WHERE table_name = $2 AND file_id = ANY($1)`,
    [ids, catalog.name],
  )
  const { expected } = rows[0]!
  if (rowCount !== expected) {
    const message = `staging holds ${rowCount} rows for ${catalog.name}, the ledger says ${expected}`
    const hint = 'Rows of staging were added or deleted by hand: load the files with --check again.'
    throw loadError('LOAD_MISCOUNTED', message, {}, { hint })
  }
  await client.query(`DELETE FROM ${twin} ${mine}`, [ids])
}

const foreignKeyViolation = '23503'

/** What the server says of references where it has the foreign keys, said where they are yet to be built. */
async function refuseOrphans(client: Client, catalog: Catalog, ids: readonly number[]): Promise<void> {
  const broken = await brokenReference(client, catalog, ids)
  if (!broken) return
  const { columns, references } = broken
  throw orphaned(catalog, `Some (${columns.join(', ')}) are not present in ${references}.`)
}

function orphaned(catalog: Catalog, detail: string, cause?: unknown) {
  const message = `staged rows of ${catalog.name} refer to rows that are not there: ${detail}`
  const hint = 'Publish the files that hold them at the same time, or before.'
  return loadError('LOAD_FOREIGN_KEY', message, {}, { hint, cause })
}

/** The ledger says of each file why it is still in staging, and the space of rows that nobody saw is given back. */
async function noteRefusal(
  client: Client,
  fed: readonly Catalog[],
  ids: readonly number[],
  error: unknown,
): Promise<void> {
  const { code, message, hint, place } = error as Record<string, unknown>
  if (code !== 'LOAD_CHECKS_FAILED') return
  await failStaged(client, ids, { code, message: String(message), hint: String(hint), place: Object(place) })
  for (const { schema, table } of fed) await client.query(`VACUUM ${quoteIdentifier(schema, table)}`)
}
