// FITS 4.0: one binary table; NULL is TNULL for integers, NaN for floats, a zero byte for logicals, no text for texts.
import {
  type CardToWrite,
  type ColumnToPack,
  type ColumnToWrite,
  packRows,
  type StoredArray,
  writeFits,
} from '../../fits/index.ts'
import type { ColumnValues, ExportColumn } from '../columns.ts'
import type { ExportFormat } from '../format.ts'
import type { Batch, ExportRows } from '../rows.ts'
import { momentText } from '../value-text.ts'
import { type ColumnPlan, planTable } from './fits-plan.ts'

/** Values read and packed at a time. */
const batchLimit = { bytes: 8 << 20, rows: 16_384 }

/**
 * Units stand in TUNITn; UCDs in TUCDn and descriptions in TCOMMn, the keywords that TOPCAT writes and reads. NULL and
 * NaN are the same in a float column (section 6.3 has NaN mean "no value"), NULL and an empty text in a text column;
 * arrays are of one length.
 */
export const fits: ExportFormat = {
  extensions: ['fits', 'fit'],
  async write(rows, sink) {
    const { rowCount, plans } = await planTable(rows)
    const { catalog, columns } = rows
    const cards: CardToWrite[] = [
      ['CATALOG', ascii(catalog.name), 'table in the database'],
      ['TITLE', ascii(catalog.title)],
      ...columns.flatMap((column, i) => metadataCards(column, i + 1)),
    ]
    await writeFits(sink, [
      {
        name: catalog.table,
        cards,
        columns: columns.map((column, i) => columnToWrite(column, plans[i]!)),
        rowCount,
        rows: packedRows(rows, plans),
      },
    ])
  },
}

function columnToWrite({ name, unit }: ExportColumn, { tform, nullValue }: ColumnPlan): ColumnToWrite {
  return {
    name,
    tform,
    ...(unit === undefined ? {} : { unit: ascii(unit) }),
    ...(nullValue === undefined ? {} : { null: nullValue }),
  }
}

function metadataCards({ ucd, description }: ExportColumn, n: number): CardToWrite[] {
  return [...(ucd === undefined ? [] : [[`TUCD${n}`, ucd] as const]), [`TCOMM${n}`, ascii(description)]]
}

/** Cards hold printable ASCII only (section 4.2.1): letters lose their accents, other characters become `?`. */
const ascii = (text: string) =>
  text
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .replace(/[^ -~]/gu, '?')

async function* packedRows(rows: ExportRows, plans: readonly ColumnPlan[]): AsyncGenerator<Uint8Array> {
  for await (const batch of rows.batches(batchLimit)) {
    yield packRows(toPack(rows.columns, plans, batch), 0, batch.rows)
  }
}

function toPack(
  columns: readonly ExportColumn[],
  plans: readonly ColumnPlan[],
  batch: Batch,
): ColumnToPack[] {
  return columns.map(({ name }, i) => {
    const plan = plans[i]!
    return { name, tform: plan.tform, values: packable(name, plan, batch.columns[i]!) }
  })
}

/** The batch's values with NULLs put as FITS puts them; the arrays are the batch's own, changed in place. */
function packable(name: string, plan: ColumnPlan, column: ColumnValues): ColumnToPack['values'] {
  const { values, nulls } = column
  switch (column.type) {
    case 'boolean':
      return Array.from(values as Uint8Array, (value, row) => (nulls[row] ? null : value === 1))
    case 'text':
      return textBytes(values as string[], plan.repeat)
    case 'timestamp': {
      const texts = Array.from(values as BigInt64Array, (value, row) =>
        nulls[row] ? '' : momentText(value, name),
      )
      return textBytes(texts, plan.repeat)
    }
    case 'real[]':
    case 'double precision[]':
    case 'bigint[]':
      return flattened(column.type, values as Cell[], nulls, plan)
    default:
      return withNulls(values as StoredArray, nulls, plan.nullValue ?? Number.NaN)
  }
}

/** Texts filled with zero bytes, which end a text (section 7.3.3.1): unlike blanks they can be no part of it. */
function textBytes(texts: readonly string[], width: number): Uint8Array {
  const bytes = Buffer.alloc(texts.length * width)
  for (const [row, text] of texts.entries()) bytes.write(text, row * width, 'latin1')
  return bytes
}

function withNulls(values: StoredArray, nulls: Uint8Array, none: number | bigint): StoredArray {
  for (let row = nulls.indexOf(1); row >= 0; row = nulls.indexOf(1, row + 1)) values[row] = none as never
  return values
}

type Cell = readonly (number | bigint | null)[]

const arrayOf = { 'real[]': Float32Array, 'double precision[]': Float64Array, 'bigint[]': BigInt64Array }

/** Arrays one after the other; a missing array has all its elements missing. */
function flattened(
  type: keyof typeof arrayOf,
  cells: readonly Cell[],
  nulls: Uint8Array,
  { repeat, nullValue }: ColumnPlan,
): StoredArray {
  const flat = new arrayOf[type](cells.length * repeat)
  const none = nullValue ?? Number.NaN
  for (const [row, cell] of cells.entries()) {
    for (let i = 0; i < repeat; i++) {
      flat[row * repeat + i] = ((nulls[row] ? null : cell[i]) ?? none) as never
    }
  }
  return flat
}
