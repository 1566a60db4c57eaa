// The normalised tables of a void release in VAST's FITS layout (VoidFinder and V2), for any survey.
import type { Catalog } from './catalog.ts'
import { float32, float64, fromHdu, int16, int32, int64, serial, text, timestamp } from './column.ts'
import { defineCatalog } from './define-catalog.ts'
import { absent, byServer, card, fileNumber, fits, pathPart, rowNumber } from './source.ts'
import type { VoidDeclaration } from './survey.ts'
import { maskCatalogs } from './vast-masks.ts'
import { mappedCatalogs, mpch, voidSources, zoneVoidCatalog } from './void-map.ts'

const wrapped = { convert: { kind: 'wrap-ra' } } as const
const noneIsNull = { nulls: [-1] }

export const galacticCaps = ['NGC', 'SGC'] as const

export interface VastRelease {
  readonly schema: string
  /** Prefix of the tables, e.g. `desivast` gives `desivast_voids`. */
  readonly prefix: string
  /** File name pattern with the finder written as `{finder}`, e.g. `DESIVAST_BGS_VOLLIM_{finder}_{cap}.fits`. */
  readonly files: string
  /** File name pattern of the masks, for releases that have them: images `VF_MASK` and `V2_MASK`. */
  readonly masks?: string
  readonly galaxies: VoidDeclaration['galaxies']
  /**
   * Finders whose files the release has, by the form of the files: holes as VoidFinder's, zones as V2's. By default
   * {@link voidSources}; each needs a folder under src/voids/finders.
   */
  readonly finders?: { readonly holes: readonly string[]; readonly zones: readonly string[] }
}

const vastFinders = { holes: voidSources.slice(0, 1), zones: voidSources.slice(1) }

/**
 * The catalogues of a void release: what the files hold (releases, voids, holes, zones, galaxy zones) and what
 * the mapping fills (map, details, environments, spheres). A void's natural key is (source, cap, index in file).
 */
export function vastCatalogs(release: VastRelease): VoidDeclaration {
  const pattern = (finder: string) => release.files.replace('{finder}', finder)
  const finders = release.finders ?? vastFinders
  const sources = [...finders.holes, ...finders.zones]
  const holeFiles = pattern(`{finder:${finders.holes.join('|')}}`)
  const zoneFiles = pattern(`{finder:${finders.zones.join('|')}}`)
  const name = (table: string) => `${release.schema}.${release.prefix}_${table}`
  const shared = { release, holeFiles, zoneFiles, name, sourceAndCap: sourceAndCapOf(sources) }
  const releases = releaseCatalog(shared)
  const voids = voidCatalog(shared)
  const holes = holeCatalog(shared)
  const zones = zoneCatalog(shared)
  const galaxyZones = galaxyZoneCatalog(shared)
  return {
    galaxies: release.galaxies,
    sources,
    releases,
    voids,
    holes,
    zones,
    galaxyZones,
    masks: release.masks === undefined ? [] : maskCatalogs(release.masks, name, finders),
    ...mappedCatalogs(release.schema, name('voids'), release.galaxies, sources),
    zoneVoids: zoneVoidCatalog(name('zone_voids'), zones.name, voids.name, sources),
  }
}

/** The catalogues of a void declaration in the order in which foreign keys allow them to be created. */
export function voidCatalogOrder(voids: VoidDeclaration): Catalog[] {
  const { releases, holes, zones, galaxyZones, masks, zoneVoids, map, details, environments, spheres } = voids
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
  ]
}

interface Shared {
  release: VastRelease
  holeFiles: string
  zoneFiles: string
  name: (table: string) => string
  sourceAndCap: ReturnType<typeof sourceAndCapOf>
}

const sourceAndCapOf = (sources: readonly string[]) => ({
  void_catalog_source: text(
    pathPart('finder'),
    'Void finder and pruning that made the void, as the release names it.',
    {
      ucd: 'meta.id;meta.dataset',
      oneOf: sources,
      required: true,
    },
  ),
  cap: text(pathPart('cap'), 'Galactic cap of the file.', {
    ucd: 'meta.id.part',
    oneOf: galacticCaps,
    required: true,
  }),
})

const provenance = {
  source_file: int32(fileNumber(), 'File the row was loaded from, as numbered in almagest.load_file.', {
    ucd: 'meta.id',
  }),
  source_row: int32(rowNumber(), 'Row within the HDU, counted from 1.', { ucd: 'meta.id' }),
}

function position(hdu: string) {
  return fromHdu(hdu, {
    x: float64('X', 'Comoving Cartesian coordinate towards RA 0, Dec 0.', {
      unit: mpch,
      ucd: 'pos.cartesian.x',
      required: true,
    }),
    y: float64('Y', 'Comoving Cartesian coordinate towards RA 90, Dec 0.', {
      unit: mpch,
      ucd: 'pos.cartesian.y',
      required: true,
    }),
    z: float64('Z', 'Comoving Cartesian coordinate towards the north celestial pole; not the redshift.', {
      unit: mpch,
      ucd: 'pos.cartesian.z',
      required: true,
    }),
  })
}

function releaseCatalog({ holeFiles, zoneFiles, name, sourceAndCap }: Shared): Catalog {
  return defineCatalog({
    name: name('releases'),
    title: 'Void catalogue files: cosmology and limits by finder and cap',
    columns: {
      ...sourceAndCap,
      omega_m: float64(card('OMEGAM'), 'Matter density parameter that the finder used.', {
        range: { from: 0, to: 1 },
        required: true,
      }),
      hubble: float64(card('HP'), 'Reduced Hubble parameter h that the finder used.', {
        range: { above: 0 },
        required: true,
      }),
      z_low: float64(card('ZLIML'), 'Lower redshift limit of the sample, rounded as in the header.', {
        ucd: 'src.redshift;stat.min',
      }),
      z_high: float64(card('ZLIMU'), 'Upper redshift limit of the sample, rounded as in the header.', {
        ucd: 'src.redshift;stat.max',
      }),
      distance_low: float64(card('DLIML'), 'Lower limit of comoving distance, rounded as in the header.', {
        unit: mpch,
        ucd: 'pos.distance;stat.min',
      }),
      distance_high: float64(card('DLIMU'), 'Upper limit of comoving distance, rounded as in the header.', {
        unit: mpch,
        ucd: 'pos.distance;stat.max',
      }),
      source_file: provenance.source_file,
    },
    key: ['void_catalog_source', 'cap'],
    layouts: {
      voidfinder: { files: holeFiles, hdus: ['PRIMARY', 'MAXIMALS', 'HOLES'], rows: 'file' },
      v2: { files: zoneFiles, hdus: ['PRIMARY', 'VOIDS', 'ZONEVOID', 'GALZONE'], rows: 'file' },
    },
  }) as Catalog
}

function voidCatalog({ holeFiles, zoneFiles, name, sourceAndCap }: Shared): Catalog {
  const onlyVoidFinder = absent('only VoidFinder writes it')
  const onlyV2 = absent('only V2 writes it')
  return defineCatalog({
    name: name('voids'),
    title: 'Cosmic voids',
    columns: {
      void_id: serial(byServer('sequence'), 'Void identifier, given at load.', { ucd: 'meta.id;meta.main' }),
      void_catalog_source: sourceAndCap.void_catalog_source,
      ...fromHdu('MAXIMALS', {
        ra_center: float64(
          fits('MAXIMALS', 'RA', wrapped),
          'Right ascension of the centre (of the maximal sphere for VoidFinder, of the volume-weighted cells for V2).',
          {
            unit: 'deg',
            ucd: 'pos.eq.ra;meta.main',
            range: { from: 0, below: 360 },
            required: true,
          },
        ),
        dec_center: float64('DEC', 'Declination of the centre.', {
          unit: 'deg',
          ucd: 'pos.eq.dec;meta.main',
          range: { from: -90, to: 90 },
          required: true,
        }),
        radius: float32(
          'RADIUS',
          'Radius: of the maximal sphere for VoidFinder, of the sphere of equal volume for V2.',
          {
            unit: mpch,
            ucd: 'phys.size.radius',
            range: { above: 0 },
            required: true,
          },
        ),
      }),
      created_at: timestamp(byServer('clock'), 'When the row was loaded.', {
        ucd: 'time.creation',
        default: 'CURRENT_TIMESTAMP',
      }),
      cap: text(pathPart('cap'), 'Galactic cap of the file.', { ucd: 'meta.id.part', oneOf: galacticCaps }),
      ...fromHdu('MAXIMALS', {
        void_index: int64('VOID', "The void's index within its file.", {
          ucd: 'meta.id',
          range: { from: 0 },
        }),
        x: float64('X', 'Comoving Cartesian coordinate of the centre towards RA 0, Dec 0.', {
          unit: mpch,
          ucd: 'pos.cartesian.x',
        }),
        y: float64('Y', 'Comoving Cartesian coordinate of the centre towards RA 90, Dec 0.', {
          unit: mpch,
          ucd: 'pos.cartesian.y',
        }),
        z: float64('Z', 'Comoving Cartesian coordinate of the centre towards the pole; not the redshift.', {
          unit: mpch,
          ucd: 'pos.cartesian.z',
        }),
        edge: int16(
          'EDGE',
          'VoidFinder: 0 interior, 1 a hole sticks out of the survey, 2 near the boundary.',
          {
            ucd: 'meta.code',
            range: { from: 0, to: 2 },
          },
        ),
        r_eff: float64('R_EFF', 'Radius of the sphere with the volume of the union of holes.', {
          unit: mpch,
          ucd: 'phys.size.radius',
        }),
        r_eff_error: float64('R_EFF_UNCERT', 'Uncertainty of r_eff.', {
          unit: mpch,
          ucd: 'stat.error;phys.size.radius',
        }),
      }),
      redshift: float64(onlyV2, 'Redshift of the centre.', { ucd: 'src.redshift' }),
      total_area: float64(
        onlyV2,
        'Area of the surface; for voids of several zones inner walls are counted too.',
        {
          unit: "Mpc**2/'h'**2",
          ucd: 'phys.area',
        },
      ),
      edge_area: float64(onlyV2, 'Area of the surface that borders the edge of the survey.', {
        unit: "Mpc**2/'h'**2",
        ucd: 'phys.area',
      }),
      ...provenance,
    },
    key: ['void_id'],
    unique: [['void_catalog_source', 'cap', 'void_index']],
    indexes: { idx_void_source: { btree: ['void_catalog_source'] } },
    layouts: {
      voidfinder: { files: holeFiles, hdus: ['MAXIMALS'] },
      v2: {
        files: zoneFiles,
        hdus: ['VOIDS'],
        columns: {
          ra_center: fits('VOIDS', 'RA', wrapped),
          dec_center: fits('VOIDS', 'DEC'),
          radius: fits('VOIDS', 'RADIUS'),
          void_index: fits('VOIDS', 'VOID'),
          x: fits('VOIDS', 'X'),
          y: fits('VOIDS', 'Y'),
          z: fits('VOIDS', 'Z'),
          redshift: fits('VOIDS', 'REDSHIFT'),
          total_area: fits('VOIDS', 'TOT_AREA'),
          edge_area: fits('VOIDS', 'EDGE_AREA'),
          edge: onlyVoidFinder,
          r_eff: onlyVoidFinder,
          r_eff_error: onlyVoidFinder,
        },
      },
    },
  }) as Catalog
}

const toVoid = (voids: string) => ({
  columns: ['void_catalog_source', 'cap', 'void_index'],
  references: voids,
  key: ['void_catalog_source', 'cap', 'void_index'],
})

function holeCatalog({ holeFiles, name, sourceAndCap }: Shared): Catalog {
  return defineCatalog({
    name: name('holes'),
    title: 'Spheres whose union is a VoidFinder void',
    columns: {
      ...sourceAndCap,
      hole_index: int32(rowNumber(0), 'The hole within its file, counted from 0.', { ucd: 'meta.id' }),
      ...fromHdu('HOLES', {
        void_index: int64('VOID', 'Index within the file of the void that the hole belongs to.', {
          ucd: 'meta.id',
          required: true,
        }),
        ...position('HOLES'),
        radius: float64('RADIUS', 'Radius of the sphere.', {
          unit: mpch,
          ucd: 'phys.size.radius',
          range: { above: 0 },
          required: true,
        }),
      }),
      source_file: provenance.source_file,
    },
    key: ['void_catalog_source', 'cap', 'hole_index'],
    foreignKeys: [toVoid(name('voids'))],
    layouts: { voidfinder: { files: holeFiles, hdus: ['HOLES'] } },
  }) as Catalog
}

function zoneCatalog({ zoneFiles, name, sourceAndCap }: Shared): Catalog {
  return defineCatalog({
    name: name('zones'),
    title: 'V2 zones and the voids that the release names for them',
    columns: {
      ...sourceAndCap,
      ...fromHdu('ZONEVOID', {
        zone: int64(
          'ZONE',
          'Index of the zone within the file; the last one collects the cells of no volume.',
          {
            ucd: 'meta.id',
            range: { from: 0 },
          },
        ),
        void0: int64(
          fits('ZONEVOID', 'VOID0', noneIsNull),
          'Of the voids that hold the zone, the one with the fewest zones.',
          {
            ucd: 'meta.id',
          },
        ),
        void1: int64(
          fits('ZONEVOID', 'VOID1', noneIsNull),
          'Of the voids that hold the zone, the one with the most zones.',
          {
            ucd: 'meta.id',
          },
        ),
      }),
      source_file: provenance.source_file,
    },
    key: ['void_catalog_source', 'cap', 'zone'],
    foreignKeys: ['void0', 'void1'].map((column) => ({
      ...toVoid(name('voids')),
      columns: ['void_catalog_source', 'cap', column],
    })),
    layouts: { v2: { files: zoneFiles, hdus: ['ZONEVOID'] } },
  }) as Catalog
}

function galaxyZoneCatalog({ zoneFiles, name, release, sourceAndCap }: Shared): Catalog {
  return defineCatalog({
    name: name('galaxy_zones'),
    title: 'V2 zone of each galaxy of the finder sample',
    columns: {
      ...sourceAndCap,
      ...fromHdu('GALZONE', {
        galaxy_index: int64('GAL', "The galaxy's index within the file.", {
          ucd: 'meta.id',
          range: { from: 0 },
        }),
        [release.galaxies.key]: int64('TARGET', "The galaxy's identifier in the galaxy catalogue.", {
          ucd: 'meta.id',
          required: true,
        }),
        zone: int64(
          fits('GALZONE', 'ZONE', noneIsNull),
          'Zone that holds the galaxy; none outside the sample.',
          {
            ucd: 'meta.id',
          },
        ),
        depth: int32(
          fits('GALZONE', 'DEPTH', noneIsNull),
          "Cells between the galaxy's cell and the zone's largest cell.",
          {
            ucd: 'meta.number',
            range: { from: 0 },
          },
        ),
        edge: int16('EDGE', '1 when the Voronoi cell leaves the survey.', {
          ucd: 'meta.code',
          range: { from: 0, to: 1 },
        }),
        outside: int16('OUT', '1 when the galaxy lies outside the redshift limits or the mask.', {
          ucd: 'meta.code',
          range: { from: 0, to: 1 },
        }),
      }),
      source_file: provenance.source_file,
    },
    key: ['void_catalog_source', 'cap', 'galaxy_index'],
    foreignKeys: [
      {
        columns: ['void_catalog_source', 'cap', 'zone'],
        references: name('zones'),
        key: ['void_catalog_source', 'cap', 'zone'],
      },
    ],
    indexes: { [`idx_${release.prefix}_galaxy_zones`]: { btree: [release.galaxies.key] } },
    layouts: { v2: { files: zoneFiles, hdus: ['GALZONE'] } },
  }) as Catalog
}
