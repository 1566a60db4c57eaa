// Regions of the sky, checked when they are made.
import { AlmagestError } from '../model/index.ts'
import type { Area } from './area.ts'
import { positionFault } from './frame.ts'

/** A circle on the sphere: centre and radius in degrees. Rows on the rim itself are outside. */
export interface Cone {
  readonly kind: 'cone'
  readonly ra: number
  readonly dec: number
  readonly radius: number
}

/** What a query may be confined to. */
export type Region = Cone | Area

/**
 * A cone, in degrees: `cone({ ra: 194.95, dec: 27.98, radius: arcmin(5) })`.
 *
 * @param of.ra      right ascension of the centre; any finite value, -10 is 350
 * @param of.dec     declination of the centre, -90 to 90
 * @param of.radius  0 to 180
 * @throws AlmagestError `REGION_POSITION` for a centre off the sphere, `REGION_RADIUS` for a radius that is
 *   negative, above 180 or no number
 */
export function cone(of: { ra: number; dec: number; radius: number }): Cone {
  const { ra, dec, radius } = of
  checkedCentre(ra, dec)
  if (!(radius >= 0 && radius <= 180)) throw radiusFault('radius of a cone', radius)
  return { kind: 'cone', ra, dec, radius }
}

/** @throws AlmagestError `REGION_POSITION` */
export function checkedCentre(ra: number, dec: number): void {
  if (!Number.isFinite(ra)) throw positionFault('right ascension', ra, 'a finite number of degrees')
  if (!(dec >= -90 && dec <= 90)) throw positionFault('declination', dec, 'between -90 and 90 degrees')
}

/** The fault of a size that is none. */
export function radiusFault(what: string, value: number): AlmagestError {
  return new AlmagestError(
    'REGION_RADIUS',
    'usage',
    `the ${what} is ${value} degrees; it must lie between 0 and 180`,
    'sizes are degrees: write arcsec(1) for one arc second',
    { value: String(value) },
  )
}
