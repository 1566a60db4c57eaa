// What the galaxies are: plausible masses, star formation rates, dust, breaks and fluxes for a block of rows.
import { distanceOf } from './distance.ts'
import type { MockGalaxies } from './galaxies.ts'
import { normalOf, uniformOf } from './random.ts'

/** Columns of one block; a NaN is a value that the fit didn't give. */
export interface Physics {
  readonly logMass: Float32Array
  readonly sfr: Float32Array
  readonly dn4000: Float32Array
  /** km/s; 250 with inverse variance 0 where the spectrum doesn't tell. */
  readonly vdisp: Float32Array
  readonly vdispIvar: Float32Array
  readonly tauV: Float32Array
  readonly age: Float32Array
  /** r-band flux in nanomaggies: 10^(0.4 (22.5 - r)). */
  readonly fluxR: Float32Array
  /** Flux of H alpha, 1e-17 erg/(cm2 s). */
  readonly halpha: Float32Array
  /** 1 where stars no longer form. */
  readonly quiescent: Uint8Array
}

/** Galaxies in voids are less massive by this much, in dex, and form stars more often. */
const voidMassOffset = -0.15
const voidQuiescence = -0.12

/** One row in so many is a failed fit with an absurd mass, as in the release (-12.1 to 15.63). */
const failedFit = 1 / 4000

/** The physics of the galaxies [from, to); the same for a row whatever block it comes in. */
export function physicsOf(galaxies: MockGalaxies, from: number, to: number, seed: number): Physics {
  const block = emptyBlock(to - from)
  for (let i = 0; i < to - from; i++) fillRow(block, i, galaxies, from + i, seed)
  return block
}

function emptyBlock(rows: number) {
  const column = () => new Float32Array(rows)
  return {
    ...{ logMass: column(), sfr: column(), dn4000: column(), vdisp: column(), vdispIvar: column() },
    ...{ tauV: column(), age: column(), fluxR: column(), halpha: column() },
    quiescent: new Uint8Array(rows),
  }
}

function fillRow(
  out: ReturnType<typeof emptyBlock>,
  i: number,
  galaxies: MockGalaxies,
  row: number,
  seed: number,
): void {
  const uniform = (purpose: number) => uniformOf(seed, row, purpose)
  const normal = (purpose: number) => normalOf(seed, row, purpose)
  const z = galaxies.z[row]!
  const inVoid = galaxies.inVoid[row]!
  // A flux limit makes distant galaxies massive ones: this is where the correlation of mass and redshift comes from.
  const logMass = 10.45 + 1.9 * Math.log10(z / 0.2) + inVoid * voidMassOffset + 0.38 * normal(10)
  const quiescentShare = 1 / (1 + Math.exp((10.6 - logMass) / 0.35)) + inVoid * voidQuiescence
  const quiescent = uniform(12) < quiescentShare
  // The main sequence has slope 1 in the logarithms; quiescent galaxies lie 1.5 dex below it.
  const logSfr = logMass - 10 + 0.25 * normal(13) - (quiescent ? 1.5 : 0)
  const magnitude = -20.3 - 2.3 * (logMass - 10.3) + 5 * Math.log10(distanceOf(z) * (1 + z)) + 25
  out.quiescent[i] = quiescent ? 1 : 0
  out.logMass[i] = logMass
  out.sfr[i] = 10 ** logSfr
  out.dn4000[i] = quiescent ? 1.78 + 0.09 * normal(15) : 1.35 + 0.09 * normal(15)
  out.tauV[i] = (quiescent ? 0.15 : 0.5) * -Math.log(uniform(17))
  out.age[i] = quiescent ? 5 + 3 * uniform(18) : 1 + 4 * uniform(18)
  out.fluxR[i] = 10 ** (0.4 * (22.5 - magnitude))
  out.halpha[i] = halphaFlux(out.sfr[i]!, z) * Math.exp(-0.8 * out.tauV[i]!)
  measureDispersion(out, i, logMass, uniform)
  spoil(out, i, uniform)
}

/** L = SFR / 7.9e-42 erg/s (Kennicutt 1998, ARA&A 36, 189, eq. 2) over 4 pi d_L^2, in 1e-17 erg/(cm2 s). */
function halphaFlux(sfr: number, z: number): number {
  const centimetres = distanceOf(z) * (1 + z) * 3.0857e24
  return ((sfr / 7.9e-42 / (4 * Math.PI * centimetres)) * 1e17) / centimetres
}

/** Only bright absorption spectra tell the dispersion. */
function measureDispersion(
  out: ReturnType<typeof emptyBlock>,
  i: number,
  logMass: number,
  uniform: (purpose: number) => number,
): void {
  const measured = uniform(19) < (out.quiescent[i] === 1 ? 0.8 : 0.15)
  out.vdisp[i] = measured ? Math.min(475, 60 + 40 * 10 ** (0.3 * (logMass - 9.5)) * (0.7 + uniform(20))) : 250
  out.vdispIvar[i] = measured ? 1 / (15 + 20 * uniform(21)) ** 2 : 0
}

/** Failed fits, and single values that are missing. */
function spoil(out: ReturnType<typeof emptyBlock>, i: number, uniform: (purpose: number) => number): void {
  const chance = uniform(22)
  if (chance < failedFit) {
    out.logMass[i] = chance < failedFit / 2 ? -12.1 : 15.63
    out.sfr[i] = 0
  } else if (chance > 0.999) out.logMass[i] = Number.NaN
  else if (chance > 0.998) out.sfr[i] = Number.NaN
  if (uniform(23) < 0.004) out.dn4000[i] = Number.NaN
}
