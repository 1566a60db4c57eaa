// Changing a table's sky index from one backend to another while it is read and written.
import { AlmagestError, type Catalog } from '../model/index.ts'
import { type Client, quoteIdentifier, quoteLiteral, quoteQualified } from '../postgres/index.ts'
import { bareExpression } from './index-check.ts'
import type { SkyIndex } from './sky-index.ts'

/**
 * Builds the new index beside the old one, exchanges their names and drops the old one; no step stops readers or
 * writers for longer than a lock on the index takes. A move that was interrupted is done again from its beginning.
 *
 * @returns whether there was anything to do
 * @throws AlmagestError `SKY_MOVE_PARTITIONED` for a partitioned table, which takes no CREATE INDEX CONCURRENTLY
 */
export async function moveSkyIndex(client: Client, catalog: Catalog, to: SkyIndex): Promise<boolean> {
  if (!catalog.sky) return false
  const { sky, schema, table, name } = catalog
  const kind = await kindOf(client, quoteQualified(name))
  if (kind === null) return false
  if (kind === 'p') throw partitioned(name)
  const current = await definition(client, schema, sky.index)
  const parts = { new: partName(sky.index, 'new'), old: partName(sky.index, 'old') }
  const drop = (each: string) =>
    client.query(`DROP INDEX CONCURRENTLY IF EXISTS ${quoteIdentifier(schema, each)}`)
  // left by a move that was interrupted
  await drop(parts.new)
  if (current !== null && bareExpression(current).includes(bareExpression(to.indexOn(sky)))) {
    await drop(parts.old)
    return false
  }
  await client.query(
    `CREATE INDEX CONCURRENTLY ${quoteIdentifier(parts.new)} ON ${quoteIdentifier(schema, table)} ${to.indexOn(sky)}`,
  )
  // expressions of an index have statistics of their own, without which the planner guesses
  await client.query(`ANALYZE ${quoteIdentifier(schema, table)}`)
  await drop(parts.old)
  await client.transaction(async () => {
    const rename = (from: string, into: string) =>
      client.query(
        `ALTER INDEX IF EXISTS ${quoteIdentifier(schema, from)} RENAME TO ${quoteIdentifier(into)}`,
      )
    await rename(sky.index, parts.old)
    await rename(parts.new, sky.index)
  })
  await drop(parts.old)
  return true
}

/** Name of the index under way: within the 63 bytes that PostgreSQL keeps. */
const partName = (index: string, part: 'new' | 'old'): string => `${index.slice(0, 50)}_move_${part}`

async function kindOf(client: Client, table: string): Promise<string | null> {
  const { rows } = await client.query<{ kind: string | null }>(
    'SELECT (SELECT relkind::text FROM pg_class WHERE oid = to_regclass($1)) AS kind',
    [table],
  )
  return rows[0]!.kind
}

/** What an index is; null where there is none, or where building it failed. */
async function definition(client: Client, schema: string, index: string): Promise<string | null> {
  const { rows } = await client.query<{ definition: string | null }>(
    `SELECT (SELECT pg_get_indexdef(indexrelid) FROM pg_index
             WHERE indexrelid = to_regclass(${quoteLiteral(quoteIdentifier(schema, index))}) AND indisvalid) AS definition`,
  )
  return rows[0]!.definition
}

function partitioned(name: string): AlmagestError {
  return new AlmagestError(
    'SKY_MOVE_PARTITIONED',
    'usage',
    `${name} is partitioned: its index can't be changed while it is in use`,
    'Add the new index to each partition with CREATE INDEX CONCURRENTLY, attach them to one on the parent, and drop the old one.',
    { value: name },
  )
}
