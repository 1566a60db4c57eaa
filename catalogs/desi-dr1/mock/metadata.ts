// Values of METADATA: who the galaxies are, where, at which redshift, how bright; and the bad rows.
import { badValues } from './bad-rows.ts'
import { type Block, type Filled, float32Of, identification, textOf } from './blocks.ts'
import { physicsOf } from './physics.ts'
import { uniformOf } from './random.ts'

/** DESI_TARGET bit of the bright galaxy survey, BGS_TARGET bit of its bright sample. */
const bgsAny = 1n << 60n
const bgsBright = 1n << 1n

/** Extinction over E(B-V) in the bands of the Legacy Surveys (DR9 catalogue description). */
const extinction = { G: 3.214, R: 2.165, Z: 1.211, W1: 0.184, W2: 0.113, W3: 0.0241, W4: 0.0091 } as const
type Band = keyof typeof extinction

/** Flux over that in r, of galaxies that form stars and of quiescent ones, and its relative error. */
const colours: Readonly<Record<Band, readonly [forming: number, quiescent: number, error: number]>> = {
  G: [0.55, 0.38, 0.004],
  R: [1, 1, 0.002],
  Z: [1.5, 1.9, 0.003],
  W1: [1.4, 1.3, 0.01],
  W2: [1.0, 0.7, 0.02],
  W3: [4, 0.8, 0.3],
  W4: [8, 1, 0.8],
}

export function metadataValues(block: Block): Filled {
  const { galaxies, seed } = block.mock
  const physics = physicsOf(galaxies, block.from, block.to, seed)
  const rows = block.to - block.from
  const isQuasar = (galaxy: number) => galaxies.z[galaxy]! > 0.65
  const warned = (galaxy: number) => uniformOf(seed, galaxy, 40) < 0.015
  const positions = spoilt(block)
  const reddening = float32Of(block, (galaxy) => 0.01 + 0.06 * uniformOf(seed, galaxy, 41) ** 2)
  return {
    ...identification(block),
    TILEID_LIST: textOf(block, (galaxy) => String(20000 + (galaxy % 5000))),
    RA: positions.ra,
    DEC: positions.dec,
    DESI_TARGET: new BigInt64Array(rows).fill(bgsAny),
    BGS_TARGET: new BigInt64Array(rows).fill(bgsBright),
    Z: positions.z,
    Z_RR: positions.z,
    ZWARN: Uint8Array.from({ length: rows }, (_, i) => (warned(block.from + i) ? 4 : 0)),
    ZWARN_RR: Uint8Array.from({ length: rows }, (_, i) => (warned(block.from + i) ? 4 : 0)),
    DELTACHI2: Float64Array.from({ length: rows }, (_, i) => {
      const share = uniformOf(seed, block.from + i, 42)
      return warned(block.from + i) ? 9 * share : 9 + 4000 * share * share
    }),
    SPECTYPE: textOf(block, (galaxy) => (isQuasar(galaxy) ? 'QSO' : 'GALAXY')),
    TSNR2_BGS: float32Of(block, (galaxy) => 800 + 900 * uniformOf(seed, galaxy, 43)),
    PHOTSYS: textOf(block, (galaxy) => (galaxies.dec[galaxy]! > 32.375 ? 'N' : 'S')),
    LS_ID: BigInt64Array.from({ length: rows }, (_, i) => 9906620000000000n + BigInt(block.from + i)),
    EBV: reddening,
    ...photometry(block, physics, reddening),
  }
}

function photometry(block: Block, physics: ReturnType<typeof physicsOf>, reddening: Float32Array): Filled {
  const filled: Record<string, Float32Array> = {}
  for (const band of Object.keys(extinction) as Band[]) {
    const [forming, quiescent, error] = colours[band]
    const flux = float32Of(block, (_, i) => physics.fluxR[i]! * (physics.quiescent[i] ? quiescent : forming))
    filled[`FLUX_${band}`] = flux
    filled[`FLUX_IVAR_${band}`] = float32Of(block, (_, i) => 1 / (error * flux[i]! + 0.02) ** 2)
    filled[`MW_TRANSMISSION_${band}`] = float32Of(
      block,
      (_, i) => 10 ** (-0.4 * extinction[band] * reddening[i]!),
    )
    if (band.startsWith('W')) continue
    filled[`FIBERFLUX_${band}`] = flux.map((value) => 0.5 * value)
    filled[`FIBERTOTFLUX_${band}`] = flux.map((value) => 0.51 * value)
  }
  return filled
}

/** RA, declination and redshift of the block, with the bad rows' values in place. */
function spoilt({ mock: { galaxies, bad }, from, to }: Block) {
  const positions = {
    ra: galaxies.ra.slice(from, to),
    dec: galaxies.dec.slice(from, to),
    z: galaxies.z.slice(from, to),
  }
  for (const [galaxy, kind] of bad) {
    if (galaxy >= from && galaxy < to) positions[kind][galaxy - from] = badValues[kind].value
  }
  return positions
}
