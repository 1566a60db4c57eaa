// The load room's door: FITS files into the tables of their catalogues.
export { type LoadErrorCode, type LoadErrorEntry, loadErrors } from './errors.ts'
export type { Rule } from './fields/column-rules.ts'
export { type FoundFiles, filesOf } from './folders.ts'
export { forgetSurvey } from './forget.ts'
export { type FailureNote, type LedgerFile, readLedger } from './ledger.ts'
export { ensureLedger } from './ledger-ddl.ts'
export { type LoadOptions, loadFiles } from './load-files.ts'
export type { FileReport, LoadProgress, LoadReport, TableReport } from './report.ts'
