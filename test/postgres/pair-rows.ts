// Rows for random surveys, and how they are compared before and after.
import type { Client } from '../../src/postgres/index.ts'
import { quoteIdentifier } from '../../src/postgres/index.ts'
import type { ColumnDraft, Draft, Pair } from './model-pairs.ts'

/** A value of the type that narrower types round; NULL in the last row where both sides allow it. */
function value({ type }: ColumnDraft, row: number): string {
  const values = {
    smallint: 7 + row,
    integer: 30_000 + row,
    bigint: 30_010 + row,
    real: `${row}.1`,
    'double precision': `${row}.123456789012345`,
    text: "'x'",
  }
  return String(values[type])
}

export async function seedRows(client: Client, { before, after }: Pair): Promise<void> {
  const demanding = Object.values(after).some(({ columns }) =>
    Object.values(columns).some(({ required }) => required),
  )
  for (const [table, draft] of Object.entries(before)) {
    const columns = Object.keys(draft.columns)
    const list = ['id', ...columns].map((each) => quoteIdentifier(each)).join(', ')
    const rows = [1, 2, 3].map((row) => {
      const cells = columns.map((name) => {
        const column = draft.columns[name]!
        return row === 3 && !column.required && !demanding ? 'NULL' : value(column, row)
      })
      return `(${[row, ...cells].join(', ')})`
    })
    await client.query(`INSERT INTO pairs.${quoteIdentifier(table)} (${list}) VALUES ${rows.join(', ')}`)
  }
}

export type Rows = Record<string, Record<string, unknown>[]>

/** All rows of all tables, by key. */
export async function readRows(client: Client, draft: Draft): Promise<Rows> {
  const all: Rows = {}
  for (const table of Object.keys(draft)) {
    const { rows } = await client.query(`SELECT * FROM pairs.${quoteIdentifier(table)} ORDER BY id`)
    all[table] = rows
  }
  return all
}

/** Rows of `before` as they must be found after the change: by their new names, where the type is still the same. */
export function survivors(rows: Rows, { before, after }: Pair): Rows {
  return Object.fromEntries(
    Object.entries(after).flatMap(([table, { columns, renamed }]) => {
      const former = before[table] ? table : (renamed ?? '')
      if (!before[former]) return []
      return [
        [
          table,
          rows[former]!.map((row) => {
            const kept = Object.entries(columns).flatMap(([name, { renamed, type }]) => {
              const old = before[former]!.columns[name] ? name : (renamed ?? '')
              return before[former]!.columns[old]?.type === type ? [[name, row[old]] as const] : []
            })
            return { id: row.id, ...Object.fromEntries(kept) }
          }),
        ],
      ]
    }),
  )
}
