// What a mapping run gathers until it is written: pairs inside voids, and the environments of each galaxy.
import { UNKNOWN_ENVIRONMENT } from './environment.ts'
import type { MappedBatch } from './map.ts'
import type { ZoneVoidEntries } from './zone-hierarchy.ts'

/** What the rows of a release's pairs share. */
export interface PairSource {
  readonly source: string
  /** By row of the void table: the database's identifier, and the radius in Mpc/h. */
  readonly voidId: Int32Array
  readonly radius: Float64Array
}

/** The pairs of one batch of galaxies in one release, in columns of equal length. */
export interface PairColumns {
  /** Place of the galaxy in the batch. */
  readonly galaxy: Int32Array
  /** Row of the void. */
  readonly void: Int32Array
  /** From the void's centre, Mpc/h. */
  readonly distance: Float64Array
}

/** What only the finder's own pairs have, besides. */
export interface DetailColumns extends PairColumns {
  readonly margin: Float64Array
  readonly depth: Int32Array
  readonly atEdge: Uint8Array
  readonly environment: Uint8Array
}

/** Columns of pairs with what they are about. */
type Chunk<Columns> = Columns & {
  readonly of: PairSource
  /** Identifiers of the batch's galaxies, shared by its chunks; `galaxy` holds places in it. */
  readonly ids: BigInt64Array
}
export type PairChunk = Chunk<PairColumns>
export type DetailChunk = Chunk<DetailColumns>

/** Places of the pairs that are inside, not on a surface. */
function insidePlaces({ pairs }: MappedBatch): Int32Array {
  let count = 0
  for (const inside of pairs.inside) count += inside
  const places = new Int32Array(count)
  let at = 0
  for (let k = 0; k < pairs.inside.length; k++) if (pairs.inside[k] === 1) places[at++] = k
  return places
}

/** The pairs of a batch that are inside: 16 bytes each. */
export function pairColumns(mapped: MappedBatch): PairColumns {
  return columnsAt(insidePlaces(mapped), mapped)
}

/** The same with what the finder knows of each pair: 30 bytes each. */
export function detailColumns(mapped: MappedBatch): DetailColumns {
  const places = insidePlaces(mapped)
  const { pairs, environment } = mapped
  const margin = new Float64Array(places.length)
  const depth = new Int32Array(places.length)
  const atEdge = new Uint8Array(places.length)
  const words = new Uint8Array(places.length)
  for (let i = 0; i < places.length; i++) {
    const k = places[i]!
    margin[i] = pairs.margin[k]!
    depth[i] = pairs.depth[k]!
    atEdge[i] = pairs.voidAtEdge[k]!
    words[i] = environment[pairs.galaxy[k]!]!
  }
  return { ...columnsAt(places, mapped), margin, depth, atEdge, environment: words }
}

function columnsAt(places: Int32Array, { pairs }: MappedBatch): PairColumns {
  const galaxy = new Int32Array(places.length)
  const voidRow = new Int32Array(places.length)
  const distance = new Float64Array(places.length)
  for (let i = 0; i < places.length; i++) {
    const k = places[i]!
    galaxy[i] = pairs.galaxy[k]!
    voidRow[i] = pairs.void[k]!
    distance[i] = pairs.distance[k]!
  }
  return { galaxy, void: voidRow, distance }
}

/** The environments of one batch of galaxies by every source. */
export interface EnvironmentColumns {
  /** Code of the environment per galaxy, by source. */
  readonly codes: ReadonlyMap<string, Uint8Array>
  /** Mpc/h; NaN where it is unknown or beyond the reach. */
  readonly margin: Float32Array
  /** To the nearest edge of the footprint, Mpc/h, by source with a mask; NaN where it is unknown. */
  readonly edgeDistances: ReadonlyMap<string, Float32Array>
}

export interface EnvironmentChunk extends EnvironmentColumns {
  readonly ids: BigInt64Array
}

/**
 * Joins the caps of each source: a galaxy belongs to the footprint of one, where its word has a lower code than the
 * `outside` or unknown that the other cap has for it, and its distance to the edge is more than 0.
 */
export function environmentColumns(galaxies: number, batches: readonly MappedBatch[]): EnvironmentColumns {
  const codes = new Map<string, Uint8Array>()
  const margin = new Float32Array(galaxies).fill(Infinity)
  const edgeDistances = new Map<string, Float32Array>()
  for (const batch of batches) {
    const joined = codes.get(batch.source) ?? new Uint8Array(galaxies).fill(UNKNOWN_ENVIRONMENT)
    codes.set(batch.source, joined)
    for (let i = 0; i < joined.length; i++) {
      if (batch.environment[i]! < joined[i]!) joined[i] = batch.environment[i]!
    }
    if (batch.edgeDistance)
      edgeDistances.set(batch.source, farther(batch.edgeDistance, edgeDistances.get(batch.source)))
    if (!batch.margin) continue
    for (let i = 0; i < margin.length; i++) margin[i] = Math.min(margin[i]!, batch.margin[i]!)
  }
  for (let i = 0; i < margin.length; i++) if (margin[i] === Infinity) margin[i] = Number.NaN
  return { codes, margin, edgeDistances }
}

/** The greater of two columns, where they are known. */
function farther(column: Float32Array, other: Float32Array | undefined): Float32Array {
  return other
    ? column.map((value, i) => (other[i]! >= value || Number.isNaN(value) ? other[i]! : value))
    : column
}

/** The voids of a release's zones. */
export interface ZoneVoidChunk {
  readonly source: string
  readonly cap: string
  /** By row of the void table: the database's identifier. */
  readonly voidId: Int32Array
  readonly entries: ZoneVoidEntries
}
