// Finding a column by the name a user gave.
import type { Catalog } from './catalog.ts'
import type { Column } from './column.ts'
import { AlmagestError } from './errors.ts'
import { nearest } from './nearest.ts'

/** The column of that name. @throws AlmagestError `COLUMN_UNKNOWN` with the nearest name */
export function columnNamed(catalog: Catalog, name: string): Column {
  const column = Object.hasOwn(catalog.columns, name) ? catalog.columns[name] : undefined
  if (column) return column
  const names = Object.keys(catalog.columns)
  const found = nearest(name, names)
  throw new AlmagestError(
    'COLUMN_UNKNOWN',
    'usage',
    `${catalog.name} has no column "${name}"${found ? `; did you mean "${found}"?` : ''}`,
    `Its columns are: ${names.join(', ')}.`,
    { column: name },
  )
}
