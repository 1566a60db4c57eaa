// The footprints of a void release: VAST's masks of the sky, one row per pixel.
import type { Catalog } from './catalog.ts'
import { type Column, int16, int32 } from './column.ts'
import { defineCatalog } from './define-catalog.ts'
import { card, fileNumber, pixel, pixelAxis, rowNumber } from './source.ts'
import type { MaskDeclaration } from './survey.ts'

/**
 * The catalogues of both masks: VoidFinder's of right ascension and declination (image `VF_MASK`, cards MSKRES),
 * and V2's of HEALPix pixels in RING order (image `V2_MASK`, card NSIDE).
 * @param files  file name pattern
 */
export function maskCatalogs(
  files: string,
  name: (table: string) => string,
  finders: { readonly holes: readonly string[]; readonly zones: readonly string[] },
): MaskDeclaration[] {
  return [
    {
      catalog: maskCatalog(
        files,
        name('voidfinder_mask'),
        'VF_MASK',
        'VoidFinder footprint: cells of the sky',
        {
          ra_cell: int32(
            pixelAxis('VF_MASK', 2),
            'Cell of right ascension: its degrees times the resolution, the fraction cut off.',
            {
              ucd: 'meta.number',
            },
          ),
          dec_cell: int32(
            pixelAxis('VF_MASK', 1),
            'Cell of declination: its degrees times the resolution, the fraction cut off, plus 90 times the resolution.',
            { ucd: 'meta.number' },
          ),
          resolution: resolution('MSKRES', 'VF_MASK', 'Cells per degree.'),
        },
      ),
      kind: 'ra-dec',
      sources: finders.holes,
    },
    {
      catalog: maskCatalog(files, name('v2_mask'), 'V2_MASK', 'V2 footprint: HEALPix pixels in RING order', {
        resolution: resolution('NSIDE', 'V2_MASK', 'HEALPix NSIDE.'),
      }),
      kind: 'healpix-ring',
      sources: finders.zones,
    },
  ]
}

function resolution(keyword: string, hdu: string, description: string): Column {
  return int32(card(keyword, hdu), description, {
    ucd: 'meta.number',
    range: { from: 1, to: 8192 },
    required: true,
  })
}

function maskCatalog(
  files: string,
  name: string,
  hdu: string,
  title: string,
  columns: Readonly<Record<string, Column>>,
): Catalog {
  return defineCatalog({
    name,
    title,
    columns: {
      pixel: int32(rowNumber(0), 'Place of the pixel in the image, counted from 0.', { ucd: 'meta.id' }),
      ...columns,
      inside: int16(pixel(hdu), '1 where the finder looked for voids, 0 elsewhere.', {
        ucd: 'meta.code',
        range: { from: 0, to: 1 },
        required: true,
      }),
      source_file: int32(fileNumber(), 'File the row was loaded from, as numbered in almagest.load_file.', {
        ucd: 'meta.id',
      }),
    } as Record<string, Column>,
    key: ['pixel'],
    layouts: { mask: { files, hdus: [hdu], rows: 'pixels' } },
  }) as Catalog
}
