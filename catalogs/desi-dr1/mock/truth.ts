// What must come out of the mock: counted here from the geometry, by no code that the loading and mapping use.
import type { MockFile, MockTruth } from '../../../src/model/index.ts'
import { schema } from '../fastspecfit.ts'
import { badValues } from './bad-rows.ts'
import type { Mock } from './blocks.ts'
import type { HoleGrid } from './hole-grid.ts'
import type { CapVoids } from './holes.ts'
import { caps } from './sky.ts'
import { pairsWithin } from './twins.ts'
import { type PrunedVoids, pointOf, type ZonedSample } from './zones.ts'

type InVoids = MockTruth['inVoids'][number]

/** Rows by table once all files are loaded; tables by their qualified names. */
export function loadedRows({ galaxies, bad }: Mock, voidFiles: readonly MockFile[]): Record<string, number> {
  const rows = (...hdus: string[]) =>
    voidFiles
      .flatMap((file) => file.hdus)
      .reduce((sum, hdu) => sum + (hdus.includes(hdu.name) ? hdu.rowCount : 0), 0)
  return {
    [`${schema}.fastspecfit_iron`]: galaxies.count - bad.size,
    [`${schema}.desivast_releases`]: voidFiles.length,
    [`${schema}.desivast_voids`]: rows('MAXIMALS', 'VOIDS'),
    [`${schema}.desivast_holes`]: rows('HOLES'),
    [`${schema}.desivast_zones`]: rows('ZONEVOID'),
    [`${schema}.desivast_galaxy_zones`]: rows('GALZONE'),
  }
}

/** Rows of the declared cross-match. */
export function matchedRows(made: Mock): Record<string, number> {
  return { [`${schema}.same_object`]: pairsWithin(made, 1 / 3600) }
}

export function rejectedRows({ bad }: Mock): MockTruth['rejected'] {
  const byRule = new Map<string, number>()
  for (const kind of bad.values()) {
    const { rule } = badValues[kind]
    byRule.set(rule, (byRule.get(rule) ?? 0) + 1)
  }
  return Array.from(byRule, ([rule, rows]) => ({ table: `${schema}.fastspecfit_iron`, rule, rows }))
}

/**
 * Galaxies in VoidFinder's voids: one pair for each void with a hole that holds the galaxy.
 * @param grid  holes of both caps, the southern voids numbered after the northern ones
 */
export function inHoles({ galaxies, bad }: Mock, grid: HoleGrid, voids: readonly CapVoids[]): InVoids[] {
  const north = voids[0]!.maximals.length
  const counts = caps.map(() => ({ galaxies: 0, pairs: 0 }))
  for (let i = 0; i < galaxies.count; i++) {
    if (galaxies.inVoid[i] === 0 || bad.has(i)) continue
    const held = grid.voidsAt(pointOf(galaxies, i)) ?? []
    const southern = held.filter((index) => index >= north).length
    for (const [cap, pairs] of [held.length - southern, southern].entries()) {
      counts[cap]!.pairs += pairs
      counts[cap]!.galaxies += pairs > 0 ? 1 : 0
    }
  }
  return caps.map((cap, i) => ({
    ...{ source: 'VoidFinder', cap, voids: voids[i]!.maximals.length },
    ...counts[i]!,
  }))
}

/** Galaxies whose zone is in a void: one pair for VOID0, another for VOID1 where it is a different void. */
export function inZones(
  { bad }: Mock,
  source: string,
  cap: string,
  { galaxy, zone }: ZonedSample,
  { voids, void0, void1 }: PrunedVoids,
): InVoids {
  let [galaxies, pairs] = [0, 0]
  zone.forEach((own, i) => {
    if (own < 0 || bad.has(galaxy[i]!) || void0[own]! < 0) return
    galaxies++
    pairs += void1[own] === void0[own] ? 1 : 2
  })
  return { source, cap, voids: voids.length, galaxies, pairs }
}
