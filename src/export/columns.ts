// The columns of an export: what the catalogue says of each, and the type in which its values come.
import { type Catalog, columnNamed, isRequired, type SqlType } from '../model/index.ts'
import type { CopyColumn } from '../postgres/index.ts'
import { exportError } from './errors.ts'

/** Types that a catalogue's columns are copied as; a serial is an integer with a default, and sealed bytes stay where they are. */
export type ExportType = Exclude<SqlType, 'serial' | 'bytea'>

export interface ExportColumn {
  /** The name in the database, which is also the name in the file. */
  readonly name: string
  readonly type: ExportType
  /** VOUnits string. */
  readonly unit: string | undefined
  readonly ucd: string | undefined
  readonly description: string
  /** False for a column that is declared to hold a value in each row. */
  readonly nullable: boolean
}

/** The values of one column in a batch of rows. */
export type ColumnValues = CopyColumn<ExportType>

/** Element types of the array types. */
export const elementTypes = {
  'real[]': 'real',
  'double precision[]': 'double precision',
  'bigint[]': 'bigint',
} as const satisfies Partial<Record<ExportType, ExportType>>

export type ArrayType = keyof typeof elementTypes

export function isArray(type: ExportType): type is ArrayType {
  return type in elementTypes
}

/**
 * The columns of those names, or all of the catalogue's.
 * @throws AlmagestError `COLUMN_UNKNOWN` with the nearest name, `EXPORT_COLUMN_TWICE`, `EXPORT_ENCRYPTED`
 */
export function exportColumns(
  catalog: Catalog,
  names: readonly string[] = Object.keys(catalog.columns),
): ExportColumn[] {
  const twice = names.find((name, i) => names.indexOf(name) !== i)
  if (twice !== undefined) {
    throw exportError('EXPORT_COLUMN_TWICE', `${catalog.name}: "${twice}" is named twice`, { column: twice })
  }
  return names.map((name) => {
    const { type, unit, ucd, description } = columnNamed(catalog, name)
    return {
      name,
      type: exportType(catalog, name, type),
      unit,
      ucd,
      description,
      nullable: !isRequired(catalog, name),
    }
  })
}

function exportType({ name: table }: Catalog, column: string, type: SqlType): ExportType {
  if (type === 'bytea')
    throw exportError('EXPORT_ENCRYPTED', `${table}: "${column}" is encrypted`, { column })
  return type === 'serial' ? 'integer' : type
}
