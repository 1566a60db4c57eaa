// Whether a release still says what it said when it was published, and what of it was changed.
import type { Survey } from '../model/index.ts'
import { type Client, quoteIdentifier } from '../postgres/index.ts'
import { contentByFile, fixTexts } from './content.ts'
import { fingerprintOfParts, type PublishedRelease, type ReleasePart } from './register.ts'

export interface ReleaseFault {
  readonly table: string
  readonly file: string | null
  readonly problem: string
}

/**
 * Reads every row of a release as its readers do, and compares with what was recorded: rows that were added, changed
 * or lost, views that show something else, parts that lost their guard, an altered register.
 * @param expected  a fingerprint that was kept elsewhere, such as in a paper
 */
export async function verifyRelease(
  client: Client,
  survey: Survey,
  release: PublishedRelease,
  expected = release.fingerprint,
): Promise<ReleaseFault[]> {
  const faults: ReleaseFault[] = []
  const computed = fingerprintOfParts(release.parts)
  if (computed !== expected) {
    const problem = `the register's parts have the fingerprint ${computed}, expected ${expected}`
    faults.push({ table: 'almagest.release_part', file: null, problem })
  }
  await client.transaction(async () => {
    await client.query('SET TRANSACTION ISOLATION LEVEL REPEATABLE READ')
    await fixTexts(client)
    for (const table of new Set(release.parts.map((part) => part.table))) {
      const parts = release.parts.filter((part) => part.table === table)
      faults.push(...(await verifyTable(client, survey, release, table, parts)))
      for (const part of parts) faults.push(...(await unguarded(client, part)))
    }
  })
  return faults
}

async function verifyTable(
  client: Client,
  survey: Survey,
  { schema }: PublishedRelease,
  name: string,
  parts: readonly ReleasePart[],
): Promise<ReleaseFault[]> {
  const table = name.slice(name.indexOf('.') + 1)
  const columns = parts[0]!.columns
  const fault = (problem: string, part?: ReleasePart): ReleaseFault => ({
    table: `${schema}.${table}`,
    file: part?.file ?? null,
    problem,
  })
  const { rows: found } = await client.query<{ name: string; type: string }>(
    `SELECT attname::text AS name, format_type(atttypid, atttypmod) AS type FROM pg_attribute
     WHERE attrelid = to_regclass($1) AND attnum > 0 AND NOT attisdropped ORDER BY attname COLLATE "C"`,
    [quoteIdentifier(schema, table)],
  )
  if (found.length === 0) return [fault('is gone')]
  if (JSON.stringify(found.map(({ name: column, type }) => [column, type])) !== JSON.stringify(columns))
    return [fault('has other columns than when it was published')]
  const catalog = survey.catalogs.find((each) => each.name === name)
  const fileColumn = Object.entries(catalog?.columns ?? {}).find(
    ([, { source }]) => typeof source !== 'string' && source.kind === 'file',
  )?.[0]
  const contents = await contentByFile(
    client,
    { schema, table },
    columns.map(([column]) => column),
    parts.some(({ fileId }) => fileId > 0) ? fileColumn : undefined,
  )
  const changed = parts
    .filter(({ rows }) => rows > 0)
    .flatMap((part) => {
      const now = contents.find(({ fileId }) => fileId === part.fileId)
      if (!now) return [fault(`its ${part.rows} rows are gone`, part)]
      if (now.rows !== part.rows) return [fault(`${now.rows} rows, published with ${part.rows}`, part)]
      return now.hash === part.hash ? [] : [fault('rows were changed', part)]
    })
  const strange = contents
    .filter(({ fileId }) => !parts.some((part) => part.fileId === fileId && part.rows > 0))
    .map(({ fileId, rows }) => fault(`${rows} rows of file ${fileId} were added`))
  return [...changed, ...strange]
}

async function unguarded(client: Client, part: ReleasePart): Promise<ReleaseFault[]> {
  const { partSchema, partTable, file } = part
  const { rows } = await client.query<{ guarded: boolean }>(
    `SELECT EXISTS (SELECT FROM pg_trigger WHERE tgrelid = to_regclass($1) AND tgenabled IN ('O', 'A')
       AND tgfoid = 'almagest.refuse_change()'::regprocedure AND tgtype = 62 AND tgqual IS NULL) AS guarded`,
    [quoteIdentifier(partSchema, partTable)],
  )
  if (rows[0]!.guarded) return []
  return [
    { table: `${partSchema}.${partTable}`, file, problem: 'its trigger against changes is off or gone' },
  ]
}
