// The first table of a VOTable (IVOA 1.4): TABLEDATA as a stream, BINARY and BINARY2 held whole.
import { createReadStream } from 'node:fs'
import { basename } from 'node:path'
import { SaxesParser } from 'saxes'
import { type FileCell, fileFault, type TableFile } from '../table-file.ts'
import { binaryRows, type VotableField } from './votable-binary.ts'

const hint = 'write the file anew, for instance with STILTS: tcopy ofmt=votable-tabledata'
const integers = new Set(['short', 'int', 'long', 'unsignedByte'])

export async function openVotable(path: string): Promise<TableFile> {
  const name = basename(path)
  const reader = new VotableReader(name)
  const pieces = piecesOf(path)
  // The fields stand before the data; reading starts again when the rows are asked for.
  for await (const piece of pieces) {
    reader.write(piece)
    if (reader.inData) break
  }
  if (reader.fields.length === 0) throw fileFault(name, 'it has no TABLE with FIELDs', hint)
  return {
    name,
    columns: reader.fields.map(({ name: column, unit, ucd, datatype, arraysize }) => ({
      name: column,
      ...(unit === undefined ? {} : { unit }),
      ...(ucd === undefined ? {} : { ucd }),
      integer: arraysize === undefined && integers.has(datatype),
    })),
    frame: reader.frame,
    rows: (places) => rows(path, name, places),
    [Symbol.asyncDispose]: async () => {},
  }
}

async function* rows(path: string, name: string, places: readonly number[]): AsyncGenerator<FileCell[][]> {
  const reader = new VotableReader(name)
  for await (const piece of piecesOf(path)) {
    reader.write(piece)
    const found = reader.take()
    if (found.length > 0) yield found.map((row) => places.map((place) => row[place] ?? null))
    if (reader.ended) return
  }
  throw fileFault(name, 'it ends within its table', 'copy or download the file again')
}

async function* piecesOf(path: string): AsyncGenerator<string> {
  const file = createReadStream(path, { encoding: 'utf8' })
  try {
    for await (const piece of file) yield piece as string
  } finally {
    file.destroy()
  }
}

/** Follows the elements of a VOTable and keeps the rows that are complete. */
class VotableReader {
  readonly fields: VotableField[] = []
  frame: string | undefined
  inData = false
  ended = false
  readonly #parser = new SaxesParser()
  #rows: FileCell[][] = []
  #row: FileCell[] = []
  #text = ''
  #collect = false
  #inTable = false
  #masked = false

  constructor(readonly file: string) {
    this.#parser.on('opentag', ({ name, attributes }) => this.#open(localName(name), attributes))
    this.#parser.on('closetag', ({ name }) => this.#close(localName(name)))
    this.#parser.on('text', (text) => {
      if (this.#collect) this.#text += text
    })
    this.#parser.on('error', (error) => {
      throw fileFault(file, `it is no well-formed XML: ${error.message}`, hint)
    })
  }

  write(piece: string): void {
    if (this.ended) return
    this.#parser.write(piece)
  }

  /** The rows that have come in since. */
  take(): FileCell[][] {
    const rows = this.#rows
    this.#rows = []
    return rows
  }

  #open(element: string, attributes: Record<string, string>): void {
    if (this.ended) return
    if (element === 'COOSYS') this.frame ??= attributes.system?.toUpperCase()
    else if (element === 'TABLE') this.#inTable = true
    else if (element === 'FIELD' && this.#inTable) this.fields.push(fieldOf(attributes))
    else if (element === 'TABLEDATA') this.inData = true
    else if (element === 'BINARY' || element === 'BINARY2') {
      this.inData = true
      this.#masked = element === 'BINARY2'
    } else if (element === 'FITS') throw fileFault(this.file, 'its data are embedded FITS', hint)
    else if (element === 'STREAM' && attributes.href) {
      throw fileFault(this.file, `its data are in another file, ${attributes.href}`, hint)
    } else if (element === 'TR') this.#row = []
    this.#collect = element === 'TD' || element === 'STREAM'
    if (this.#collect) this.#text = ''
  }

  #close(element: string): void {
    if (this.ended) return
    if (element === 'TD') this.#row.push(cellOf(this.#text, this.fields[this.#row.length]))
    else if (element === 'TR') this.#endRow()
    else if (element === 'STREAM')
      this.#rows = binaryRows(this.file, this.fields, this.#masked, Buffer.from(this.#text, 'base64'))
    else if (element === 'TABLE') this.ended = true
    if (element === 'TD' || element === 'STREAM') this.#collect = false
  }

  #endRow(): void {
    if (this.#row.length !== this.fields.length) {
      throw fileFault(this.file, `a row has ${this.#row.length} cells, not ${this.fields.length}`, hint)
    }
    this.#rows.push(this.#row)
  }
}

const localName = (name: string): string => name.slice(name.indexOf(':') + 1)

function fieldOf({ name = '', ID, unit, ucd, datatype = 'char', arraysize }: Record<string, string>) {
  return {
    name: name || ID || '',
    datatype,
    ...(arraysize === undefined || arraysize === '1' ? {} : { arraysize }),
    ...(unit === undefined ? {} : { unit }),
    ...(ucd === undefined ? {} : { ucd }),
  }
}

function cellOf(text: string, field: VotableField | undefined): FileCell {
  const trimmed = text.trim()
  if (trimmed === '') return null
  if (field?.arraysize !== undefined) return trimmed
  const datatype = field?.datatype ?? 'char'
  if (integers.has(datatype) && /^[+-]?\d+$/.test(trimmed)) return BigInt(trimmed)
  if (datatype !== 'double' && datatype !== 'float') return trimmed
  const number = Number(trimmed)
  return Number.isNaN(number) ? null : number
}
