// Rights and migrations: what migrations give stands in their manifests; what was given beside them is kept.
import { AlmagestError } from '../../model/index.ts'
import type { Client } from '../connection.ts'
import type { Fact } from '../fingerprint/fact.ts'
import { type Fingerprint, rightsOf } from '../fingerprint/fingerprint.ts'
import { quoteIdentifier, quoteLiteral } from '../identifiers.ts'
import { inspectSchema } from '../inspect.ts'

/** Name of a right, as the fingerprint names it, and its definition. */
export type Rights = Readonly<Record<string, string>>

/** The rights of a schema as a manifest states them. */
export function statedRights(facts: Fingerprint): Rights {
  const rights = Object.entries(rightsOf(facts)).map(([object, { definition }]) => [object, definition])
  return Object.fromEntries(rights.sort(([a], [b]) => (a! < b! ? -1 : 1)))
}

/** The rights that should be there and are not; a role may have more than is stated. */
export function missingRights(stated: Rights, facts: Fingerprint): string[] {
  return Object.entries(stated)
    .filter(([object, definition]) => {
      const found = facts[object]?.definition
      if (found === undefined || !/^(published )?grant /.test(object)) return found !== definition
      const held = found.split(', ')
      return !definition.split(', ').every((each) => held.includes(each))
    })
    .map(([object]) => object)
}

/**
 * Gives again what a step has taken away although its object is there still: a view that was made anew, or a table,
 * comes without the rights that somebody gave it on this database.
 * @param before  the rights before the step
 * @param withdrawn  those that the step itself takes away or changes
 * @throws AlmagestError `MIGRATION_RIGHTS` for one that cannot be given again
 */
export async function keepRights(
  client: Client,
  schema: string,
  before: Fingerprint,
  withdrawn: (object: string) => boolean,
): Promise<Fingerprint> {
  const after = await inspectSchema(client, schema)
  const lost: [string, Fact][] = []
  for (const [object, fact] of Object.entries(rightsOf(before))) {
    if (after[object]?.definition === fact.definition || withdrawn(object)) continue
    if (await isThere(client, schema, fact, after)) lost.push([object, fact])
  }
  if (lost.length === 0) return after
  const given: string[] = []
  for (const [object, fact] of lost) given.push(giveSql(schema, fact, object))
  for (const sql of given) await client.query(sql)
  return inspectSchema(client, schema)
}

/** The relation that a right is about: of a read schema, or of the survey's own. */
function placeOf(schema: string, { kind, of }: Fact): [schema: string, relation: string, column?: string] {
  const parts = of.split('.')
  const [inside, relation = '', column] = kind.startsWith('published ') ? parts : [schema, ...parts]
  return column === undefined || !kind.endsWith('column')
    ? [inside!, relation]
    : [inside!, relation, parts.at(-1)!]
}

async function isThere(client: Client, schema: string, fact: Fact, after: Fingerprint): Promise<boolean> {
  const published = fact.kind.startsWith('published ')
  const other = /(function|type|domain|enum|statistics)$/.exec(fact.kind)?.[1]
  if (other) return after[`${published ? 'published ' : ''}${other} ${fact.of}`] !== undefined
  if (/on schema$|default privileges/.test(fact.kind))
    return !published || after[`published schema ${fact.of.split('.')[0]}`] !== undefined
  const [inside, relation, column] = placeOf(schema, fact)
  const { rows } = await client.query<{ there: boolean }>(
    `SELECT EXISTS (SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace
       WHERE nspname = $1 AND relname = $2 AND ($3::text IS NULL OR EXISTS
         (SELECT FROM pg_attribute WHERE attrelid = c.oid AND attname = $3 AND NOT attisdropped))) AS there`,
    [inside, relation, column ?? null],
  )
  return rows[0]!.there
}

/** The server gives role names quoted where they need it. */
function giveSql(schema: string, fact: Fact, object: string): string {
  const { name, definition } = fact
  const kind = fact.kind.replace(/^published /, '')
  const [inside, relation, column] = placeOf(schema, fact)
  const target = quoteIdentifier(inside, ...(relation ? [relation] : []))
  if (kind === 'policy') return `CREATE POLICY ${quoteIdentifier(name!)} ON ${target} AS ${definition}`
  if (kind === 'comment on policy')
    return `COMMENT ON POLICY ${quoteIdentifier(name!)} ON ${target} IS ${quoteLiteral(definition)}`
  if (kind === 'row security of table')
    return definition
      .split(', ')
      .map((each) => `ALTER TABLE ${target} ${each === 'forced' ? 'FORCE' : 'ENABLE'} ROW LEVEL SECURITY`)
      .join('; ')
  const owned = /^owner of (table|view|materialized view|sequence)$/.exec(kind)?.[1]
  if (owned) return `ALTER ${owned} ${target} OWNER TO ${definition}`
  const granted = /^grant on (schema|table|view|materialized view|sequence|column)$/.exec(kind)?.[1]
  if (!granted || name === 'the owner') throw cannotGive(object)
  const what = { schema: 'SCHEMA ', sequence: 'SEQUENCE ' }[granted] ?? ''
  const grants = (option: boolean) =>
    definition
      .split(', ')
      .filter((each) => each.endsWith(' WITH GRANT OPTION') === option)
      .map((each) => each.replace(' WITH GRANT OPTION', '') + (column ? ` (${quoteIdentifier(column)})` : ''))
  return [false, true]
    .filter((option) => grants(option).length > 0)
    .map(
      (option) =>
        `GRANT ${grants(option).join(', ')} ON ${what}${target} TO ${name}${option ? ' WITH GRANT OPTION' : ''}`,
    )
    .join('; ')
}

function cannotGive(object: string): AlmagestError {
  return new AlmagestError(
    'MIGRATION_RIGHTS',
    'check',
    `the step would lose a right that was given on this database, and cannot be given again: ${object}`,
    'Take it away before, and give it again after the migration.',
  )
}
