// The door of the voids room: cosmology, void finders, membership of galaxies in voids.

export { comovingPositions, type Positions } from './comoving.ts'
export { type ComovingTable, comovingTable } from './comoving-table.ts'
export {
  angularDiameterDistance,
  type Cosmology,
  type CosmologyParameters,
  comovingDistance,
  cosmology,
  describeCosmology,
  expansionRate,
  type LengthUnit,
  lookbackTime,
  luminosityDistance,
  SPEED_OF_LIGHT,
  transverseComovingDistance,
} from './cosmology.ts'
export {
  ensureCosmologyFunctions,
  SQL_DISTANCE_ERROR,
  SQL_LOOKBACK_ERROR,
  SQL_REDSHIFT_LIMIT,
  storeCosmology,
} from './cosmology-sql.ts'
export { type EdgeMeter, edgeMeters } from './edge-distance.ts'
export { countEnvironments, type Environment, environmentCode, UNKNOWN_ENVIRONMENT } from './environment.ts'
export type {
  Finder,
  HoleTable,
  PlacedGalaxies,
  Placement,
  PlaceOptions,
  PreparedRelease,
  Release,
  ReleaseToMap,
  VoidTable,
} from './finder.ts'
export { loadFinders } from './finders.ts'
export {
  beyondLimits,
  type Footprint,
  healpixMask,
  healpixRing,
  inFootprint,
  type MaskPixels,
  maskOf,
  nearEdge,
  normalizeRa,
  type RedshiftLimits,
  raDecMask,
  type SkyMask,
} from './footprint.ts'
export type { GalaxyBatch } from './galaxies.ts'
export type { Spheres } from './hole-grid.ts'
export {
  type HoleMembership,
  type Holes,
  type HoleUnion,
  holeState,
  holeUnion,
  SURFACE_TOLERANCE,
} from './hole-union.ts'
export {
  createMapping,
  type MappedBatch,
  type MappedPairs,
  type Mapping,
  type MappingSummary,
} from './map.ts'
export { mapVoids } from './map-voids.ts'
export type { MapVoidsOptions, MapVoidsProgress, MapVoidsSummary } from './mapping-run.ts'
export { checkMembership, type MembershipCheck } from './membership-sql.ts'
export { noOddities, type Oddity, type OddityCounts, oddities } from './oddities.ts'
export type { Pairs } from './pairs.ts'
export { type ZoneVoidEntries, zoneVoidEntries, zoneVolumes } from './zone-hierarchy.ts'
export {
  type GalaxyZones,
  type ZoneLookup,
  type ZoneMembership,
  type ZoneVoids,
  zoneLookup,
} from './zone-membership.ts'
