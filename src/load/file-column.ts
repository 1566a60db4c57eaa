// Which column of a table tells the file of a row.
import type { Catalog } from '../model/index.ts'

/** The column that holds the number of the file a row came from. */
export function fileColumnOf(catalog: Catalog): string | undefined {
  return Object.entries(catalog.columns).find(
    ([, { source }]) => typeof source !== 'string' && source.kind === 'file',
  )?.[0]
}
