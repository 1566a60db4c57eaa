// Ellipses on the sphere: where an elliptic cone cuts it.
import { AlmagestError } from '../../model/index.ts'
import { type Area, dotSql, onVector } from '../area.ts'
import { angleBetween, cross, plus, radians, times, toVector, type Vector } from '../matrix.ts'
import { checkedCentre, radiusFault } from '../region.ts'

/**
 * An ellipse about a position, all in degrees. In the plane that touches the sphere at the centre it has the half axes
 * tan(major) and tan(minor); on the sphere it is the set of positions whose distances from two foci add to less than
 * 2 major. `q3c_ellipse_query` has the same with minor = atan(ratio tan(major)).
 *
 * @param of.major  half the longer axis, below 90
 * @param of.minor  half the shorter one
 * @param of.angle  position angle of the longer one, east of north
 * @throws AlmagestError `REGION_POSITION`, `REGION_RADIUS`, `REGION_ELLIPSE` for an axis ratio above 1, a longer half
 *   axis of 90 or more or an angle that is none
 */
export function ellipse(of: { ra: number; dec: number; major: number; minor: number; angle?: number }): Area {
  const { ra, dec, major, minor, angle = 0 } = of
  checkedCentre(ra, dec)
  if (!(minor >= 0)) throw radiusFault('shorter half axis of an ellipse', minor)
  if (!(major >= 0 && major < 90) || minor > major || !Number.isFinite(angle)) {
    throw new AlmagestError(
      'REGION_ELLIPSE',
      'usage',
      `no ellipse has the half axes ${major} and ${minor} and the angle ${angle}`,
      'Both half axes are degrees, the longer one first and below 90; the angle counts east of north.',
      { value: `${major},${minor},${angle}` },
    )
  }
  const centre = toVector(ra, dec)
  const along = axis(ra, dec, angle)
  const across = cross(centre, along)
  const foci = [1, -1].map((side) =>
    focus(centre, along, side * focalDistance(radians(major), radians(minor))),
  )
  return {
    kind: 'ellipse',
    cap: { centre, radius: radians(major) },
    relation(middle, radius) {
      const sum = foci.reduce((total, each) => total + angleBetween(middle, each), 0)
      if (sum > 2 * (radians(major) + radius)) return 'outside'
      return sum + 2 * radius < 2 * radians(major) ? 'inside' : 'touches'
    },
    holds(position, next) {
      const [a, b] = [Math.tan(radians(major)), Math.tan(radians(minor))]
      const towards = dotSql(next)
      const square = (vector: number, size: number) => `power(${dotSql(vector)} * $${size}::float8, 2)`
      const condition = `${towards} > 0 AND ${square(next + 3, next + 10)} + ${square(next + 6, next + 9)} < power(${towards} * $${next + 9}::float8 * $${next + 10}::float8, 2)`
      return { sql: onVector(position, condition), parameters: [...centre, ...along, ...across, a, b] }
    },
  }
}

/** The direction at a position that lies at an angle east of north. */
function axis(ra: number, dec: number, angle: number): Vector {
  const east: Vector = [-Math.sin(radians(ra % 360)), Math.cos(radians(ra % 360)), 0]
  const north = cross(toVector(ra, dec), east)
  return plus(times(Math.cos(radians(angle)), north), times(Math.sin(radians(angle)), east))
}

const focus = (centre: Vector, along: Vector, distance: number): Vector =>
  plus(times(Math.cos(distance), centre), times(Math.sin(distance), along))

/** From cos(major) = cos(minor) cos(distance), without cancellation for small ellipses. */
function focalDistance(major: number, minor: number): number {
  const half = (Math.sin((major + minor) / 2) * Math.sin((major - minor) / 2)) / Math.cos(minor)
  return 2 * Math.asin(Math.sqrt(Math.min(1, half)))
}
