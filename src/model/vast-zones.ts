// The tables that V2 fills besides: its zones, and the zone of each galaxy.
import type { Catalog } from './catalog.ts'
import { fromHdu, int16, int32, int64 } from './column.ts'
import { defineCatalog } from './define-catalog.ts'
import { fits } from './source.ts'
import { provenance, toVoid, type VastParts } from './vast-parts.ts'

const noneIsNull = { nulls: [-1] }

export function zoneCatalog({ zoneFiles, name, release, sourceAndCap }: VastParts): Catalog {
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
    quality: release.quality?.zones ?? {},
  }) as Catalog
}

export function galaxyZoneCatalog({ zoneFiles, name, release, sourceAndCap }: VastParts): Catalog {
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
    quality: release.quality?.galaxyZones ?? {},
  }) as Catalog
}
