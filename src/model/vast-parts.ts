// A void release and what its tables share: the columns that tell finder, cap and provenance, the key of a void.
import { int32, text } from './column.ts'
import type { QualityDeclaration } from './quality.ts'
import { constant, fileNumber, pathPart, rowNumber } from './source.ts'
import type { VoidDeclaration } from './survey.ts'

export const galacticCaps = ['NGC', 'SGC'] as const

export interface VastRelease {
  readonly schema: string
  /** Prefix of the tables, e.g. `desivast` gives `desivast_voids`. */
  readonly prefix: string
  /**
   * File name pattern with the finder written as `{finder}`, e.g. `DESIVAST_BGS_VOLLIM_{finder}_{cap}.fits`. A release
   * in one piece has no `{cap}` in it, and one of {@link caps}.
   */
  readonly files: string
  /** Parts of the sky in files of their own; by default the galactic caps NGC and SGC, where the void table is checked. */
  readonly caps?: readonly string[]
  /** How the names of files spell a finder or a cap that is not spelt as it is called, e.g. `{ V2_VIDE: 'VIDE' }`. */
  readonly spelt?: Readonly<Record<string, string>>
  /** File name pattern of the masks, for releases that have them: images `VF_MASK` and `V2_MASK`. */
  readonly masks?: string
  readonly galaxies: VoidDeclaration['galaxies']
  /** What is expected of what the files hold. */
  readonly quality?: Readonly<
    Partial<Record<'voids' | 'holes' | 'zones' | 'galaxyZones', QualityDeclaration>>
  >
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

export const sourceAndCapOf = (
  sources: readonly string[],
  { files, caps = galacticCaps, spelt }: VastRelease,
) => {
  const words = spelt && Object.fromEntries(Object.entries(spelt).map(([name, word]) => [word, name]))
  return {
    void_catalog_source: text(
      pathPart('finder', words),
      'Void finder and pruning that made the void, as the release names it.',
      {
        ucd: 'meta.id;meta.dataset',
        oneOf: sources,
        required: true,
      },
    ),
    cap: text(
      files.includes('{cap') ? pathPart('cap', words) : constant(caps[0]!),
      'Galactic cap of the file.',
      {
        ucd: 'meta.id.part',
        oneOf: caps,
        required: true,
      },
    ),
  }
}

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
