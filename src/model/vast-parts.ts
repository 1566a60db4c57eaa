// A void release and what its tables share: the columns that tell finder, cap and provenance, the key of a void.
import { int32, text } from './column.ts'
import { fileNumber, pathPart, rowNumber } from './source.ts'
import type { VoidDeclaration } from './survey.ts'

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

/** What each table of a release is made from. */
export interface VastParts {
  release: VastRelease
  holeFiles: string
  zoneFiles: string
  name: (table: string) => string
  sourceAndCap: ReturnType<typeof sourceAndCapOf>
}

export const sourceAndCapOf = (sources: readonly string[]) => ({
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

export const provenance = {
  source_file: int32(fileNumber(), 'File the row was loaded from, as numbered in almagest.load_file.', {
    ucd: 'meta.id',
  }),
  source_row: int32(rowNumber(), 'Row within the HDU, counted from 1.', { ucd: 'meta.id' }),
}

/** Foreign key to a void by its natural key. */
export const toVoid = (voids: string) => ({
  columns: ['void_catalog_source', 'cap', 'void_index'],
  references: voids,
  key: ['void_catalog_source', 'cap', 'void_index'],
})
