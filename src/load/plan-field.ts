// One field of the row: which writer turns the bytes of its source into the column's type.
import { type FitsFile, hduLabel, type TableColumn } from '../fits/index.ts'
import { type KeyRing, sealer } from '../keys/index.ts'
import { type Catalog, type Column, isRequired, type Source, type SqlType } from '../model/index.ts'
import { loadError } from './errors.ts'
import { arrayBytes, arrayElements, arrayField, heapArrayField } from './fields/array-field.ts'
import { type ColumnRules, type ColumnTally, closedInterval, type FaultNote } from './fields/column-rules.ts'
import { numberField } from './fields/number-field.ts'
import { isPassedOn } from './fields/passed-on.ts'
import type { RowInput, RowOutput, WriteField } from './fields/row-input.ts'
import { sealedField, sealingBytes } from './fields/sealed-field.ts'
import { booleanField, textField } from './fields/text-field.ts'
import { type HeapInput, heapInput } from './heap-input.ts'
import { isStored, type JoinedTable, locate, type StoredSource } from './joined-tables.ts'
import { findHdu } from './match.ts'
import { axisSteps } from './pixel-table.ts'

/** A field of the row that is written anew for each row. */
export interface Field {
  readonly input: RowInput
  /** First byte of the value from the start of the input's row. */
  readonly offset: number
  readonly write: WriteField
  /** There when any 4-byte float but NaN is passed on as it stands. */
  readonly single?: RowOutput
}

/** What the fields of one table share. */
export interface FieldContext {
  readonly file: FitsFile
  readonly catalog: Catalog
  readonly joined: readonly JoinedTable[]
  readonly rowNumber: RowInput
  /** Elements of the longest array of each variable-length column, by catalogue column. */
  readonly longest: ReadonlyMap<string, number>
  /** Filled with the variable-length columns. */
  readonly heaps: HeapInput[]
  /** There when the catalogue has encrypted columns. */
  readonly keys: KeyRing | undefined
  readonly out: RowOutput
  readonly note: FaultNote
  /** Filled by column. */
  readonly tallies: Record<string, ColumnTally>
}

/** Sources whose values differ from row to row. */
export type VaryingSource = Extract<Source, { readonly kind: 'fits' | 'pixel' | 'axis' | 'row' }>

const varyingKinds: readonly Source['kind'][] = ['fits', 'pixel', 'axis', 'row']

export const isVarying = (source: Source): source is VaryingSource => varyingKinds.includes(source.kind)

/** Bytes of a whole number's field at most. */
export const wholeBytes = 12

/** Bytes of a varying field at most, with its length. */
export function fieldBytes(
  file: FitsFile,
  joined: readonly JoinedTable[],
  { name, column, source }: { name: string; column: Column; source: VaryingSource },
  longest: ReadonlyMap<string, number>,
): number {
  if (!isStored(source)) return wholeBytes
  const { fits } = locate(file, joined, source)
  if (fits.heap) return arrayBytes(fits.dim?.length ?? 1, longest.get(name)!)
  const sealing = column.encrypts ? sealingBytes : 0
  if (fits.code === 'A') return 4 + fits.bytes + sealing
  return sealing + arrayBytes(axesOf(fits).length, column.type.endsWith('[]') ? fits.repeat : 1)
}

const axesOf = ({ dim, repeat }: TableColumn): readonly number[] => dim ?? [repeat]

/** The field of a column. @throws AlmagestError LOAD_COLUMN_TYPE; FitsError FITS_COLUMN_MISSING */
export function planField(context: FieldContext, name: string, column: Column, source: VaryingSource): Field {
  const { rowNumber, out } = context
  if (source.kind === 'row') return rowField(column.type, source.first, rowNumber, out)
  return source.kind === 'axis'
    ? axisField(context, column.type, source)
    : storedField(context, name, column, source)
}

/** The row's number from `first` upwards: the position of its input is the row. */
export function rowField(type: SqlType, first: number, rowNumber: RowInput, out: RowOutput): Field {
  const { view } = out
  const write: WriteField =
    type === 'bigint'
      ? (row, at) => {
          view.setInt32(at, 8)
          view.setInt32(at + 4, Math.floor(row / 4294967296))
          view.setUint32(at + 8, row >>> 0)
          return at + 12
        }
      : (row, at) => {
          view.setInt32(at, 4)
          view.setInt32(at + 4, row)
          return at + 8
        }
  return { input: rowNumber, offset: first, write }
}

/** The pixel's place along an axis, from 0. */
function axisField(
  { file, rowNumber, out }: FieldContext,
  type: SqlType,
  { hdu, axis }: Extract<Source, { readonly kind: 'axis' }>,
): Field {
  const steps = axisSteps(findHdu(file, hdu)!, axis)
  if (!steps) {
    const message = `${hdu} in ${file.name} has no axis ${axis}`
    throw loadError('LOAD_COLUMN_TYPE', message, { file: file.name, hdu })
  }
  const { step, length } = steps
  const whole = rowField(type, 0, rowNumber, out)
  return { ...whole, write: (row, at) => whole.write(Math.floor(row / step) % length, at) }
}

function storedField(context: FieldContext, name: string, column: Column, source: StoredSource): Field {
  const { file, catalog, joined, note, tallies, heaps } = context
  const { table, input, fits: whole } = locate(file, joined, source)
  const fits = elementOf(whole, source)
  const tally = { nan: 0, wrapped: 0 }
  tallies[name] = tally
  const { range } = column.encrypts ?? column
  const rules: ColumnRules = {
    column: name,
    hdu: hduLabel(table.hdu),
    required: isRequired(catalog, name),
    range,
    ...closedInterval(range),
    tally,
    note,
  }
  if (fits?.heap) {
    const heap = heapInput(table, fits, context.longest.get(name)!)
    const write = heapWriter(column, source, heap, rules, context.out)
    heaps.push(heap)
    if (write) return { input: heap.input, offset: 0, write }
  } else if (fits) {
    const plain = writerOf(column.encrypts ?? column, source, fits, rules, input, context.out)
    const write = plain && column.encrypts ? sealed(context, name, plain, rules) : plain
    const single = isAnySingle(column, source, fits, rules) ? { single: context.out } : {}
    if (write) return { input, offset: fits.offset, write, ...single }
  }
  const element = source.kind === 'fits' && source.element ? `element ${source.element} of ` : ''
  const message = `${element}column ${whole.name} (TFORM ${whole.tform}) of ${rules.hdu} can't fill ${name} (${column.type})`
  throw loadError('LOAD_COLUMN_TYPE', message, { file: file.name, hdu: rules.hdu, column: whole.name })
}

function sealed({ keys, catalog, out }: FieldContext, column: string, write: WriteField, rules: ColumnRules) {
  return sealedField(write, sealer(keys!, `${catalog.name}.${column}`), rules, out)
}

/** Whether any 4-byte float but NaN is passed on as it stands. */
function isAnySingle(
  { type, encrypts }: Column,
  source: StoredSource,
  column: TableColumn,
  { low, high }: ColumnRules,
): boolean {
  const { convert, nulls = [] } = source.kind === 'fits' ? source : {}
  const passed = isPassedOn({ column, convert, nulls }) && low === -Infinity && high === Infinity
  return passed && column.code === 'E' && column.repeat === 1 && type === 'real' && !encrypts
}

/** The column itself, or the one element that the source picks; undefined where there is no such element. */
function elementOf(fits: TableColumn, source: StoredSource): TableColumn | undefined {
  const element = source.kind === 'fits' ? source.element : undefined
  if (element === undefined) return fits
  if (element > fits.repeat || ['A', 'X', 'P', 'Q'].includes(fits.code)) return undefined
  const bytes = fits.bytes / fits.repeat
  const { dim: _, ...flat } = fits
  return { ...flat, repeat: 1, bytes, offset: fits.offset + (element - 1) * bytes }
}

/** The writer from a variable-length column, or undefined where no exact one is known. */
function heapWriter(
  { type }: Column,
  source: StoredSource,
  heap: HeapInput,
  rules: ColumnRules,
  out: RowOutput,
): WriteField | undefined {
  const array = arrayElements[type as keyof typeof arrayElements]
  if (!array || source.kind !== 'fits' || source.convert) return undefined
  const { column, input } = heap
  const element = numberField({
    column: { ...column, code: column.heap!.code },
    type: array.type,
    convert: undefined,
    nulls: source.nulls ?? [],
    rules: { ...rules, required: false },
    input,
    out,
  })
  return element && heapArrayField(heap, array.oid, element, out)
}

/** The writer from a FITS column to a column of the table, or undefined where no exact one is known. */
function writerOf(
  { type, oneOf }: Column,
  source: StoredSource,
  fits: TableColumn,
  rules: ColumnRules,
  input: RowInput,
  out: RowOutput,
): WriteField | undefined {
  const scalar = fits.repeat === 1
  if (fits.code === 'A' && type === 'text' && (fits.dim?.length ?? 1) === 1) {
    return textField(fits.bytes, oneOf, rules, input, out)
  }
  if (fits.code === 'L' && type === 'boolean' && scalar) return booleanField(rules, input, out)
  const { convert, nulls = [] } = source.kind === 'fits' ? source : {}
  const number = (target: SqlType, required: boolean) =>
    numberField({
      column: fits,
      type: target === 'serial' ? 'integer' : target,
      convert,
      nulls,
      rules: { ...rules, required },
      input,
      out,
    })
  const array = arrayElements[type as keyof typeof arrayElements]
  if (!array) return scalar ? number(type, rules.required) : undefined
  // Single elements of an array may be missing; the column's NOT NULL is about the array.
  const element = convert ? undefined : number(array.type, false)
  return element && arrayField(axesOf(fits), fits.bytes / fits.repeat, array.oid, element, out)
}
