// Vincenty's formula for the sphere (1975, Survey Review 23, 88) with 256 bits after the point, in whole numbers: the
// judge of distances in double precision.

const BITS = 256n
const ONE = 1n << BITS
/** Pi to 90 digits (OEIS A000796). */
const PI =
  (314159265358979323846264338327950288419716939937510582097494459230781640628620899862803482n * ONE) /
  10n ** 89n

/** A double exactly, as far as 256 bits go. */
function fixed(value: number): bigint {
  const view = new DataView(new ArrayBuffer(8))
  view.setFloat64(0, value)
  const bits = view.getBigUint64(0)
  const exponent = Number((bits >> 52n) & 0x7ffn)
  const fraction = bits & 0xfffffffffffffn
  const mantissa = exponent === 0 ? fraction : fraction | (1n << 52n)
  const shift = BITS + BigInt(Math.max(exponent, 1) - 1075)
  const size = shift >= 0n ? mantissa << shift : mantissa >> -shift
  return bits >> 63n ? -size : size
}

const times = (a: bigint, b: bigint): bigint => (a * b) >> BITS

/** Sine of an angle in degrees by its series, turned into -180 to 180 first. */
function sine(degrees: bigint): bigint {
  const turn = 360n * ONE
  const folded = ((degrees % turn) + turn) % turn
  const x = (PI * (folded > turn / 2n ? folded - turn : folded)) / (180n * ONE)
  const square = times(x, x)
  let [term, sum] = [x, x]
  for (let n = 2n; term !== 0n && n < 400n; n += 2n) {
    term = -times(term, square) / (n * (n + 1n))
    sum += term
    if (term === -1n) break
  }
  return sum
}

const cosine = (degrees: bigint): bigint => sine(degrees + 90n * ONE)

function root(value: bigint): bigint {
  if (value < 2n) return value
  let x = 1n << BigInt((value.toString(2).length + 1) >> 1)
  for (;;) {
    const next = (x + value / x) >> 1n
    if (next >= x) return x
    x = next
  }
}

interface Place {
  readonly ra: number
  readonly dec: number
}

/** Sine and cosine of the distance of two positions in degrees. */
function distance(a: Place, b: Place): { sin: bigint; cos: bigint } {
  const [ra, decA, decB] = [fixed(b.ra) - fixed(a.ra), fixed(a.dec), fixed(b.dec)]
  const [sinA, cosA, sinB, cosB] = [sine(decA), cosine(decA), sine(decB), cosine(decB)]
  const across = times(cosB, sine(ra))
  const along = times(cosA, sinB) - times(times(sinA, cosB), cosine(ra))
  const towards = times(sinA, sinB) + times(times(cosA, cosB), cosine(ra))
  return { sin: root(across * across + along * along), cos: towards }
}

/** How much farther than `degrees` apart two positions are, in degrees; negative where they are nearer. For small differences. */
export function fartherThan(degrees: number, a: Place, b: Place): number {
  const { sin, cos } = distance(a, b)
  const [sinR, cosR] = [sine(fixed(degrees)), cosine(fixed(degrees))]
  const difference = times(sin, cosR) - times(cos, sinR)
  return (Number(difference) / Number(ONE)) * (180 / Math.PI)
}
