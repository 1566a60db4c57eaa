// The door of the report room: figures and the page about galaxies and voids.

export { type Cell, csvOf, type Figure, type Panel, type Table } from './figure.ts'
export { type VoidReport, voidReport } from './report.ts'
export { standalone } from './standalone.ts'
