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

/** The bits of a number at every other place. */
function interleaved(value: number): number {
  let spread = 0
  for (let bit = 0; bit < 12; bit++) spread += ((value >> bit) & 1) * 4 ** bit
  return spread
}
