// Bringing a database to what a survey declares: build it, complete it, or say how it differs.
import { AlmagestError, type Survey } from '../model/index.ts'
import type { Client } from './connection.ts'
import { type Statement, surveyDdl } from './ddl.ts'
import { recordedFingerprint, recordFingerprint } from './drift.ts'
import type { Fingerprint } from './fingerprint/fingerprint.ts'
import { quoteIdentifier } from './identifiers.ts'
import { comparisonPrefix, type Difference, differences, inspectSchema } from './inspect.ts'
import { publishedDdl, readSchemasOf, refuseMissingReaders } from './published.ts'
import { ensureRegister, findDeployment, type Purpose, recordDeployment } from './register.ts'
import { findSideSchemas, type SideSchema } from './side-schemas.ts'
import type { SkyContribution } from './sky-contribution.ts'

export interface Applied {
  readonly survey: string
  readonly schema: string
  readonly skyIndex: string
  readonly outcome: 'created' | 'completed' | 'unchanged'
  /** What was made, in order. */
  readonly made: readonly string[]
}

/**
 * Makes the survey's schema be as declared. Nothing that exists is changed or dropped.
 * @throws AlmagestError `SCHEMA_FOREIGN` when the schema exists and Almagest did not make it, `SCHEMA_DIFFERS`
 *   when an object in it is not as declared
 */
export async function applySurvey(
  client: Client,
  survey: Survey,
  sky: SkyContribution,
  purpose: Purpose = 'work',
): Promise<Applied> {
  const sayMade = (outcome: Applied['outcome'], made: readonly string[]): Applied => ({
    survey: survey.name,
    schema: survey.schema,
    skyIndex: sky.name,
    outcome,
    made,
  })
  for (const statement of sky.install) await client.query(statement)
  await ensureRegister(client)
  return client.transaction(async () => {
    // One builder at a time for each schema; the lock goes with the transaction.
    await client.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [`almagest ${survey.schema}`])
    const statements = [...surveyDdl(survey, sky), ...publishedDdl(survey, survey.schema, (name) => name)]
    await refuseMissingReaders(client, survey)
    await refuseTakenNames(client, survey)
    const exists = await schemaExists(client, survey.schema)
    if (!exists) {
      for (const { sql } of statements) await client.query(sql)
      await recordDeployment(client, survey, sky.name, purpose)
      await recordFingerprint(client, survey, await inspectSchema(client, survey.schema))
      return sayMade(
        'created',
        statements.map(({ makes }) => makes),
      )
    }
    await refuseForeign(client, survey)
    const missing = await missingStatements(client, survey, sky, statements)
    for (const { sql } of missing) await client.query(sql)
    await recordDeployment(client, survey, sky.name, purpose)
    await recordCompleted(client, survey)
    return sayMade(
      missing.length ? 'completed' : 'unchanged',
      missing.map(({ makes }) => makes),
    )
  })
}

/**
 * How the database differs from the declaration, compared in the server's own words; empty when it doesn't.
 * Only what a declaration speaks of is compared: not rights, tuning or objects of other kinds.
 */
export async function surveyDifferences(
  client: Client,
  survey: Survey,
  sky: SkyContribution,
): Promise<Difference[]> {
  const desired = await declaredFingerprint(client, survey, sky)
  return differences(declaredFacts(desired), declaredFacts(await inspectSchema(client, survey.schema)))
}

const declaredKinds = [
  'table',
  'column',
  'default of column',
  'not null of column',
  'sequence',
  'owner column of sequence',
  'constraint',
  'index',
  'comment on table',
  'comment on column',
  'published schema',
  'published comment on schema',
  'published grant on schema',
  'published view',
  'published storage parameters of view',
  'published comment on view',
  'published comment on column',
  'published grant on view',
]

/** Records what is as declared now; whatever else has drifted stays drifted. */
async function recordCompleted(client: Client, survey: Survey): Promise<void> {
  const now = await inspectSchema(client, survey.schema)
  const before = await recordedFingerprint(client, survey)
  const others =
    before && Object.entries(before.facts).filter(([, { kind }]) => !declaredKinds.includes(kind))
  const facts = others ? { ...Object.fromEntries(others), ...declaredFacts(now) } : now
  if (!before || differences(facts, before.facts).length > 0) await recordFingerprint(client, survey, facts)
}

/** The facts of the kinds that a survey's declaration makes. */
export function declaredFacts(fingerprint: Fingerprint): Fingerprint {
  return Object.fromEntries(
    Object.entries(fingerprint).filter(([, { kind }]) => declaredKinds.includes(kind)),
  )
}

/**
 * Drops the schema of a survey that Almagest made, with everything in it, and the schemas beside it: read schemas, staging,
 * releases and their parts.
 * @throws AlmagestError `SCHEMA_FOREIGN`; `SCHEMA_KEPT` for a survey that is no demonstration and has releases or staged
 *   rows, with what would be lost
 */
export async function dropSurvey(client: Client, survey: Survey): Promise<void> {
  await ensureRegister(client)
  const [exists, beside] = [await schemaExists(client, survey.schema), await findSideSchemas(client, survey)]
  if (!exists && beside.length === 0) return
  await refuseForeign(client, survey)
  await refuseLoss(client, survey, beside)
  await client.transaction(async () => {
    const names = [...(await readSchemasOf(client, survey.schema)), ...beside.map(({ name }) => name)]
    for (const name of names) await client.query(`DROP SCHEMA ${quoteIdentifier(name)} CASCADE`)
    await client.query(`DROP SCHEMA IF EXISTS ${quoteIdentifier(survey.schema)} CASCADE`)
    await client.query('DELETE FROM almagest.survey WHERE name = $1', [survey.name])
  })
}

/** Working tables can be loaded again from their files; a release, once gone, cannot be made again. */
async function refuseLoss(client: Client, survey: Survey, beside: readonly SideSchema[]): Promise<void> {
  if ((await findDeployment(client, survey.schema))?.purpose === 'demo') return
  const losses: string[] = []
  for (const { name, kind } of beside) {
    if (kind === 'release') losses.push(`the release ${name}`)
    if (kind !== 'staging') continue
    const { rows } = await client.query<{ table: string }>(
      'SELECT relname::text AS table FROM pg_class WHERE relnamespace = $1::regnamespace AND relkind = $2 ORDER BY 1',
      [quoteIdentifier(name), 'r'],
    )
    for (const { table } of rows) {
      const staged = await client.query<{ n: number }>(
        `SELECT count(*)::float8 AS n FROM ${quoteIdentifier(name, table)}`,
      )
      if (staged.rows[0]!.n > 0) losses.push(`${staged.rows[0]!.n} rows in ${name}.${table}`)
    }
  }
  if (losses.length === 0) return
  throw new AlmagestError(
    'SCHEMA_KEPT',
    'server',
    `dropping the survey "${survey.name}" would lose ${losses.join(', ')}`,
    'Withdraw its releases and publish or discard what is staged first, with `almagest release withdraw` and `almagest staging`.',
  )
}

async function missingStatements(
  client: Client,
  survey: Survey,
  sky: SkyContribution,
  statements: readonly Statement[],
): Promise<Statement[]> {
  // A savepoint's rollback removes the comparison build again.
  await client.query('SAVEPOINT comparison')
  const found = await surveyDifferences(client, survey, sky)
  await client.query('ROLLBACK TO SAVEPOINT comparison')
  const made = new Set(statements.map(({ makes }) => makes))
  const comesWithTable = new Set(newTableObjects(found))
  const faults = found.filter(
    (each) => each.found !== undefined || !(made.has(each.object) || comesWithTable.has(each.object)),
  )
  if (faults.length > 0) throw schemaDiffers(survey, faults)
  const missing = new Set(found.map(({ object }) => object))
  return statements.filter(({ makes }) => missing.has(makes))
}

/** Objects that the statement of a missing table makes along with it. */
function newTableObjects(found: readonly Difference[]): string[] {
  const objects = found.filter((each) => each.found === undefined)
  const tables = objects
    .filter(({ object }) => object.startsWith('table '))
    .map(({ object }) => object.slice(6))
  const ofNewTable = (name: string) => tables.some((table) => name.startsWith(`${table}.`))
  const sequences = objects
    .filter(({ object, desired }) => object.startsWith('owner column of sequence ') && ofNewTable(desired!))
    .map(({ object }) => object.slice('owner column of sequence '.length))
  const partIndexes = objects.filter(({ desired }) => / \(part of [^)]*\)$/.test(desired ?? ''))
  const newViews = objects.flatMap(({ object }) => object.match(/(?<=^published view ).*/) ?? [])
  return objects
    .map(({ object }) => object)
    .filter(
      (object) =>
        partIndexes.some((each) => each.object === object) ||
        newViews.some((view) => object === `published storage parameters of view ${view}`) ||
        ofNewTable(object.replace(/^(column|default of column|not null of column|constraint) /, '')) ||
        sequences.some((name) => object.endsWith(`sequence ${name}`)),
    )
}

/** What the server makes of the declaration: built in a schema of its own, inspected and dropped again. */
export async function declaredFingerprint(
  client: Client,
  survey: Survey,
  sky: SkyContribution,
): Promise<Fingerprint> {
  const schema = comparisonSchema(survey.schema)
  await refuseMissingReaders(client, survey)
  const statements = [...surveyDdl(survey, sky, schema), ...publishedDdl(survey, schema, comparisonSchema)]
  for (const { sql } of statements) await client.query(sql)
  const inspected = await inspectSchema(client, schema)
  for (const { name } of survey.published ?? [])
    await client.query(`DROP SCHEMA ${quoteIdentifier(comparisonSchema(name))} CASCADE`)
  await client.query(`DROP SCHEMA ${quoteIdentifier(schema)} CASCADE`)
  return inspected
}

/** Name of the schema in which a comparison is built; it never outlives its transaction. */
export function comparisonSchema(schema: string): string {
  return `${comparisonPrefix}${schema}`.slice(0, 63)
}

async function schemaExists(client: Client, schema: string): Promise<boolean> {
  const { rowCount } = await client.query('SELECT FROM pg_namespace WHERE nspname = $1', [schema])
  return rowCount > 0
}

/** A read schema is made, not taken over: what stands under its name must be ours. */
async function refuseTakenNames(client: Client, { schema, published = [] }: Survey): Promise<void> {
  const ours = await readSchemasOf(client, schema)
  for (const { name } of published) {
    if (ours.includes(name) || !(await schemaExists(client, name))) continue
    throw schemaForeign(name)
  }
}

async function refuseForeign(client: Client, survey: Survey): Promise<void> {
  if (await findDeployment(client, survey.schema)) return
  throw schemaForeign(survey.schema)
}

function schemaForeign(schema: string): AlmagestError {
  return new AlmagestError(
    'SCHEMA_FOREIGN',
    'server',
    `the schema "${schema}" exists in this database, but Almagest did not make it`,
    'Use another database, or rename that schema; Almagest touches only schemas that it made.',
  )
}

function schemaDiffers(survey: Survey, faults: readonly Difference[]): AlmagestError {
  const lines = faults.map(
    ({ object, desired, found }) =>
      `  ${object}: declared ${desired ?? 'nothing'}; found ${found ?? 'nothing'}`,
  )
  return new AlmagestError(
    'SCHEMA_DIFFERS',
    'server',
    `the schema "${survey.schema}" differs from its declaration in ${faults.length} ${faults.length === 1 ? 'object' : 'objects'}:\n${lines.join('\n')}`,
    'Bring these objects back to the declaration by hand, or declare them as they are.',
  )
}
