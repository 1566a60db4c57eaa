// Embargoed rows as row policies, and masked columns as security-barrier views.
import type { Catalog, Column, Embargo, Survey } from '../model/index.ts'
import { quoteIdentifier, quoteLiteral, selectionSql } from '../postgres/index.ts'
import type { Lab } from './lab.ts'
import { hasMasks, maskedSchema, readingKinds } from './rights.ts'
import { roleName } from './roles.ts'

/**
 * True in SQL for a row that everybody may read by now; what isn't known to be free is held back.
 * @param columns  those that there are, where not the catalogue's
 */
export function releasedSql({ catalog, only, until }: Embargo, columns?: readonly string[]): string {
  const day = `now() >= TIMESTAMPTZ ${quoteLiteral(`${until} 00:00:00+00`)}`
  const asked = catalog.selections[only] ?? []
  if (columns && !asked.every(({ column }) => columns.includes(column))) return day
  return `${day} OR (${selectionSql(catalog, only)}) IS FALSE`
}

/**
 * Row policies of a catalogue: permissive ones that let the loader and the readers in, and for each embargo a
 * restrictive one, so that rows under several embargoes wait for all of them.
 * @param frozenColumns  the columns of a table that nobody may change
 */
export function policyStatements(
  lab: Lab,
  catalog: Catalog,
  embargoes: readonly Embargo[],
  frozenColumns?: readonly string[],
): string[] {
  if (embargoes.length === 0) return []
  const table = quoteIdentifier(catalog.schema, catalog.table)
  const list = (kinds: readonly string[]) =>
    kinds.map((kind) => quoteIdentifier(roleName(lab, kind))).join(', ')
  const readers = [...readingKinds(lab).keys(), ...(hasMasks(catalog) ? ['masker'] : [])]
  const force = embargoes.some((each) => each.force)
  const mayAll = (kind: string) =>
    frozenColumns
      ? `FOR SELECT TO ${list([kind])} USING (true)`
      : `FOR ALL TO ${list([kind])} USING (true) WITH CHECK (true)`
  return [
    `ALTER TABLE ${table} ENABLE ROW LEVEL SECURITY`,
    `ALTER TABLE ${table} ${force ? 'FORCE' : 'NO FORCE'} ROW LEVEL SECURITY`,
    `CREATE POLICY almagest_read ON ${table} FOR SELECT TO ${list(readers)} USING (true)`,
    `CREATE POLICY almagest_load ON ${table} ${mayAll('ingest')}`,
    ...(force ? [`CREATE POLICY almagest_own ON ${table} ${mayAll('owner')}`] : []),
    ...embargoes.flatMap((embargo) => {
      const held = readers.filter((kind) => !(embargo.readers as readonly string[]).includes(kind))
      if (held.length === 0) return []
      const name = quoteIdentifier(`embargo_${embargo.name}`)
      return [
        `CREATE POLICY ${name} ON ${table} AS RESTRICTIVE FOR SELECT TO ${list(held)} USING (${releasedSql(embargo, frozenColumns)})`,
      ]
    }),
  ]
}

/**
 * The view that shows a catalogue with its masks on. It reads as a role of its own, which is no owner of the
 * table: a view reads with its owner's rights, and the table's owner would see embargoed rows.
 */
export function maskedView(lab: Lab, survey: Survey, catalog: Catalog): string[] {
  const view = quoteIdentifier(maskedSchema(survey), catalog.table)
  const columns = Object.entries(catalog.columns)
    .filter(([, { sensitivity, mask }]) => sensitivity === 'public' || mask !== undefined)
    .map(([name, column]) => `${maskSql(name, column)} AS ${quoteIdentifier(name)}`)
  const title = `${catalog.title}, with masked values of columns that are not public`
  return [
    `CREATE OR REPLACE VIEW ${view} WITH (security_barrier = true) AS SELECT ${columns.join(', ')} FROM ${quoteIdentifier(catalog.schema, catalog.table)}`,
    `ALTER VIEW ${view} OWNER TO ${quoteIdentifier(roleName(lab, 'masker'))}`,
    `COMMENT ON VIEW ${view} IS ${quoteLiteral(title)}`,
  ]
}

/** The salt keeps a hash from being undone by hashing every identifier there is. */
function maskSql(name: string, { mask, type }: Column): string {
  const column = quoteIdentifier(name)
  if (mask === undefined) return column
  if (mask === 'null') return `NULL::${type}`
  if (mask === 'hash')
    return `encode(sha256((SELECT salt FROM almagest_vault.salt) || convert_to(${column}::text, 'UTF8')), 'hex')`
  return `round(${column}::numeric, ${mask.decimals})::${type}`
}
