// The first table of a FITS file, binary or ASCII.
import {
  asciiLayout,
  decodeAsciiColumn,
  decodeColumn,
  FitsError,
  type FitsFile,
  fileSource,
  type Hdu,
  openFits,
  type RowBlock,
  rowBlocks,
  tableLayout,
} from '../../fits/index.ts'
import { type FileCell, type FileColumn, fileFault, type TableFile } from '../table-file.ts'

export async function openFitsTable(path: string): Promise<TableFile> {
  const file = await openFits(await fileSource(path))
  try {
    const hdu = file.hdus.find(({ kind }) => kind === 'bintable' || kind === 'table')
    if (!hdu) {
      throw new FitsError('FITS_NOT_A_TABLE', `${file.name} has no table`, { file: file.name })
    }
    const reader = hdu.kind === 'table' ? asciiReader(file, hdu) : binaryReader(file, hdu)
    return {
      name: file.name,
      columns: reader.columns,
      frame: frameOf(file, hdu),
      rows: async function* (places) {
        for await (const block of rowBlocks(file, reader.layout)) {
          const columns = places.map((place) => reader.decode(place, block))
          yield Array.from({ length: block.rowCount }, (_, row) => columns.map((cells) => cells[row]!))
        }
      },
      [Symbol.asyncDispose]: () => file.close(),
    }
  } catch (fault) {
    await file.close()
    throw fault
  }
}

/** RADESYS of the table or the file; EQUINOX alone means FK4 before 1984 and FK5 since (FITS 4.0, 8.3). */
function frameOf(file: FitsFile, hdu: Hdu): string | undefined {
  for (const { header } of [hdu, file.hdus[0]!]) {
    const system = header.get('RADESYS') ?? header.get('RADECSYS')
    if (typeof system === 'string' && system.trim() !== '') return system.trim().toUpperCase()
    const equinox = header.get('EQUINOX')
    if (typeof equinox === 'number') return equinox < 1984 ? 'FK4' : 'FK5'
  }
  return undefined
}

const columnFacts = (column: { name: string; unit?: string }, integer: boolean): FileColumn => ({
  name: column.name,
  ...(column.unit === undefined ? {} : { unit: column.unit }),
  integer,
})

function binaryReader(file: FitsFile, hdu: Hdu) {
  const layout = tableLayout(file, hdu)
  return {
    layout,
    columns: layout.columns.map((column) =>
      columnFacts(column, 'BIJK'.includes(column.code) && column.scale === 1 && column.repeat === 1),
    ),
    decode: (place: number, block: RowBlock): FileCell[] =>
      decodeColumn(layout, layout.columns[place]!, block).map((cell) => {
        if (typeof cell !== 'object' || cell === null) return Number.isNaN(cell) ? null : cell
        const { name } = layout.columns[place]!
        throw fileFault(file.name, `column ${name} holds arrays`, 'name a column of single values')
      }),
  }
}

function asciiReader(file: FitsFile, hdu: Hdu) {
  const layout = asciiLayout(file, hdu)
  return {
    layout,
    columns: layout.columns.map((column) => columnFacts(column, column.code === 'I' && column.scale === 1)),
    decode: (place: number, block: RowBlock): FileCell[] =>
      decodeAsciiColumn(layout, layout.columns[place]!, block),
  }
}
