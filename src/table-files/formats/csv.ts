// CSV (RFC 4180): a header line, then a row a line; every cell is text, an empty one is null.
import { createReadStream } from 'node:fs'
import { basename } from 'node:path'
import { CsvError, parse } from 'csv-parse'
import { type FileCell, fileFault, type TableFile } from '../table-file.ts'

const rowsInBatch = 4096

export async function openCsv(path: string): Promise<TableFile> {
  const name = basename(path)
  const header = await firstLine(path, name)
  return {
    name,
    columns: header.map((column) => ({ name: column, integer: false })),
    frame: undefined,
    rows: (places) => rows(path, name, places),
    [Symbol.asyncDispose]: async () => {},
  }
}

async function firstLine(path: string, name: string): Promise<string[]> {
  for await (const line of lines(path, name, 1)) return line
  throw fileFault(name, 'the file is empty', 'give it a line with the names of the columns')
}

async function* rows(path: string, name: string, places: readonly number[]): AsyncGenerator<FileCell[][]> {
  let batch: FileCell[][] = []
  let header = true
  for await (const line of lines(path, name)) {
    if (header) {
      header = false
      continue
    }
    batch.push(places.map((place) => line[place] || null))
    if (batch.length < rowsInBatch) continue
    yield batch
    batch = []
  }
  if (batch.length > 0) yield batch
}

async function* lines(path: string, name: string, most = -1): AsyncGenerator<string[]> {
  const parser = parse({ bom: true, skip_empty_lines: true, ...(most > 0 ? { to: most } : {}) })
  const file = createReadStream(path)
  file.on('error', (error) => parser.destroy(error))
  try {
    for await (const line of file.pipe(parser)) yield line as string[]
  } catch (error) {
    if (!(error instanceof CsvError)) throw error
    throw fileFault(name, error.message, 'repair the line, or write the file as FITS or VOTable')
  } finally {
    file.destroy()
  }
}
