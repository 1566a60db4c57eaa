// The door of the sky room: positions, regions, and the indexes that find rows by position.
export {
  arcmin,
  arcsec,
  type CrossMatch,
  type CrossMatchOptions,
  crossMatch,
  type KeptPairs,
  type MatchTable,
  matchSide,
} from '../model/index.ts'
export { bearing, formatAngle, type Position, parseAngle, separation } from './angle.ts'
export type { Area, Relation } from './area.ts'
export { CatalogQuery, from, type QuerySource, type Sql } from './catalog-query.ts'
export { chooseSkyIndex, deployedSkyIndex } from './choose.ts'
export { coneRanges } from './cone-ranges.ts'
export type { PixelRange } from './cover.ts'
export { matchCsv } from './cross-match/csv.ts'
export { type MatchPlan, matchCosts, type Road, roads } from './cross-match/plan.ts'
export type { MatchCounts, RunOptions } from './cross-match/prepare.ts'
export type { StoredMatch } from './cross-match/record.ts'
export { type MatchRow, matchRows, resultColumns as matchColumns } from './cross-match/run.ts'
export { type StagedColumns, type StagedTable, stageRows } from './cross-match/stage.ts'
export { fillMatch, type StoreOptions, storeMatch } from './cross-match/store.ts'
export {
  convert,
  type Direction,
  ecliptic,
  type Frame,
  fk5,
  frameName,
  fromIcrs,
  galactic,
  icrs,
  parseFrame,
  supergalactic,
  toIcrs,
} from './frame.ts'
export { facePosition, finestOrder, healpixCentre, healpixNeighbours, healpixNest } from './healpix/pixel.ts'
export { healpixInstall } from './healpix/script.ts'
export { loadSkyIndexBackends } from './indexes/index.ts'
export { ang2ipix, ang2ipixColumn, ipix2ang } from './indexes/q3c-sql/ipix.ts'
export { q3cExtensionFiles, q3cSqlScript } from './indexes/q3c-sql/script.ts'
export { toAngles, toVector, transpose, type Vector } from './matrix.ts'
export { moveSkyIndex } from './move.ts'
export type { Parameter, PositionSql, Predicate } from './predicate.ts'
export { type Cone, cone, type Region } from './region.ts'
export { type BoxBounds, box, strip } from './regions/box.ts'
export { ellipse } from './regions/ellipse.ts'
export { cellRange, moc, parseMoc, uniqRange } from './regions/moc.ts'
export { polygon } from './regions/polygon.ts'
export type { SkyIndex, SkyIndexBackend } from './sky-index.ts'
export { atEpoch, type Motion, motionInFrame } from './space-motion.ts'
export {
  type DensityPixel,
  densityMap,
  type NearestOptions,
  nearest,
  type PairBin,
  pairCounts,
} from './statistics.ts'
