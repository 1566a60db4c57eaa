// What a mapping run is given, and what it tells.
import type { VoidDeclaration } from '../model/index.ts'
import type { Client } from '../postgres/index.ts'
import type { Changes } from './changes.ts'
import type { Environment } from './environment.ts'
import type { Finder, PlaceOptions } from './finder.ts'
import type { MappingSummary } from './map.ts'
import type { StoredRelease } from './release-tables.ts'
import type { WrittenRows } from './write-mapping.ts'

export interface MapVoidsProgress {
  readonly phase: 'tables' | 'galaxies' | 'pairs' | 'environments' | 'indexes'
  /** Rows done, and the rows expected where that is known. */
  readonly done: number
  readonly total: number | undefined
}

export interface MapVoidsOptions extends Partial<PlaceOptions> {
  /**
   * Worker threads that place galaxies; left out, one less than there are cores (4 at most) for half a million galaxies
   * and more, and none for fewer. Finders given in `finders` are placed without threads.
   */
  readonly threads?: number
  /** Map only what is new since the last mapping; all of it where that can't be told. */
  readonly onlyNew?: boolean
  readonly onProgress?: (progress: MapVoidsProgress) => void
  readonly finders?: ReadonlyMap<string, Finder>
}

export interface MapVoidsSummary {
  readonly galaxies: number
  /** One per source and cap, each finder by its own meaning of membership. */
  readonly releases: readonly MappingSummary[]
  /** The effective-radius spheres around the same voids; none told when only what is new was mapped. */
  readonly spheres: readonly MappingSummary[]
  /** Galaxies by source and environment, over all caps of the source. */
  readonly environments: Readonly<Record<string, Readonly<Record<Environment, number> & { unknown: number }>>>
  /** Rows of each table. */
  readonly rows: WrittenRows
  /** What was mapped, and why it was all where only what is new was asked for. */
  readonly mapped: Changes['kind']
  readonly because?: string
}

/** A run on its way: all that its steps share. */
export interface MappingWork {
  readonly client: Client
  readonly voids: VoidDeclaration
  readonly finders: ReadonlyMap<string, Finder>
  readonly parameters: PlaceOptions
  readonly threads: number | undefined
  readonly stored: readonly StoredRelease[]
  readonly tell: (phase: MapVoidsProgress['phase'], done: number, total: number | undefined) => void
}
