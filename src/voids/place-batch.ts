// What is done with one batch of galaxies: placed in every release and sphere, and reduced to the columns that are written.
import type { Finder, PlaceOptions, Release } from './finder.ts'
import type { GalaxyBatch } from './galaxies.ts'
import { createMapping, type MappingSummary } from './map.ts'
import {
  type DetailColumns,
  detailColumns,
  type EnvironmentColumns,
  environmentColumns,
  type PairColumns,
  pairColumns,
} from './mapped-rows.ts'

/** What is to be mapped: the releases in the order of the results, each with its finder. */
export interface ToPlace {
  readonly releases: readonly Release[]
  readonly parameters: PlaceOptions
}

/** A batch in columns: pairs by release, words by source, pairs in the spheres of each release. */
export interface PlacedBatch {
  readonly details: readonly DetailColumns[]
  readonly environments: EnvironmentColumns
  readonly spheres: readonly PairColumns[]
}

/** Totals of all batches so far. */
export interface PlacedTotals {
  readonly releases: readonly MappingSummary[]
  readonly spheres: readonly MappingSummary[]
}

export interface BatchPlacer {
  place(batch: GalaxyBatch): PlacedBatch
  totals(): PlacedTotals
}

/**
 * Prepares all releases, each by its finder, and their spheres by the finders of those.
 * @param finderOf  the finder of a source
 * @throws AlmagestError those of `createMapping`
 */
export function batchPlacer(
  { releases, parameters }: ToPlace,
  finders: ReadonlyMap<string, Finder>,
  finderOf: (source: string) => Finder,
): BatchPlacer {
  const mapping = createMapping(
    releases.map((release) => ({ release, finder: finderOf(release.source) })),
    parameters,
  )
  const spheres = createMapping(
    [...finders.values()]
      .filter(({ membership }) => membership === 'sphere')
      // Of spheres only the pairs are kept: no word, so no footprint.
      .flatMap((finder) => releases.map(({ footprint: _, ...release }) => ({ release, finder }))),
    parameters,
  )
  return {
    place(batch) {
      const mapped = mapping.place(batch)
      return {
        details: mapped.map(detailColumns),
        environments: environmentColumns(batch.id.length, mapped),
        spheres: spheres.place(batch).map(pairColumns),
      }
    },
    totals: () => ({ releases: mapping.summaries(), spheres: spheres.summaries() }),
  }
}
