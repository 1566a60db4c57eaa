// The door of the postgres room: from a catalogue to a database, and the way to and from a server.

export { type Applied, applySurvey, dropSurvey, surveyDifferences } from './apply.ts'
export type { Backend, RunningServer, ServerStatus, StartOptions } from './backends/backend.ts'
export { maskUrl, parseConnectionUrl } from './backends/connection-url.ts'
export {
  type EmbeddedInstance,
  startEmbedded,
  statusEmbedded,
  stopEmbedded,
} from './backends/embedded/backend.ts'
export { authorityFile, homeFolder } from './backends/embedded/home.ts'
export { openBackend } from './backends/open-backend.ts'
export { conditionSql, selectionSql } from './conditions.ts'
export { type Client, connect, type QueryResult, type Row } from './connection.ts'
export {
  type CopyType,
  copyHeader,
  copyTrailer,
  fieldPrefixBytes,
  fixedBytes,
  nullLength,
  rowPrefixBytes,
  timestampEpoch,
} from './copy-format.ts'
export type { CopyIn } from './copy-in.ts'
export { type CopyBatch, type CopyColumn, readCopy } from './copy-reader.ts'
export { copyDataHead } from './copy-rows.ts'
export { type CopyValue, CopyWriter } from './copy-writer.ts'
export {
  type AfterLoad,
  catalogDdl,
  columnComment,
  foreignKeys,
  type Statement,
  secondaryIndexes,
  surveyDdl,
} from './ddl.ts'
export { acceptDrift, type Drift, findDrift } from './drift.ts'
export { type Fact, objectOf } from './fingerprint/fact.ts'
export { type Fingerprint, fingerprintHash, printFingerprint } from './fingerprint/fingerprint.ts'
export { quoteIdentifier, quoteLiteral, quoteQualified, shortName } from './identifiers.ts'
export { type Difference, differences, inspectSchema } from './inspect.ts'
export { type Backup, readBackup } from './migrate/backup/manifest.ts'
export { restoreBackup } from './migrate/backup/restore.ts'
export { type BackupTaken, takeBackup } from './migrate/backup/take.ts'
export { type Migration, readMigrations, readUnchecked } from './migrate/folder.ts'
export type { Patience } from './migrate/guard.ts'
export { type Proof, proveMigrations } from './migrate/prove.ts'
export {
  type Migrated,
  type MigrateOptions,
  type MigrationStatus,
  migrateTo,
  migrationStatus,
} from './migrate/run.ts'
export type { ChooseSky } from './migrate/scratch-database.ts'
export { sealMigrations } from './migrate/seal.ts'
export { writeEmptyMigration, writeNewMigrations } from './migrate/write-new.ts'
export { makePlan, type Plan, printPlan, tableSizes } from './plan.ts'
export { planChanges } from './plan-changes.ts'
export { type ReadSchemaReport, readSchemaUse, type UseReport } from './published.ts'
export { type Deployment, deployments, ensureRegister, findDeployment, type Purpose } from './register.ts'
export { declaredRenames } from './renames.ts'
export { sqlState, translateServerError } from './server-errors.ts'
export { readSettings, type Settings } from './settings/declared.ts'
export {
  applySettings,
  planSettings,
  rollBackSettings,
  type SettingDifference,
  type SettingsApplied,
  settingsDrift,
} from './settings/versions.ts'
export {
  copyReaders,
  findSideRelations,
  findSideSchemas,
  hasPolicies,
  partsSchema,
  releaseSchema,
  type SideRelation,
  type SideSchema,
  sideComments,
  stagingSchema,
} from './side-schemas.ts'
export type { SkyContribution } from './sky-contribution.ts'
export { orderBySky } from './sky-order.ts'
