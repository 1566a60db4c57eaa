// CSV: as RFC 4180 wants it and as PostgreSQL reads it back, with nothing but names and values.
import type { ExportFormat } from '../format.ts'
import { type CellStyle, textLines } from './text-cells.ts'

const batchLimit = { bytes: 4 << 20, rows: 16_384 }

/** PostgreSQL's spellings: the file can be read with COPY ... FROM (FORMAT csv, HEADER). */
const style: CellStyle = {
  numbers: { nan: 'NaN', infinity: 'Infinity' },
  booleans: ['false', 'true'],
  array: (elements) => `{${elements.map((each) => each ?? 'NULL').join(',')}}`,
}

/** CSV has no place for units, UCDs and descriptions: use ECSV, which is CSV under a header that holds them. */
export const csv: ExportFormat = {
  extensions: ['csv'],
  async write(rows, sink) {
    const names = rows.columns.map(({ name }) => name)
    await sink.write(Buffer.from(`${names.join(',')}\n`))
    for await (const batch of rows.batches(batchLimit)) {
      await sink.write(Buffer.from(textLines(names, batch, style)))
    }
  },
}
