// A B-tree on HEALPix numbers of order 29: the index that other services share, on any server.
import { quoteIdentifier } from '../../../postgres/index.ts'
import type { Area } from '../../area.ts'
import { areaPredicate, cover, inRanges } from '../../cover.ts'
import { healpixFaces } from '../../healpix/nodes.ts'
import { finestOrder } from '../../healpix/pixel.ts'
import { angleBetween, radians, toVector } from '../../matrix.ts'
import type { PositionSql, Predicate } from '../../predicate.ts'
import type { Cone } from '../../region.ts'
import type { SkyIndex, SkyIndexBackend } from '../../sky-index.ts'

const call = (name: string, ...args: string[]) => `${quoteIdentifier('public', name)}(${args.join(', ')})`
const pixel = ({ ra, dec }: PositionSql) => call('healpix_nest', String(finestOrder), ra, dec)

/** The functions are installed beside every index, so that this one only needs to know that they can be. */
const index: SkyIndex = {
  name: 'healpix',
  version: `HEALPix, nested, order ${finestOrder} (plain SQL, Almagest)`,
  install: [],
  indexOn: ({ ra, dec }) => `USING btree (${pixel({ ra: quoteIdentifier(ra), dec: quoteIdentifier(dec) })})`,
  expression: pixel,
  region: (indexed, region, next = 1) =>
    region.kind === 'cone'
      ? cone(indexed, region, next)
      : areaPredicate(pixel(indexed), cover(healpixFaces, region), region, indexed, next),
  within: (indexed, centre, radius) =>
    call('healpix_join', centre.ra, centre.dec, indexed.ra, indexed.dec, radius),
  matches: (other, indexed, radius) =>
    call('healpix_join', other.ra, other.dec, indexed.ra, indexed.dec, radius),
  distance: (a, b) => call('healpix_distance', a.ra, a.dec, b.ra, b.dec),
}

function cone(indexed: PositionSql, { ra, dec, radius }: Cone, next = 1): Predicate {
  const centre = toVector(ra, dec)
  const shape: Pick<Area, 'relation'> = {
    relation(middle, reach) {
      const distance = angleBetween(middle, centre)
      if (distance > radians(radius) + reach) return 'outside'
      return distance + reach < radians(radius) ? 'inside' : 'touches'
    },
  }
  const ranges = inRanges(pixel(indexed), cover(healpixFaces, shape), next + 3)
  const distance = call(
    'healpix_sindist',
    indexed.ra,
    indexed.dec,
    `$${next}::float8`,
    `$${next + 1}::float8`,
  )
  return {
    sql: `(${ranges.sql} AND ${distance} < $${next + 2}::float8)`,
    parameters: [ra, dec, Math.sin(radians(radius) / 2) ** 2, ...ranges.parameters],
  }
}

export const backend: SkyIndexBackend = {
  name: 'healpix',
  preference: 3,
  async detect(client) {
    const { rows } = await client.query<{ possible: boolean }>(
      `SELECT to_regprocedure('public.healpix_join(float8, float8, float8, float8, float8)') IS NOT NULL
         OR has_schema_privilege('public', 'CREATE') AS possible`,
    )
    return rows[0]!.possible ? index : { refusal: 'this user may not create functions in schema public' }
  },
}
