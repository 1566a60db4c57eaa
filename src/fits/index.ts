// The FITS room's door: FITS 4.0 files in (binary and ASCII tables, images, checksums), binary tables out.
export { type AsciiColumn, type AsciiLayout, asciiLayout, decodeAsciiColumn } from './ascii.ts'
export type { Card, CardKind, CardValue } from './card.ts'
export type { CardToWrite } from './card-text.ts'
export { type ChecksumState, type HduChecksums, verifyChecksums } from './checksums.ts'
export { type Cell, type Complex, decodeColumn, type Scalar } from './decode.ts'
export {
  type CardDescription,
  type ColumnDescription,
  describeFile,
  type FileDescription,
  type FirstRows,
  type HduDescription,
  headRows,
} from './describe.ts'
export {
  FitsError,
  type FitsErrorCode,
  type FitsErrorEntry,
  type FitsFaultKind,
  type FitsPlace,
  fitsErrors,
} from './errors.ts'
export { type FitsFile, type Hdu, type HduKind, hduLabel, openFits } from './file.ts'
export type { Header } from './header.ts'
export { decodeHeapColumn, type HeapArrays, heapArrays, longestArray } from './heap.ts'
export { type HttpOptions, httpSource } from './http.ts'
export { type FitsImage, readImage } from './image.ts'
export { type TableColumn, type TableLayout, tableLayout } from './layout.ts'
export { type ColumnToPack, packArrays, packedRowBytes, packRows, unsignedZero } from './pack.ts'
export { type RowBlock, type RowLayout, type RowRange, rowBlocks } from './rows.ts'
export { singleText } from './single-text.ts'
export type { FitsSink } from './sink.ts'
export { type ByteSource, bufferSource, fileSource } from './source.ts'
export { type StoredArray, storedValues } from './stored.ts'
export { bytesOf, type ColumnFormat, type ElementCode, type TypeCode } from './tform.ts'
export { type ColumnToWrite, type TableToWrite, type WriteOptions, writeFits } from './write.ts'
