// Making a catalogue from its definition: completed, checked and frozen.
import type { Catalog, CatalogDefinition, Columns } from './catalog.ts'
import { refuse } from './fault.ts'
import { faultsOf } from './faults.ts'
import { type ColumnConditions, conditionsOn } from './selection.ts'

/**
 * Declares a table. The result is frozen.
 * @throws AlmagestError `CATALOG_FAULTS` that lists every fault of the definition with its path
 */
export function defineCatalog<const C extends Columns, const K extends keyof C & string>(
  definition: CatalogDefinition<C, K>,
): Catalog<C, K> {
  const conditions = Object.fromEntries(
    Object.keys(definition.columns).map((name) => [name, conditionsOn(name)]),
  )
  const selections = Object.fromEntries(
    Object.entries(definition.selections ?? {}).map(([name, choose]) => [
      name,
      choose(conditions as Record<keyof C & string, ColumnConditions>),
    ]),
  )
  const [schema = '', table = ''] = definition.name.split('.')
  const catalog: Catalog<C, K> = {
    ...definition,
    schema,
    table,
    key: definition.key,
    unique: definition.unique ?? [],
    foreignKeys: definition.foreignKeys ?? [],
    indexes: definition.indexes ?? {},
    layouts: definition.layouts ?? {},
    selections,
  }
  refuse(`catalogue "${definition.name}"`, faultsOf(catalog as unknown as Catalog))
  return deepFreeze(catalog)
}

/** Freezes a value and all that it holds; parts frozen before may hold others that are not. */
export function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value
  for (const part of Object.values(value)) deepFreeze(part)
  return Object.freeze(value)
}
