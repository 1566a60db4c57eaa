// Declared renames, and those of them that a database has still before it.
import type { Survey } from '../model/index.ts'
import type { Change } from './changes/change.ts'
import { renameColumn } from './changes/rename-column.ts'
import { renameTable } from './changes/rename-table.ts'
import type { Fingerprint } from './fingerprint/fingerprint.ts'

/** What a declaration says about the way to it. */
export interface Renames {
  readonly tables: readonly { readonly before: string; readonly after: string }[]
  /** `table` is the table's name after its own renaming. */
  readonly columns: readonly { readonly table: string; readonly before: string; readonly after: string }[]
  /** `table.column` -> the SQL that fills it for rows that were there. */
  readonly backfills: ReadonlyMap<string, string>
}

export const noRenames: Renames = { tables: [], columns: [], backfills: new Map() }

/** What the survey's declaration says about former names. */
export function declaredRenames({ catalogs }: Pick<Survey, 'catalogs'>): Renames {
  return {
    tables: catalogs.flatMap(({ renamed, table }) =>
      renamed === undefined ? [] : [{ before: renamed, after: table }],
    ),
    columns: catalogs.flatMap(({ columns, table }) =>
      Object.entries(columns).flatMap(([after, { renamed }]) =>
        renamed === undefined ? [] : [{ table, before: renamed, after }],
      ),
    ),
    backfills: new Map(
      catalogs.flatMap(({ columns, table }) =>
        Object.entries(columns).flatMap(([name, { backfill }]) =>
          backfill === undefined ? [] : [[`${table}.${name}`, backfill] as const],
        ),
      ),
    ),
  }
}

/** The same renames from the other end. */
export function inverted({ tables, columns, backfills }: Renames): Renames {
  const former = (table: string) => tables.find(({ after }) => after === table)?.before ?? table
  return {
    tables: tables.map(({ before, after }) => ({ before: after, after: before })),
    columns: columns.map(({ table, before, after }) => ({
      table: former(table),
      before: after,
      after: before,
    })),
    backfills,
  }
}

/** The renames that lead from one fingerprint towards the other; a name that is gone already needs none. */
export function pendingRenames(
  from: Fingerprint,
  to: Fingerprint,
  { tables, columns, backfills }: Renames,
): Renames {
  const pendingTables = tables.filter(
    ({ before, after }) =>
      from[`table ${before}`] && !from[`table ${after}`] && to[`table ${after}`] && !to[`table ${before}`],
  )
  const former = (table: string) => pendingTables.find(({ after }) => after === table)?.before ?? table
  return {
    tables: pendingTables,
    columns: columns.filter(
      ({ table, before, after }) =>
        from[`column ${former(table)}.${before}`] &&
        !from[`column ${former(table)}.${after}`] &&
        to[`column ${table}.${after}`] &&
        !to[`column ${table}.${before}`],
    ),
    backfills,
  }
}

export function renameChanges({ tables, columns }: Pick<Renames, 'tables' | 'columns'>): Change[] {
  return [
    ...tables.map(({ before, after }) => renameTable(before, after)),
    ...columns.map(({ table, before, after }) => renameColumn(table, before, after)),
  ]
}
