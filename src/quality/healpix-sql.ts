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
 * in the two distances that the number counts (Gorski et al. 2005, sections 4.1 and 4.2).
 * @param nside  a power of two, at most 64
 * @param pixel  SQL of the pixel's NESTED number
 */
export function surelyInPixelSql(nside: number, ra: string, dec: string, pixel: string): string {
  const n = nside
  const face = `${pixel} / ${n * n}`
  const byFace = (of: (face: number) => number) =>
    `(${list(Array.from({ length: 12 }, (_, i) => of(i)))})[${face} + 1]`
  // x grows to the north-east and y to the north-west: x + y goes north and x - y east.
  const local = (of: (x: number, y: number) => number) => {
    const values = Array.from({ length: 64 }, (_, i) => of(everyOther(i), everyOther(i >> 1)))
    const low = `(${list(values)})[(${pixel} & ${Math.min(64, n * n) - 1}) + 1]`
    const high = `(${list(values.map((value) => 8 * value))})[(${pixel} >> 6 & ${(n * n) / 64 - 1}) + 1]`
    return n <= 8 ? low : `(${low} + ${high})`
  }
  const sine = `sin(radians(${dec}))`
  const half = 0.5 - 1e-10

  const centerTurn = byFace((i) => (i < 4 || i > 7 ? (i % 4) + 0.5 : i % 4))
  const lowestSine = byFace((i) => (2 / 3) * (1 - Math.floor(i / 4)) - 2 / 3 + 2 / (3 * n))
  const east = `abs((${ra}) / 90 - ${centerTurn} - ${local((x, y) => x - y)} / ${2 * n})`
  const north = `abs(${sine} - ${lowestSine} - ${local((x, y) => x + y)} * ${2 / (3 * n)})`
  // |2 - |2 - d|| is the way round the circle of four quarter turns, if that is shorter.
  const inBelt = `abs(2 - abs(2 - ${east})) + 0.75 * ${north} < ${half / n}`

  const quarter = `((${ra}) / 90 - (${face} & 3))`
  const fromPole = `${n} * sqrt(3 * (1 - abs(${sine})))`
  const [x, y] = [local((at) => at), local((_, at) => at)]
  const counted = (coordinate: string, other: string) =>
    `CASE WHEN ${face} < 4 THEN ${n - 0.5} - ${coordinate} ELSE ${other} + 0.5 END`
  const inCap =
    `${face} NOT BETWEEN 4 AND 7 AND (${face} < 4) = (${dec} > 0)` +
    ` AND abs(${quarter} * ${fromPole} - ${counted(y, x)}) < ${half}` +
    ` AND abs((1 - ${quarter}) * ${fromPole} - ${counted(x, y)}) < ${half}`
  return `CASE WHEN abs(${sine}) < ${2 / 3} THEN ${inBelt} ELSE ${inCap} END`
}

const list = (values: readonly number[]) => `'{${values}}'::float8[]`

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
