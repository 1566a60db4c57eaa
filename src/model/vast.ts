// The normalised tables of a void release in VAST's FITS layout (VoidFinder and V2), for any survey.
import type { Catalog } from './catalog.ts'
import { summaryCatalog } from './environment-summary.ts'
import type { VoidDeclaration } from './survey.ts'
import { maskCatalogs } from './vast-masks.ts'
import { sourceAndCapOf, type VastRelease } from './vast-parts.ts'
import { holeCatalog, releaseCatalog, voidCatalog } from './vast-voids.ts'
import { galaxyZoneCatalog, zoneCatalog } from './vast-zones.ts'
import { mappedCatalogs, voidSources, zoneVoidCatalog } from './void-map.ts'

const vastFinders = { holes: voidSources.slice(0, 1), zones: voidSources.slice(1) }

/**
 * The catalogues of a void release: what the files hold (releases, voids, holes, zones, galaxy zones) and what
 * the mapping fills (map, details, environments, spheres). A void's natural key is (source, cap, index in file).
 */
export function vastCatalogs(release: VastRelease): VoidDeclaration {
  const pattern = (finder: string) => release.files.replace('{finder}', finder)
  const finders = release.finders ?? vastFinders
  const sources = [...finders.holes, ...finders.zones]
  const spelt = (names: readonly string[]) => names.map((each) => release.spelt?.[each] ?? each).join('|')
  const holeFiles = pattern(`{finder:${spelt(finders.holes)}}`)
  const zoneFiles = pattern(`{finder:${spelt(finders.zones)}}`)
  const name = (table: string) => `${release.schema}.${release.prefix}_${table}`
  const shared = { release, holeFiles, zoneFiles, name, sourceAndCap: sourceAndCapOf(sources, release) }
  const releases = releaseCatalog(shared)
  const voids = voidCatalog(shared)
  const holes = holeCatalog(shared)
  const zones = zoneCatalog(shared)
  const galaxyZones = galaxyZoneCatalog(shared)
  const masks = release.masks === undefined ? [] : maskCatalogs(release.masks, name, finders)
  const masked = masks.flatMap((mask) => mask.sources)
  const { properties } = release.galaxies
  return {
    galaxies: release.galaxies,
    sources,
    releases,
    voids,
    holes,
    zones,
    galaxyZones,
    masks,
    ...mappedCatalogs(release.schema, name('voids'), release.galaxies, sources, masked),
    ...(properties ? { summary: summaryCatalog(release.schema, sources, properties) } : {}),
    zoneVoids: zoneVoidCatalog(name('zone_voids'), zones.name, voids.name, sources),
  }
}

/** The catalogues of a void declaration in the order in which foreign keys allow them to be created. */
export function voidCatalogOrder(voids: VoidDeclaration): Catalog[] {
  const {
    releases,
    holes,
    zones,
    galaxyZones,
    masks,
    zoneVoids,
    map,
    details,
    environments,
    spheres,
    summary,
  } = voids
  const footprints = masks.map(({ catalog }) => catalog)
  return [
    releases,
    voids.voids,
    holes,
    zones,
    galaxyZones,
    zoneVoids,
    ...footprints,
    map,
    details,
    environments,
    spheres,
    ...(summary ? [summary] : []),
  ]
}
