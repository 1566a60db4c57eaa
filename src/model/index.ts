// The door of the model room: what a catalogue is.

export { arcmin, arcsec } from './angle-units.ts'
export {
  type Catalog,
  type CatalogDefinition,
  type Columns,
  type ForeignKey,
  type Index,
  isRequired,
  type Layout,
  type Partition,
  type RowOf,
  type Sky,
  sourceIn,
} from './catalog.ts'
export {
  boolean,
  type Column,
  type ColumnOptions,
  encryptable,
  encrypted,
  float32,
  float32s,
  float64,
  float64s,
  fromHdu,
  int16,
  int32,
  int64,
  int64s,
  type Mask,
  type Sensitivity,
  type SqlType,
  serial,
  text,
  timestamp,
} from './column.ts'
export { columnNamed } from './column-named.ts'
export {
  type CrossMatch,
  type CrossMatchOptions,
  crossMatch,
  type KeptPairs,
  type MatchTable,
  matchSide,
  nameOf,
  type PositionErrors,
  type ProperMotion,
  type RowRadius,
  withinText,
} from './cross-match.ts'
export { defineCatalog } from './define-catalog.ts'
export { type Embargo, type Reader, readers } from './embargo.ts'
export { summaryBins } from './environment-summary.ts'
export { AlmagestError, exitCodes, type FaultKind, type FaultPlace } from './errors.ts'
export type { Fault } from './fault.ts'
export { matchFile } from './file-pattern.ts'
export { type MatchDeclaration, matchKeys, matchMeasures, matchTable } from './match-table.ts'
export type { MockColumn, MockFile, MockHdu, MockTruth, MockValues, SurveyMock } from './mock.ts'
export { mockOrigin } from './mock.ts'
export { editDistance, nearest } from './nearest.ts'
export type {
  AcceptedException,
  BinnedFractions,
  CounterpartCatalog,
  Expectations,
  Expected,
  PublishedRows,
  QualityDeclaration,
  ScalingRelation,
  Severity,
  SkyBox,
  VoidStatistics,
} from './quality.ts'
export { inRange, type Range, showRange } from './range.ts'
export { type ComputedColumn, type ReadSchema, type ReadView, sameColumns } from './read-schema.ts'
export type { Release, ReleaseFolder } from './release.ts'
export type { ColumnConditions, Condition } from './selection.ts'
export {
  absent,
  byServer,
  type Conversion,
  card,
  constant,
  fileNumber,
  fits,
  pathPart,
  pixel,
  pixelAxis,
  rowNumber,
  type Source,
} from './source.ts'
export {
  defineSurvey,
  type Example,
  findCatalogs,
  type GalaxyProperties,
  type MaskDeclaration,
  type Survey,
  type VoidDeclaration,
} from './survey.ts'
export { ucdFault } from './ucd.ts'
export { unitFault } from './unit.ts'
export { vastCatalogs, voidCatalogOrder } from './vast.ts'
export { galacticCaps, type VastRelease } from './vast-parts.ts'
export { edgeDistanceColumn, environmentColumn, environments, voidSources } from './void-map.ts'
