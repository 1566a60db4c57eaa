// Filling environment_summary: one pass over the mapped galaxies, from which a comparison takes a millisecond.
import { environmentColumn, summaryBins, type VoidDeclaration } from '../model/index.ts'
import { type Client, quoteIdentifier, quoteLiteral, quoteQualified } from '../postgres/index.ts'

/** Replaces the sums by environment by those of the rows that the mapping has written. Runs in the caller's transaction. */
export async function summarise(client: Client, voids: VoidDeclaration): Promise<void> {
  const { summary, environments, galaxies, sources } = voids
  const { properties } = galaxies
  if (!summary || !properties) return
  const [key, z, mass] = [galaxies.key, galaxies.z, properties.logMass].map((each) => quoteIdentifier(each))
  const words = sources.map((source) => quoteIdentifier(environmentColumn(source)))
  const sfr = properties.sfr && `g.${quoteIdentifier(properties.sfr)}::float8`
  const dn4000 = properties.dn4000 && `g.${quoteIdentifier(properties.dn4000)}::float8`
  const values: Record<string, { value: string; when: string }> = {
    ...(sfr ? { log_sfr: { value: `log(${sfr})`, when: `${sfr} > 0 AND ${sfr} < 'Infinity'` } } : {}),
    ...(dn4000 ? { dn4000: { value: dn4000, when: `${dn4000} > 0 AND ${dn4000} < 'Infinity'` } } : {}),
  }
  const sums = [
    'count(*) AS galaxies',
    `sum(g.${mass}::float8) AS sum_log_mass`,
    `sum(g.${mass}::float8 * g.${mass}::float8) AS sum_log_mass_squared`,
    ...Object.entries(values).flatMap(([name, { value, when }]) => [
      `count(*) FILTER (WHERE ${when}) AS with_${name}`,
      `coalesce(sum(${value}) FILTER (WHERE ${when}), 0) AS sum_${name}`,
      `coalesce(sum(${value} * ${value}) FILTER (WHERE ${when}), 0) AS sum_${name}_squared`,
    ]),
  ]
  // first by the words of all finders together, which reads each galaxy once
  await client.query(
    `CREATE TEMPORARY TABLE almagest_sums ON COMMIT DROP AS
     SELECT ${words.map((word) => `e.${word}`).join(', ')}, floor(${summaryBins.mass} * g.${mass}::float8)::int4 AS mass_bin,
       floor(${summaryBins.redshift} * g.${z}::float8)::int4 AS redshift_bin, ${sums.join(', ')}
     FROM ${quoteQualified(environments.name)} AS e JOIN ${quoteQualified(galaxies.catalog.name)} AS g USING (${key})
     WHERE abs(g.${mass}) < 1e6 AND abs(g.${z}) < 1e6
     GROUP BY ${[...words.map((word) => `e.${word}`), 'mass_bin', 'redshift_bin'].join(', ')}`,
  )
  const columns = Object.keys(summary.columns).filter((column) => !summary.key.includes(column))
  const keys = summary.key.map((column) => quoteIdentifier(column)).join(', ')
  const pairs = sources.map((source, i) => `(${quoteLiteral(source)}, ${words[i]})`)
  await client.query(`TRUNCATE ${quoteQualified(summary.name)}`)
  await client.query(
    `INSERT INTO ${quoteQualified(summary.name)} (${keys}, ${columns.join(', ')})
     SELECT ${keys}, ${columns.map((column) => `sum(${column})`).join(', ')}
     FROM almagest_sums CROSS JOIN LATERAL (VALUES ${pairs.join(', ')}) AS s (void_catalog_source, environment)
     WHERE environment IS NOT NULL GROUP BY ${keys}`,
  )
  await client.query(`DROP TABLE almagest_sums; ANALYZE ${quoteQualified(summary.name)}`)
}
