// The tables that every finder of VAST fills: releases, voids, and the holes of VoidFinder.
import type { Catalog } from './catalog.ts'
import { float32, float64, fromHdu, int16, int32, int64, serial, text, timestamp } from './column.ts'
import { defineCatalog } from './define-catalog.ts'
import { absent, byServer, card, fits, rowNumber } from './source.ts'
import { provenance, toVoid, type VastParts } from './vast-parts.ts'
import { mpch } from './void-map.ts'

// Columns that VAST writes only when it is asked to.
const addedLater = { optional: 'effective radii are added to the file by a step of their own' } as const
const ofSurfaces = { optional: 'areas are written only when the surfaces are computed' } as const
const wrapped = { convert: { kind: 'wrap-ra' } } as const

export function releaseCatalog({ holeFiles, zoneFiles, name, sourceAndCap }: VastParts): Catalog {
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
      metric: text(
        card('METRIC'),
        'Kind of distances that the finder used; comoving ones where nothing is said.',
        {
          ucd: 'meta.code',
          oneOf: ['comoving'],
        },
      ),
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

export function voidCatalog({ holeFiles, zoneFiles, name, release, sourceAndCap }: VastParts): Catalog {
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
      cap: text(sourceAndCap.cap.source, 'Galactic cap of the file.', {
        ucd: 'meta.id.part',
        oneOf: sourceAndCap.cap.oneOf ?? [],
      }),
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
          fits('MAXIMALS', 'EDGE', { optional: 'the finder was run without its edge flags' }),
          'VoidFinder: 0 interior, 1 a hole sticks out of the survey, 2 near the boundary.',
          {
            ucd: 'meta.code',
            range: { from: 0, to: 2 },
          },
        ),
        r_eff: float64(
          fits('MAXIMALS', 'R_EFF', addedLater),
          'Radius of the sphere with the volume of the union of holes.',
          {
            unit: mpch,
            ucd: 'phys.size.radius',
          },
        ),
        r_eff_error: float64(fits('MAXIMALS', 'R_EFF_UNCERT', addedLater), 'Uncertainty of r_eff.', {
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
    quality: release.quality?.voids ?? {},
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
          redshift: fits('VOIDS', 'REDSHIFT', { optional: 'the finder ran on positions without redshifts' }),
          total_area: fits('VOIDS', 'TOT_AREA', ofSurfaces),
          edge_area: fits('VOIDS', 'EDGE_AREA', ofSurfaces),
          edge: onlyVoidFinder,
          r_eff: onlyVoidFinder,
          r_eff_error: onlyVoidFinder,
        },
      },
    },
  }) as Catalog
}

export function holeCatalog({ holeFiles, name, release, sourceAndCap }: VastParts): Catalog {
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
    quality: release.quality?.holes ?? {},
  }) as Catalog
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
