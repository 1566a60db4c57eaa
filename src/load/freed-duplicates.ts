// Rows that yielded to a row of another file which is gone since: what a replacement may leave without a row.
import type { Catalog, Survey } from '../model/index.ts'
import { type Client, quoteIdentifier } from '../postgres/index.ts'

/** Rows of a loaded file whose keys no row has now, although they were left out for a row that had them. */
export interface FreedDuplicates {
  readonly file: string
  readonly table: string
  readonly rows: number
}

/**
 * Looks through the rejects of the survey's loaded files, for tables that keep the first of rows with equal keys.
 * @param fileId  asks about one file only
 */
export async function freedDuplicates(
  client: Client,
  survey: Survey,
  fileId?: number,
): Promise<FreedDuplicates[]> {
  const found: FreedDuplicates[] = []
  for (const catalog of survey.catalogs.filter(({ duplicates }) => duplicates)) {
    const { rows } = await client.query<FreedDuplicates & Record<string, unknown>>(
      `SELECT f.name AS file, r.table_name AS "table", count(*)::int AS rows
       FROM almagest.load_reject r JOIN almagest.load_file f USING (file_id)
       WHERE f.survey = $1 AND f.state = 'loaded' AND r.rule = 'duplicate-key'
         AND r.table_name = $2 AND r.column_name = $3 AND f.file_id = coalesce($4, f.file_id)
         AND NOT EXISTS (SELECT FROM ${quoteIdentifier(catalog.schema, catalog.table)} t WHERE ${hasKey(catalog)})
       GROUP BY 1, 2 ORDER BY 1`,
      [survey.name, catalog.name, catalog.key.join(', '), fileId ?? null],
    )
    found.push(...rows)
  }
  return found
}

/** That a row `t` has the key that the reject `r` tells as text; by the key's index where it has one column. */
function hasKey({ key, columns }: Catalog): string {
  const own = key.map((name) => `t.${quoteIdentifier(name)}`)
  if (own.length > 1) return `concat_ws(', ', ${own.join(', ')}) = r.value`
  const { type } = columns[key[0]!]!
  return `${own[0]} = r.value::${type === 'serial' ? 'integer' : type}`
}
