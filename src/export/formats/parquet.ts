// Parquet: a row group per batch, NULL as Parquet's own, and a VOTable without data as VOParquet 1.0 lays down.
import { ByteWriter, type ColumnSource, ParquetWriter } from 'hyparquet-writer'
import { type ArrayType, type ColumnValues, type ExportColumn, elementTypes, isArray } from '../columns.ts'
import type { ExportFormat } from '../format.ts'
import type { ExportSink } from '../output.ts'
import type { ExportRows } from '../rows.ts'
import { unixMicroseconds } from '../value-text.ts'
import { votableEnd, votableStart } from './votable-head.ts'

/** A row group: large enough to compress and scan well, small enough to be held in memory a few times over. */
const batchLimit = { bytes: 24 << 20, rows: 122_880 }

/**
 * Units, UCDs and descriptions stand in the key-value metadata `IVOA.VOTable-Parquet.content` (IVOA note VOParquet
 * 1.0, 2025-01-16), which TOPCAT and astropy understand.
 */
export const parquet: ExportFormat = {
  extensions: ['parquet', 'parq', 'pq'],
  async write(rows, sink) {
    const { columns } = rows
    const writer = sinkWriter(sink)
    const file = new ParquetWriter({ writer, schema: schemaOf(columns), kvMetadata: metadata(rows) })
    for await (const batch of rows.batches(batchLimit)) {
      const columnData = columns.map((column, i) => columnSource(column, batch.columns[i]!))
      await file.write({ columnData, rowGroupSize: batch.rows })
    }
    await file.finish()
  },
}

/** A buffer that is emptied into the sink after each row group. */
function sinkWriter(sink: ExportSink): ByteWriter {
  const writer = new ByteWriter(1 << 20)
  const flush = async () => {
    await sink.write(writer.getBytes())
    writer.index = 0
  }
  return Object.assign(writer, { flush, finish: flush })
}

function metadata({ catalog, columns }: ExportRows): NonNullable<WriterOptions['kvMetadata']> {
  return [
    { key: 'IVOA.VOTable-Parquet.version', value: '1.0' },
    { key: 'IVOA.VOTable-Parquet.content', value: votableStart(catalog, columns) + votableEnd },
  ]
}

type ScalarType = Exclude<ExportColumn['type'], ArrayType>

type WriterOptions = ConstructorParameters<typeof ParquetWriter>[0]
type SchemaElement = WriterOptions['schema'][number]

/** Physical and logical types (Parquet format, LogicalTypes.md); a timestamp has no time zone. */
const elements: Readonly<Record<ScalarType, Omit<SchemaElement, 'name'>>> = {
  boolean: { type: 'BOOLEAN' },
  smallint: { type: 'INT32', converted_type: 'INT_16' },
  integer: { type: 'INT32' },
  bigint: { type: 'INT64' },
  real: { type: 'FLOAT' },
  'double precision': { type: 'DOUBLE' },
  text: { type: 'BYTE_ARRAY', converted_type: 'UTF8' },
  timestamp: {
    type: 'INT64',
    logical_type: { type: 'TIMESTAMP', isAdjustedToUTC: false, unit: 'MICROS' },
  },
}

function schemaOf(columns: readonly ExportColumn[]): SchemaElement[] {
  return [{ name: 'root', num_children: columns.length }, ...columns.flatMap(columnSchema)]
}

function columnSchema({ name, type, nullable }: ExportColumn): SchemaElement[] {
  const repetition_type = nullable ? 'OPTIONAL' : 'REQUIRED'
  if (!isArray(type)) return [{ name, repetition_type, ...elements[type] }]
  return [
    { name, repetition_type, num_children: 1, converted_type: 'LIST' },
    { name: 'list', repetition_type: 'REPEATED', num_children: 1 },
    { name: 'element', repetition_type: 'OPTIONAL', ...elements[elementTypes[type]] },
  ]
}

/** Floats are written plainly: the writer's dictionaries take -0 and 0 for the same value. */
const plainTypes: readonly ExportColumn['type'][] = [
  'real',
  'double precision',
  'real[]',
  'double precision[]',
]

function columnSource({ name, type }: ExportColumn, column: ColumnValues): ColumnSource {
  const encoding = plainTypes.includes(type) ? ({ encoding: 'PLAIN' } as const) : {}
  return { name, data: dataOf(name, column), ...encoding }
}

function dataOf(name: string, { type, values, nulls }: ColumnValues): ColumnSource['data'] {
  if (type === 'boolean') return withNulls(values as Uint8Array, nulls, (value) => value === 1)
  if (type === 'timestamp') {
    return withNulls(values as BigInt64Array, nulls, (value) => unixMicroseconds(value, name))
  }
  if (!nulls.includes(1)) return values as ColumnSource['data']
  return withNulls(values as ArrayLike<unknown>, nulls, (value) => value)
}

function withNulls<T>(values: ArrayLike<T>, nulls: Uint8Array, value: (stored: T) => unknown): unknown[] {
  return Array.from(values, (stored, row) => (nulls[row] ? null : value(stored)))
}
