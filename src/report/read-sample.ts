// Galaxies to draw: samples at random that are the same in every run, with each finder's word.
import { environmentColumn, type VoidDeclaration } from '../model/index.ts'
import { type Client, quoteIdentifier, quoteQualified } from '../postgres/index.ts'
import type { Environment } from '../voids/index.ts'

export interface SampledGalaxy {
  readonly id: bigint
  /** Degrees. */
  readonly ra: number
  readonly dec: number
  readonly z: number
  /** The word of each finder that has one. */
  readonly environments: Readonly<Record<string, Environment>>
}

/** Names of the columns of {@link galaxiesSql}'s rows. */
const columns = ['id', 'ra', 'dec', 'z']

/** Galaxies that have environments, g and e; each row as {@link SampledGalaxy} is made from. */
function galaxiesSql({ galaxies, environments, sources }: VoidDeclaration): string {
  const own = [galaxies.key, galaxies.ra, galaxies.dec, galaxies.z].map(
    (name, at) => `g.${quoteIdentifier(name)}${at === 0 ? '::bigint' : '::float8'} AS ${columns[at]}`,
  )
  const told = sources.map((source) => `e.${quoteIdentifier(environmentColumn(source))}`)
  return `SELECT ${own.join(', ')}, ARRAY[${told.join(', ')}]::text[] AS words
    FROM ${quoteQualified(environments.name)} e JOIN ${quoteQualified(galaxies.catalog.name)} g USING (${quoteIdentifier(galaxies.key)})
    WHERE g.${quoteIdentifier(galaxies.z)} IS NOT NULL`
}

/**
 * Up to `limit` galaxies that at least one finder does not call outside, chosen by the hash of their identifiers.
 * @param where  a further condition on id, ra, dec and z, with parameters from $2
 */
export async function readSample(
  client: Client,
  voids: VoidDeclaration,
  limit: number,
  where = 'true',
  parameters: readonly unknown[] = [],
): Promise<SampledGalaxy[]> {
  const { rows } = await client.query<{
    id: bigint
    ra: number
    dec: number
    z: number
    words: (Environment | null)[]
  }>(
    `SELECT * FROM (${galaxiesSql(voids)}) s
     WHERE (${where}) AND EXISTS (SELECT FROM unnest(words) w WHERE w <> 'outside') ORDER BY hashint8(id), id LIMIT $1`,
    [limit, ...parameters],
  )
  return rows.map(({ words, ...galaxy }) => ({
    ...galaxy,
    environments: Object.fromEntries(
      voids.sources.flatMap((source, at) => (words[at] ? [[source, words[at]]] : [])),
    ),
  }))
}

/** Counts of galaxies by finder and environment. */
export async function countWords(
  client: Client,
  { environments, sources }: VoidDeclaration,
): Promise<{ source: string; environment: Environment; galaxies: number }[]> {
  const words = sources.map((source, at) => `($${at + 1}, e.${quoteIdentifier(environmentColumn(source))})`)
  const { rows } = await client.query<{ source: string; environment: Environment; galaxies: number }>(
    `SELECT source, environment, count(*)::float8 AS galaxies FROM ${quoteQualified(environments.name)} e
       CROSS JOIN LATERAL (VALUES ${words.join(', ')}) AS s (source, environment)
     WHERE environment IS NOT NULL GROUP BY source, environment ORDER BY source, environment`,
    [...sources],
  )
  return rows
}
