// Publishing a release: checked, hashed, frozen and named in one transaction, of one moment.
import { AlmagestError, type Catalog, type Survey } from '../model/index.ts'
import {
  type Client,
  columnComment,
  copyReaders,
  findDeployment,
  hasPolicies,
  partsSchema,
  quoteIdentifier,
  quoteLiteral,
  releaseSchema,
  type SkyContribution,
  sideComments,
} from '../postgres/index.ts'
import { fixTexts } from './content.ts'
import { partsOf } from './parts.ts'
import {
  ensureReleases,
  fingerprintOfParts,
  type PublishedRelease,
  type ReleasePart,
  readReleases,
  releaseNamed,
} from './register.ts'

export interface ReleaseOptions {
  /** Looks at the tables as they are to be released; why they may not be, or undefined. */
  readonly gate?: (client: Client) => Promise<string | undefined>
  readonly signal?: AbortSignal
  readonly onProgress?: (done: number, total: number, table: string) => void
}

/**
 * Publishes the rows of a survey's tables, as they are at one moment, under a name: as views in a schema of their own
 * over parts that are stored once however many releases have them. Loads may go on meanwhile.
 * @throws AlmagestError `RELEASE_NAME`, `RELEASE_EXISTS`, `RELEASE_NOT_BUILT`, `RELEASE_EMPTY`, `RELEASE_REFUSED` when the
 *   gate refuses, `RELEASE_INTERRUPTED`; then nothing was published
 */
export async function publishRelease(
  client: Client,
  survey: Survey,
  name: string,
  sky: SkyContribution,
  { gate, signal, onProgress }: ReleaseOptions = {},
): Promise<PublishedRelease> {
  refuseName(name)
  if (!(await findDeployment(client, survey.schema))) throw notBuilt(survey)
  await ensureReleases(client)
  const lock = [`almagest release ${survey.name}`]
  await client.query('SELECT pg_advisory_lock(hashtextextended($1, 0))', lock)
  try {
    await refuseTaken(client, survey, name)
    await client.transaction(async () => {
      await client.query('SET TRANSACTION ISOLATION LEVEL REPEATABLE READ')
      await fixTexts(client)
      const refusal = await gate?.(client)
      if (signal?.aborted) throw interrupted(name)
      if (refusal !== undefined) throw refused(name, refusal)
      const parts: ReleasePart[] = []
      const schema = partsSchema(survey)
      await makeSchema(client, schema, sideComments.parts(survey))
      for (const [done, catalog] of survey.catalogs.entries()) {
        onProgress?.(done, survey.catalogs.length, catalog.name)
        parts.push(...(await partsOf(client, survey.name, catalog, schema, sky)))
        if (signal?.aborted) throw interrupted(name)
      }
      if (parts.every(({ rows }) => rows === 0)) throw empty(survey, name)
      await makeViews(client, survey, name, parts)
      await record(client, survey, name, parts)
    })
  } finally {
    await client.query('SELECT pg_advisory_unlock(hashtextextended($1, 0))', lock).catch(() => {})
  }
  return releaseNamed(client, survey, name)
}

async function makeSchema(client: Client, schema: string, comment: string): Promise<void> {
  await client.query(`CREATE SCHEMA IF NOT EXISTS ${quoteIdentifier(schema)}`)
  await client.query(`COMMENT ON SCHEMA ${quoteIdentifier(schema)} IS ${quoteLiteral(comment)}`)
}

/**
 * One view a table: all its parts. Where row policies hold rows back the parts are read with the rights of whoever asks,
 * which then takes rights on all columns; elsewhere readers have the columns that they have of the table.
 */
async function makeViews(
  client: Client,
  survey: Survey,
  name: string,
  parts: readonly ReleasePart[],
): Promise<void> {
  const schema = releaseSchema(survey, name)
  await makeSchema(client, schema, sideComments.release(survey, name))
  for (const catalog of survey.catalogs) {
    const own = parts.filter(({ table }) => table === catalog.name)
    const there = new Set(own[0]!.columns.map(([column]) => column))
    const columns = [
      ...Object.keys(catalog.columns).filter((column) => there.has(column)),
      ...[...there].filter((column) => !(column in catalog.columns)),
    ]
    const list = columns.map((column) => quoteIdentifier(column)).join(', ')
    const selects = own.map(
      ({ partSchema, partTable }) => `SELECT ${list} FROM ${quoteIdentifier(partSchema, partTable)}`,
    )
    const view = quoteIdentifier(schema, catalog.table)
    const policies = await hasPolicies(client, catalog)
    await client.query(
      `CREATE VIEW ${view} WITH (security_invoker = ${policies}) AS ${selects.join('\nUNION ALL\n')}`,
    )
    await client.query(`COMMENT ON VIEW ${view} IS ${quoteLiteral(`${catalog.title} (release ${name})`)}`)
    for (const column of columns) await commentColumn(client, view, catalog, column)
    await copyReaders(client, catalog, { schema, table: catalog.table })
  }
}

async function commentColumn(
  client: Client,
  view: string,
  { columns }: Catalog,
  name: string,
): Promise<void> {
  const column = columns[name]
  if (!column) return
  const comment = quoteLiteral(columnComment(column))
  await client.query(`COMMENT ON COLUMN ${view}.${quoteIdentifier(name)} IS ${comment}`)
}

async function record(
  client: Client,
  survey: Survey,
  name: string,
  parts: readonly ReleasePart[],
): Promise<void> {
  const { rows } = await client.query<{ id: number }>(
    `INSERT INTO almagest.release (survey, name, schema_name, catalog_version, fingerprint)
     VALUES ($1, $2, $3, $4, $5) RETURNING release_id AS id`,
    [survey.name, name, releaseSchema(survey, name), survey.version, fingerprintOfParts(parts)],
  )
  await client.query('INSERT INTO almagest.release_content SELECT $1, part FROM unnest($2::int[]) AS part', [
    rows[0]!.id,
    parts.map(({ partId }) => partId),
  ])
}

const taken = ['staging', 'parts', 'masked']

function refuseName(name: string): void {
  if (/^[a-z][a-z0-9_]{0,19}$/.test(name) && !taken.includes(name)) return
  throw new AlmagestError(
    'RELEASE_NAME',
    'usage',
    `"${name}" can't be the name of a release`,
    `A name has up to 20 lower-case letters, digits and _, and begins with a letter, e.g. r1; ${taken.join(', ')} are taken.`,
    { value: name },
  )
}

async function refuseTaken(client: Client, survey: Survey, name: string): Promise<void> {
  const schema = releaseSchema(survey, name)
  const releases = await readReleases(client)
  const before = releases.find((each) => each.survey === survey.name && each.name === name)
  const { rowCount } = await client.query('SELECT FROM pg_namespace WHERE nspname = $1', [schema])
  if (!before && rowCount === 0) return
  const why = before?.withdrawnAt
    ? `was published and withdrawn; a name means one content for ever`
    : before
      ? 'is published already, and does not change'
      : `would need the schema "${schema}", which is something else`
  throw new AlmagestError(
    'RELEASE_EXISTS',
    'usage',
    `the release "${name}" of ${survey.name} ${why}`,
    'Choose another name; `almagest release list` shows those there are.',
    { value: name },
  )
}

function notBuilt({ name }: Survey): AlmagestError {
  return new AlmagestError(
    'RELEASE_NOT_BUILT',
    'usage',
    `${name} is not built in this database`,
    'Run `almagest apply` and load its files first.',
  )
}

function empty({ name }: Survey, release: string): AlmagestError {
  return new AlmagestError(
    'RELEASE_EMPTY',
    'usage',
    `the tables of ${name} have no row for the release "${release}"`,
    'Load its files first.',
  )
}

function refused(name: string, why: string): AlmagestError {
  return new AlmagestError(
    'RELEASE_REFUSED',
    'check',
    `the release "${name}" is not published: ${why}`,
    'See the report; mend the tables, or accept the fault as an exception in the catalogue.',
  )
}

function interrupted(name: string): AlmagestError {
  return new AlmagestError(
    'RELEASE_INTERRUPTED',
    'interrupted',
    `publishing the release "${name}" was interrupted`,
    'Nothing was published; run the same command again.',
  )
}
