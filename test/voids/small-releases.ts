// Releases of a few voids that a reader can check by hand: flat, matter only, so that r = 2 c/H0 (1 - 1/sqrt(1+z)).
import { cosmology, type GalaxyBatch, type Release, SPEED_OF_LIGHT } from '../../src/voids/index.ts'

export const model = cosmology({ omegaM: 1 })

/** The redshift at a comoving distance in Mpc/h (Einstein-de Sitter). */
export const redshiftAt = (distance: number) => (1 - (distance * 100) / (2 * SPEED_OF_LIGHT)) ** -2 - 1

/** Galaxies from [id, RA, dec, distance or redshift]: a redshift is given as { z }. */
export function galaxiesAt(
  rows: readonly (readonly [id: bigint, ra: number, dec: number, distance: number | { z: number }])[],
): GalaxyBatch {
  return {
    id: BigInt64Array.from(rows, ([id]) => id),
    ra: Float64Array.from(rows, ([, ra]) => ra),
    dec: Float64Array.from(rows, ([, , dec]) => dec),
    z: Float64Array.from(rows, ([, , , at]) => (typeof at === 'number' ? redshiftAt(at) : at.z)),
  }
}

/** A void at (100, 0, 100) Mpc/h of two holes (radius 10, 5 apart along x), and one hole of another void. */
export function holeRelease(changes: Partial<Release> = {}): Release {
  return {
    source: 'VoidFinder',
    cap: 'NGC',
    cosmology: model,
    limits: { low: 0, high: redshiftAt(300) },
    voids: {
      number: Int32Array.of(7, 3),
      ...{ x: Float64Array.of(-100, -200), y: Float64Array.of(0, 0), z: Float64Array.of(0, 0) },
      radius: Float64Array.of(12, 8),
      edge: Int32Array.of(0, 2),
    },
    holes: {
      ...{ x: Float64Array.of(-100, -105, -200), y: new Float64Array(3), z: new Float64Array(3) },
      radius: Float64Array.of(10, 10, 8),
      voidNumber: Int32Array.of(7, 7, 3),
    },
    ...changes,
  }
}

/** Zones 0 (voids 1 and 2), 1 (void 2), 2 (none); galaxies 1 to 5, of which 4 is at the edge and 5 outside. */
export function zoneRelease(changes: Partial<Release> = {}): Release {
  return {
    source: 'V2_VIDE',
    cap: 'NGC',
    cosmology: model,
    limits: { low: 0, high: 0.1 },
    voids: {
      number: Int32Array.of(1, 2),
      ...{ x: Float64Array.of(-100, -110), y: Float64Array.of(0, 0), z: Float64Array.of(0, 0) },
      radius: Float64Array.of(10, 20),
      totalArea: Float64Array.of(100, 100),
      edgeArea: Float64Array.of(10, 10.1),
    },
    zones: { zone: Int32Array.of(0, 1, 2), void0: Int32Array.of(1, 2, -1), void1: Int32Array.of(2, 2, -1) },
    galaxyZones: {
      galaxy: BigInt64Array.of(1n, 2n, 3n, 4n, 5n),
      zone: Int32Array.of(0, 1, 2, 2, -1),
      depth: Int32Array.of(0, 3, 1, 0, -1),
      edge: Uint8Array.of(0, 0, 0, 1, 0),
      out: Uint8Array.of(0, 0, 0, 0, 1),
    },
    ...changes,
  }
}
