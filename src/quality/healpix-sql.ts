// HEALPix pixel numbers (NESTED) as SQL.

/** Largest nside whose bits are interleaved by a table in the statement. */
export const largestNside = 256

/**
 * SQL for the NESTED pixel of a position in degrees (Gorski et al. 2005, ApJ 622, 759, section 4). Each level is kept from
 * being merged with the next by OFFSET 0, so that the server computes it once a row.
 * @param nside  a power of two, at most {@link largestNside}
 */
export function healpixSql(nside: number, ra: string, dec: string): string {
  const n = nside
  const bits = `(ARRAY[${Array.from({ length: n }, (_, i) => interleaved(i)).join(',')}])`
  const position = `SELECT ((${ra}) - 360 * floor((${ra}) / 360)) / 90 AS q, sin(radians(${dec})) AS h OFFSET 0`
  const steps = `SELECT h, abs(h) <= 2.0 / 3 AS belt, least(3, floor(q))::int AS quarter,
    CASE WHEN abs(h) <= 2.0 / 3 THEN floor(${n} * (0.5 + q - 0.75 * h))
      ELSE least(${n - 1}, floor((q - least(3, floor(q))) * ${n} * sqrt(3 * (1 - abs(h))))) END::int AS up,
    CASE WHEN abs(h) <= 2.0 / 3 THEN floor(${n} * (0.5 + q + 0.75 * h))
      ELSE least(${n - 1}, floor((1 - q + least(3, floor(q))) * ${n} * sqrt(3 * (1 - abs(h))))) END::int AS down
    FROM (${position}) AS p OFFSET 0`
  const face = `CASE WHEN NOT belt THEN CASE WHEN h > 0 THEN quarter ELSE quarter + 8 END
    WHEN up / ${n} = down / ${n} THEN (up / ${n} & 3) | 4
    WHEN up / ${n} < down / ${n} THEN up / ${n} & 3 ELSE (down / ${n} & 3) + 8 END`
  const x = `CASE WHEN belt THEN down & ${n - 1} WHEN h > 0 THEN ${n - 1} - down ELSE up END`
  const y = `CASE WHEN belt THEN ${n - 1} - (up & ${n - 1}) WHEN h > 0 THEN ${n - 1} - up ELSE down END`
  return `(SELECT (${face}) * ${n * n} + ${bits}[${x} + 1] + 2 * ${bits}[${y} + 1] FROM (${steps}) AS s)`
}

/**
 * SQL that is true of positions within a pixel, except for those at its very edge (1e-10 of its width), at a fraction of
 * the cost of their pixel's number and without a subquery, so that scans with it run in parallel. What the pixel's number
 * says of its place is compared with the position: in the belt a pixel is a diamond in RA and sin dec, in the caps one
 * in the two distances that the number counts (Gorski et al. 2005, sections 4.1 and 4.2). No position at all, or one off
 * the sphere in Dec, is not told from one within.
 * @param nside  a power of two, at most 64
 * @param pixel  SQL of the pixel's NESTED number
 */
export function surelyInPixelSql(nside: number, ra: string, dec: string, pixel: string): string {
  const n = nside
  const pixelsOfFace = n * n
  // A number is looked up in two parts, each a short table: its last six bits at most, and those before them.
  const lowBits = Math.min(6, 2 * Math.log2(n))
  const lows = 2 ** lowBits
  const [low, high] = [`${pixel} & ${lows - 1}`, `${pixel} >> ${lowBits}`]
  const looked = (index: string, size: number, of: (x: number, y: number, face: number) => number) => {
    const shift = index === low ? 0 : lowBits
    const values = Array.from({ length: size }, (_, i) => {
      const inner = (i << shift) % pixelsOfFace
      return of(everyOther(inner), everyOther(inner >> 1), Math.floor((i << shift) / pixelsOfFace))
    })
    return `('[0:${size - 1}]={${values}}'::float8[])[${index}]`
  }
  const half = 0.5 - 1e-10

  // In halves of a pixel's width; x grows to the north-east and y to the north-west: x + y goes north and x - y east.
  const highs = (12 * pixelsOfFace) / lows
  const centerEast = (face: number) => n * (face < 4 || face > 7 ? 2 * (face % 4) + 1 : 2 * (face % 4))
  const lowestNorth = (face: number) => 1 - n * Math.floor(face / 4)
  const east = `${looked(high, highs, (x, y, face) => centerEast(face) + x - y)} - ${looked(low, lows, (x, y) => x - y)}`
  const north = `${looked(high, highs, (x, y, face) => lowestNorth(face) + x + y)} - ${looked(low, lows, (x, y) => x + y)}`
  const inBelt = (turned: string) =>
    `abs((${turned}) * ${n / 45} - ${east}) + abs(${1.5 * n} * sin(radians(${dec})) - ${north}) < ${2 * half}`

  // Pixels on the prime meridian reach around it.
  const belt = `${inBelt(ra)} OR ${inBelt(`${ra} - 360`)}`

  const quarter = `((${ra}) / 90 - (${pixel} / ${pixelsOfFace} & 3))`
  const faceHigh = `${high} & ${pixelsOfFace / lows - 1}`
  const local = (of: (x: number, y: number) => number) =>
    `${looked(faceHigh, pixelsOfFace / lows, of)} - ${looked(low, lows, of)}`
  const cap = (fromPole: string, first: string, second: string) =>
    `abs(${quarter} * ${fromPole} - ${first}) < ${half} AND abs((1 - ${quarter}) * ${fromPole} - ${second}) < ${half}`
  const fromPole = (sign: '-' | '+') => `${n} * sqrt(3 * (1 ${sign} sin(radians(${dec}))))`
  const northern = cap(
    fromPole('-'),
    `${n - 0.5} - ${local((_, y) => -y)}`,
    `${n - 0.5} - ${local((x) => -x)}`,
  )
  const southern = cap(fromPole('+'), `0.5 - ${local((x) => x)}`, `0.5 - ${local((_, y) => y)}`)
  return `CASE WHEN ${dec} BETWEEN ${-beltEnd} AND ${beltEnd} THEN ${belt}
    WHEN ${dec} BETWEEN 0 AND 90 THEN ${pixel} BETWEEN 0 AND ${4 * pixelsOfFace - 1} AND ${northern}
    WHEN ${dec} BETWEEN -90 AND 0 THEN ${pixel} BETWEEN ${8 * pixelsOfFace} AND ${12 * pixelsOfFace - 1} AND ${southern} ELSE true END`
}

/** Declination at which the belt ends, in degrees: its sine is 2/3. */
const beltEnd = (Math.asin(2 / 3) * 180) / Math.PI

/** The number that the bits at even places make. */
function everyOther(value: number): number {
  let packed = 0
  for (let bit = 0; bit < 6; bit++) packed += ((value >> (2 * bit)) & 1) << bit
  return packed
}

/** The bits of a number at every other place. */
function interleaved(value: number): number {
  let spread = 0
  for (let bit = 0; bit < 12; bit++) spread += ((value >> bit) & 1) * 4 ** bit
  return spread
}
