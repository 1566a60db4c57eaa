// What the server knows of a table that takes part in a cross-match: its columns, its size, its sky index.
import { AlmagestError, type MatchTable, nearest } from '../../model/index.ts'
import { type Client, quoteIdentifier, quoteQualified, sqlState } from '../../postgres/index.ts'
import type { SkyIndex } from '../sky-index.ts'

/** How a key column is carried: integers as they are, everything else as its text. */
export type KeyType = 'integer' | 'bigint' | 'text'

export interface TableFacts {
  /** Rows by the planner's estimate; counted where there is none. */
  readonly rows: number
  readonly keyTypes: readonly KeyType[]
  /** Whether a sky index on the position exists. */
  readonly indexed: boolean
}

const integers: Record<string, KeyType> = { int2: 'integer', int4: 'integer', int8: 'bigint' }

/**
 * @param radius  further column that must exist
 * @throws AlmagestError `MATCH_TABLE_MISSING`, `MATCH_COLUMN_MISSING` with the nearest names, and
 *   `MATCH_COLUMN_TYPE` for a position that is no number
 */
export async function tableFacts(
  client: Client,
  sky: SkyIndex,
  table: MatchTable,
  radius?: string,
): Promise<TableFacts> {
  const columns = await columnTypes(client, table.table)
  for (const column of numericColumns(table, radius)) {
    const type = typeOf(columns, table, column)
    if (!['int2', 'int4', 'int8', 'float4', 'float8', 'numeric'].includes(type)) {
      throw new AlmagestError(
        'MATCH_COLUMN_TYPE',
        'usage',
        `column ${column} of ${table.table} has type ${type}; a number is needed`,
        'name a numeric column; parseAngle turns sexagesimal text into degrees',
        { column },
      )
    }
  }
  return {
    rows: await sizeOf(client, table.table),
    keyTypes: table.key.map((column) => integers[typeOf(columns, table, column)] ?? 'text'),
    indexed: await hasIndex(client, sky, table),
  }
}

function numericColumns({ ra, dec, errors, motion }: MatchTable, radius: string | undefined): string[] {
  const epoch = typeof motion?.epoch === 'string' ? motion.epoch : undefined
  const named = [
    ra,
    dec,
    radius,
    errors?.major,
    errors?.minor,
    errors?.angle,
    motion?.pmra,
    motion?.pmdec,
    epoch,
  ]
  return named.filter((column) => column !== undefined)
}

async function columnTypes(client: Client, table: string): Promise<Map<string, string>> {
  const { rows } = await client.query<{ name: string; type: string }>(
    `SELECT attname AS name,
       (SELECT typname FROM pg_catalog.pg_type u WHERE u.oid = coalesce(nullif(t.typbasetype, 0), t.oid)) AS type
     FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
     WHERE attrelid = pg_catalog.to_regclass($1) AND attnum > 0 AND NOT attisdropped`,
    [quoteQualified(table)],
  )
  if (rows.length > 0) return new Map(rows.map(({ name, type }) => [name, type]))
  throw new AlmagestError(
    'MATCH_TABLE_MISSING',
    'usage',
    `the database has no table ${table}`,
    'write schema.table, as it is spelt in the database',
    { value: table },
  )
}

function typeOf(columns: Map<string, string>, { table }: MatchTable, column: string): string {
  const type = columns.get(column)
  if (type !== undefined) return type
  const near = nearest(column, [...columns.keys()])
  throw new AlmagestError(
    'MATCH_COLUMN_MISSING',
    'usage',
    `${table} has no column ${column}`,
    near ? `did you mean ${near}?` : `it has ${[...columns.keys()].join(', ')}`,
    { column },
  )
}

async function sizeOf(client: Client, table: string): Promise<number> {
  const name = quoteQualified(table)
  const { rows } = await client.query<{ rows: number }>(
    'SELECT reltuples::float8 AS rows FROM pg_catalog.pg_class WHERE oid = $1::pg_catalog.regclass',
    [name],
  )
  if (rows[0]!.rows >= 0 && rows[0]!.rows !== 0) return rows[0]!.rows
  const counted = await client.query<{ rows: number }>(`SELECT count(*)::float8 AS rows FROM ${name}`)
  return counted.rows[0]!.rows
}

/** Asks the planner, who knows each kind of index: without sequential scans a cone must read one. */
async function hasIndex(client: Client, sky: SkyIndex, { table, ra, dec }: MatchTable): Promise<boolean> {
  const column = (name: string) => `t.${quoteIdentifier(name)}`
  const within = sky.within({ ra: column(ra), dec: column(dec) }, { ra: '10', dec: '20' }, '0.001')
  const explained = client.transaction(async () => {
    await client.query('SET LOCAL enable_seqscan = off')
    const { rows } = await client.query(`EXPLAIN SELECT 1 FROM ${quoteQualified(table)} t WHERE ${within}`)
    return rows.some((row) => String(row['QUERY PLAN']).includes('Index Cond'))
  })
  return await explained.catch((error) => {
    // A database without the functions of the sky index has no index by them either.
    if (sqlState(error) === '42883') return false
    throw error
  })
}
