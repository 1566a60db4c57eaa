// The mapping of galaxies to voids: batches of galaxies in, pairs and environments of every release out.
import { comovingPositions, type Positions } from './comoving.ts'
import { type ComovingTable, comovingTable } from './comoving-table.ts'
import { type Cosmology, describeCosmology } from './cosmology.ts'
import { type EdgeMeter, edgeMeters } from './edge-distance.ts'
import { countEnvironments, type Environment } from './environment.ts'
import type { Placement, PlaceOptions, PreparedRelease, ReleaseToMap } from './finder.ts'
import { type GalaxyBatch, normalizeGalaxies } from './galaxies.ts'
import { SURFACE_TOLERANCE } from './hole-union.ts'
import { noOddities, type OddityCounts } from './oddities.ts'
import { refuseFaultyReleases } from './release-faults.ts'

/** Redshift up to which distances come from a table; beyond it from quadrature. */
const TABLE_REDSHIFT = 10

/** Pairs in columns of equal length. */
export interface MappedPairs {
  /** Row of the galaxy in the batch, and of the void in the release's table. */
  readonly galaxy: Int32Array
  readonly void: Int32Array
  /** 1 inside, 0 on the surface to within the tolerance. */
  readonly inside: Uint8Array
  /** Mpc/h, negative inside; NaN where the finder has no surface. */
  readonly margin: Float64Array
  /** Spheres of the void that hold the galaxy; 0 for zones. */
  readonly holes: Int32Array
  /** From the void's centre, Mpc/h and in the void's radii; NaN where position or radius is missing. */
  readonly distance: Float64Array
  readonly distanceInRadii: Float64Array
  /** Cells between the galaxy's and its zone's largest; -1 where the finder has none. */
  readonly depth: Int32Array
  /** The void touches the survey's edge: 1 yes, 0 no, 255 unknown. */
  readonly voidAtEdge: Uint8Array
}

export interface MappedBatch {
  readonly source: string
  readonly cap: string
  readonly pairs: MappedPairs
  /** Code of the environment per galaxy of the batch (`environments[code]`, 255 unknown). */
  readonly environment: Uint8Array
  /** Least margin per galaxy, Mpc/h; Infinity beyond the reach, NaN without a position; absent for zones. */
  readonly margin: Float64Array | undefined
  /** To the nearest edge of the footprint per galaxy, see `edgeDistances`; absent without a mask. */
  readonly edgeDistance: Float32Array | undefined
}

export interface MappingSummary {
  readonly source: string
  readonly cap: string
  readonly cosmology: string
  readonly voids: number
  readonly galaxies: number
  /** Galaxies inside at least one void, and (galaxy, void) pairs inside. */
  readonly galaxiesInside: number
  readonly pairs: number
  /** Pairs that only touch the void's surface. */
  readonly surfacePairs: number
  readonly environments: Readonly<Record<Environment, number> & { unknown: number }>
  /** Galaxies with a distance to the footprint's edge, those outside not among them. */
  readonly withinFootprint: number
  readonly oddities: Readonly<OddityCounts>
}

export interface Mapping {
  /** One result per release, in the releases' order. */
  place(batch: GalaxyBatch): MappedBatch[]
  /** Totals of all batches so far, one per release. */
  summaries(): MappingSummary[]
}

/**
 * Prepares releases for a stream of galaxies. Memory: the releases' tables and one batch.
 * @throws AlmagestError `VOIDS_MIXED_COSMOLOGIES`, `VOIDS_RELEASE_TWICE`, `VOIDS_DUPLICATE_VOID`,
 *   `VOIDS_CAP_MISMATCH`, `VOIDS_MISSING_TABLE`, `VOIDS_DUPLICATE_GALAXY`, `VOIDS_DUPLICATE_ZONE`
 */
export function createMapping(
  releases: readonly ReleaseToMap[],
  options: Partial<PlaceOptions> = {},
): Mapping {
  refuseFaultyReleases(releases)
  const { tolerance = SURFACE_TOLERANCE, shell = 0, reach = 0 } = options
  const tables = new Map<string, ComovingTable>()
  const meterOf = edgeMeters()
  const runs = releases.map((each) => ({
    ...prepareRun(each, { tolerance, shell, reach }, tables),
    edgeMeter: each.release.footprint && meterOf(each.release.footprint),
  }))
  const counts = noOddities()
  return {
    place(batch) {
      const { galaxies, oddities } = normalizeGalaxies(batch)
      addCounts(counts, oddities)
      const shared = new Map<string, Positions>()
      return runs.map((run) => {
        const positions = shared.get(run.frame) ?? positionsOf(galaxies, run)
        shared.set(run.frame, positions)
        return placeInRelease(run, galaxies, positions)
      })
    },
    summaries: () => runs.map((run) => summaryOf(run, counts)),
  }
}

interface Run extends ReleaseToMap {
  readonly prepared: PreparedRelease
  readonly table: ComovingTable
  /** Releases of one frame share the galaxies' positions. */
  readonly frame: string
  readonly atEdge: Uint8Array
  readonly edgeMeter: EdgeMeter | undefined
  readonly totals: Totals
}

interface Totals {
  galaxies: number
  galaxiesInside: number
  pairs: number
  surfacePairs: number
  withinFootprint: number
  belowLimits: number
  aboveLimits: number
  environments: Record<Environment, number> & { unknown: number }
}

function prepareRun(
  each: ReleaseToMap,
  options: PlaceOptions,
  tables: Map<string, ComovingTable>,
): Omit<Run, 'edgeMeter'> {
  const { finder, release } = each
  return {
    ...each,
    prepared: finder.prepare(release, options),
    table: tableFor(release.cosmology, tables),
    frame: `${describeCosmology(release.cosmology)}${finder.positions ? ` as ${finder.source} computes it` : ''}`,
    atEdge: finder.atEdge(release.voids),
    totals: {
      ...{ galaxies: 0, galaxiesInside: 0, pairs: 0, surfacePairs: 0, withinFootprint: 0 },
      ...{ belowLimits: 0, aboveLimits: 0 },
      environments: countEnvironments(new Uint8Array(0)),
    },
  }
}

function tableFor(model: Cosmology, tables: Map<string, ComovingTable>): ComovingTable {
  const name = describeCosmology(model)
  const table = tables.get(name) ?? comovingTable(model, TABLE_REDSHIFT)
  tables.set(name, table)
  return table
}

function positionsOf(galaxies: GalaxyBatch, { finder, release, table }: Run): Positions {
  const { ra, dec, z } = galaxies
  return finder.positions?.(release.cosmology, galaxies) ?? comovingPositions(ra, dec, table.distances(z))
}

function placeInRelease(run: Run, galaxies: GalaxyBatch, positions: Positions): MappedBatch {
  const { release, prepared } = run
  const placement = prepared.place({ id: galaxies.id, redshift: galaxies.z, positions })
  const pairs = describePairs(run, placement, positions)
  count(run, galaxies, pairs, placement.environment)
  const { environment, margin } = placement
  const edgeDistance = run.edgeMeter?.(positions)
  for (const distance of edgeDistance ?? []) if (distance > 0) run.totals.withinFootprint++
  return { source: release.source, cap: release.cap, pairs, environment, margin, edgeDistance }
}

function describePairs({ release, atEdge }: Run, placement: Placement, positions: Positions): MappedPairs {
  const { voids } = release
  const { length } = placement.pairs
  const galaxy = placement.pairs.galaxy.subarray(0, length)
  const voidRow = placement.pairs.void.subarray(0, length)
  const distance = new Float64Array(length)
  const distanceInRadii = new Float64Array(length)
  for (let k = 0; k < length; k++) {
    const [g, v] = [galaxy[k]!, voidRow[k]!]
    const r = voids.radius[v]!
    const dx = positions.x[g]! - voids.x[v]!
    const dy = positions.y[g]! - voids.y[v]!
    const dz = positions.z[g]! - voids.z[v]!
    distance[k] = Math.sqrt(dx * dx + dy * dy + dz * dz)
    distanceInRadii[k] = r > 0 ? distance[k]! / r : Number.NaN
  }
  return {
    ...{ galaxy, void: voidRow, distance, distanceInRadii },
    inside: placement.pairs.inside.subarray(0, length),
    margin: placement.pairs.margin.subarray(0, length),
    holes: placement.pairs.holes.subarray(0, length),
    depth: Int32Array.from(galaxy, (g) => placement.depth?.[g] ?? -1),
    voidAtEdge: Uint8Array.from(voidRow, (v) => atEdge[v]!),
  }
}

function count(
  { totals, release }: Run,
  { z }: GalaxyBatch,
  pairs: MappedPairs,
  environment: Uint8Array,
): void {
  totals.galaxies += z.length
  let last = -1
  for (let k = 0; k < pairs.galaxy.length; k++) {
    if (pairs.inside[k] === 0) {
      totals.surfacePairs++
      continue
    }
    totals.pairs++
    if (pairs.galaxy[k] !== last) totals.galaxiesInside++
    last = pairs.galaxy[k]!
  }
  for (const redshift of z) {
    if (redshift < release.limits.low) totals.belowLimits++
    else if (redshift > release.limits.high) totals.aboveLimits++
  }
  addCounts(totals.environments, countEnvironments(environment))
}

function addCounts<T extends Record<string, number>>(totals: T, more: T): void {
  for (const name of Object.keys(more) as (keyof T & string)[]) (totals[name] as number) += more[name]!
}

function summaryOf({ release, prepared, totals }: Run, galaxyCounts: OddityCounts): MappingSummary {
  const oddities = { ...noOddities() }
  addCounts(oddities, prepared.oddities)
  addCounts(oddities, galaxyCounts)
  oddities.galaxyBelowLimits = totals.belowLimits
  oddities.galaxyAboveLimits = totals.aboveLimits
  oddities.voidWithoutRadius = release.voids.radius.reduce((sum, radius) => sum + (radius > 0 ? 0 : 1), 0)
  const { belowLimits: _below, aboveLimits: _above, environments, ...rest } = totals
  return {
    source: release.source,
    cap: release.cap,
    cosmology: describeCosmology(release.cosmology),
    voids: release.voids.number.length,
    ...rest,
    environments: { ...environments },
    oddities,
  }
}
