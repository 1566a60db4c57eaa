// Sky position and comoving distance to Cartesian comoving coordinates, in columns.

/** Cartesian comoving coordinates, one element per galaxy, in the cosmology's length unit. */
export interface Positions {
  readonly x: Float64Array
  readonly y: Float64Array
  readonly z: Float64Array
}

/**
 * x = r cos(dec) cos(ra), y = r cos(dec) sin(ra), z = r sin(dec): the frame of the VAST void catalogues.
 * @param ra, dec  degrees; @param distance line-of-sight comoving distance. NaN in any of them gives NaN.
 */
export function comovingPositions(ra: Float64Array, dec: Float64Array, distance: Float64Array): Positions {
  const count = ra.length
  const x = new Float64Array(count)
  const y = new Float64Array(count)
  const z = new Float64Array(count)
  const radian = Math.PI / 180
  for (let i = 0; i < count; i++) {
    const r = distance[i]!
    const a = ra[i]! * radian
    const d = dec[i]! * radian
    const across = r * Math.cos(d)
    x[i] = across * Math.cos(a)
    y[i] = across * Math.sin(a)
    z[i] = r * Math.sin(d)
  }
  return { x, y, z }
}
