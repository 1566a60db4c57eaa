// ECSV 1.0 (astropy's APE 6): CSV under a YAML header with types, units, descriptions, and UCDs as column metadata.
import type { Catalog } from '../../model/index.ts'
import type { ExportColumn, ExportType } from '../columns.ts'
import type { ExportFormat } from '../format.ts'
import { type CellStyle, textLines } from './text-cells.ts'

const batchLimit = { bytes: 4 << 20, rows: 16_384 }

/** Arrays are JSON; JSON as Python reads it spells NaN and Infinity so. */
const style: CellStyle = {
  numbers: { nan: 'NaN', infinity: 'Infinity' },
  booleans: ['False', 'True'],
  array: (elements) => `[${elements.map((each) => each ?? 'null').join(',')}]`,
}

/** NULL is an empty cell, which ECSV calls missing; a reader takes an empty text for missing as well. */
export const ecsv: ExportFormat = {
  extensions: ['ecsv'],
  async write(rows, sink) {
    const { catalog, columns } = rows
    const names = columns.map(({ name }) => name)
    await sink.write(Buffer.from(`${header(catalog, columns)}${names.join(',')}\n`))
    for await (const batch of rows.batches(batchLimit)) {
      await sink.write(Buffer.from(textLines(names, batch, style)))
    }
  },
}

function header(catalog: Catalog, columns: readonly ExportColumn[]): string {
  const lines = [
    '%ECSV 1.0',
    '---',
    "delimiter: ','",
    'datatype:',
    ...columns.map((column) => `- ${flow(columnHeader(column))}`),
    `meta: ${flow({ name: catalog.name, description: catalog.title })}`,
    'schema: astropy-2.0',
  ]
  return lines.map((line) => `# ${line}\n`).join('')
}

/** A timestamp is text: ECSV has no type for it that readers other than astropy know. */
const datatypes: Readonly<Record<ExportType, { datatype: string; subtype?: string }>> = {
  boolean: { datatype: 'bool' },
  smallint: { datatype: 'int16' },
  integer: { datatype: 'int32' },
  bigint: { datatype: 'int64' },
  real: { datatype: 'float32' },
  'double precision': { datatype: 'float64' },
  text: { datatype: 'string' },
  timestamp: { datatype: 'string' },
  'real[]': { datatype: 'string', subtype: 'float32[null]' },
  'double precision[]': { datatype: 'string', subtype: 'float64[null]' },
  'bigint[]': { datatype: 'string', subtype: 'int64[null]' },
}

function columnHeader({ name, type, unit, ucd, description }: ExportColumn) {
  return {
    name,
    ...(unit === undefined ? {} : { unit }),
    ...datatypes[type],
    description,
    ...(ucd === undefined ? {} : { meta: { ucd } }),
  }
}

/** JSON is YAML's flow style; a long line is legal there. */
const flow = (value: unknown) => JSON.stringify(value)
