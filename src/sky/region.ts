// Regions of the sky, checked when they are made.
import { AlmagestError } from '../model/index.ts'
import { positionFault } from './frame.ts'

/** A circle on the sphere: centre and radius in degrees. Rows on the rim itself are outside. */
export interface Cone {
  readonly kind: 'cone'
  readonly ra: number
  readonly dec: number
  readonly radius: number
}

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
  if (!Number.isFinite(ra))
    throw positionFault('right ascension of the centre', ra, 'a finite number of degrees')
  if (!(dec >= -90 && dec <= 90))
    throw positionFault('declination of the centre', dec, 'between -90 and 90 degrees')
  if (!(radius >= 0 && radius <= 180)) {
    throw new AlmagestError(
      'REGION_RADIUS',
      'usage',
      `the radius of a cone is ${radius} degrees; it must lie between 0 and 180`,
      'radii are degrees: write arcsec(1) for one arc second',
      { value: String(radius) },
    )
  }
  return { kind: 'cone', ra, dec, radius }
}
