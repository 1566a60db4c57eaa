// What the proof tries on relations, and what the declarations say must come of it.
import type { Survey } from '../model/index.ts'
import { quoteIdentifier } from '../postgres/index.ts'
import { type Beside, besideRights } from './beside.ts'
import type { Lab } from './lab.ts'
import {
  auditRights,
  type Privilege,
  privileges,
  type RelationRights,
  registerRights,
  surveyRights,
} from './rights.ts'
import { projectSchema } from './roles.ts'

/** `refused`: SQLSTATE 42501 and nothing else; `failed`: any other error, which proves nothing. */
export type Outcome = 'allowed' | 'refused' | 'failed'

export interface Attempt {
  readonly kind: string
  readonly object: string
  readonly action: string
  /** Run one after the other in a transaction that is rolled back. */
  readonly statements: readonly string[]
  readonly expected: readonly Outcome[]
  /** One statement that no transaction takes. */
  readonly alone?: boolean
}

/** Every privilege on every table and column, for every kind. */
export function relationAttempts(
  lab: Lab,
  surveys: readonly Survey[],
  kinds: readonly string[],
  registers: ReadonlySet<string>,
  audit: boolean,
  beside: readonly Beside[],
): Attempt[] {
  const relations = [
    ...surveys.flatMap((survey) => surveyRights(lab, survey)),
    ...beside.flatMap((each) => besideRights(lab, each)),
    ...registerRights(lab).filter(({ name }) => registers.has(name)),
    ...(audit ? auditRights() : []),
  ]
  const catalogs = surveys.flatMap((survey) => survey.catalogs)
  return relations.flatMap((relation) => {
    const catalog = catalogs.find(({ name }) => name === `${relation.schema}.${relation.name}`)
    const columns = relation.columns ?? Object.keys(catalog?.columns ?? {})
    return kinds.flatMap((kind) => [
      ...privileges
        .filter((privilege) => relation.relation === 'table' || privilege === 'SELECT')
        .map((privilege) => whole(kind, relation, privilege, columns)),
      // Of parts there are many, with rights on all columns or none.
      ...(relation.frozen ? [] : columns).map((column) => oneColumn(kind, relation, column)),
    ])
  })
}

function whole(
  kind: string,
  relation: RelationRights,
  privilege: Privilege,
  columns: readonly string[],
): Attempt {
  const table = quoteIdentifier(relation.schema, relation.name)
  const first = columns[0] === undefined ? undefined : quoteIdentifier(columns[0])
  const project = kind.startsWith('project:') ? `${quoteIdentifier(projectSchema(kind.slice(8)))}.` : ''
  const statements: Record<Privilege, string[]> = {
    // The whole row: column grants must not give it; of parts nothing, which a right on any column gives.
    SELECT: [relation.frozen ? `SELECT FROM ${table} LIMIT 1` : `SELECT t FROM ${table} t LIMIT 1`],
    INSERT: [`INSERT INTO ${table} SELECT (NULL::${table}).* WHERE false`],
    UPDATE: first
      ? [`UPDATE ${table} SET ${first} = DEFAULT WHERE false`]
      : [`SELECT 1 FROM ${table} FOR UPDATE`],
    DELETE: [`DELETE FROM ${table} WHERE false`],
    TRUNCATE: [`TRUNCATE ${table} CASCADE`],
    REFERENCES: project
      ? [`CREATE TABLE ${project}almagest_probe (k bigint REFERENCES ${table})`]
      : [`CREATE TABLE ${quoteIdentifier(relation.schema)}.almagest_probe (k bigint REFERENCES ${table})`],
    TRIGGER: [
      `CREATE TRIGGER almagest_probe BEFORE UPDATE ON ${table} FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger()`,
    ],
  }
  const may = mayAll(kind, relation, privilege, columns)
  const changes = ['INSERT', 'UPDATE', 'DELETE', 'TRUNCATE'].includes(privilege)
  // A foreign key of the owner's may fail for another reason than a right, e.g. a key of another type.
  const asOwner: readonly Outcome[] =
    relation.frozen && changes ? ['failed'] : privilege === 'REFERENCES' ? ['allowed', 'failed'] : ['allowed']
  return {
    kind,
    object: `${relation.schema}.${relation.name}`,
    action: privilege,
    statements: statements[privilege],
    expected: may ? asOwner : ['refused'],
  }
}

function oneColumn(kind: string, { schema, name, grants }: RelationRights, column: string): Attempt {
  const own = grants.filter((grant) => grant.kind === kind && grant.privileges.includes('SELECT'))
  const may = readsAll(kind) || own.some(({ columns }) => !columns || columns.includes(column))
  return {
    kind,
    object: `${schema}.${name}.${column}`,
    action: 'SELECT',
    statements: [`SELECT ${quoteIdentifier(column)} FROM ${quoteIdentifier(schema, name)} LIMIT 1`],
    expected: [may ? 'allowed' : 'refused'],
  }
}

/** The admin has the owner's rights, the backup reads everything; the migrator only after SET ROLE. */
const readsAll = (kind: string) => kind === 'admin' || kind === 'backup'

/** A right on the whole, or on each of its columns: all of them together are the whole row. */
function mayAll(
  kind: string,
  { grants, relation, sealed, ofOwner }: RelationRights,
  privilege: Privilege,
  columns: readonly string[],
): boolean {
  if (kind === 'admin' && !sealed) return relation === 'table' || ofOwner === true
  if (kind === 'backup' && privilege === 'SELECT') return true
  const own = grants.filter((grant) => grant.kind === kind && grant.privileges.includes(privilege))
  if (own.some((grant) => !grant.columns)) return true
  const granted = new Set(own.flatMap((grant) => grant.columns ?? []))
  return privilege === 'SELECT' && columns.length > 0 && columns.every((column) => granted.has(column))
}
