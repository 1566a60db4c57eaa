// Membership as set-based SQL inside the database: a second road to the same pairs, by which the first is checked.
import { AlmagestError, type Survey, type VoidDeclaration } from '../model/index.ts'
import { type Client, quoteIdentifier, quoteQualified } from '../postgres/index.ts'
import { describeCosmology } from './cosmology.ts'
import { ensureCosmologyFunctions, storeCosmology } from './cosmology-sql.ts'
import { SURFACE_TOLERANCE } from './hole-union.ts'
import { readReleases } from './release-tables.ts'

/** Edge of the cells by which galaxies and holes are joined, Mpc/h: about a hole's radius. */
const CELL = 12

/**
 * How far apart two galaxies may be that are one: VoidFinder's positions, which the stored map uses, have single
 * precision and another speed of light than the SQL functions, up to 6e-4 Mpc/h.
 */
const FRAME_DIFFERENCE = 6e-4

export interface MembershipCheck {
  /** Pairs of the stored map, and of the SQL road. */
  readonly stored: number
  readonly inSql: number
  /** Pairs on one side only whose margin leaves no doubt. */
  readonly onlyStored: number
  readonly onlyInSql: number
  /** Pairs on one side only, so near to a surface that the two frames may differ. */
  readonly undecided: number
}

/**
 * Finds all pairs by SQL alone and compares them with the stored map: holes by a join over cells of a grid, zones by
 * joins of their tables. Nothing is written but temporary tables.
 * @throws AlmagestError `VOIDS_NOT_DECLARED`, those of the release tables
 */
export async function checkMembership(
  client: Client,
  survey: Survey,
  tolerance = SURFACE_TOLERANCE,
): Promise<MembershipCheck> {
  const { voids } = survey
  if (!voids) {
    throw new AlmagestError(
      'VOIDS_NOT_DECLARED',
      'usage',
      `the survey "${survey.name}" declares no void catalogues`,
      'Check a survey whose definition has "voids", built with vastCatalogs.',
      { path: 'voids' },
    )
  }
  await ensureCosmologyFunctions(client)
  return client.transaction(async () => {
    await client.query(
      `CREATE TEMPORARY TABLE almagest_pairs (galaxy bigint, void_id integer, margin double precision) ON COMMIT DROP`,
    )
    const releases = await readReleases(client, voids)
    const cosmologies = new Map<string, string[]>()
    for (const { release } of releases) {
      if (!release.holes) continue
      await storeCosmology(client, release.cosmology)
      const name = describeCosmology(release.cosmology)
      cosmologies.set(name, [...(cosmologies.get(name) ?? []), `${release.source} ${release.cap}`])
    }
    for (const [cosmology, of] of cosmologies) await addHolePairs(client, voids, cosmology, of, tolerance)
    await addZonePairs(client, voids)
    await client.query('ANALYZE almagest_pairs')
    return compare(client, voids, tolerance)
  })
}

/** The comoving distance at `at` steps, from the nodes n and m before and after it: set-based, the function would be slower. */
const hermite = `n.distance + (at - s.node) * (n.distance_slope + (at - s.node) * (3 * (m.distance - n.distance)
  - 2 * n.distance_slope - m.distance_slope + (at - s.node) * (n.distance_slope + m.distance_slope
  - 2 * (m.distance - n.distance))))`

async function addHolePairs(
  client: Client,
  { galaxies, holes, voids }: VoidDeclaration,
  cosmology: string,
  releases: readonly string[],
  tolerance: number,
): Promise<void> {
  const [key, ra, dec, z] = [galaxies.key, galaxies.ra, galaxies.dec, galaxies.z].map((c) =>
    quoteIdentifier(c),
  )
  await client.query('DROP TABLE IF EXISTS almagest_galaxies, almagest_cells')
  await client.query(
    `CREATE TEMPORARY TABLE almagest_galaxies ON COMMIT DROP AS
     SELECT galaxy, x, y, z, floor(x / ${CELL})::integer AS i, floor(y / ${CELL})::integer AS j, floor(z / ${CELL})::integer AS k
     FROM (SELECT galaxy, r * cosd(d) * cosd(a) AS x, r * cosd(d) * sind(a) AS y, r * sind(d) AS z
       FROM (SELECT ${key} AS galaxy, ${ra}::float8 AS a, ${dec}::float8 AS d, ${hermite} AS r
             FROM (SELECT ${key}, ${ra}, ${dec}, ${z} * steps / z_max AS at, cosmology_id,
                     least(floor(${z} * steps / z_max)::integer, steps - 1) AS node
                   FROM ${quoteQualified(galaxies.catalog.name)}, almagest.cosmology
                   WHERE cosmology = $1 AND ${z} BETWEEN 0 AND z_max) s
             JOIN almagest.cosmology_node n USING (cosmology_id, node)
             JOIN almagest.cosmology_node m ON m.cosmology_id = s.cosmology_id AND m.node = s.node + 1) q) p`,
    [cosmology],
  )
  const reach = '(h.radius + $1)'
  const cells = (axis: string) =>
    `generate_series(floor((h.${axis} - ${reach}) / ${CELL})::integer, floor((h.${axis} + ${reach}) / ${CELL})::integer)`
  await client.query(
    `CREATE TEMPORARY TABLE almagest_cells ON COMMIT DROP AS
     SELECT v.void_id, h.x, h.y, h.z, h.radius, i, j, k
     FROM ${quoteQualified(holes.name)} h JOIN ${quoteQualified(voids.name)} v USING (void_catalog_source, cap, void_index),
       ${cells('x')} i, ${cells('y')} j, ${cells('z')} k
     WHERE h.void_catalog_source || ' ' || h.cap = ANY ($2)`,
    [FRAME_DIFFERENCE, releases],
  )
  await client.query('ANALYZE almagest_galaxies; ANALYZE almagest_cells')
  await client.query(
    `INSERT INTO almagest_pairs SELECT galaxy, void_id, min(margin) FROM
       (SELECT g.galaxy, c.void_id,
          sqrt((g.x - c.x) ^ 2 + (g.y - c.y) ^ 2 + (g.z - c.z) ^ 2) - c.radius AS margin
        FROM almagest_galaxies g JOIN almagest_cells c USING (i, j, k)) s
     WHERE margin < $1 GROUP BY galaxy, void_id`,
    [FRAME_DIFFERENCE - tolerance],
  )
}

async function addZonePairs(client: Client, declared: VoidDeclaration): Promise<void> {
  const { galaxies, galaxyZones, zones, voids } = declared
  const key = quoteIdentifier(galaxies.key)
  await client.query(
    `INSERT INTO almagest_pairs SELECT DISTINCT g.${key}, v.void_id, NULL::float8
     FROM ${quoteQualified(galaxies.catalog.name)} g
     JOIN ${quoteQualified(galaxyZones.name)} gz USING (${key})
     JOIN ${quoteQualified(zones.name)} zv USING (void_catalog_source, cap, zone)
     JOIN ${quoteQualified(voids.name)} v ON (v.void_catalog_source, v.cap) = (zv.void_catalog_source, zv.cap)
       AND v.void_index IN (zv.void0, zv.void1)`,
  )
}

/** A pair whose margin in SQL is beyond doubt must be stored, and a stored one must be in SQL's wider net. */
async function compare(
  client: Client,
  { map, galaxies }: VoidDeclaration,
  tolerance: number,
): Promise<MembershipCheck> {
  const key = quoteIdentifier(galaxies.key)
  const certain = `(s.margin IS NULL OR s.margin < ${-tolerance - FRAME_DIFFERENCE})`
  const { rows } = await client.query<{ [K in keyof MembershipCheck]: number }>(
    `SELECT count(m.void_id)::float8 AS stored,
       count(s.void_id) FILTER (WHERE s.margin IS NULL OR s.margin < ${-tolerance})::float8 AS "inSql",
       count(*) FILTER (WHERE s.void_id IS NULL)::float8 AS "onlyStored",
       count(*) FILTER (WHERE m.void_id IS NULL AND ${certain})::float8 AS "onlyInSql",
       count(*) FILTER (WHERE (m.void_id IS NULL) = (s.margin < ${-tolerance}) AND s.void_id IS NOT NULL
         AND NOT ${certain})::float8 AS undecided
     FROM ${quoteQualified(map.name)} m FULL JOIN almagest_pairs s ON s.galaxy = m.${key} AND s.void_id = m.void_id`,
  )
  return rows[0]!
}
