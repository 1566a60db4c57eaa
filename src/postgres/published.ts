// Read schemas in a database: their statements, which there are, and who uses them.
import { AlmagestError, type ReadSchema, type ReadView, type Survey } from '../model/index.ts'
import type { Client, Row } from './connection.ts'
import { columnComment, type Statement } from './ddl.ts'
import { quoteIdentifier, quoteLiteral } from './identifiers.ts'

/** A schema whose comment begins so is one of ours; everybody else's views are left alone. */
export const readSchemaMark = 'Read schema: '

/**
 * The statements that build a survey's read schemas.
 * @param schema  where the tables are
 * @param place  what a read schema is called here: comparisons are built under other names
 */
export function publishedDdl(
  { published = [] }: Survey,
  schema: string,
  place: (name: string) => string,
): Statement[] {
  return published.flatMap((each) => [
    {
      makes: `published schema ${each.name}`,
      sql: `CREATE SCHEMA ${quoteIdentifier(place(each.name))}`,
    },
    {
      makes: `published comment on schema ${each.name}`,
      sql: `COMMENT ON SCHEMA ${quoteIdentifier(place(each.name))} IS ${quoteLiteral(schemaComment(each))}`,
    },
    ...each.readers.map((role) => ({
      makes: `published grant on schema ${each.name} to ${role}`,
      sql: `GRANT USAGE ON SCHEMA ${quoteIdentifier(place(each.name))} TO ${quoteIdentifier(role)}`,
    })),
    ...Object.entries(each.views).flatMap(([name, view]) => viewDdl(each, name, view, schema, place)),
  ])
}

function schemaComment({ title, deprecated }: ReadSchema): string {
  const note = deprecated ? ` (deprecated since ${deprecated.since}: use ${deprecated.use})` : ''
  return `${readSchemaMark}${title}${note}`
}

function viewDdl(
  { name: read, readers }: ReadSchema,
  name: string,
  { title, from, columns }: ReadView,
  schema: string,
  place: (name: string) => string,
): Statement[] {
  const view = quoteIdentifier(place(read), name)
  const object = `${read}.${name}`
  const list = Object.entries(columns).map(([column, source]) => {
    const expression = typeof source === 'string' ? quoteIdentifier(source) : `(${source.sql})`
    return `${expression} AS ${quoteIdentifier(column)}`
  })
  const describe = (source: ReadView['columns'][string]) =>
    columnComment(typeof source === 'string' ? from.columns[source]! : source)
  return [
    {
      makes: `published view ${object}`,
      sql: `CREATE VIEW ${view} WITH (security_invoker = true) AS SELECT ${list.join(', ')} FROM ${quoteIdentifier(schema, from.table)}`,
    },
    {
      makes: `published comment on view ${object}`,
      sql: `COMMENT ON VIEW ${view} IS ${quoteLiteral(title)}`,
    },
    ...Object.entries(columns).map(([column, source]) => ({
      makes: `published comment on column ${object}.${column}`,
      sql: `COMMENT ON COLUMN ${view}.${quoteIdentifier(column)} IS ${quoteLiteral(describe(source))}`,
    })),
    ...readers.map((role) => ({
      makes: `published grant on view ${object} to ${role}`,
      sql: `GRANT SELECT ON ${view} TO ${quoteIdentifier(role)}`,
    })),
  ]
}

/** The read schemas there are whose views read tables of a schema. */
export async function readSchemasOf(client: Client, schema: string): Promise<string[]> {
  const { rows } = await client.query<{ name: string } & Row>(
    `SELECT DISTINCT r.nspname::text AS name FROM pg_namespace r
     JOIN pg_class v ON v.relnamespace = r.oid AND v.relkind = 'v' JOIN pg_rewrite w ON w.ev_class = v.oid
     JOIN pg_depend d ON d.classid = 'pg_rewrite'::regclass AND d.objid = w.oid AND d.refclassid = 'pg_class'::regclass
     JOIN pg_class t ON t.oid = d.refobjid JOIN pg_namespace s ON s.oid = t.relnamespace
     WHERE s.nspname = $1 AND r.oid <> s.oid AND starts_with(obj_description(r.oid, 'pg_namespace'), $2) ORDER BY 1`,
    [schema, readSchemaMark],
  )
  return rows.map(({ name }) => name)
}

/** @throws AlmagestError `ROLE_MISSING` when a declared reader is no role of the server */
export async function refuseMissingReaders(client: Client, { name, published = [] }: Survey): Promise<void> {
  const readers = [...new Set(published.flatMap((each) => each.readers))]
  const { rows } = await client.query<{ role: string }>(
    'SELECT role FROM unnest($1::text[]) role WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = role)',
    [readers],
  )
  if (rows.length === 0) return
  const missing = rows.map(({ role }) => role).join(', ')
  throw new AlmagestError(
    'ROLE_MISSING',
    'usage',
    `the read schemas of "${name}" are for roles that this server does not have: ${missing}`,
    `Make them first, e.g. CREATE ROLE ${quoteIdentifier(rows[0]!.role)} NOLOGIN, and grant them to people.`,
  )
}

export interface SchemaUse {
  readonly role: string
  /** Statements that named the schema, and how often they ran, since the statistics began. */
  readonly statements: number
  readonly calls: number
  readonly example: string
}

export interface ReadSchemaReport {
  readonly name: string
  readonly title: string
  readonly deprecated: ReadSchema['deprecated'] | null
  readonly built: boolean
  readonly uses: readonly SchemaUse[]
  /** Roles that find its views without naming it, by their search_path. */
  readonly bySearchPath: readonly string[]
}

export interface UseReport {
  readonly survey: string
  /** Whether uses are counted; otherwise why not. */
  readonly counted: true | string
  readonly schemas: readonly ReadSchemaReport[]
}

/** Who still uses which read schema, as far as pg_stat_statements tells. */
export async function readSchemaUse(client: Client, survey: Survey): Promise<UseReport> {
  const counted = await statementsCounted(client)
  const there = await readSchemasOf(client, survey.schema)
  const schemas: ReadSchemaReport[] = []
  for (const { name, title, deprecated = null } of survey.published ?? []) {
    schemas.push({
      name,
      title,
      deprecated,
      built: there.includes(name),
      uses: counted.view ? await usesOf(client, counted.view, name) : [],
      bySearchPath: await rolesWithPath(client, name),
    })
  }
  return { survey: survey.name, counted: counted.why ?? true, schemas }
}

async function statementsCounted(client: Client): Promise<{ view?: string; why?: string }> {
  const { rows } = await client.query<{ schema: string }>(
    "SELECT nspname AS schema FROM pg_extension e JOIN pg_namespace n ON n.oid = extnamespace WHERE extname = 'pg_stat_statements'",
  )
  if (!rows[0]) return { why: 'the extension pg_stat_statements is not in this database' }
  const loaded = await client.query<{ loaded: string | null }>(
    "SELECT current_setting('pg_stat_statements.max', true) AS loaded",
  )
  if (!loaded.rows[0]?.loaded)
    return { why: 'pg_stat_statements is not in shared_preload_libraries, so the server counts nothing' }
  return { view: quoteIdentifier(rows[0].schema, 'pg_stat_statements') }
}

async function usesOf(client: Client, view: string, name: string): Promise<SchemaUse[]> {
  const { rows } = await client.query<{ role: string; statements: string; calls: string; example: string }>(
    `SELECT coalesce(rolname, userid::text) AS role, count(*) AS statements, sum(calls) AS calls,
       (array_agg(left(query, 200) ORDER BY calls DESC))[1] AS example
     FROM ${view} LEFT JOIN pg_roles r ON r.oid = userid
     WHERE dbid = (SELECT oid FROM pg_database WHERE datname = current_database())
       AND query ~* ('(^|[^a-z0-9_])"?' || $1 || '"?\\s*\\.') AND query !~* '^\\s*(create|alter|drop|comment|grant|revoke)\\y'
     GROUP BY 1 ORDER BY 3 DESC`,
    [name],
  )
  return rows.map((row) => ({ ...row, statements: Number(row.statements), calls: Number(row.calls) }))
}

async function rolesWithPath(client: Client, name: string): Promise<string[]> {
  const { rows } = await client.query<{ role: string }>(
    `SELECT coalesce(rolname, 'every role') AS role FROM pg_db_role_setting LEFT JOIN pg_roles r ON r.oid = setrole,
       unnest(setconfig) AS setting
     WHERE setdatabase IN (0, (SELECT oid FROM pg_database WHERE datname = current_database()))
       AND setting LIKE 'search\\_path=%' AND setting ~ ('[=, "]' || $1 || '($|[, "])') ORDER BY 1`,
    [name],
  )
  return rows.map(({ role }) => role)
}
