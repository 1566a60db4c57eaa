// A schema as the server itself describes it: the fingerprint of what is there, and how two of them differ.
import { AlmagestError } from '../model/index.ts'
import type { Client, Row } from './connection.ts'
import { columns } from './fingerprint/columns.ts'
import { comments } from './fingerprint/comments.ts'
import { constraints } from './fingerprint/constraints.ts'
import type { Fact } from './fingerprint/fact.ts'
import { type Fingerprint, fingerprintOf } from './fingerprint/fingerprint.ts'
import { indexes } from './fingerprint/indexes.ts'
import { privileges } from './fingerprint/privileges.ts'
import { relations } from './fingerprint/relations.ts'
import { routines } from './fingerprint/routines.ts'
import { rowRules } from './fingerprint/row-rules.ts'
import { scope } from './fingerprint/scope.ts'
import { types } from './fingerprint/types.ts'
import { unknownObjects } from './fingerprint/unknown.ts'
import { views } from './fingerprint/views.ts'
import { quoteIdentifier } from './identifiers.ts'
import { readSchemasOf } from './published.ts'

const parts = [
  relations,
  columns,
  types,
  constraints,
  indexes,
  views,
  routines,
  rowRules,
  privileges,
  comments,
]
/** One statement, so that all facts are of one moment. */
const inspection = `${scope}
SELECT kind, "of", name, definition FROM (${parts.join('\nUNION ALL\n')}) fact
ORDER BY kind, "of", position, name`

/** Settings on which the text of the server's definitions depends. */
const textSettings: Record<string, string> = {
  quote_all_identifiers: 'off',
  DateStyle: 'ISO, MDY',
  IntervalStyle: 'postgres',
  TimeZone: 'UTC',
  extra_float_digits: '1',
  bytea_output: 'hex',
}

/** The inspection is one long statement over small tables: compiling it costs more than running it. */
const settingsForInspection = { ...textSettings, jit: 'off' }

/**
 * Every fact about a schema and about the database's event triggers; the schema's own objects are named
 * without their schema, so that schemas of different names compare.
 * @throws AlmagestError `OBJECT_KIND_UNKNOWN` when the schema holds an object that no fact describes
 */
export async function inspectSchema(client: Client, schema: string): Promise<Fingerprint> {
  return withSettings(client, schema, async (quoted) => {
    const unknown = await client.query<{ object: string }>(unknownObjects, [schema])
    if (unknown.rows.length > 0) throw kindUnknown(schema, unknown.rows)
    const { rows } = await client.query<NamedFact & Row>(inspection, [schema])
    const facts = rows.map((row) => withoutSchema(row, quoted))
    for (const name of await readSchemasOf(client, schema))
      facts.push(...(await publishedFacts(client, schema, name)))
    return fingerprintOf(facts)
  })
}

/** What comparisons are built under; their facts must read like those of the real schemas. */
export const comparisonPrefix = 'almagest_comparison_'

/** The facts of a read schema, told apart by their kind; their texts name the tables without their schema. */
async function publishedFacts(client: Client, schema: string, name: string): Promise<Fact[]> {
  const unknown = await client.query<{ object: string }>(unknownObjects, [name])
  if (unknown.rows.length > 0) throw kindUnknown(name, unknown.rows)
  const { rows } = await client.query<NamedFact & Row>(inspection, [name])
  const known = schema.startsWith(comparisonPrefix) ? name.slice(comparisonPrefix.length) : name
  const { rows: named } = await client.query<{ quoted: string }>('SELECT quote_ident($1) AS quoted', [name])
  const facts = rows
    .filter(({ kind }) => !/^(event trigger|database-wide default privileges|owner of schema)/.test(kind))
    .map((row) => withoutSchema(row, named[0]!.quoted))
    .map((fact) => ({
      ...fact,
      kind: `published ${fact.kind}`,
      of: fact.of === '' ? known : `${known}.${fact.of}`,
    }))
  return [{ kind: 'published schema', of: known, definition: '' }, ...facts]
}

/** A fact as the server gives it: without a name of its own it has NULL. */
type NamedFact = Omit<Fact, 'name'> & { name: string | null }

/** Kinds whose text names their own table or themselves with the schema whatever the search path. */
const qualifiedKinds = ['index', 'trigger', 'rule', 'function', 'procedure', 'statistics']

function withoutSchema({ kind, of, name, definition }: NamedFact, quoted: string): Fact {
  const own = { kind, of, ...(name === null ? {} : { name }) }
  if (!qualifiedKinds.includes(kind)) return { ...own, definition }
  // Only the head names it; a body or an expression may hold the same letters as a text.
  const shortened = definition.replace(
    new RegExp(
      `^((?:(?!\\$|'|\\().)*?(?: ON (?:ONLY )?| TO |FUNCTION |PROCEDURE |STATISTICS ))${escapePattern(quoted)}\\.`,
      's',
    ),
    '$1',
  )
  return { ...own, definition: shortened }
}

function escapePattern(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
}

async function withSettings<T>(
  client: Client,
  schema: string,
  work: (quoted: string) => Promise<T>,
): Promise<T> {
  const names = ['search_path', ...Object.keys(settingsForInspection)]
  const before = await client.query<{ settings: string[] }>(
    `SELECT ARRAY(SELECT current_setting(name) FROM unnest($1::text[]) WITH ORDINALITY AS n(name, i) ORDER BY i) AS settings`,
    [names],
  )
  // Temporary objects come last, so that none hides one of the schema.
  await set(client, names, [`${quoteIdentifier(schema)}, pg_temp`, ...Object.values(settingsForInspection)])
  const named = await client.query<{ quoted: string; forbidden: boolean | null }>(
    `SELECT quote_ident($1) AS quoted,
       (SELECT NOT has_schema_privilege(oid, 'USAGE') FROM pg_namespace WHERE nspname = $1) AS forbidden`,
    [schema],
  )
  const { settings } = before.rows[0]!
  const { quoted, forbidden } = named.rows[0]!
  // The search path leaves out what may not be used, and every name would come with its schema.
  if (forbidden) {
    await set(client, names, settings)
    throw noUsage(schema)
  }
  const result = await work(quoted).catch(async (error) => {
    // In a transaction that failed, its rollback restores them.
    await set(client, names, settings).catch(() => {})
    throw error
  })
  await set(client, names, settings)
  return result
}

async function set(client: Client, names: readonly string[], values: readonly string[]): Promise<void> {
  await client.query(
    'SELECT set_config(name, value, false) FROM unnest($1::text[], $2::text[]) AS s(name, value)',
    [names, values],
  )
}

function noUsage(schema: string): AlmagestError {
  return new AlmagestError(
    'PERMISSION_DENIED',
    'server',
    `the database user may not look into the schema "${schema}"`,
    'Connect as its owner, or have its owner grant USAGE on it.',
  )
}

function kindUnknown(schema: string, objects: readonly { object: string }[]): AlmagestError {
  return new AlmagestError(
    'OBJECT_KIND_UNKNOWN',
    'check',
    `the schema "${schema}" holds ${objects.length} ${objects.length === 1 ? 'object' : 'objects'} of a kind that Almagest cannot describe: ${objects.map(({ object }) => object).join(', ')}`,
    'Move these objects to another schema: what cannot be described cannot be kept in step.',
  )
}

export interface Difference {
  readonly object: string
  /** What should be there; absent when no such object should. */
  readonly desired?: string
  /** What the server has; absent when the object is missing. */
  readonly found?: string
}

/** Facts that differ between two fingerprints, by name. */
export function differences(desired: Fingerprint, found: Fingerprint): Difference[] {
  const objects = [...new Set([...Object.keys(desired), ...Object.keys(found)])].sort()
  return objects
    .filter((object) => desired[object]?.definition !== found[object]?.definition)
    .map((object) => ({
      object,
      ...(desired[object] === undefined ? {} : { desired: desired[object].definition }),
      ...(found[object] === undefined ? {} : { found: found[object].definition }),
    }))
}
