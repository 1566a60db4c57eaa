// How many rows the release has, and how many a mock of a given size has in the same proportions.
import { AlmagestError } from '../../../src/model/index.ts'

/** Galaxies of the main bright program. */
const releaseGalaxies = 6_445_927

/**
 * Rows of the DESIVAST DR1 files, north and south. Source: the release's files; the published paper counts only voids
 * away from the edge.
 */
const release = {
  maximals: [3241, 524],
  holes: [89_003, 12_860],
  revolver: [1692, 300],
  vide: [1258, 220],
  zobov: [2950, 569],
  zones: [2950, 569],
  galaxyZones: [604_032, 90_610],
  // Of the two HDUs that no table is filled from, by the sizes of the files: to 28 rows.
  revolverTriangles: [5_321_800, 756_300],
  videTriangles: [3_854_400, 511_560],
} as const

export type RowCounts = { readonly [name in keyof typeof release]: number }

/** Fewer than these would leave a table without the rows that its meaning needs. */
const fewest: RowCounts = {
  maximals: 2,
  holes: 8,
  revolver: 2,
  vide: 2,
  zobov: 4,
  zones: 4,
  galaxyZones: 20,
  revolverTriangles: 20,
  videTriangles: 20,
}

export const fewestGalaxies = 1000

/** @throws AlmagestError `MOCK_SIZE` for a number of galaxies that is no whole number of at least 1000 */
export function requireSize(galaxies: number): void {
  if (Number.isSafeInteger(galaxies) && galaxies >= fewestGalaxies && galaxies <= 2 ** 25) return
  throw new AlmagestError(
    'MOCK_SIZE',
    'usage',
    `a mock of ${galaxies} galaxies is not possible`,
    `Give a whole number from ${fewestGalaxies} to ${2 ** 25}.`,
    { value: String(galaxies) },
  )
}

/** Rows of one cap's files in a mock with so many galaxies. */
export function rowCounts(galaxies: number, cap: 0 | 1): RowCounts {
  const names = Object.keys(release) as (keyof typeof release)[]
  const scaled = names.map((name) => [
    name,
    Math.max(fewest[name], Math.round((release[name][cap] * galaxies) / releaseGalaxies)),
  ])
  return Object.fromEntries(scaled) as RowCounts
}

/**
 * How much larger voids are than the release's: a sparser sample of the same volume has fewer and larger voids, in
 * proportion to the mean distance between galaxies. Six times at most, so that they fit into the survey.
 */
export function voidScale(galaxies: number): number {
  return Math.min(6, Math.max(1, Math.cbrt(releaseGalaxies / galaxies)))
}
