// Vectors and rotation matrices in three dimensions, and the way between degrees and unit vectors.

export type Vector = readonly [x: number, y: number, z: number]
/** Rows of a 3 x 3 matrix. */
export type Matrix = readonly [Vector, Vector, Vector]

export const radians = (degrees: number): number => (degrees * Math.PI) / 180
export const degrees = (angle: number): number => (angle * 180) / Math.PI

export const dot = (a: Vector, b: Vector): number => a[0] * b[0] + a[1] * b[1] + a[2] * b[2]

export function cross(a: Vector, b: Vector): Vector {
  return [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]]
}

export const plus = (a: Vector, b: Vector): Vector => [a[0] + b[0], a[1] + b[1], a[2] + b[2]]
export const times = (factor: number, a: Vector): Vector => [factor * a[0], factor * a[1], factor * a[2]]
export const unit = (a: Vector): Vector => times(1 / Math.hypot(...a), a)

export const apply = (m: Matrix, v: Vector): Vector => [dot(m[0], v), dot(m[1], v), dot(m[2], v)]

/** The inverse of a rotation. */
export function transpose([a, b, c]: Matrix): Matrix {
  return [
    [a[0], b[0], c[0]],
    [a[1], b[1], c[1]],
    [a[2], b[2], c[2]],
  ]
}

/** The product of matrices: the last one is applied first. */
export function product(...matrices: readonly Matrix[]): Matrix {
  return matrices.reduce((left, right) => {
    const columns = transpose(right)
    return [apply(columns, left[0]), apply(columns, left[1]), apply(columns, left[2])]
  })
}

/** Rotation of the axes about one of them by an angle in degrees, anticlockwise seen from its positive end. */
export function rotation(axis: 'x' | 'y' | 'z', angle: number): Matrix {
  const [c, s] = [Math.cos(radians(angle)), Math.sin(radians(angle))]
  if (axis === 'x')
    return [
      [1, 0, 0],
      [0, c, s],
      [0, -s, c],
    ]
  if (axis === 'y')
    return [
      [c, 0, -s],
      [0, 1, 0],
      [s, 0, c],
    ]
  return [
    [c, s, 0],
    [-s, c, 0],
    [0, 0, 1],
  ]
}

/** Unit vector of a longitude and a latitude in degrees. */
export function toVector(lon: number, lat: number): Vector {
  const [l, b] = [radians(lon % 360), radians(lat)]
  return [Math.cos(l) * Math.cos(b), Math.sin(l) * Math.cos(b), Math.sin(b)]
}

/** Longitude in [0, 360) and latitude of a vector, in degrees. */
export function toAngles([x, y, z]: Vector): { lon: number; lat: number } {
  const lon = degrees(Math.atan2(y, x))
  const folded = lon < 0 ? lon + 360 : lon
  return { lon: folded === 360 ? 0 : folded + 0, lat: degrees(Math.atan2(z, Math.hypot(x, y))) }
}

/** Angle between two vectors in radians, exact to rounding at every size. */
export function angleBetween(a: Vector, b: Vector): number {
  return Math.atan2(Math.hypot(...cross(a, b)), dot(a, b))
}
