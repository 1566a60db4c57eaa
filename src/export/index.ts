// The export room's door: tables out, as files that other programs read.
export { type ExportErrorCode, type ExportErrorEntry, exportErrors } from './errors.ts'
export { type ExportOptions, type ExportReport, exportCatalog } from './export-catalog.ts'
export { type ExportFormatName, exportFormats, formatOf } from './formats/index.ts'
export type { ExportSink } from './output.ts'
