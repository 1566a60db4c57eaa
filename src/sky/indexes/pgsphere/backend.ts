// A GiST index on pgSphere's points: its circles find the candidates, our exact tests decide.
import { type Client, quoteIdentifier } from '../../../postgres/index.ts'
import { coverNodes } from '../../cover.ts'
import { healpixFaces } from '../../healpix/nodes.ts'
import { radians, toAngles } from '../../matrix.ts'
import type { Parameter, PositionSql, Predicate } from '../../predicate.ts'
import type { Cone } from '../../region.ts'
import type { SkyIndex, SkyIndexBackend } from '../../sky-index.ts'

/** Radians added to every circle: the index keeps its keys to 1e-9. */
const margin = 1e-8

function pgsphereIndex(schema: string, version: string, install: readonly string[]): SkyIndex {
  const call = (name: string, ...args: string[]) => `${quoteIdentifier(schema, name)}(${args.join(', ')})`
  const sindist = (a: PositionSql, b: PositionSql) =>
    `${quoteIdentifier('public', 'healpix_sindist')}(${a.ra}, ${a.dec}, ${b.ra}, ${b.dec})`
  const point = ({ ra, dec }: PositionSql) =>
    call(
      'spoint',
      `radians(${ra} + '1e-100'::float8)`,
      `radians(greatest('-90'::float8, least('90'::float8, ${dec} + '1e-100'::float8)))`,
    )
  // pgSphere has points that are no number; here they are NULL, as in every index
  const expression = (at: PositionSql) =>
    `(CASE WHEN abs(${at.ra}) < 'Infinity'::float8 AND abs(${at.dec}) < 'Infinity'::float8 THEN ${point(at)} ELSE NULL END)`
  const lies = (at: PositionSql, circle: string) =>
    `${expression(at)} OPERATOR(${quoteIdentifier(schema)}.<@) ${circle}`

  function cone(indexed: PositionSql, { ra, dec, radius }: Cone, next = 1): Predicate {
    const centre = { ra: `$${next}::float8`, dec: `$${next + 1}::float8` }
    const exact = `${sindist(indexed, centre)} < $${next + 2}::float8`
    const coarse =
      radius < 89
        ? lies(indexed, call('scircle', point(centre), `$${next + 3}::float8`))
        : `(${expression(indexed)} IS NOT NULL AND $${next + 3}::float8 > 0)`
    return {
      sql: `(${coarse} AND ${exact})`,
      parameters: [ra, dec, Math.sin(radians(radius) / 2) ** 2, radians(radius) + margin],
    }
  }

  /** Candidates about a centre known later: pgSphere's circles end at 90 degrees, so a second one lies opposite. */
  function within(indexed: PositionSql, centre: PositionSql, radius: string): string {
    const opposite = { ra: `(${centre.ra} + 180)`, dec: `(-(${centre.dec}))` }
    // a centre that is no number is an error, as with every index; this function raises it
    const refused = `${quoteIdentifier('public', 'healpix_circle_bound')}(${centre.ra}, ${centre.dec}, 1, 0)`
    const known = `(CASE WHEN abs(${centre.ra}) >= 'Infinity'::float8 OR abs(${centre.dec}) >= 'Infinity'::float8 THEN ${refused} ELSE ${centre.ra} END)`
    const near = call(
      'scircle',
      point({ ra: known, dec: centre.dec }),
      `greatest(0, least(pi() / 2, radians(${radius}) + ${margin}))`,
    )
    const far = call('scircle', point(opposite), `CASE WHEN ${radius} > 89 THEN pi() / 2 ELSE 0 END`)
    return `((${lies(indexed, near)} OR ${lies(indexed, far)})
      AND ${radius} > 0 AND ${sindist(centre, indexed)} < power(sin(radians(${radius}) / 2), 2))`
  }

  return {
    name: 'pgsphere',
    version,
    install,
    indexOn: ({ ra, dec }) =>
      `USING gist (${expression({ ra: quoteIdentifier(ra), dec: quoteIdentifier(dec) })})`,
    expression,
    region(indexed, region, next = 1) {
      if (region.kind === 'cone') return cone(indexed, region, next)
      const parameters: Parameter[] = []
      const circles = coverNodes(healpixFaces, region).map(({ middle, reach }) => {
        const { lon, lat } = toAngles(middle)
        const first = next + parameters.length
        parameters.push(radians(lon), radians(lat), reach + margin)
        const centre = call('spoint', `$${first}::float8`, `$${first + 1}::float8`)
        return lies(indexed, call('scircle', centre, `$${first + 2}::float8`))
      })
      const exact = region.holds(indexed, next + parameters.length)
      return {
        sql: `((${circles.join(' OR ') || 'false'}) AND ${exact.sql})`,
        parameters: [...parameters, ...exact.parameters],
      }
    },
    within,
    matches: (other, indexed, radius) => within(indexed, other, radius),
    distance: (a, b) =>
      `${quoteIdentifier('public', 'healpix_distance')}(${a.ra}, ${a.dec}, ${b.ra}, ${b.dec})`,
  }
}

const createExtension = 'CREATE EXTENSION IF NOT EXISTS pg_sphere WITH SCHEMA public'

export const backend: SkyIndexBackend = {
  name: 'pgsphere',
  preference: 4,
  async detect(client) {
    const { rows } = await client.query<{ schema: string | null; version: string | null }>(stateSql)
    const { schema, version } = rows[0]!
    if (schema !== null) return pgsphereIndex(schema, `${version ?? 'unpackaged'} (C extension)`, [])
    if (version === null) return { refusal: 'the extension pg_sphere is not installed on the server' }
    const fault = await whyNotCreated(client)
    if (fault !== '') return { refusal: `CREATE EXTENSION pg_sphere fails on this server: ${fault}` }
    return pgsphereIndex('public', `${version} (C extension)`, [createExtension])
  },
}

/** Where pgSphere's points are, and the version that is there or could be. */
const stateSql = `
  SELECT (SELECT n.nspname::text FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
          WHERE p.proname = 'spoint' AND p.pronargs = 2 AND p.proargtypes[0] = 'float8'::pg_catalog.regtype
            AND p.proargtypes[1] = 'float8'::pg_catalog.regtype LIMIT 1) AS schema,
    (SELECT coalesce(installed_version, default_version) FROM pg_catalog.pg_available_extensions WHERE name = 'pg_sphere') AS version`

/** Tries it and takes it back: Debian 12's extension can't be created on its own server since a minor release. */
async function whyNotCreated(client: Client): Promise<string> {
  await client.query(`DO $try$ BEGIN
    BEGIN
      ${createExtension};
      RAISE EXCEPTION USING ERRCODE = 'AL000', MESSAGE = '';
    EXCEPTION WHEN OTHERS THEN
      PERFORM pg_catalog.set_config('almagest.pgsphere_fault', CASE SQLSTATE WHEN 'AL000' THEN '' ELSE SQLERRM END, false);
    END;
  END $try$`)
  const { rows } = await client.query<{ fault: string }>(
    `SELECT current_setting('almagest.pgsphere_fault') AS fault`,
  )
  return rows[0]!.fault
}
