// How large the voids are: numbers of voids by radius, by finder.
import type { Survey } from '../model/index.ts'
import { type Client, quoteQualified } from '../postgres/index.ts'
import { voidsOf } from './environment-sample.ts'

export interface SizeRow {
  readonly source: string
  /** The bin of effective radius, Mpc/h: from included, to excluded. */
  readonly from: number
  readonly to: number
  readonly voids: number
  /** Of these, voids that their finder does not call an edge void; null where the columns to tell are missing. */
  readonly interior: number | null
  /** Voids of at least the radius `from`. */
  readonly cumulative: number
}

/**
 * Voids by radius. VoidFinder's is the radius of the sphere with the volume of the union where the file has it, and of
 * the maximal sphere otherwise; V2's is that of the sphere with the volume of the cells.
 * @param step  width of a bin, Mpc/h; by default one that makes up to 15 bins of all but the largest voids
 * @throws AlmagestError `VOIDS_NOT_DECLARED`
 */
export async function readSizes(client: Client, survey: Survey, step?: number): Promise<SizeRow[]> {
  const { voids } = voidsOf(survey)
  const width = step ?? (await roundStep(client, voids.name))
  const { rows } = await client.query<{
    source: string
    bin: number
    voids: number
    interior: number | null
  }>(
    `SELECT void_catalog_source AS source, floor(coalesce(r_eff, radius) / $1)::integer AS bin, count(*)::integer AS voids,
       CASE WHEN count(at_edge) = count(*) THEN count(*) FILTER (WHERE NOT at_edge)::integer END AS interior
     FROM (SELECT *, CASE WHEN edge IS NOT NULL THEN edge > 0 ELSE edge_area / nullif(total_area, 0) > 0.1 END AS at_edge
           FROM ${quoteQualified(voids.name)}) v
     WHERE coalesce(r_eff, radius) > 0 GROUP BY 1, 2 ORDER BY 1, 2 DESC`,
    [width],
  )
  const reached = new Map<string, number>()
  const sizes = rows.map(({ source, bin, voids, interior }) => {
    const cumulative = (reached.get(source) ?? 0) + voids
    reached.set(source, cumulative)
    return { source, from: bin * width, to: (bin + 1) * width, voids, interior, cumulative }
  })
  return sizes.reverse()
}

async function roundStep(client: Client, table: string): Promise<number> {
  const { rows } = await client.query<{ range: number | null }>(
    `SELECT percentile_cont(0.95) WITHIN GROUP (ORDER BY r) - min(r) AS range
     FROM (SELECT coalesce(r_eff, radius)::float8 AS r FROM ${quoteQualified(table)}) v`,
  )
  return [0.5, 1, 2, 5, 10, 20, 50].find((each) => (rows[0]?.range ?? 0) / each <= 15) ?? 100
}
