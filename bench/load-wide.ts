// All 1,068 columns of one FastSpecFit file into one wide table, against psql's \copy of the same rows.
import { rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { fileSource, openFits, tableLayout } from '../src/fits/index.ts'
import { loadFiles } from '../src/load/index.ts'
import {
  boolean,
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
  text,
} from '../src/model/index.ts'
import type { BenchInput } from './load-copy.ts'
import { benchServer, empty, psql } from './load-server.ts'

/** A file of about 75,000 rows: more take minutes on either side, and tell the same. */
const leastBytes = 300e6

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

export async function wide({ files, runs, scratch }: BenchInput): Promise<string> {
  const path = files.findLast((each) => statSync(each).size > leastBytes) ?? files[0]!
  const columns = await allColumns(path)
  const wideTable = defineCatalog({
    name: 'bench_wide.fastspec',
    title: 'All columns of FastSpecFit',
    columns: {
      ...columns,
      source_file: int32(fileNumber(), 'File.'),
      source_row: int32(rowNumber(), 'Row.'),
    },
    key: ['source_file', 'source_row'],
    layouts: { all: { files: 'fastspec-*.fits', hdus, alignedBy: 'TARGETID' } },
  })
  const catalogs = [wideTable] as never
  const survey = defineSurvey({ name: 'wide', title: 'Wide', schema: 'bench_wide', version: '1', catalogs })
  const server = await benchServer([survey])
  const binary = join(scratch, 'wide.bin')
  try {
    const times: {
      readonly rows: readonly [number, number]
      readonly statistics: readonly [number, number]
    }[] = []
    let rows = 0
    for (let run = 0; run < runs; run++) {
      await empty(server, survey, wideTable.name)
      const report = await loadFiles(server.url, [survey], [path])
      rows = report.rowsLoaded
      if (run === 0) psql(server.url, `\\copy ${wideTable.name} TO '${binary}' (FORMAT binary)`)
      await empty(server, survey, wideTable.name)
      const copy = `\\copy ${wideTable.name} FROM '${binary}' (FORMAT binary)`
      const copied = psql(server.url, copy)
      const analysed = psql(server.url, `ANALYZE ${wideTable.name}`)
      times.push({
        rows: [report.files[0]!.seconds, copied],
        statistics: [report.seconds, copied + analysed],
      })
    }
    const line = (what: string, part: 'rows' | 'statistics') => {
      const [mine, psqls] = [0, 1].map((i) => Math.min(...times.map((each) => each[part][i]!))) as [
        number,
        number,
      ]
      return `| ${what} | ${mine.toFixed(2)} s | ${psqls.toFixed(2)} s | ${(psqls / mine).toFixed(2)} |`
    }
    return `### Full width

${Object.keys(columns).length} columns of one file into one table, ${rows.toLocaleString('en')} rows. The rows: the loader's time for the file, with its digest, its counts and its entry in the ledger, and psql's whole time. ANALYZE of that many columns takes longer than the rows, and both do it.

| what | \`almagest load\` | \`psql \\copy\` | ratio (psql's time over ours) |
| --- | ---: | ---: | ---: |
${line('rows', 'rows')}
${line('rows and statistics', 'statistics')}`
  } finally {
    await server.stop()
    rmSync(binary, { force: true })
  }
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
