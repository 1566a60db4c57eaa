// SQL that calls Q3C's functions: the same text for the C extension and the plain SQL.
import { quoteIdentifier } from '../postgres/index.ts'
import { coneRanges } from './cone-ranges.ts'
import { areaPredicate, cover, inRanges } from './cover.ts'
import type { PositionSql, Predicate } from './predicate.ts'
import { q3cFaces } from './q3c-nodes.ts'
import type { Cone } from './region.ts'
import type { SkyIndex } from './sky-index.ts'

/**
 * The sky index over Q3C functions that stand in a schema.
 *
 * Q3C uses the index for the position in a fixed place: first in a cone, second in a join. The calls here
 * put it there, so no query depends on somebody remembering that.
 */
export function q3cIndex(deployment: {
  name: string
  version: string
  schema: string
  install: readonly string[]
}): SkyIndex {
  const { schema, ...index } = deployment
  const call = (name: string, ...args: string[]) => `${quoteIdentifier(schema, name)}(${args.join(', ')})`
  return {
    ...index,
    indexOn: (sky) =>
      `USING btree (${call('q3c_ang2ipix', quoteIdentifier(sky.ra), quoteIdentifier(sky.dec))})`,
    expression: ({ ra, dec }) => call('q3c_ang2ipix', ra, dec),
    region: (indexed, region, next = 1) =>
      region.kind === 'cone'
        ? conePredicate(call, indexed, region, next)
        : areaPredicate(
            call('q3c_ang2ipix', indexed.ra, indexed.dec),
            cover(q3cFaces, region),
            region,
            indexed,
            next,
          ),
    within: (indexed, centre, radius) =>
      call('q3c_radial_query', indexed.ra, indexed.dec, centre.ra, centre.dec, radius),
    matches: (other, indexed, radius) =>
      call('q3c_join', other.ra, other.dec, indexed.ra, indexed.dec, radius),
    distance: (a, b) => call('q3c_dist', a.ra, a.dec, b.ra, b.dec),
  }
}

/**
 * Ranges of pixel numbers and the distance. Q3C's own q3c_radial_query does the same on the server, but the
 * C extension's ranges miss rows in places.
 */
function conePredicate(
  call: (name: string, ...args: string[]) => string,
  { ra, dec }: PositionSql,
  region: Cone,
  next: number,
): Predicate {
  const within = inRanges(call('q3c_ang2ipix', ra, dec), coneRanges(region), next + 3)
  const centre = [`$${next}::float8`, `$${next + 1}::float8`]
  const distance = `${call('q3c_sindist', ra, dec, ...centre)} < $${next + 2}::float8`
  const half = Math.sin((region.radius * Math.PI) / 360) ** 2
  return {
    sql: `(${within.sql} AND ${distance})`,
    parameters: [region.ra, region.dec, half, ...within.parameters],
  }
}

/** Statement that installs the extension where it isn't yet. */
export const createExtension = 'CREATE EXTENSION IF NOT EXISTS q3c WITH SCHEMA public'

/** Schema of the plain SQL in a database where the C extension stands too, whose functions have the same names. */
export const schemaBesideExtension = 'q3c_sql'

/** What a query finds of Q3C in a database; see {@link q3cStateSql}. */
export type Q3cState = {
  /** Schema of q3c_ang2ipix(double precision, double precision), or null where there is none. */
  schema: string | null
  language: string | null
  in_extension: boolean
  /** Comment of the q3c extension that CREATE EXTENSION would take, or null where there is none. */
  available: string | null
  available_version: string | null
  may_create_extension: boolean
  may_create_functions: boolean
}

/** Comment in our own control file, by which the plain SQL is told from the C extension. */
export const plainSqlComment = 'Q3C sky indexing in plain SQL, by Almagest'

/** One row of {@link Q3cState}: what of Q3C is there, and what this user may add. */
export const q3cStateSql = `
  SELECT f.schema, f.language, coalesce(f.in_extension, false) AS in_extension,
    e.comment AS available, e.version AS available_version,
    coalesce(CASE WHEN e.superuser AND NOT e.trusted
             THEN (SELECT rolsuper FROM pg_catalog.pg_roles WHERE rolname = current_user)
             ELSE pg_catalog.has_database_privilege(pg_catalog.current_database(), 'CREATE') END, false)
      AS may_create_extension,
    pg_catalog.has_schema_privilege('public', 'CREATE') AS may_create_functions
  FROM (SELECT 1) AS one
  LEFT JOIN (
    SELECT n.nspname AS schema, l.lanname AS language,
      EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e'
              AND d.classid = 'pg_catalog.pg_proc'::pg_catalog.regclass) AS in_extension
    FROM pg_catalog.pg_proc p
    JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
    JOIN pg_catalog.pg_language l ON l.oid = p.prolang
    WHERE p.proname = 'q3c_ang2ipix'
      AND p.pronargs = 2
      AND p.proargtypes[0] = 'float8'::pg_catalog.regtype AND p.proargtypes[1] = 'float8'::pg_catalog.regtype
    ORDER BY n.nspname <> 'public' LIMIT 1
  ) AS f ON true
  LEFT JOIN (
    SELECT v.* FROM pg_catalog.pg_available_extension_versions v
    JOIN pg_catalog.pg_available_extensions a ON a.name = v.name AND a.default_version = v.version
    WHERE v.name = 'q3c'
  ) AS e ON true`

/** The version that `q3c_version()` gives where the functions stand already. */
export const versionSql = (schema: string): string =>
  `SELECT ${quoteIdentifier(schema, 'q3c_version')}()::text AS version`
