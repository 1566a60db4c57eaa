// Errors of positions: ellipses on both sides, and how far apart two positions are in units of both.
import { bearing, type Position } from '../angle.ts'
import { degreesOf } from './candidates.ts'

const RADIANS = Math.PI / 180

/** Error ellipses of rows: half axes in degrees (one standard deviation), position angle of the first in degrees. */
export interface ErrorEllipses {
  major: Float64Array
  minor: Float64Array
  angle: Float64Array
}

/** Determinant over squared trace below which an error counts as a line: a ratio of the half axes of a millionth. */
const thinnest = 1e-12

/** Whether a row has an error ellipse; rows without one match nothing. */
export const hasErrors = ({ major, minor, angle }: ErrorEllipses, row: number): boolean =>
  major[row]! >= 0 &&
  minor[row]! >= 0 &&
  Number.isFinite(major[row]! + minor[row]!) &&
  Number.isFinite(angle[row]!)

/**
 * Square of the separation of a row of a from one of b in units of their combined error (Pineau et al. 2017, A&A 597,
 * A89, section 3): d' (Ca + Cb)^-1 d, with the covariance matrices of both positions. Both are taken along and across
 * the great circle between the positions, each at its own end, so that poles need no care. Infinite where the
 * combined error has no width.
 */
export function deviationOf(
  a: { position: Position; errors: ErrorEllipses; row: number },
  b: { position: Position; errors: ErrorEllipses; row: number },
  haversine: number,
): number {
  const own = along(a.errors, a.row, bearing(a.position, b.position))
  const other = along(b.errors, b.row, bearing(b.position, a.position) + 180)
  const [uu, tt, ut] = [own.uu + other.uu, own.tt + other.tt, own.ut + other.ut]
  const area = uu * tt - ut * ut
  return area > thinnest * (uu + tt) ** 2 ? (degreesOf(haversine) ** 2 * tt) / area : Number.POSITIVE_INFINITY
}

/** Covariances along (u) and across (t) a direction, given as position angle. */
function along({ major, minor, angle }: ErrorEllipses, row: number, direction: number) {
  const [first, second] = [major[row]! ** 2, minor[row]! ** 2]
  const turn = (angle[row]! - direction) * RADIANS
  const [sin, cos] = [Math.sin(turn), Math.cos(turn)]
  return {
    uu: first * cos * cos + second * sin * sin,
    tt: first * sin * sin + second * cos * cos,
    ut: (first - second) * sin * cos,
  }
}

/** The same as {@link deviationOf} in SQL; positions, half axes and angles are expressions in degrees. */
export function deviationSql(a: ErrorSql, b: ErrorSql, separation: string): string {
  const [own, other] = [alongSql(a, bearingSql(a, b)), alongSql(b, `(${bearingSql(b, a)} + pi())`)]
  const sum = (part: 'uu' | 'tt' | 'ut') => `(${own[part]} + ${other[part]})`
  return `(SELECT CASE WHEN uu * tt - ut * ut > ${thinnest}::float8 * power(uu + tt, 2) THEN power(${separation}, 2) * tt / (uu * tt - ut * ut) ELSE 'Infinity' END
    FROM (SELECT ${sum('uu')} AS uu, ${sum('tt')} AS tt, ${sum('ut')} AS ut OFFSET 0) c)`
}

/** A position with its error ellipse, as expressions in degrees. */
export interface ErrorSql {
  readonly ra: string
  readonly dec: string
  readonly major: string
  readonly minor: string
  readonly angle: string
}

/** Position angle of b seen from a, radians. */
function bearingSql(a: ErrorSql, b: ErrorSql): string {
  const [difference, here, there] = [`radians(${b.ra} - ${a.ra})`, `radians(${a.dec})`, `radians(${b.dec})`]
  return `atan2(cos(${there}) * sin(${difference}), cos(${here}) * sin(${there}) - sin(${here}) * cos(${there}) * cos(${difference}))`
}

function alongSql({ major, minor, angle }: ErrorSql, direction: string) {
  const turn = `(radians(${angle}) - ${direction})`
  const [sin, cos] = [`sin(${turn})`, `cos(${turn})`]
  return {
    uu: `(power(${major} * ${cos}, 2) + power(${minor} * ${sin}, 2))`,
    tt: `(power(${major} * ${sin}, 2) + power(${minor} * ${cos}, 2))`,
    ut: `((power(${major}, 2) - power(${minor}, 2)) * ${sin} * ${cos})`,
  }
}
