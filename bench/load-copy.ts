// FastSpecFit-shaped files into the catalogue's table, against psql's \copy of the same rows from ready-made binary files.

import { statSync } from 'node:fs'
import { join } from 'node:path'
import survey, { fastspecfit } from '../catalogs/desi-dr1/index.ts'
import { type LoadOptions, loadFiles } from '../src/load/index.ts'
import { secondaryIndexes } from '../src/postgres/index.ts'
import { benchServer, empty, psql, psqlTogether } from './load-server.ts'

export interface BenchInput {
  /** FastSpecFit files, the largest first. */
  readonly files: readonly string[]
  readonly runs: number
  /** A folder for files of the benchmark. */
  readonly scratch: string
  /** Rows of the narrow files whose memory is measured, in ascending order; whole hundreds of thousands, or fewer. */
  readonly growthRows: readonly number[]
  /** Folder for plots. */
  readonly pictures: string
}

const table = 'desi_analysis.fastspecfit_iron'
const analyze = `ANALYZE ${table}`

export async function againstCopy({ files, runs, scratch }: BenchInput): Promise<string> {
  const server = await benchServer([survey])
  const { url, client, sky } = server
  try {
    const indexes = secondaryIndexes(fastspecfit as never, sky)
    const load = async (options: LoadOptions) => {
      await empty(server, survey, table)
      return loadFiles(url, [survey], files, options)
    }
    const { rowsLoaded: rows } = await load({})
    const binaries = [0, 1].map((half) => join(scratch, `rows-${half}.bin`))
    binaries.forEach((path, half) => {
      psql(
        url,
        `\\copy (SELECT * FROM ${table} WHERE source_file % 2 = ${half}) TO '${path}' (FORMAT binary)`,
      )
    })
    const copies = binaries.map((path) => `\\copy ${table} FROM '${path}' (FORMAT binary)`)
    const copy = async (jobs: number, before: readonly string[], after: readonly string[]) => {
      await empty(server, survey, table)
      let seconds = before.length > 0 ? psql(url, ...before) : 0
      seconds += jobs === 1 ? psql(url, ...copies) : await psqlTogether(url, copies)
      // Indexes over as many connections as well.
      if (after.length > 0 && jobs > 1) seconds += await psqlTogether(url, after)
      if (after.length > 0 && jobs === 1) seconds += psql(url, ...after)
      return seconds + psql(url, analyze)
    }
    const drops = indexes.map((index) => index.drop)
    const creates = indexes.map((index) => index.create)
    const afterwards: LoadOptions['afterwards'] = () => ({ indexes, foreignKeys: [] })
    const lines: string[] = []
    const best: Record<string, number> = {}
    const compare = async (what: string, ours: LoadOptions, theirs: () => Promise<number>) => {
      const times: [number, number][] = []
      for (let run = 0; run < runs; run++) times.push([(await load(ours)).seconds, await theirs()])
      const [mine, psqls] = [0, 1].map((i) => Math.min(...times.map((pair) => pair[i]!))) as [number, number]
      best[what] = mine
      lines.push(`| ${what} | ${mine.toFixed(2)} s | ${psqls.toFixed(2)} s | ${(psqls / mine).toFixed(2)} |`)
    }
    await compare('all indexes in place, 1 connection', {}, () => copy(1, [], []))
    await compare('all indexes in place, 2 connections', { jobs: 2 }, () => copy(2, [], []))
    await compare('indexes built afterwards, 1 connection', { afterwards }, () => copy(1, drops, creates))
    await compare('indexes built afterwards, 2 connections', { afterwards, jobs: 2 }, () =>
      copy(2, drops, creates),
    )
    for (const drop of drops) await client.query(drop)
    await compare('key only, 1 connection', {}, () => copy(1, [], []))
    await compare('key only, 2 connections', { jobs: 2 }, () => copy(2, [], []))
    const gain = (how: string) => (best[`${how}, 1 connection`]! / best[`${how}, 2 connections`]!).toFixed(2)
    const megabytes = files.reduce((sum, path) => sum + statSync(path).size, 0) / 1e6
    return `### FastSpecFit's files against \\copy of ready-made binary

${rows.toLocaleString('en')} rows from ${files.length} files of ${megabytes.toFixed(0)} MB in the release's layout (54, 127 and 887 columns), ${Object.keys(fastspecfit.columns).length} columns of the catalogue's table. Both sides have the same key, checks and indexes, and both end with ANALYZE. The loader also converts, checks every row, compares the identifiers of all three HDUs, counts the rows again and computes the SHA-256 of all of every file; psql reads only the columns that are loaded.

| table | \`almagest load\` | \`psql \\copy\` | ratio (psql's time over ours) |
| --- | ---: | ---: | ---: |
${lines.join('\n')}

Two connections over one: ${gain('all indexes in place')} with all indexes in place, ${gain('indexes built afterwards')} with the indexes built afterwards, ${gain('key only')} with the key only. With the key only the server has so little to do that the SHA-256 of the columns that are not loaded takes as long as the load; on two cores that leaves nothing for a second connection.`
  } finally {
    await server.stop()
  }
}
