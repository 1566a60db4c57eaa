// Finders whose voids are sets of zones of a Voronoi tessellation: the prunings of V2.
import { environmentCode, UNKNOWN_ENVIRONMENT } from './environment.ts'
import {
  type Finder,
  missingTable,
  type PlacedGalaxies,
  type PreparedRelease,
  type Release,
  type VoidTable,
} from './finder.ts'
import { beyondLimits, inFootprint } from './footprint.ts'
import { noOddities } from './oddities.ts'
import { type GalaxyZones, type ZoneMembership, zoneLookup } from './zone-membership.ts'

/** More of a void's surface than this on the survey's boundary makes it an edge void. */
const EDGE_SHARE = 0.1
/** V2 writes its redshift limits with three digits. */
const LIMIT_ROUNDING = 5e-4

/** A V2 pruning: zone membership, differing from its sisters only in which voids hold a zone. */
export function zoneFinder(source: string, meaning: string): Finder {
  return Object.freeze({
    source,
    membership: 'zones',
    meaning,
    edgeRule: `EDGE_AREA / TOT_AREA > ${EDGE_SHARE}`,
    atEdge: edgeByArea,
    prepare,
  } satisfies Finder)
}

function edgeByArea({ number, totalArea, edgeArea }: VoidTable): Uint8Array {
  return Uint8Array.from(number, (_, row) => {
    const share = (edgeArea?.[row] ?? Number.NaN) / (totalArea?.[row] ?? Number.NaN)
    if (Number.isNaN(share)) return 255
    return share > EDGE_SHARE ? 1 : 0
  })
}

function prepare(release: Release): PreparedRelease {
  const { source, cap, voids, zones, galaxyZones } = release
  if (!zones || !galaxyZones)
    throw missingTable(source, cap, zones ? 'galaxy-zone table (GALZONE)' : 'zone table (ZONEVOID)')
  const lookup = zoneLookup(galaxyZones, zones, voids.number)
  const seen = new Uint8Array(galaxyZones.galaxy.length)
  const oddities = {
    ...noOddities(),
    zoneMinusOne: lookup.withoutZone,
    zoneNotInZoneVoid: lookup.unknownZones,
    zoneVoidNotInVoids: lookup.unknownVoids,
    tessellationWithoutGalaxy: seen.length,
  }
  return {
    oddities,
    place(galaxies) {
      const membership = lookup.place(galaxies.id)
      for (const row of membership.row) {
        if (row < 0) oddities.galaxyNotInTessellation++
        else if (seen[row] === 0) oddities.tessellationWithoutGalaxy--
        if (row >= 0) seen[row] = 1
      }
      return {
        pairs: membership.pairs,
        environment: environmentsOf(membership, galaxyZones, galaxies, release),
        margin: undefined,
        depth: Int32Array.from(membership.row, (row) => (row < 0 ? -1 : galaxyZones.depth[row]!)),
      }
    },
  }
}

/**
 * The first that holds: OUT = 1, outside; EDGE = 1 (the cell leaves the survey, so its volume and zone mean
 * nothing), edge; in a void; wall. A galaxy that the tessellation doesn't list is outside where its redshift is
 * beyond the limits for certain or its position outside the mask, and unknown otherwise.
 */
function environmentsOf(
  { row, pairs }: ZoneMembership,
  { out, edge }: GalaxyZones,
  { redshift, positions: { x, y, z } }: PlacedGalaxies,
  { limits, footprint }: Release,
): Uint8Array {
  const outsideMask = (i: number) =>
    footprint !== undefined && !Number.isNaN(x[i]!) && !inFootprint(footprint, x[i]!, y[i]!, z[i]!)
  const codes = Uint8Array.from(row, (at, i) => {
    if (at < 0)
      return beyondLimits(redshift[i]!, limits, LIMIT_ROUNDING) || outsideMask(i)
        ? environmentCode.outside
        : UNKNOWN_ENVIRONMENT
    if (out[at] === 1) return environmentCode.outside
    return edge[at] === 1 ? environmentCode.edge : environmentCode.wall
  })
  for (let k = 0; k < pairs.length; k++) {
    const galaxy = pairs.galaxy[k]!
    if (codes[galaxy] === environmentCode.wall) codes[galaxy] = environmentCode.void_interior
  }
  return codes
}
