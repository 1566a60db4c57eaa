// Adding up what was counted of different galaxies in one release.
import type { Release } from './finder.ts'
import type { MappingSummary } from './map.ts'
import type { OddityCounts } from './oddities.ts'

/** Oddities of the tables themselves: the same whichever galaxies are placed. */
const ofTables = [
  'holeWithoutVoid',
  'holeWithoutRadius',
  'voidWithoutRadius',
  'zoneMinusOne',
  'zoneNotInZoneVoid',
  'zoneVoidNotInVoids',
] as const

/** The summary of some galaxies and of others, none of them twice, of one release. */
export function addSummaries(before: MappingSummary, now: MappingSummary, release: Release): MappingSummary {
  const plus = <Counts extends Record<string, number>>(a: Counts, b: Counts): Counts =>
    Object.fromEntries(Object.keys(b).map((name) => [name, (a[name] ?? 0) + b[name]!])) as Counts
  const oddities: OddityCounts = plus(before.oddities, now.oddities)
  for (const name of ofTables) oddities[name] = now.oddities[name]
  // Each run counts the rows whose galaxy it did not place.
  oddities.tessellationWithoutGalaxy -= release.galaxyZones?.galaxy.length ?? 0
  const { galaxies, galaxiesInside, pairs, surfacePairs, withinFootprint } = before
  return {
    ...now,
    ...plus(
      { galaxies, galaxiesInside, pairs, surfacePairs, withinFootprint },
      {
        ...{ galaxies: now.galaxies, galaxiesInside: now.galaxiesInside },
        ...{ pairs: now.pairs, surfacePairs: now.surfacePairs, withinFootprint: now.withinFootprint },
      },
    ),
    environments: plus(before.environments, now.environments),
    oddities,
  }
}
