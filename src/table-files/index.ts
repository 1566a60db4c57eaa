// The door of the table files: FITS, CSV and VOTable tables of any origin, read row by row.
export { openTableFile } from './open.ts'
export { columnOf, type FileCell, type FileColumn, type TableFile } from './table-file.ts'
