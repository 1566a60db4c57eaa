// Which positions lie in a region, by formulas that the sources don't use: bearings, sums of distances, spherical
// triangles. `undefined` where rounding may decide.
import { type Position, separation } from '../../src/sky/index.ts'

type Truth = (position: Position) => boolean | undefined

const sin = (angle: number) => Math.sin((angle * Math.PI) / 180)
const cos = (angle: number) => Math.cos((angle * Math.PI) / 180)
const deg = (angle: number) => (angle * 180) / Math.PI
const fold = (angle: number) => ((angle % 360) + 360) % 360

/** Inside where all the margins are positive; nobody knows where one is zero but for rounding. */
function decide(margins: readonly number[], tolerance: number): boolean | undefined {
  if (margins.some((each) => each < -tolerance)) return false
  return margins.every((each) => each > tolerance) ? true : undefined
}

/** Galactic coordinates by the spherical triangle of the poles. */
export function galacticOf({ ra, dec }: Position): { lon: number; lat: number } {
  const [pole, node] = [{ ra: 192.85948, dec: 27.12825 }, 32.93192]
  const lat = deg(
    Math.asin(
      Math.max(-1, Math.min(1, sin(dec) * sin(pole.dec) + cos(dec) * cos(pole.dec) * cos(ra - pole.ra))),
    ),
  )
  const angle = Math.atan2(
    sin(dec) * cos(pole.dec) - cos(dec) * sin(pole.dec) * cos(ra - pole.ra),
    cos(dec) * sin(ra - pole.ra),
  )
  return { lon: fold(deg(angle) + node), lat }
}

/** Ecliptic coordinates at J2000.0 by the obliquity alone: the bias of the frame is below 0.1 arc seconds. */
export function eclipticOf({ ra, dec }: Position): { lon: number; lat: number } {
  const tilt = 84381.406 / 3600
  return {
    lon: fold(deg(Math.atan2(sin(ra) * cos(tilt) + (sin(dec) / cos(dec)) * sin(tilt), cos(ra)))),
    lat: deg(Math.asin(sin(dec) * cos(tilt) - cos(dec) * sin(tilt) * sin(ra))),
  }
}

/** Ranges of right ascension and declination, to the bit. */
export function inPlainBox(
  lon: readonly [number, number] | undefined,
  lat: readonly [number, number],
): Truth {
  return ({ ra, dec }) => {
    const at = ra >= 0 && ra < 360 ? ra : fold(ra)
    if (dec < lat[0] || dec > lat[1]) return false
    if (!lon) return true
    return lon[0] <= lon[1] ? at >= lon[0] && at <= lon[1] : at >= lon[0] || at <= lon[1]
  }
}

/** Ranges of longitude and latitude in another frame. */
export function inBox(
  lon: readonly [number, number] | undefined,
  lat: readonly [number, number],
  frameOf: (position: Position) => { lon: number; lat: number },
  tolerance: number,
): Truth {
  return (position) => {
    const at = frameOf(position)
    const latitudes = [at.lat - lat[0], lat[1] - at.lat]
    if (!lon) return decide(latitudes, tolerance)
    const width = fold(lon[1] - lon[0])
    const east = fold(at.lon - lon[0])
    const near = Math.min(east, 360 - east, Math.abs(east - width)) * cos(at.lat)
    return decide([...latitudes, east <= width ? near : -near], tolerance)
  }
}

export function inEllipse(of: {
  ra: number
  dec: number
  major: number
  minor: number
  angle: number
}): Truth {
  // small ones are flat, where the arc cosine has no digits left
  const half =
    of.major < 0.001
      ? Math.sqrt(of.major ** 2 - of.minor ** 2)
      : deg(Math.acos(Math.min(1, cos(of.major) / cos(of.minor))))
  const foci = [of.angle, of.angle + 180].map((bearing) => destination(of, bearing, half))
  const tolerance = of.major < 1e-6 ? 1e-13 : 1e-10
  return (position) =>
    decide([2 * of.major - separation(foci[0]!, position) - separation(foci[1]!, position)], tolerance)
}

/** The position at a bearing (east of north) and a distance. */
export function destination({ ra, dec }: Position, bearing: number, distance: number): Position {
  // at a pole every direction is along a meridian
  if (Math.abs(dec) === 90)
    return { ra: dec > 0 ? ra + 180 - bearing : ra + bearing, dec: dec > 0 ? 90 - distance : distance - 90 }
  const lat = Math.asin(
    Math.max(-1, Math.min(1, sin(dec) * cos(distance) + cos(dec) * sin(distance) * cos(bearing))),
  )
  const lon = Math.atan2(sin(bearing) * sin(distance) * cos(dec), cos(distance) - sin(dec) * Math.sin(lat))
  return { ra: ra + deg(lon), dec: deg(lat) }
}

/** The winding number: the bearings of the vertices, seen from inside, go once around. */
export function inPolygon(vertices: readonly Position[], middle: Position): Truth {
  const bearing = (from: Position, to: Position) =>
    deg(
      Math.atan2(
        sin(to.ra - from.ra) * cos(to.dec),
        cos(from.dec) * sin(to.dec) - sin(from.dec) * cos(to.dec) * cos(to.ra - from.ra),
      ),
    )
  return (position) => {
    // seen from the antipode of the inside the bearings go around as well
    if (separation(position, middle) > 90) return false
    let turns = 0
    for (const [i, from] of vertices.entries()) {
      const to = vertices[(i + 1) % vertices.length]!
      const [a, b] = [separation(position, from), separation(position, to)]
      if (a < 1e-8 || b < 1e-8) return undefined
      const angle = fold(bearing(position, to) - bearing(position, from) + 180) - 180
      // on the edge the two ends lie on opposite sides
      if (180 - Math.abs(angle) < 1e-7 / Math.min(1, Math.min(a, b))) return undefined
      turns += angle
    }
    return Math.abs(turns) > 180
  }
}
