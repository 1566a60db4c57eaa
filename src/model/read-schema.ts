// Read schemas: published, versioned views of a survey's tables, so that tables can change while old queries run.
import type { Catalog } from './catalog.ts'
import type { Fault } from './fault.ts'
import { nearest } from './nearest.ts'

/** A column of a view that no column of the table is: computed from others, in SQL. */
export interface ComputedColumn {
  readonly sql: string
  readonly description: string
  readonly unit?: string
  readonly ucd?: string
}

export interface ReadView {
  readonly title: string
  /** The catalogue that the view reads. */
  readonly from: Catalog
  /** The view's columns: by the table's column, or computed. */
  readonly columns: Readonly<Record<string, string | ComputedColumn>>
}

/** A version that users query by name, e.g. `desi_v1.fastspecfit`. */
export interface ReadSchema {
  readonly name: string
  readonly title: string
  /** Roles that may read it; they need the same rights on the tables' columns, as views read with the caller's rights. */
  readonly readers: readonly string[]
  readonly views: Readonly<Record<string, ReadView>>
  /** Since when another is to be used, e.g. `{ since: '2026-11-24', use: 'desi_v2' }`. */
  readonly deprecated?: { readonly since: string; readonly use: string }
}

/** Every column of a catalogue under its own name, but those left out. */
export function sameColumns(catalog: Catalog, without: readonly string[] = []): Record<string, string> {
  const names = Object.keys(catalog.columns).filter((name) => !without.includes(name))
  return Object.fromEntries(names.map((name) => [name, name]))
}

/** Names that leave room for what comparisons put before them. */
const schemaName = /^[a-z_][a-z0-9_]{0,39}$/
const name = /^[a-z_][a-z0-9_]{0,62}$/

export function readSchemaFaults(
  schemas: readonly ReadSchema[],
  ownSchema: string,
  catalogs: readonly Catalog[],
): Fault[] {
  const names = schemas.map((each) => each.name)
  return schemas.flatMap((schema, i): Fault[] => {
    const path = `published.${schema.name}`
    const faults: Fault[] = []
    const add = (part: string, problem: string) => faults.push({ path: `${path}${part}`, problem })
    if (!schemaName.test(schema.name)) add('', 'is not a lower-case SQL identifier of at most 40 letters')
    if (schema.name === ownSchema) add('', 'is the schema of the tables themselves')
    if (names.indexOf(schema.name) !== i) add('', 'is declared twice')
    if (Object.keys(schema.views).length === 0) add('.views', 'a read schema without a view')
    const use = schema.deprecated?.use
    if (use !== undefined && !names.includes(use)) add('.deprecated.use', `"${use}" is not published`)
    for (const [view, { from, columns }] of Object.entries(schema.views)) {
      const known = Object.keys(from.columns)
      if (!name.test(view)) add(`.views.${view}`, 'is not a lower-case SQL identifier')
      if (!catalogs.includes(from)) add(`.views.${view}.from`, `${from.name} is no catalogue of the survey`)
      for (const [column, source] of Object.entries(columns)) {
        if (!name.test(column)) add(`.views.${view}.${column}`, 'is not a lower-case SQL identifier')
        if (typeof source !== 'string' || known.includes(source)) continue
        const near = nearest(source, known)
        add(
          `.views.${view}.${column}`,
          `${from.name} has no column "${source}"${near ? `; did you mean "${near}"?` : ''}`,
        )
      }
    }
    return faults
  })
}
