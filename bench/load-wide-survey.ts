// A survey of one table with all 1,068 columns of FastSpecFit's files.
import { fileSource, openFits, tableLayout } from '../src/fits/index.ts'
import {
  boolean,
  type Catalog,
  type Column,
  defineCatalog,
  defineSurvey,
  fileNumber,
  fits,
  float32,
  float32s,
  float64,
  int16,
  int32,
  int64,
  rowNumber,
  type Source,
  type Survey,
  text,
} from '../src/model/index.ts'

const hdus = ['METADATA', 'SPECPHOT', 'FASTSPEC']
const kinds: Record<string, (source: Source, description: string) => Column> = {
  K: int64,
  J: int32,
  I: int16,
  B: int16,
  E: float32,
  D: float64,
  A: text,
  L: boolean,
}

/** @param path  the file whose columns the table has */
export async function wideSurvey(path: string): Promise<{ survey: Survey; table: Catalog; columns: number }> {
  const columns = await allColumns(path)
  const table = defineCatalog({
    name: 'bench_wide.fastspec',
    title: 'All columns of FastSpecFit',
    columns: {
      ...columns,
      source_file: int32(fileNumber(), 'File.'),
      source_row: int32(rowNumber(), 'Row.'),
    },
    key: ['source_file', 'source_row'],
    layouts: { all: { files: 'fastspec-*.fits', hdus, alignedBy: 'TARGETID' } },
  }) as never as Catalog
  const survey = defineSurvey({
    name: 'wide',
    title: 'Wide',
    schema: 'bench_wide',
    version: '1',
    catalogs: [table],
  })
  return { survey, table, columns: Object.keys(columns).length }
}

async function allColumns(path: string): Promise<Record<string, Column>> {
  const file = await openFits(await fileSource(path))
  try {
    const pairs = hdus.flatMap((hdu) =>
      tableLayout(file, file.hdu(hdu)).columns.map(({ name, code, repeat }): [string, Column] => {
        return [
          `${hdu[0]}_${name}`.toLowerCase(),
          (code === 'E' && repeat > 1 ? float32s : kinds[code]!)(fits(hdu, name), `${name} of ${hdu}.`),
        ]
      }),
    )
    return Object.fromEntries(pairs)
  } finally {
    await file.close()
  }
}
