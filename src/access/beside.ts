// Rights beside a survey's own schema: on staging, on releases, and on the parts that releases are made of.
import type { Survey } from '../model/index.ts'
import {
  type Client,
  findSideRelations,
  findSideSchemas,
  quoteIdentifier,
  type SideRelation,
  type SideSchema,
} from '../postgres/index.ts'
import type { Lab } from './lab.ts'
import { type Grant, type RelationRights, surveyRights } from './rights.ts'
import { policyStatements } from './rows.ts'

/** What stands beside a survey's own schema. */
export interface Beside {
  readonly survey: Survey
  readonly schemas: readonly SideSchema[]
  readonly relations: readonly SideRelation[]
}

export async function findBeside(client: Client, surveys: readonly Survey[]): Promise<Beside[]> {
  const found: Beside[] = []
  for (const survey of surveys) {
    const schemas = await findSideSchemas(client, survey)
    found.push({ survey, schemas, relations: await findSideRelations(client, schemas) })
  }
  return found
}

/**
 * The loader has its rights on staging, too; a release is for those who read the table, the same columns; parts are their
 * owner's alone. Where embargoes hold rows back, a release reads its parts with the rights of whoever asks: then both are
 * for those who may read whole rows. A relation that isn't known is its owner's alone.
 */
export function besideRights(lab: Lab, { survey, relations }: Beside): RelationRights[] {
  const tables = surveyRights(lab, survey)
  return relations.map((relation): RelationRights => {
    const { schema, name, kind, columns, isView } = relation
    const catalog = catalogOf(survey, relation)
    const own = tables.find((each) => catalog && `${each.schema}.${each.name}` === catalog.name)?.grants ?? []
    const known = (column: string) => catalog !== undefined && column in catalog.columns
    const reading = own.filter(({ privileges }) => privileges.includes('SELECT'))
    const readers = reading.map((grant): Grant => {
      // A column that the catalogue has no more may have been kept from somebody.
      const narrowed = grant.columns ?? (columns.every(known) ? undefined : columns.filter(known))
      const list = narrowed?.filter((column) => columns.includes(column))
      return { kind: grant.kind, privileges: ['SELECT'], ...(list && { columns: list }) }
    })
    const whole = readers.filter((grant) => grant.columns === undefined)
    const embargoed = embargoesOf(survey, relation).length > 0
    const staging = own
      .filter((grant) => grant.kind === 'ingest')
      .map((grant) => ({
        ...grant,
        ...(grant.columns && {
          columns: grant.columns.filter((column) => column === 'ctid' || columns.includes(column)),
        }),
      }))
    const grants = { staging, release: embargoed ? whole : readers, parts: embargoed ? whole : [] }[kind]
    return {
      schema,
      name,
      relation: isView ? 'view' : 'table',
      grants: grants.filter((grant) => grant.columns?.length !== 0),
      columns,
      ofOwner: true,
      ...(kind === 'parts' && { frozen: true }),
    }
  })
}

/** Owners, rights and row policies beside a survey, after everything was taken away. */
export function besideStatements(
  lab: Lab,
  beside: Beside,
  roleOf: (kind: string) => string,
  grantsOf: (relations: readonly RelationRights[]) => string[],
): string[] {
  const rights = besideRights(lab, beside)
  const { survey, schemas, relations } = beside
  return [
    ...schemas.flatMap(({ name }) => {
      const kinds = new Set(
        rights
          .filter(({ schema }) => schema === name)
          .flatMap(({ grants }) => grants.map(({ kind }) => kind)),
      )
      const schema = quoteIdentifier(name)
      return [
        `ALTER SCHEMA ${schema} OWNER TO ${roleOf('owner')}`,
        ...[...kinds].map((kind) => `GRANT USAGE ON SCHEMA ${schema} TO ${roleOf(kind)}`),
      ]
    }),
    ...grantsOf(rights),
    ...relations.flatMap((relation) => {
      const catalog = catalogOf(survey, relation)
      if (!catalog) return []
      const { schema, name, kind, isView, asInvoker, columns } = relation
      const embargoes = embargoesOf(survey, relation)
      if (kind === 'parts')
        return policyStatements(lab, { ...catalog, schema, table: name }, embargoes, columns)
      const asked = embargoes.length > 0
      // The statement locks readers out for a moment: only where it changes something.
      return kind === 'release' && isView && asked !== asInvoker
        ? [`ALTER VIEW ${quoteIdentifier(schema, name)} SET (security_invoker = ${asked})`]
        : []
    }),
  ]
}

function catalogOf({ catalogs }: Survey, { table }: SideRelation) {
  return catalogs.find((each) => each.table === table)
}

function embargoesOf(survey: Survey, relation: SideRelation) {
  const catalog = catalogOf(survey, relation)
  return (survey.embargoes ?? []).filter((each) => each.catalog.name === catalog?.name)
}
