// FastSpecFit-shaped files into the catalogue's table, against psql's \copy of the same rows from ready-made binary files.
import { createHash } from 'node:crypto'
import { closeSync, mkdirSync, openSync, readSync, rmSync, statSync } from 'node:fs'
import { basename, join } from 'node:path'
import desi, { fastspecfit } from '../catalogs/desi-dr1/index.ts'
import { type LoadOptions, loadFiles } from '../src/load/index.ts'
import type { Survey } from '../src/model/index.ts'
import { secondaryIndexes } from '../src/postgres/index.ts'
import { type BenchServer, benchServer, empty, psql, psqlTogether } from './load-server.ts'
import { joinHdus, twoHdus } from './load-shapes.ts'

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

/** Files of one shape, and the survey that reads them. */
interface Shape {
  readonly title: string
  readonly survey: Survey
  readonly files: readonly string[]
  /** Whether to measure with the secondary indexes in place too, which takes longest. */
  readonly inPlace: boolean
}

const table = 'desi_analysis.fastspecfit_iron'

export async function againstCopy(input: BenchInput): Promise<string> {
  const server = await benchServer([desi])
  const narrow = join(input.scratch, 'two')
  mkdirSync(narrow)
  try {
    const two: string[] = []
    for (const path of input.files) two.push(await joinHdus([path], twoHdus, join(narrow, basename(path))))
    const shapes: Shape[] = [
      {
        title: 'Files as released (54, 127 and 887 columns)',
        survey: desi,
        files: input.files,
        inPlace: true,
      },
      {
        title: 'Files of METADATA and SPECPHOT (54 and 127 columns)',
        survey: withoutFastspec,
        files: two,
        inPlace: false,
      },
    ]
    const sections: string[] = []
    for (const shape of shapes) sections.push(await compareShape(server, shape, input))
    return `### FastSpecFit's files against \\copy of ready-made binary

The same ${Object.keys(fastspecfit.columns).length} columns of the catalogue's table, with the same key and checks; both sides end with ANALYZE, and the loader's start of Node is not counted. The table as the survey declares it has ${indexesOf(server).length} indexes besides its key. \`almagest load\` drops the indexes of an empty table and builds them when the rows are in; psql's user meets the table as it is, or does the same by hand, over as many connections. The loader also converts, checks every row, compares the identifiers of all HDUs, and computes the SHA-256 of every byte of every file; psql reads only the columns that are loaded, ready to be stored. On a machine of two cores that work is free beside one connection, whose server needs one core; beside two connections it takes the time of the servers.

${sections.join('\n\n')}`
  } finally {
    await server.stop()
    rmSync(narrow, { recursive: true, force: true })
  }
}

const indexesOf = ({ sky }: BenchServer) => secondaryIndexes(fastspecfit as never, sky)

/** The survey with a layout for files that lack FASTSPEC. */
const withoutFastspec: Survey = {
  ...desi,
  catalogs: [
    {
      ...fastspecfit,
      layouts: { 'v3.0': { ...fastspecfit.layouts['v3.0']!, hdus: twoHdus } },
    } as never,
  ],
}

/** Seconds of the loader and of psql, at best, over one connection and over two. */
type Times = readonly [one: readonly [number, number], two: readonly [number, number]]

async function compareShape(
  server: BenchServer,
  { title, survey, files, inPlace }: Shape,
  { runs, scratch }: BenchInput,
): Promise<string> {
  const { url, client } = server
  const indexes = indexesOf(server)
  const drops = indexes.map((index) => index.drop)
  const creates = indexes.map((index) => index.create)
  const afterwards: LoadOptions['afterwards'] = () => ({ indexes, foreignKeys: [] })
  const load = async (options: LoadOptions) => {
    await empty(server, desi, table)
    return loadFiles(url, [survey], files, options)
  }
  for (const sql of [...drops, ...creates]) await client.query(sql)
  const { rowsLoaded: rows } = await load({ afterwards })
  const binaries = [0, 1].map((half) => join(scratch, `rows-${half}.bin`))
  binaries.forEach((path, half) => {
    psql(url, `\\copy (SELECT * FROM ${table} WHERE source_file % 2 = ${half}) TO '${path}' (FORMAT binary)`)
  })
  const copies = binaries.map((path) => `\\copy ${table} FROM '${path}' (FORMAT binary)`)
  /** As many psql as connections, each with its share of the commands. */
  const share = (commands: readonly string[], jobs: number) =>
    psqlTogether(
      url,
      Array.from({ length: jobs }, (_, job) => commands.filter((_, i) => i % jobs === job)),
    )
  const copy = async (jobs: number, before: readonly string[], after: readonly string[]) => {
    await empty(server, desi, table)
    let seconds = before.length > 0 ? psql(url, ...before) : 0
    seconds += await share(copies, jobs)
    if (after.length > 0) seconds += await share(after, jobs)
    return seconds + psql(url, `ANALYZE ${table}`)
  }
  const measure = async (options: LoadOptions, before: string[], after: string[]): Promise<Times> => {
    const best: [[number, number], [number, number]] = [
      [Infinity, Infinity],
      [Infinity, Infinity],
    ]
    for (let run = 0; run < runs; run++) {
      for (const [i, times] of best.entries()) {
        times[0] = Math.min(times[0], (await load({ ...options, jobs: i + 1 })).seconds)
        times[1] = Math.min(times[1], await copy(i + 1, before, after))
      }
    }
    return best
  }
  const lines: string[] = []
  const tell = (what: string, [one, two]: Times) => {
    for (const [i, [mine, psqls]] of [one, two].entries()) {
      const gain = i === 0 ? '' : (one[0] / mine).toFixed(2)
      lines.push(
        `| ${what} | ${i + 1} | ${mine.toFixed(2)} s | ${psqls.toFixed(2)} s | ${(psqls / mine).toFixed(2)} | ${gain} |`,
      )
    }
  }
  const built = await measure({ afterwards }, drops, creates)
  if (inPlace) {
    const inThere = await measure({}, [], [])
    const [[one], [two]] = built
    tell('as declared; the loader as its command runs', [
      [one, inThere[0][1]],
      [two, inThere[1][1]],
    ])
    tell('as declared, indexes in place for both', inThere)
  }
  tell('as declared, both drop the indexes and build them afterwards', built)
  for (const drop of drops) await client.query(drop)
  tell('key and checks only', await measure({}, [], []))
  for (const path of binaries) rmSync(path)
  const bytes = files.reduce((sum, path) => sum + statSync(path).size, 0)
  return `#### ${title}

${rows.toLocaleString('en')} rows from ${files.length} files of ${(bytes / 1e6).toFixed(0)} MB. Their SHA-256 alone takes one core ${digestSeconds(files).toFixed(2)} s.

| table | connections | \`almagest load\` | \`psql \\copy\` | psql's time over ours | gain by the second connection |
| --- | ---: | ---: | ---: | ---: | ---: |
${lines.join('\n')}`
}

function digestSeconds(files: readonly string[]): number {
  const buffer = Buffer.allocUnsafeSlow(256 << 10)
  const started = performance.now()
  for (const path of files) {
    const hash = createHash('sha256')
    const file = openSync(path, 'r')
    for (let bytes = 1; bytes > 0; ) {
      bytes = readSync(file, buffer)
      hash.update(buffer.subarray(0, bytes))
    }
    closeSync(file)
  }
  return (performance.now() - started) / 1000
}
