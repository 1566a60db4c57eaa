// Boxes and strips: ranges of longitude and latitude in some frame, their edges included.
import { AlmagestError } from '../../model/index.ts'
import { type Area, dotSql, onVector, type Relation } from '../area.ts'
import { type Frame, fromIcrs, icrs, positionFault } from '../frame.ts'
import { apply, degrees, toAngles, toVector, transpose, type Vector } from '../matrix.ts'
import type { PositionSql, Predicate } from '../predicate.ts'

export interface BoxBounds {
  /** From west to east, degrees: [350, 10] crosses 0; a width of 360 or more is the whole circle. */
  readonly lon?: readonly [from: number, to: number]
  readonly lat: readonly [from: number, to: number]
  readonly frame?: Frame
}

/**
 * All positions within a range of longitude and one of latitude: `box({ lon: [350, 10], lat: [-5, 5] })`.
 * A position at a pole has the longitude that its row says.
 *
 * @throws AlmagestError `REGION_POSITION` for a latitude beyond 90 degrees or a number that is none, `REGION_BOX`
 *   for latitudes in the wrong order
 */
export function box({ lon, lat: [low, high], frame = icrs }: BoxBounds): Area {
  for (const each of lon ?? [])
    if (!Number.isFinite(each)) throw positionFault('longitude', each, 'a finite number of degrees')
  for (const each of [low, high])
    if (!(each >= -90 && each <= 90)) throw positionFault('latitude', each, 'between -90 and 90 degrees')
  if (low > high) {
    throw new AlmagestError(
      'REGION_BOX',
      'usage',
      `the latitudes of a box go from ${low} to ${high}`,
      'Give the southern edge first.',
      { value: `${low},${high}` },
    )
  }
  const west = fold(lon?.[0] ?? 0)
  const width = lon ? widthOf(lon) : 360
  const bounds = { low, high, west, east: fold(lon?.[1] ?? 0), width }
  return {
    kind: 'box',
    relation: (centre, radius) => relation(bounds, apply(fromIcrs(frame), centre), degrees(radius)),
    cap: capOf(bounds, frame),
    holds: (position, next) =>
      frame.kind === 'icrs' ? onColumns(bounds, position, next) : inFrame(bounds, frame, position, next),
  }
}

/** All positions between two latitudes of a frame: `strip({ frame: galactic, lat: [-5, 5] })`. */
export function strip({
  frame,
  lat,
}: {
  readonly frame: Frame
  readonly lat: readonly [number, number]
}): Area {
  return box({ frame, lat })
}

interface Bounds {
  readonly low: number
  readonly high: number
  readonly west: number
  readonly east: number
  readonly width: number
}

/** Into 0 to 360; a longitude that is there already keeps its bits. */
const fold = (lon: number): number => lon - 360 * Math.floor(lon / 360)
const widthOf = ([from, to]: readonly [number, number]): number =>
  Math.abs(to - from) >= 360 ? 360 : to >= from ? to - from : fold(to - from)

function relation({ low, high, west, width }: Bounds, centre: Vector, radius: number): Relation {
  const { lon, lat } = toAngles(centre)
  const [south, north] = [lat - radius, lat + radius]
  if (north < low || south > high) return 'outside'
  const overPole = north >= 90 || south <= -90
  const sine = Math.sin((radius * Math.PI) / 180) / Math.cos((lat * Math.PI) / 180)
  // the longitudes that the cap spans to each side, a little more for the rounding of the asin near 90 degrees
  const half = overPole || sine >= 1 ? 180 : degrees(Math.asin(sine)) + 1e-6 * sine ** 8
  const offset = Math.abs(fold(lon - west - width / 2 + 180) - 180)
  if (width < 360 && offset > width / 2 + half + 1e-12) return 'outside'
  const within = width >= 360 || (half < 180 && offset + half + 1e-12 < width / 2)
  return within && south > low && north < high ? 'inside' : 'touches'
}

function capOf({ low, high, west, width }: Bounds, frame: Frame): Area['cap'] {
  // about the nearer pole for rings, else about the middle
  const whole = width >= 180
  const middle = whole ? (low + high >= 0 ? 90 : -90) : (low + high) / 2
  const there = toVector(west + width / 2, middle)
  const reach = whole
    ? middle > 0
      ? 90 - low
      : high + 90
    : Math.max(
        ...[low, high, Math.max(low, Math.min(high, 0))].map((lat) => cornerDistance(lat, middle, width / 2)),
      )
  return {
    centre: apply(transpose(fromIcrs(frame)), there),
    radius: Math.min(Math.PI, (reach * Math.PI) / 180 + 1e-12),
  }
}

/** Degrees from the middle of a box to a point of its eastern edge. */
function cornerDistance(lat: number, middle: number, half: number): number {
  const [a, b] = [toVector(0, middle), toVector(half, lat)]
  return degrees(2 * Math.asin(Math.min(1, Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]) / 2)))
}

function onColumns(bounds: Bounds, { ra, dec }: PositionSql, next: number): Predicate {
  const lat = `(${dec} >= $${next}::float8 AND ${dec} <= $${next + 1}::float8)`
  const lon = longitudes(bounds, `(${ra} - 360 * floor((${ra} + 1e-100) / 360))`, next + 2)
  return {
    sql: lon ? `(${lat} AND ${lon.sql})` : lat,
    parameters: [bounds.low, bounds.high, ...(lon?.parameters ?? [])],
  }
}

function inFrame(bounds: Bounds, frame: Frame, position: PositionSql, next: number): Predicate {
  const matrix = fromIcrs(frame)
  const [x, y, z] = [dotSql(next), dotSql(next + 3), dotSql(next + 6)]
  const lat = `(degrees(atan2(${z}, sqrt(power(${x}, 2) + power(${y}, 2)))) BETWEEN $${next + 9}::float8 AND $${next + 10}::float8)`
  const angle = `degrees(atan2(${y}, ${x}))`
  const lon = longitudes(bounds, `(${angle} - 360 * floor((${angle} + 1e-100) / 360))`, next + 11)
  return {
    sql: onVector(position, lon ? `${lat} AND ${lon.sql}` : lat),
    parameters: [...matrix.flat(), bounds.low, bounds.high, ...(lon?.parameters ?? [])],
  }
}

/** The condition on a longitude between 0 and 360, or nothing where all are allowed. */
function longitudes({ west, east, width }: Bounds, lon: string, next: number): Predicate | undefined {
  if (width >= 360) return undefined
  const word = west <= east ? 'AND' : 'OR'
  return {
    sql: `(${lon} >= $${next}::float8 ${word} ${lon} <= $${next + 1}::float8)`,
    parameters: [west, east],
  }
}
