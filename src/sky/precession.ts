// Precession of the equator and the ecliptic by the IAU's 2006 model.
import { type Matrix, product, rotation, transpose } from './matrix.ts'

/** Polynomials in Julian centuries of TT since J2000.0, in arc seconds. */
const polynomial =
  (...coefficients: readonly number[]) =>
  (t: number): number =>
    coefficients.reduceRight((sum, each) => sum * t + each, 0) / 3600

// Fukushima-Williams angles of the bias-precession matrix: Hilton et al. 2006 (Celest. Mech. Dyn. Astron. 94,
// 351), as the IAU's SOFA has them in PFW06; the obliquity is that of Capitaine et al. 2003 (OBL06).
const gamma = polynomial(-0.052928, 10.556378, 0.4932044, -0.00031238, -0.000002788, 0.000000026)
const phi = polynomial(84381.412819, -46.811016, 0.0511268, 0.00053289, -0.00000044, -0.0000000176)
const psi = polynomial(-0.041775, 5038.481484, 1.5584175, -0.00018522, -0.000026452, -0.0000000148)
const obliquity = polynomial(84381.406, -46.836769, -0.0001831, 0.0020034, -0.000000576, -0.0000000434)

/** Julian centuries between J2000.0 and a Julian epoch in years. */
const centuries = (epoch: number): number => (epoch - 2000) / 100

/** ICRS to the mean equator and equinox of an epoch: frame bias and precession. */
function biasPrecession(epoch: number): Matrix {
  const t = centuries(epoch)
  return product(
    rotation('x', -obliquity(t)),
    rotation('z', -psi(t)),
    rotation('x', phi(t)),
    rotation('z', gamma(t)),
  )
}

/** Mean equator and equinox of J2000.0 to those of another Julian epoch, without the bias of the frame. */
export function precession(epoch: number): Matrix {
  return product(biasPrecession(epoch), transpose(biasPrecession(2000)))
}

/** ICRS to the mean ecliptic and equinox of a Julian epoch (SOFA's ECM06). */
export function eclipticOf(epoch: number): Matrix {
  return product(rotation('x', obliquity(centuries(epoch))), biasPrecession(epoch))
}
