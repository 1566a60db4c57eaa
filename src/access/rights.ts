// Who may do what with which relation, as it follows from the declarations: the one list that grants and proof share.
import { AlmagestError, type Catalog, type Sensitivity, type Survey } from '../model/index.ts'
import type { Lab } from './lab.ts'
import { kindsOf, projectSchema } from './roles.ts'

export type Privilege = 'SELECT' | 'INSERT' | 'UPDATE' | 'DELETE' | 'TRUNCATE' | 'REFERENCES' | 'TRIGGER'
export const privileges: readonly Privilege[] = [
  'SELECT',
  'INSERT',
  'UPDATE',
  'DELETE',
  'TRUNCATE',
  'REFERENCES',
  'TRIGGER',
]

export interface Grant {
  readonly kind: string
  readonly privileges: readonly Privilege[]
  /** Only these columns; absent: the whole relation. */
  readonly columns?: readonly string[]
}

export interface RelationRights {
  readonly schema: string
  readonly name: string
  readonly relation: 'table' | 'view' | 'sequence'
  readonly grants: readonly Grant[]
  /** Its columns, where it is no table of a survey. */
  readonly columns?: readonly string[]
  /** A view that belongs to the owner like a table. */
  readonly ofOwner?: true
  /** Refuses every change, the owner's too. */
  readonly frozen?: true
  /** Belongs to the ledger's role, so that not even those who act as the owner have rights on it. */
  readonly sealed?: true
}

/** Kinds that read catalogues, each with the sensitivities it reads. */
export function readingKinds(lab: Lab): Map<string, readonly Sensitivity[]> {
  const readers = new Map<string, readonly Sensitivity[]>([
    ['analyst', ['public']],
    ['collaborator', ['public', 'collaboration']],
  ])
  for (const [name, { collaboration }] of Object.entries(lab.projects))
    readers.set(`project:${name}`, collaboration ? ['public', 'collaboration'] : ['public'])
  return readers
}

/** Columns of a catalogue that a kind with these sensitivities reads. */
export function readableColumns(catalog: Catalog, sensitivities: readonly Sensitivity[]): string[] {
  return Object.entries(catalog.columns)
    .filter(([, { sensitivity }]) => sensitivities.includes(sensitivity))
    .map(([name]) => name)
}

/** Whether a catalogue has a view that shows its masked columns. */
export function hasMasks(catalog: Catalog): boolean {
  return Object.values(catalog.columns).some(({ mask }) => mask !== undefined)
}

/** Whether each use of a catalogue's table is to be recorded. */
export function isAudited(catalog: Catalog): boolean {
  return Object.values(catalog.columns).some(({ sensitivity }) => sensitivity === 'restricted')
}

export function maskedSchema(survey: Survey): string {
  return `${survey.schema}_masked`
}

/** Columns that the loader has to read: keys, references, and which file a row is from. */
export function loaderColumns(survey: Survey, catalog: Catalog): string[] {
  const referred = survey.catalogs.flatMap((each) =>
    each.foreignKeys.filter(({ references }) => references === catalog.name).flatMap(({ key }) => key),
  )
  const own = catalog.foreignKeys.flatMap(({ columns }) => columns)
  const file = Object.entries(catalog.columns)
    .filter(([, { source }]) => typeof source !== 'string' && source.kind === 'file')
    .map(([name]) => name)
  const needed = new Set([...catalog.key, ...catalog.unique.flat(), ...own, ...referred, ...file])
  // A row's place, by which the loader counts what it stored.
  return [...Object.keys(catalog.columns).filter((name) => needed.has(name)), 'ctid']
}

/** Rights on a survey's tables, its sequences, its masked views and its published views. */
export function surveyRights(lab: Lab, survey: Survey): RelationRights[] {
  const readers = [...readingKinds(lab)]
  const tables = survey.catalogs.flatMap((catalog): RelationRights[] => {
    const all = Object.keys(catalog.columns).length
    const grants: Grant[] = [
      { kind: 'ingest', privileges: ['INSERT', 'DELETE'] },
      { kind: 'ingest', privileges: ['SELECT'], columns: loaderColumns(survey, catalog) },
    ]
    for (const [kind, sensitivities] of readers) {
      const columns = readableColumns(catalog, sensitivities)
      if (columns.length === all) grants.push({ kind, privileges: ['SELECT'] })
      else if (columns.length > 0) grants.push({ kind, privileges: ['SELECT'], columns })
    }
    if (hasMasks(catalog)) grants.push({ kind: 'masker', privileges: ['SELECT'] })
    // What is granted to this role is what pgAudit logs; of whole tables, as it overlooks `SELECT t` in grants of columns.
    if (isAudited(catalog))
      grants.push({ kind: 'audited', privileges: ['SELECT', 'INSERT', 'UPDATE', 'DELETE'] })
    return [{ schema: catalog.schema, name: catalog.table, relation: 'table', grants }]
  })
  const everyReader = readers.map(([kind]): Grant => ({ kind, privileges: ['SELECT'] }))
  const masked = survey.catalogs.filter(hasMasks).map(
    ({ table }): RelationRights => ({
      schema: maskedSchema(survey),
      name: table,
      relation: 'view',
      grants: everyReader,
    }),
  )
  // Nothing in them is hidden from readers of public columns: `refuseContradictions` sees to it.
  const views = (survey.published ?? []).flatMap(({ name, views }) =>
    Object.keys(views).map(
      (view): RelationRights => ({ schema: name, name: view, relation: 'view', grants: everyReader }),
    ),
  )
  return [...tables, ...masked, ...views]
}

/** Rights on what Almagest itself keeps; a table of it that isn't named here is its owner's alone. */
export function registerRights(lab: Lab): RelationRights[] {
  const readers = [...readingKinds(lab)].map(([kind]): Grant => ({ kind, privileges: ['SELECT'] }))
  const watched: Grant = { kind: 'monitor', privileges: ['SELECT'] }
  const loading: Grant = { kind: 'ingest', privileges: ['SELECT', 'INSERT', 'UPDATE'] }
  const table = (name: string, grants: readonly Grant[]): RelationRights => ({
    schema: 'almagest',
    name,
    relation: 'table',
    grants,
  })
  return [
    table('survey', [...readers, watched, { kind: 'ingest', privileges: ['SELECT'] }]),
    table('load_file', [loading, watched]),
    table('load_table', [loading, watched]),
    // Holds values of columns of every sensitivity.
    table('load_reject', [{ kind: 'ingest', privileges: ['SELECT', 'INSERT'] }]),
    table('release', [...readers, watched]),
    table('release_part', [...readers, watched]),
    table('release_content', [...readers, watched]),
  ]
}

/** Rights on the audit ledger, where there is one: the auditor reads, nobody writes. */
export function auditRights(): RelationRights[] {
  const relation = (
    name: string,
    kind: 'table' | 'view',
    privileges: readonly Privilege[],
  ): RelationRights => ({
    schema: auditSchema,
    name,
    relation: kind,
    grants: privileges.length > 0 ? [{ kind: 'auditor', privileges }] : [],
    sealed: true,
  })
  return [
    relation('entry', 'table', ['SELECT']),
    relation('inbox', 'table', ['SELECT']),
    relation('event', 'view', ['SELECT']),
  ]
}

export const auditSchema = 'almagest_audit'

/** Schemas and the kinds that may use them; a project may also make things in its own. */
export function schemaUsers(lab: Lab, surveys: readonly Survey[]): Map<string, readonly string[]> {
  const readers = [...readingKinds(lab).keys()]
  const users = new Map<string, readonly string[]>([
    ['almagest', [...readers, 'ingest', 'monitor']],
    ['public', [...readers, 'ingest', 'admin', 'migrator', 'owner', 'auditor', 'monitor', 'backup']],
  ])
  for (const survey of surveys) {
    const masked = survey.catalogs.some(hasMasks)
    users.set(survey.schema, [...readers, 'ingest', ...(masked ? ['masker'] : [])])
    if (masked) users.set(maskedSchema(survey), readers)
    for (const { name } of survey.published ?? []) users.set(name, readers)
  }
  if (surveys.some((survey) => survey.catalogs.some(hasMasks))) users.set('almagest_vault', ['masker'])
  for (const name of Object.keys(lab.projects)) users.set(projectSchema(name), [`project:${name}`])
  return users
}

/**
 * Refuses declarations that contradict each other.
 * @throws AlmagestError `ACCESS_VIEW_EXPOSES` for a published view over a column that its readers may not have,
 *   `ACCESS_READER_UNKNOWN` for an embargo whose reader is no project of the laboratory
 */
export function refuseContradictions(lab: Lab, surveys: readonly Survey[]): void {
  for (const { published = [], embargoes = [] } of surveys) {
    for (const { name, views } of published) {
      for (const [view, { from, columns }] of Object.entries(views)) {
        for (const [column, source] of Object.entries(columns)) {
          const hidden = Object.entries(from.columns).find(
            ([each, { sensitivity }]) =>
              sensitivity !== 'public' &&
              (typeof source === 'string'
                ? source === each
                : new RegExp(`(^|[^a-z0-9_])${each}($|[^a-z0-9_])`, 'i').test(source.sql)),
          )
          if (hidden) throw exposes(`${name}.${view}`, column, from, hidden[0], hidden[1].sensitivity)
        }
      }
    }
    const known = kindsOf(lab)
    for (const embargo of embargoes) {
      const unknown = embargo.readers.find((reader) => !known.includes(reader))
      if (unknown) throw unknownReader(embargo.name, unknown)
    }
  }
}

function exposes(view: string, column: string, { name }: Catalog, hidden: string, sensitivity: Sensitivity) {
  return new AlmagestError(
    'ACCESS_VIEW_EXPOSES',
    'catalog',
    `the published view ${view} shows as "${column}" what ${name} marks ${sensitivity}: ${hidden}`,
    'Leave the column out of the view, give the catalogue a mask for it, or mark it public.',
    { path: `published.${view}.${column}`, column: hidden },
  )
}

function unknownReader(embargo: string, reader: string) {
  return new AlmagestError(
    'ACCESS_READER_UNKNOWN',
    'usage',
    `the embargo "${embargo}" lets in ${reader}, and the laboratory has no such project`,
    'Declare the project in the file given with --lab, or take it out of the embargo.',
    { value: reader },
  )
}
