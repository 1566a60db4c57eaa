// The rows of an export: one query, its rows in typed batches, and side questions to the same snapshot.
import type { Catalog } from '../model/index.ts'
import {
  type Client,
  type CopyBatch,
  quoteIdentifier,
  quoteQualified,
  readCopy,
  selectionSql,
} from '../postgres/index.ts'
import { type ExportColumn, type ExportType, isArray } from './columns.ts'

export type Batch = CopyBatch<readonly ExportType[]>

/** What a format writes. */
export interface ExportRows {
  readonly catalog: Catalog
  readonly columns: readonly ExportColumn[]
  /** The rows in batches of about `bytes` bytes of values, at most `rows` rows; may be asked for once. */
  batches(limit: { readonly bytes: number; readonly rows: number }): AsyncIterable<Batch>
  /** One row of expressions over all rows of the export, in the same snapshot as the rows. */
  overAll(expressions: readonly string[]): Promise<unknown[]>
  /** The first value, in no order, of an expression over the rows that fulfil a condition. */
  firstWhere(expression: string, condition: string): Promise<unknown>
}

export interface RowChoice {
  /** Selections of the catalogue, all of which a row must fulfil. */
  readonly only: readonly string[]
  /** `key`: in the order of the key, so that the same rows give the same file; `none`: as they come. */
  readonly order: 'key' | 'none'
}

/** @throws AlmagestError `SELECTION_UNKNOWN` */
export function exportRows(
  client: Client,
  catalog: Catalog,
  columns: readonly ExportColumn[],
  { only, order }: RowChoice,
  onRows: (rows: number) => void,
): ExportRows {
  const conditions = only.map((selection) => `(${selectionSql(catalog, selection)})`)
  const from = `FROM ${quoteQualified(catalog.name)}`
  const where = (more: readonly string[] = []) => {
    const all = [...conditions, ...more]
    return all.length === 0 ? from : `${from} WHERE ${all.join(' AND ')}`
  }
  const list = columns.map(({ name, type }) => `${quoteIdentifier(name)}::${type}`).join(', ')
  const sorted =
    order === 'key' ? ` ORDER BY ${catalog.key.map((name) => quoteIdentifier(name)).join(', ')}` : ''
  const types = columns.map(({ type }) => type)
  return {
    catalog,
    columns,
    async *batches({ bytes, rows }) {
      const copy = client.copyOut(`COPY (SELECT ${list} ${where()}${sorted}) TO STDOUT (FORMAT binary)`)
      const batchRows = Math.max(1, Math.min(rows, Math.floor(bytes / rowBytes(types))))
      for await (const batch of readCopy(copy, types, batchRows)) {
        yield batch
        onRows(batch.rows)
      }
    },
    async overAll(expressions) {
      const named = expressions.map((expression, i) => `${expression} AS "${i}"`).join(', ')
      const { rows } = await client.query(`SELECT ${named} ${where()}`)
      return expressions.map((_, i) => rows[0]![i])
    },
    async firstWhere(expression, condition) {
      const { rows } = await client.query(`SELECT ${expression} AS value ${where([condition])} LIMIT 1`)
      return rows[0]?.value
    },
  }
}

/** About the bytes that a row takes in memory; texts and arrays are guessed. */
function rowBytes(types: readonly ExportType[]): number {
  return types.reduce((sum, type) => sum + (isArray(type) ? 256 : type === 'text' ? 64 : 9), 0)
}
