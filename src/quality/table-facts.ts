// What the database knows of a table: its columns, its validated constraints, and the files its rows came from.
import { type Catalog, mockOrigin, type Source, sourceIn } from '../model/index.ts'
import { type Client, quoteIdentifier } from '../postgres/index.ts'
import { type Profile, storedProfiles } from './profile/stored.ts'

export interface LoadedFileFacts {
  readonly id: number
  readonly name: string
  readonly path: string
  readonly sha256: string | null
  readonly bytes: number
  readonly layout: string
  /** Optional columns of the layout that the file lacked, by their FITS names. */
  readonly without: readonly string[]
  readonly rowsLoaded: number
  /** Rows left out, by the rule they broke. */
  readonly rejects: Readonly<Record<string, number>>
  /** Whether its header says that it was generated. */
  readonly mock: boolean
  readonly loadedAt: string
}

export interface TableFacts {
  /** Columns of the table by name, with the types in the server's own words. */
  readonly columns: ReadonlyMap<string, { readonly type: string; readonly comment: string | null }>
  /** Validated constraints, by what they say: `p:targetid`, `u:a,b`, `f:columns`. */
  readonly constraints: ReadonlyMap<string, string>
  readonly files: readonly LoadedFileFacts[]
  /** Stored profiles of the table. */
  readonly profiles: readonly Profile[]
  /** Columns that hold the number of the file and the row within it, if the catalogue has them. */
  readonly fileColumn: string | undefined
  readonly rowColumn: { readonly name: string; readonly first: number } | undefined
}

/** Facts of a table, or undefined where it does not exist. */
export async function tableFacts(client: Client, catalog: Catalog): Promise<TableFacts | undefined> {
  const name = quoteIdentifier(catalog.schema, catalog.table)
  const { rows } = await client.query<{ column: string; type: string; comment: string | null }>(
    `SELECT attname AS column, format_type(atttypid, atttypmod) AS type, col_description(attrelid, attnum) AS comment
     FROM pg_attribute WHERE attrelid = to_regclass($1) AND attnum > 0 AND NOT attisdropped ORDER BY attnum`,
    [name],
  )
  if (rows.length === 0) return undefined
  return {
    columns: new Map(rows.map(({ column, type, comment }) => [column, { type, comment }])),
    constraints: await constraintsOf(client, name),
    files: await filesOf(client, catalog.name),
    profiles: await storedProfiles(client, catalog.name),
    fileColumn: columnFrom(catalog, 'file')?.name,
    rowColumn: rowColumnOf(catalog),
  }
}

async function constraintsOf(client: Client, name: string): Promise<Map<string, string>> {
  const { rows } = await client.query<{ name: string; kind: string; columns: string[] }>(
    `SELECT conname AS name, contype::text AS kind,
       ARRAY(SELECT attname::text FROM unnest(conkey) WITH ORDINALITY AS k(number, place)
             JOIN pg_attribute ON attrelid = conrelid AND attnum = k.number ORDER BY place) AS columns
     FROM pg_constraint LEFT JOIN pg_index ON indexrelid = conindid
     WHERE conrelid = to_regclass($1) AND contype IN ('p', 'u', 'f') AND convalidated
       AND (contype = 'f' OR indisvalid)`,
    [name],
  )
  return new Map(rows.map((each) => [`${each.kind}:${each.columns.join()}`, each.name]))
}

async function filesOf(client: Client, table: string): Promise<LoadedFileFacts[]> {
  const { rows: there } = await client.query<{ there: boolean }>(
    "SELECT to_regclass('almagest.load_table') IS NOT NULL AS there",
  )
  if (!there[0]?.there) return []
  const { rows } = await client.query<Omit<LoadedFileFacts, 'without'> & Record<string, unknown>>(
    `SELECT file_id AS id, name, path, sha256, bytes::float8, layout, rows_loaded::float8 AS "rowsLoaded",
       rejects_by_rule AS rejects, coalesce(header->>'ORIGIN' = $2, false) AS mock,
       to_char(finished_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS "loadedAt"
     FROM almagest.load_table JOIN almagest.load_file USING (file_id)
     WHERE table_name = $1 AND state = 'loaded' ORDER BY file_id`,
    [table, mockOrigin],
  )
  // The ledger says "v3.0 without a, b" where optional columns are lacking.
  return rows.map((file) => {
    const [layout, lacking] = file.layout.split(' without ')
    return { ...file, layout: layout!, without: lacking?.split(', ') ?? [] }
  })
}

function rowColumnOf(catalog: Catalog): TableFacts['rowColumn'] {
  const found = columnFrom(catalog, 'row')
  return found && { name: found.name, first: (found.source as Source & { kind: 'row' }).first }
}

function columnFrom(catalog: Catalog, kind: 'file' | 'row'): { name: string; source: Source } | undefined {
  for (const [name, { source }] of Object.entries(catalog.columns)) {
    if (typeof source !== 'string' && source.kind === kind) return { name, source }
  }
  return undefined
}

/** HDU that a column's value comes from in a layout; that of the table's first FITS column for other columns. */
export function hduOf(catalog: Catalog, layoutName: string, columns: readonly string[]): string | undefined {
  const layout = catalog.layouts[layoutName]
  if (!layout) return undefined
  for (const column of [...columns, ...Object.keys(catalog.columns)]) {
    const source = sourceIn(catalog, layout, column)
    if (source.kind === 'fits') return source.hdu
  }
  return undefined
}
