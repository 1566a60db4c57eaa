// Writing what is new: the rows of some sources replaced, those of others left as they are.
import { edgeDistanceColumn, environmentColumn, environments, type VoidDeclaration } from '../model/index.ts'
import { type Client, quoteIdentifier, quoteQualified } from '../postgres/index.ts'
import { copyRows } from './bulk-load.ts'
import type { Environment } from './environment.ts'
import {
  addPairs,
  addZoneVoids,
  environmentRows,
  type Gathered,
  sourcesWithEdge,
  type Tell,
} from './write-mapping.ts'

/**
 * Replaces pairs and words of some sources, and the voids of all zones. Runs in the caller's transaction.
 * @param hasMargins  whether the sources are those of holes, which alone have margins
 */
export async function replaceSources(
  client: Client,
  voids: VoidDeclaration,
  sources: ReadonlySet<string>,
  gathered: Gathered,
  tell: Tell,
  hasMargins: boolean,
): Promise<void> {
  const ofSources = `void_id IN (SELECT void_id FROM ${quoteQualified(voids.voids.name)} WHERE void_catalog_source = ANY ($1))`
  for (const { name } of [voids.details, voids.map, voids.spheres]) {
    await client.query(`DELETE FROM ${quoteQualified(name)} WHERE ${ofSources}`, [[...sources]])
  }
  await addPairs(client, voids, gathered, tell)
  await client.query(`DELETE FROM ${quoteQualified(voids.zoneVoids.name)}`)
  await addZoneVoids(client, voids, gathered.zoneVoids)
  await replaceWords(client, voids, gathered.environments, tell, hasMargins)
}

/** Puts the new words into the rows of environments: only rows that differ are written. */
async function replaceWords(
  client: Client,
  voids: VoidDeclaration,
  words: Gathered['environments'],
  tell: Tell,
  hasMargins: boolean,
): Promise<void> {
  const { environments: table, galaxies } = voids
  const total = words.reduce((sum, { ids }) => sum + ids.length, 0)
  tell('environments', 0, total)
  const mapped = [...(words[0]?.codes.keys() ?? [])]
  const withEdge = sourcesWithEdge(voids, mapped)
  const sources = mapped.map(environmentColumn)
  const edges = withEdge.map(edgeDistanceColumn)
  const key = quoteIdentifier(galaxies.key)
  const [name, fresh] = [quoteQualified(table.name), 'almagest_words']
  const changed = [...sources, ...edges, ...(hasMargins ? ['margin'] : [])].map((column) =>
    quoteIdentifier(column),
  )
  await client.query(
    `CREATE TEMPORARY TABLE ${fresh} ON COMMIT DROP AS
     SELECT ${[key, ...[...sources, ...edges].map((each) => quoteIdentifier(each)), 'margin'].join(', ')} FROM ${name} WITH NO DATA`,
  )
  await copyRows(
    client,
    `pg_temp.${fresh}`,
    [galaxies.key, ...sources, ...edges, 'margin'],
    words.map((each) => environmentRows(each, withEdge, true)),
  )
  await client.query(`ANALYZE ${fresh}`)
  const row = (of: string) => `(${changed.map((column) => `${of}.${column}`).join(', ')})`
  await client.query(
    `UPDATE ${name} e SET ${changed.map((column) => `${column} = f.${column}`).join(', ')} FROM ${fresh} f
     WHERE e.${key} = f.${key} AND ${row('e')} IS DISTINCT FROM ${row('f')}`,
  )
  const some = sources.map((column) => `${quoteIdentifier(column)} IS NOT NULL`).join(' OR ')
  await client.query(
    `INSERT INTO ${name} (${[key, ...changed].join(', ')}) SELECT ${[key, ...changed].join(', ')} FROM ${fresh} f
     WHERE (${some}) AND NOT EXISTS (SELECT FROM ${name} e WHERE e.${key} = f.${key})`,
  )
  const every = voids.sources.map(environmentColumn)
  await client.query(
    `DELETE FROM ${name} WHERE ${every.map((column) => `${quoteIdentifier(column)} IS NULL`).join(' AND ')}`,
  )
  tell('environments', total, total)
}

/** Counts of the words that the table holds; a galaxy without a word of a source is unknown to it. */
export async function countStored(
  client: Client,
  { environments: table }: VoidDeclaration,
  sources: readonly string[],
  galaxies: number,
): Promise<Record<string, Record<Environment, number> & { unknown: number }>> {
  const counts: Record<string, Record<Environment, number> & { unknown: number }> = {}
  for (const source of sources) {
    const column = quoteIdentifier(environmentColumn(source))
    const { rows } = await client.query<{ word: Environment | null; galaxies: number }>(
      `SELECT ${column} AS word, count(*)::float8 AS galaxies FROM ${quoteQualified(table.name)} GROUP BY 1`,
    )
    const named = Object.fromEntries(environments.map((word) => [word, 0])) as Record<Environment, number>
    for (const { word, galaxies: count } of rows) if (word) named[word] = count
    const known = Object.values(named).reduce((sum, count) => sum + count, 0)
    counts[source] = { ...named, unknown: galaxies - known }
  }
  return counts
}
