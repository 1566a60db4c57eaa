// The door of the analysis room: galaxies compared by environment, void finders compared with each other.

export { type AgreementRow, cohenKappa, readAgreement } from './agreement.ts'
export { propertiesOf, REGION_AREA, regionSql, sampleSql, voidsOf } from './environment-sample.ts'
export {
  type Compared,
  compared,
  type DifferenceRow,
  type Estimate,
  type Relation,
  type RelationOptions,
  type RelationRow,
  type Relations,
  readRelations,
  relations,
} from './relations.ts'
export { type Resampled, type ResampleOptions, resample } from './resample.ts'
export { readSizes, type SizeRow } from './sizes.ts'
export { createViews, dropViews, viewSchema } from './views.ts'
