// Whether a table has the sky index that a query by position needs, and how to add it.
import { AlmagestError, type Catalog } from '../model/index.ts'
import { type Client, quoteIdentifier, quoteQualified } from '../postgres/index.ts'
import type { SkyIndex } from './sky-index.ts'

/** Rows that may be read one by one without asking: about a second of work. */
export const mostUnindexedRows = 1_000_000

/** Tables found to have their index, per connection: asked once, not with each query. */
const checked = new WeakMap<Client, Set<string>>()

/**
 * Refuses a search by position that would read a large table row by row.
 * @param options.force  search all the same
 * @param options.rows   tables with fewer rows are searched without an index
 * @throws AlmagestError `SKY_INDEX_MISSING` with the statement that adds the index
 */
export async function requireSkyIndex(
  client: Client,
  catalog: Pick<Catalog, 'name' | 'sky'>,
  sky: SkyIndex,
  { force = false, rows = mostUnindexedRows }: { force?: boolean; rows?: number } = {},
): Promise<void> {
  if (!catalog.sky || force || checked.get(client)?.has(catalog.name)) return
  const expression = sky.expression({
    ra: quoteIdentifier(catalog.sky.ra),
    dec: quoteIdentifier(catalog.sky.dec),
  })
  const table = quoteQualified(catalog.name)
  const { rows: found } = await client.query<Found>(foundSql, [table])
  const { keys, estimate, parted } = found[0]!
  if (keys?.some((key) => bareExpression(key) === bareExpression(expression))) {
    checked.set(client, (checked.get(client) ?? new Set()).add(catalog.name))
    return
  }
  if (Number(estimate) <= rows) return
  throw new AlmagestError(
    'SKY_INDEX_MISSING',
    'usage',
    `${catalog.name} has no valid index for ${sky.name}, and a search would read about ${estimate} rows one by one`,
    `Add it: ${addIndexSql(catalog.name, catalog.sky, sky, parted)}. Or use --force.`,
    { value: catalog.name },
  )
}

/** The statements that add a sky index to a table; a partitioned one takes no CONCURRENTLY. */
export function addIndexSql(
  table: string,
  declared: NonNullable<Catalog['sky']>,
  sky: SkyIndex,
  parted = false,
): string {
  const name = quoteQualified(table)
  return `CREATE INDEX ${parted ? '' : 'CONCURRENTLY '}${quoteIdentifier(declared.index)} ON ${name} ${sky.indexOn(declared)}; ANALYZE ${name}`
}

type Found = { parted: boolean; keys: string[] | null; estimate: bigint }

/** The first keys of a table's valid indexes, and its rows: as last counted, else by its size at 64 bytes a row. */
const foundSql = `
  SELECT EXISTS (SELECT FROM pg_partitioned_table WHERE partrelid = t.oid) AS parted,
    (SELECT array_agg(pg_get_indexdef(i.indexrelid, 1, false)) FROM pg_index i WHERE i.indrelid = t.oid AND i.indisvalid) AS keys,
    (SELECT coalesce(sum(CASE WHEN c.reltuples > 0 THEN c.reltuples ELSE pg_relation_size(c.oid) / 64.0 END), 0)::int8
     FROM pg_class c WHERE c.relkind IN ('r', 'm') AND (c.oid = t.oid OR c.oid IN (SELECT relid FROM pg_partition_tree(t.oid)))) AS estimate
  FROM (SELECT to_regclass($1)::oid AS oid) AS t`

/**
 * The text of an expression without what the server writes now so, now otherwise: quotes, brackets, casts, spaces, capitals
 * and the schema on the path.
 */
export function bareExpression(text: string): string {
  return text
    .toLowerCase()
    .replaceAll(/::(double precision|\w+)/g, '')
    .replaceAll(/["'()\s]/g, '')
    .replaceAll('public.', '')
}
