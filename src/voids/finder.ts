// What a void finder is: its name, what membership means to it, and how it places galaxies.
import { AlmagestError } from '../model/index.ts'
import type { Positions } from './comoving.ts'
import type { Cosmology } from './cosmology.ts'
import type { Footprint, RedshiftLimits } from './footprint.ts'
import type { GalaxyBatch } from './galaxies.ts'
import type { Spheres } from './hole-grid.ts'
import type { OddityCounts } from './oddities.ts'
import type { Pairs } from './pairs.ts'
import type { GalaxyZones, ZoneVoids } from './zone-membership.ts'

/** One row per void, centres in comoving Mpc/h. Columns that only some finders write are optional. */
export interface VoidTable {
  /** VOID: the void's number within its file. */
  readonly number: Int32Array
  readonly x: Float64Array
  readonly y: Float64Array
  readonly z: Float64Array
  /** Effective radius, Mpc/h. */
  readonly radius: Float64Array
  /** MAXIMALS.EDGE: 0 interior, 1 a hole sticks out of the survey, 2 a hole centre is near the boundary. */
  readonly edge?: Int32Array
  /** VOIDS.TOT_AREA and EDGE_AREA, (Mpc/h)^2. */
  readonly totalArea?: Float64Array
  readonly edgeArea?: Float64Array
}

/** HOLES: spheres and the number of the void that each belongs to. */
export interface HoleTable extends Spheres {
  readonly voidNumber: Int32Array
}

/** What one finder released for one galactic cap, with the cosmology and limits of its file. */
export interface Release {
  readonly source: string
  readonly cap: string
  readonly cosmology: Cosmology
  readonly limits: RedshiftLimits
  readonly voids: VoidTable
  readonly holes?: HoleTable
  readonly zones?: ZoneVoids
  readonly galaxyZones?: GalaxyZones
  readonly footprint?: Footprint
}

/** A batch of galaxies in the cosmology of a release. */
export interface PlacedGalaxies {
  readonly id: BigInt64Array
  readonly redshift: Float64Array
  readonly positions: Positions
}

export interface Placement {
  readonly pairs: Pairs
  /** Code of the environment per galaxy. */
  readonly environment: Uint8Array
  /** Least margin per galaxy, Infinity beyond the reach, NaN for a galaxy without a position. */
  readonly margin: Float64Array | undefined
  /** Depth in the zone per galaxy, -1 where there is none. */
  readonly depth: Int32Array | undefined
}

export interface PlaceOptions {
  /** Half-width of a surface, Mpc/h. */
  readonly tolerance: number
  /** Galaxies up to this far outside a surface are `void_shell`, Mpc/h; 0 for no shells. */
  readonly shell: number
  /** Margins are measured up to this far outside a surface, Mpc/h. */
  readonly reach: number
}

export interface PreparedRelease {
  place(galaxies: PlacedGalaxies): Placement
  /** Oddities so far: those of the tables, and of the galaxies placed. */
  readonly oddities: OddityCounts
}

export interface Finder {
  /** Value of the source vocabulary, e.g. `V2_VIDE`. */
  readonly source: string
  readonly membership: 'holes' | 'zones' | 'sphere'
  /** What it means that a galaxy is in a void. */
  readonly meaning: string
  /** When a void counts as touching the survey's edge. */
  readonly edgeRule: string
  /** 1 for each void that touches the edge by that rule, 255 where the columns to tell are missing. */
  atEdge(voids: VoidTable): Uint8Array
  /**
   * Comoving positions as the finder itself computed them, so that galaxies stand in the frame of its spheres;
   * left out, those of the exact formula.
   */
  readonly positions?: (cosmology: Cosmology, galaxies: GalaxyBatch) => Positions
  /** @throws AlmagestError `VOIDS_MISSING_TABLE` and the structural faults of the tables */
  prepare(release: Release, options: PlaceOptions): PreparedRelease
}

/** A release, and the finder by whose meaning galaxies are placed in it. */
export interface ReleaseToMap {
  readonly finder: Finder
  readonly release: Release
}

/** The error of a finder that lacks a table which its membership needs. */
export function missingTable(source: string, cap: string, table: string): AlmagestError {
  return new AlmagestError(
    'VOIDS_MISSING_TABLE',
    'data',
    `${source} ${cap} has no ${table}, and its membership can't be told without`,
    "Load the release's file with all of its tables first.",
  )
}
