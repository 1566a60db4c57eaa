// Galaxies as they come from a catalogue, in columns, and what is odd about them.
import { normalizeRa } from './footprint.ts'
import { noOddities, type OddityCounts } from './oddities.ts'

export interface GalaxyBatch {
  readonly id: BigInt64Array
  /** Degrees. */
  readonly ra: Float64Array
  readonly dec: Float64Array
  /** Redshift; NaN where the catalogue has none. */
  readonly z: Float64Array
}

/** The batch with every RA in [0, 360) and NaN for declinations beyond the poles, with what was found. */
export function normalizeGalaxies(batch: GalaxyBatch): { galaxies: GalaxyBatch; oddities: OddityCounts } {
  const oddities = noOddities()
  const ra = batch.ra.slice()
  const dec = batch.dec.slice()
  for (let i = 0; i < ra.length; i++) {
    const redshift = batch.z[i]!
    if (Number.isNaN(redshift)) oddities.galaxyWithoutRedshift++
    else if (redshift < 0) oddities.galaxyNegativeRedshift++
    if (!(Math.abs(dec[i]!) <= 90) || !Number.isFinite(ra[i]!)) {
      oddities.galaxyWithoutPosition++
      dec[i] = Number.NaN
    } else if (!(ra[i]! >= 0 && ra[i]! < 360)) {
      oddities.galaxyRaNormalized++
      ra[i] = normalizeRa(ra[i]!)
    }
  }
  return { galaxies: { ...batch, ra, dec }, oddities }
}
