// Mapping what is new: rows of new galaxies added, or those of sources with new files replaced; the rest stays as it is.
import { type Changes, countRows, releaseName } from './changes.ts'
import { gatherGalaxies } from './gather.ts'
import type { MappingWork, MapVoidsSummary } from './mapping-run.ts'
import type { StoredRelease } from './release-tables.ts'
import { addSummaries } from './summaries.ts'
import { countStored, replaceSources } from './write-changes.ts'
import { addMapping } from './write-mapping.ts'
import { zoneVoidsOf } from './zone-void-rows.ts'

/** Maps what is new. @throws AlmagestError those of `createMapping` */
export async function mapChanges(
  work: MappingWork,
  changes: Exclude<Changes, { kind: 'all' }>,
): Promise<MapVoidsSummary> {
  const { client, voids, stored, tell } = work
  const { kind, before } = changes
  const replaced = kind === 'sources' ? withHoles(changes.sources, stored) : new Set<string>()
  const only = kind === 'sources' ? stored.filter(({ release }) => replaced.has(release.source)) : stored
  const files = kind === 'galaxies' ? changes.files : undefined
  const run = kind === 'none' ? undefined : await gatherGalaxies(work, only, files)
  if (run && kind === 'galaxies') await addMapping(client, voids, { ...run, zoneVoids: [] }, tell)
  if (run && kind === 'sources') {
    const hasMargins = only.some(({ release }) => release.holes !== undefined)
    await replaceSources(
      client,
      voids,
      replaced,
      { ...run, zoneVoids: zoneVoidsOf(stored) },
      tell,
      hasMargins,
    )
  }
  const galaxies = before.galaxies + (kind === 'galaxies' ? run!.galaxies : 0)
  const fresh = new Map(
    (run?.totals.releases ?? []).map((each) => [releaseName(each.source, each.cap), each]),
  )
  const releases = stored.map(({ release }) => {
    const name = releaseName(release.source, release.cap)
    const [old, now] = [before.summaries.get(name), fresh.get(name)]
    return old && now && kind === 'galaxies' ? addSummaries(old, now, release) : (now ?? old)!
  })
  return {
    ...{ galaxies, releases, spheres: [], mapped: kind },
    environments: await countStored(
      client,
      voids,
      [...new Set(stored.map(({ release }) => release.source))],
      galaxies,
    ),
    rows: await countRows(client, voids),
  }
}

/** A margin is the least over all sources of holes: with one of them all are mapped again. */
function withHoles(sources: ReadonlySet<string>, stored: readonly StoredRelease[]): ReadonlySet<string> {
  const holes = new Set(stored.filter(({ release }) => release.holes).map(({ release }) => release.source))
  return [...sources].some((source) => holes.has(source)) ? new Set([...sources, ...holes]) : sources
}
