// Sine, cosine and tangent rounded correctly, in big integers: for the few positions where the last bit counts.

const BITS = 320n
const ONE = 1n << BITS
/** pi to 100 digits (OEIS A000796), as a fixed-point number. */
const PI =
  (31415926535897932384626433832795028841971693993751058209749445923078164062862089986280348253421170679n *
    ONE) /
  10n ** 100n

const scratch = new DataView(new ArrayBuffer(8))

/** The exact value of a double with magnitude between 2^-250 and 2^60, as a fixed-point number. */
function toFixed(value: number): bigint {
  scratch.setFloat64(0, value)
  const bits = scratch.getBigUint64(0)
  const exponent = (bits >> 52n) & 0x7ffn
  if (exponent === 0n) return 0n
  const mantissa = (bits & 0xfffffffffffffn) | 0x10000000000000n
  const shift = exponent - 1075n + BITS
  const magnitude = shift >= 0n ? mantissa << shift : mantissa >> -shift
  return bits >> 63n ? -magnitude : magnitude
}

/** The double nearest to a ratio of fixed-point numbers; Number(bigint) rounds to nearest by definition. */
function nearest(numerator: bigint, denominator: bigint): number {
  return Number((numerator << BITS) / denominator) / 2 ** Number(BITS)
}

function sineSeries(angle: bigint, firstTerm: bigint, firstFactor: bigint): bigint {
  const square = (angle * angle) >> BITS
  let term = firstTerm
  let sum = term
  for (let n = firstFactor; term !== 0n; n += 2n) {
    term = -((term * square) >> BITS) / (n * (n + 1n))
    sum += term
  }
  return sum
}

function sineAndCosine(angle: number): [bigint, bigint] {
  const turns = toFixed(angle) % (2n * PI)
  return [sineSeries(turns, turns, 2n), sineSeries(turns, ONE, 1n)]
}

/** The double nearest to the sine of an angle in radians. */
export function exactSin(angle: number): number {
  return Math.abs(angle) < 1e-30 ? angle : nearest(sineAndCosine(angle)[0], ONE)
}

/** The double nearest to the cosine of an angle in radians. */
export function exactCos(angle: number): number {
  return nearest(sineAndCosine(angle)[1], ONE)
}

/** The double nearest to the tangent of an angle in radians. */
export function exactTan(angle: number): number {
  if (Math.abs(angle) < 1e-30) return angle
  const [sine, cosine] = sineAndCosine(angle)
  return nearest(sine, cosine)
}
