// Some of the rows that fail a check: their keys and values, and where they stand in their FITS files.
import { quoteIdentifier, type Row } from '../postgres/index.ts'
import type { FailingRow, RunContext, Verdict } from './check.ts'
import { fromSql } from './scan.ts'
import { hduOf } from './table-facts.ts'

/** The statement that shows at most `limit` failing rows, or undefined for a verdict that is not about rows. */
export function failingRowsSql(
  context: RunContext,
  columns: readonly string[],
  { where, rowsSql }: Verdict,
  limit: number,
): string | undefined {
  if (where === undefined && rowsSql === undefined) return undefined
  const { facts, catalog } = context
  const wanted = [...catalog.key, ...columns, facts.fileColumn, facts.rowColumn?.name]
  const names = [...new Set(wanted.filter((name) => name !== undefined && facts.columns.has(name)))]
  const list = names.map((name) => `${quoteIdentifier(name!)}::text`).join(', ')
  if (rowsSql !== undefined) return `SELECT ${list} FROM (${rowsSql}) AS failing LIMIT ${limit}`
  const from = fromSql(context)
  return `SELECT ${list} ${from} ${from.includes(' WHERE ') ? 'AND' : 'WHERE'} (${where}) LIMIT ${limit}`
}

/** Runs that statement and gives each row its origin. */
export async function failingRows(
  context: RunContext,
  columns: readonly string[],
  sql: string,
): Promise<FailingRow[]> {
  const { client, facts, catalog } = context
  const { rows } = await client.query<Row & Record<string, string | null>>(sql)
  return rows.map((values) => {
    const file = facts.files.find(({ id }) => String(id) === values[facts.fileColumn ?? ''])
    const number = values[facts.rowColumn?.name ?? '']
    const hdu = file && hduOf(catalog, file.layout, columns)
    return {
      values,
      ...(file ? { file: file.name } : {}),
      ...(hdu ? { hdu } : {}),
      ...(number == null ? {} : { row: Number(number) - facts.rowColumn!.first + 1 }),
    }
  })
}
