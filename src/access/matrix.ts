// The declared matrix: role by object, as people read it.
import type { Survey } from '../model/index.ts'
import type { Lab } from './lab.ts'
import { type Privilege, registerRights, surveyRights } from './rights.ts'
import { kindsOf, roleName } from './roles.ts'

export interface MatrixRow {
  readonly role: string
  readonly object: string
  readonly rights: readonly Privilege[]
  /** `all`, or how many of the columns can be read. */
  readonly columns: string
  /** `all`, or the embargoes whose rows are held back. */
  readonly rows: string
}

/** Every right that is declared; the owner's own rights, and the backup's to read everything, are left out. */
export function accessMatrix(lab: Lab, surveys: readonly Survey[]): MatrixRow[] {
  const relations = [...surveys.flatMap((survey) => surveyRights(lab, survey)), ...registerRights(lab)]
  const catalogs = surveys.flatMap((survey) => survey.catalogs)
  const embargoes = surveys.flatMap((survey) => survey.embargoes ?? [])
  return kindsOf(lab).flatMap((kind) =>
    relations.flatMap(({ schema, name, grants }): MatrixRow[] => {
      const own = grants.filter((grant) => grant.kind === kind)
      if (own.length === 0) return []
      const object = `${schema}.${name}`
      const catalog = catalogs.find((each) => each.name === object)
      const read = own.find(({ privileges }) => privileges.includes('SELECT'))
      const held = embargoes.filter(
        (each) =>
          kind !== 'ingest' && each.catalog.name === object && !(each.readers as string[]).includes(kind),
      )
      return [
        {
          role: roleName(lab, kind),
          object,
          rights: own.flatMap(({ privileges }) => privileges),
          columns: read?.columns
            ? `${read.columns.filter((each) => each !== 'ctid').length} of ${Object.keys(catalog?.columns ?? {}).length}`
            : 'all',
          rows: held.length
            ? `without ${held.map(({ name: each, until }) => `${each} until ${until}`).join(', ')}`
            : 'all',
        },
      ]
    }),
  )
}
