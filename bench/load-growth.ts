// Memory of a load against the number of rows (10^5, 10^6 and 10^7 narrow ones), and with files of other shapes, each in a process of its own.
import { execFileSync } from 'node:child_process'
import { createReadStream, createWriteStream, mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { fileURLToPath } from 'node:url'
import { createGzip } from 'node:zlib'
import desi from '../catalogs/desi-dr1/index.ts'
import { draw, Plot } from '../src/drawing/index.ts'
import { type ColumnToPack, packRows, writeFits } from '../src/fits/index.ts'
import type { BenchInput } from './load-copy.ts'
import { growthSurvey, growthTable } from './load-growth-survey.ts'
import { type BenchServer, benchServer, empty, smallStatistics } from './load-server.ts'
import { wideSurvey } from './load-wide-survey.ts'

interface Told {
  readonly rowsLoaded: number
  readonly seconds: number
  /** Megabytes, of the loading process at most. */
  readonly memory: number
}

interface Point {
  readonly rows: number
  readonly memory: number
  readonly seconds: number
}

/** Files of this size are enough where width and compression matter, not length. */
const mostBytes = 300e6

/** What the loader promises, in megabytes. */
const mostMemory = 300

const child = fileURLToPath(new URL('load-child.ts', import.meta.url))

function loadApart({ url }: BenchServer, survey: string, jobs: number, paths: readonly string[]): Told {
  const given = ['--import', 'tsx', child, url, survey, String(jobs), ...paths]
  return JSON.parse(execFileSync(process.execPath, given, { encoding: 'utf8' }))
}

export async function growth(input: BenchInput): Promise<string> {
  const { growthRows, pictures } = input
  const server = await benchServer([growthSurvey])
  try {
    const points: Point[] = []
    const lines: string[] = []
    for (const rows of growthRows) {
      const { point, bytes } = await narrowLoad(server, rows, input)
      points.push(point)
      lines.push(
        `| ${rows.toLocaleString('en')} | ${megabytes(bytes)} | ${point.memory.toFixed(0)} MB | ${point.seconds.toFixed(2)} s | ${Math.round(speed(point)).toLocaleString('en')} |`,
      )
    }
    drawGrowth(points, pictures)
    const last = points.at(-1)!
    const others = points.slice(0, -1)
    const kept = speed(last) / Math.max(...others.map(speed))
    const grown = last.memory / Math.min(...others.map(({ memory }) => memory))
    return `### Memory and speed against rows

Narrow rows (five columns, 32 bytes) into an empty table with its key; the greatest resident memory of the loading process, of which Node itself takes about 100 MB.

| rows | file | memory at most | time | rows/s |
| ---: | ---: | ---: | ---: | ---: |
${lines.join('\n')}

The largest file loads at ${kept.toFixed(2)} of the best speed of the smaller ones, with ${grown.toFixed(2)} of their least memory.

![Memory against rows](benchmarks/load-memory.svg) ![Rows a second against rows](benchmarks/load-speed.svg)

${await otherShapes(input)}`
  } finally {
    await server.stop()
  }
}

const speed = ({ rows, seconds }: Point) => rows / seconds
const megabytes = (bytes: number) => `${(bytes / 1e6).toFixed(0)} MB`

async function narrowLoad(
  server: BenchServer,
  rows: number,
  { scratch, runs }: BenchInput,
): Promise<{ point: Point; bytes: number }> {
  const path = await narrowFile(join(scratch, `narrow-${rows}.fits`), rows)
  const told: Told[] = []
  for (let run = 0; run < runs; run++) {
    await empty(server, growthSurvey, growthTable.name)
    told.push(loadApart(server, 'narrow', 1, [path]))
  }
  const seconds = Math.min(...told.map((each) => each.seconds))
  const memory = Math.max(...told.map((each) => each.memory))
  const bytes = statSync(path).size
  rmSync(path)
  return { point: { rows, seconds, memory }, bytes }
}

/** The largest file as released, a gzip'd one, the full width, and two connections. */
async function otherShapes({ files, scratch }: BenchInput): Promise<string> {
  const largest = files[0]!
  const [small = largest, smaller = small] = files.filter((path) => statSync(path).size <= mostBytes)
  const { survey } = await wideSurvey(largest)
  const server = await benchServer([desi, survey])
  const zipped = join(scratch, `${basename(small)}.gz`)
  const lines: string[] = []
  const most: number[] = []
  const tell = async (what: string, name: 'desi' | 'wide', jobs: number, paths: readonly string[]) => {
    const { rowsLoaded, memory } = loadApart(server, name, jobs, paths)
    const bytes = paths.reduce((sum, path) => sum + statSync(path).size, 0)
    most.push(memory)
    lines.push(
      `| ${what} | ${jobs} | ${rowsLoaded.toLocaleString('en')} | ${megabytes(bytes)} | ${memory.toFixed(0)} MB |`,
    )
    for (const each of name === 'desi' ? [desi] : [survey]) {
      await empty(server, each, each.catalogs.map((catalog) => catalog.name).join(', '))
    }
  }
  try {
    // Speed is not measured here, and statistics of so many columns take a minute.
    await smallStatistics(server)
    await tell("the survey's columns of the largest file", 'desi', 1, [largest])
    await tell("the survey's columns of all files", 'desi', 2, files)
    await pipeline(createReadStream(small), createGzip({ level: 1 }), createWriteStream(zipped))
    await tell("the survey's columns of a gzip'd file", 'desi', 1, [zipped])
    await tell('all 1,068 columns of a file', 'wide', 1, [small])
    await tell('all 1,068 columns of two files', 'wide', 2, [small, smaller])
    const verdict = Math.max(...most) < mostMemory ? 'Below' : 'Not below'
    return `The same of FastSpecFit's files. ${verdict} ${mostMemory} MB in all of them.

| what | connections | rows | files | memory at most |
| --- | ---: | ---: | ---: | ---: |
${lines.join('\n')}`
  } finally {
    await server.stop()
    rmSync(zipped, { force: true })
  }
}

function drawGrowth(points: readonly Point[], folder: string): void {
  mkdirSync(folder, { recursive: true })
  const x = {
    type: 'log',
    label: 'rows of the file',
    ticks: points.map(({ rows }) => rows),
    tickFormat: '~s',
  } as const
  const picture = (name: string, label: string, y: (point: Point) => number, limits: number[]) => {
    const marks = [
      Plot.ruleY([0]),
      Plot.ruleY(limits, { stroke: '#d55e00', strokeDasharray: '4' }),
      Plot.line(points, { x: 'rows', y, stroke: '#0072b2' }),
      Plot.dot(points, { x: 'rows', y, fill: '#0072b2', r: 4 }),
    ]
    const svg = draw(
      { ...margins, height: 280, x, y: { label, grid: true, zero: true, tickFormat: '~s' }, marks },
      label,
    )
    writeFileSync(join(folder, name), `${svg}\n`)
  }
  picture('load-memory.svg', 'greatest resident memory, MB', ({ memory }) => memory, [mostMemory])
  picture('load-speed.svg', 'rows a second', speed, [])
}

const margins = { marginLeft: 60, marginBottom: 45, marginRight: 30 }

/** Rows in ascending order of the key, written piece by piece. */
async function narrowFile(path: string, rowCount: number): Promise<string> {
  const piece = Math.min(100_000, rowCount)
  const columns = (first: number): ColumnToPack[] => {
    const each = <T>(value: (i: number) => T) => Array.from({ length: piece }, (_, i) => value(first + i))
    return [
      { name: 'ID', tform: 'K', values: BigInt64Array.from(each(BigInt)) },
      { name: 'RA', tform: 'D', values: Float64Array.from(each((i) => (i * 0.618) % 360)) },
      { name: 'DEC', tform: 'D', values: Float64Array.from(each((i) => ((i * 0.414) % 180) - 90)) },
      { name: 'Z', tform: 'E', values: Float32Array.from(each((i) => (i % 1000) / 1000)) },
      { name: 'MASS', tform: 'E', values: Float32Array.from(each((i) => 6 + (i % 700) / 100)) },
    ]
  }
  function* rows() {
    for (let first = 0; first < rowCount; first += piece) yield packRows(columns(first), 0, piece)
  }
  await writeFits(path, [{ name: 'NARROW', columns: columns(0), rowCount, rows: rows() }])
  return path
}
