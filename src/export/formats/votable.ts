// VOTable 1.4 with the data as BINARY2: NULL is a bit of the row's mask, told from NaN and from an empty text.
import type { ExportFormat } from '../format.ts'
import type { ExportRows } from '../rows.ts'
import { binary2Rows } from './binary2.ts'
import { votableEnd, votableStart } from './votable-head.ts'

/** Values read and encoded at a time. */
const batchLimit = { bytes: 4 << 20, rows: 16_384 }

export const votable: ExportFormat = {
  extensions: ['vot', 'votable', 'xml'],
  async write(rows, sink) {
    const { catalog, columns } = rows
    const open = '<DATA>\n<BINARY2>\n<STREAM encoding="base64">\n'
    await sink.write(Buffer.from(votableStart(catalog, columns) + open))
    for await (const line of base64Lines(binary2(rows))) await sink.write(Buffer.from(line))
    await sink.write(Buffer.from(`</STREAM>\n</BINARY2>\n</DATA>\n${votableEnd}`))
  },
}

async function* binary2(rows: ExportRows): AsyncGenerator<Uint8Array> {
  for await (const batch of rows.batches(batchLimit)) yield binary2Rows(rows.columns, batch)
}

/** Base64 of all bytes as one text, in lines: bytes that are no multiple of three wait for the next piece. */
async function* base64Lines(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  let rest: Uint8Array = new Uint8Array(0)
  for await (const piece of pieces) {
    const bytes = Buffer.concat([rest, piece])
    const whole = bytes.length - (bytes.length % 3)
    rest = bytes.subarray(whole)
    if (whole > 0) yield `${bytes.toString('base64', 0, whole)}\n`
  }
  if (rest.length > 0) yield `${Buffer.from(rest).toString('base64')}\n`
}
