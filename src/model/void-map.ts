// The catalogues that the void-galaxy mapping fills: map, details, environments and spheres.
import type { Catalog } from './catalog.ts'
import { boolean, type Column, float32, float64, int32, int64, text } from './column.ts'
import { defineCatalog } from './define-catalog.ts'
import { byServer } from './source.ts'
import type { VoidDeclaration } from './survey.ts'

/** Hubble-free length: the comoving megaparsec over h. VOUnits knows no "little h", hence the quotes. */
export const mpch = "Mpc/'h'"

/** The finders' names in the release, used as controlled vocabulary of `void_catalog_source`. */
export const voidSources = ['VoidFinder', 'V2_REVOLVER', 'V2_VIDE', 'V2_ZOBOV'] as const
/** Where a galaxy stands with respect to one finder's voids. */
export const environments = ['void_interior', 'void_shell', 'surface', 'wall', 'edge', 'outside'] as const

/** Column of `galaxy_environments` that holds a finder's word. */
export const environmentColumn = (source: string): string => source.toLowerCase()

/** Column of `galaxy_environments` that holds the distance to the edge of a finder's footprint, if it has a mask. */
export const edgeDistanceColumn = (source: string): string => `${environmentColumn(source)}_edge_distance`

const edgeDistanceOf = (source: string): Column =>
  float32(
    byServer('map-voids'),
    `Distance to the nearest edge of the footprint of ${source}, its mask between its limits; 0 outside, none without a position or where the mask is not loaded.`,
    { unit: mpch, ucd: 'pos.distance' },
  )

const environmentOf = (source: string): Column =>
  text(
    byServer('map-voids'),
    `Where the galaxy stands with respect to the voids of ${source}; none where that cannot be told.`,
    { ucd: 'meta.code.class', oneOf: environments },
  )

/**
 * The catalogues that the void mapping fills.
 * @param masked  sources with a mask
 */
export function mappedCatalogs(
  schema: string,
  voids: string,
  galaxies: VoidDeclaration['galaxies'],
  sources: readonly string[],
  masked: readonly string[],
): Pick<VoidDeclaration, 'map' | 'details' | 'environments' | 'spheres'> {
  const { key, catalog } = galaxies
  const mapped = byServer('map-voids')
  const galaxy = int64(mapped, 'Identifier of the galaxy.', { ucd: 'meta.id' })
  const voidId = int32(mapped, 'Identifier of the void.', { ucd: 'meta.id' })
  const toGalaxy = { columns: [key], references: catalog.name, key: [key] }
  const toVoidId = { columns: ['void_id'], references: voids, key: ['void_id'] }
  const columns: Record<string, Column> = { [key]: galaxy, void_id: voidId }
  const pair = { columns, key: [key, 'void_id'] }
  const distances = {
    center_distance: float64(mapped, 'Comoving distance from the galaxy to the centre of the void.', {
      unit: mpch,
      ucd: 'pos.distance',
    }),
    center_distance_radii: float64(mapped, "The same distance in units of the void's radius.", {
      ucd: 'pos.distance;arith.ratio',
    }),
  }
  return {
    map: defineCatalog({
      name: `${schema}.void_galaxy_map`,
      title: "Galaxies in voids by each finder's own definition of membership",
      ...pair,
      foreignKeys: [toGalaxy, toVoidId],
      indexes: { idx_void_map_composite: { btree: ['void_id', key] } },
    }) as Catalog,
    details: defineCatalog({
      name: `${schema}.void_galaxy_details`,
      title: 'How each galaxy lies in its voids',
      columns: {
        ...pair.columns,
        void_catalog_source: text(mapped, 'Void finder.', {
          ucd: 'meta.id;meta.dataset',
          oneOf: sources,
          required: true,
        }),
        margin: float64(
          mapped,
          'VoidFinder: least distance to the surface of a hole of the void, negative inside; none for other finders.',
          {
            unit: mpch,
            ucd: 'pos.distance',
          },
        ),
        ...distances,
        depth: int32(mapped, "V2: cells between the galaxy's cell and the zone's largest cell.", {
          ucd: 'meta.number',
        }),
        void_at_edge: boolean(
          mapped,
          "Whether the void touches the survey's edge, by its finder's rule; none where columns to tell are missing.",
          { ucd: 'meta.code' },
        ),
        environment: text(mapped, 'Where the galaxy stands with respect to the voids of this finder.', {
          ucd: 'meta.code.class',
          oneOf: environments,
        }),
      } as Record<string, Column>,
      key: pair.key,
      foreignKeys: [{ columns: pair.key, references: `${schema}.void_galaxy_map`, key: pair.key }],
    }) as Catalog,
    environments: defineCatalog({
      name: `${schema}.galaxy_environments`,
      title: 'Environment of each galaxy, a column for each finder',
      columns: {
        [key]: galaxy,
        ...Object.fromEntries(sources.map((source) => [environmentColumn(source), environmentOf(source)])),
        ...Object.fromEntries(masked.map((source) => [edgeDistanceColumn(source), edgeDistanceOf(source)])),
        margin: float32(
          mapped,
          'Distance to the nearest surface of a VoidFinder hole, negative inside; none where it is farther than the reach of the mapping run (1 unless said otherwise).',
          { unit: mpch, ucd: 'pos.distance' },
        ),
      } as Record<string, Column>,
      key: [key],
      foreignKeys: [toGalaxy],
    }) as Catalog,
    spheres: defineCatalog({
      name: `${schema}.void_sphere_map`,
      title: "Galaxies nearer to a void's centre than its radius: a cruder membership, not the finder's",
      columns: { ...pair.columns, ...distances } as Record<string, Column>,
      key: pair.key,
      foreignKeys: [toGalaxy, toVoidId],
    }) as Catalog,
  }
}

/** The catalogue of every void that is known to hold a zone, filled by the mapping. */
export function zoneVoidCatalog(
  name: string,
  zones: string,
  voids: string,
  sources: readonly string[],
): Catalog {
  const mapped = byServer('map-voids')
  return defineCatalog({
    name,
    title: 'All voids that a V2 zone is known to be in',
    columns: {
      void_catalog_source: text(mapped, 'Void finder.', {
        ucd: 'meta.id;meta.dataset',
        oneOf: sources,
        required: true,
      }),
      cap: text(mapped, 'Galactic cap of the file.', { ucd: 'meta.id.part', required: true }),
      zone: int64(mapped, 'Index of the zone within the file.', { ucd: 'meta.id' }),
      void_id: int32(mapped, 'Identifier of the void.', { ucd: 'meta.id' }),
      derived: boolean(
        mapped,
        'Whether the file does not name the void for the zone: it follows from the volumes of zones and voids.',
        { ucd: 'meta.code', required: true },
      ),
      complete: boolean(
        mapped,
        'Whether the zone is known to be in no other void; if not, it may be in voids between the two that the file names.',
        { ucd: 'meta.code', required: true },
      ),
    } as Record<string, Column>,
    key: ['void_catalog_source', 'cap', 'zone', 'void_id'],
    foreignKeys: [
      {
        columns: ['void_catalog_source', 'cap', 'zone'],
        references: zones,
        key: ['void_catalog_source', 'cap', 'zone'],
      },
      { columns: ['void_id'], references: voids, key: ['void_id'] },
    ],
  }) as Catalog
}
