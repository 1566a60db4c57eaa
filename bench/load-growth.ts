// Memory and speed of a load against the number of rows: 10^5, 10^6 and 10^7 narrow rows, each in a process of its own.
import { execFileSync } from 'node:child_process'
import { mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { draw, Plot } from '../src/drawing/index.ts'
import { type ColumnToPack, packRows, writeFits } from '../src/fits/index.ts'
import type { BenchInput } from './load-copy.ts'
import { growthSurvey, growthTable } from './load-growth-survey.ts'
import { benchServer, empty } from './load-server.ts'

interface Point {
  readonly rows: number
  /** Megabytes, of the loading process at most. */
  readonly memory: number
  readonly seconds: number
}

const child = fileURLToPath(new URL('load-growth-child.ts', import.meta.url))

export async function growth({ scratch, growthRows, pictures, runs }: BenchInput): Promise<string> {
  const server = await benchServer([growthSurvey])
  try {
    const lines: string[] = []
    const points: Point[] = []
    for (const rows of growthRows) {
      const path = await narrowFile(join(scratch, `narrow-${rows}.fits`), rows)
      const told: Omit<Point, 'rows'>[] = []
      // The largest takes long enough to need no second run.
      for (let run = 0; run < (rows === growthRows.at(-1) ? 1 : runs); run++) {
        await empty(server, growthSurvey, growthTable.name)
        const output = execFileSync(process.execPath, ['--import', 'tsx', child, server.url, path], {
          encoding: 'utf8',
        })
        told.push(JSON.parse(output))
      }
      const seconds = Math.min(...told.map((each) => each.seconds))
      const memory = Math.max(...told.map((each) => each.memory))
      points.push({ rows, seconds, memory })
      const megabytes = (statSync(path).size / 1e6).toFixed(0)
      lines.push(
        `| ${rows.toLocaleString('en')} | ${megabytes} MB | ${memory.toFixed(0)} MB | ${seconds.toFixed(2)} s | ${Math.round(rows / seconds).toLocaleString('en')} |`,
      )
      rmSync(path)
    }
    const [first, last] = [points[0]!, points.at(-1)!]
    const kept = last.rows / last.seconds / (first.rows / first.seconds)
    drawGrowth(points, pictures)
    return `### Memory against rows

Narrow rows (five columns, 32 bytes) into an empty table with its key; the greatest resident memory of the loading process, of which Node itself takes about 100 MB.

| rows | file | memory at most | time | rows/s |
| ---: | ---: | ---: | ---: | ---: |
${lines.join('\n')}

With ${(last.rows / first.rows).toLocaleString('en')} times the rows the speed is ${kept.toFixed(2)} and the memory ${(last.memory / first.memory).toFixed(2)} of what they were.

![Memory against rows](benchmarks/load-memory.svg) ![Rows a second against rows](benchmarks/load-speed.svg)`
  } finally {
    await server.stop()
  }
}

function drawGrowth(points: readonly Point[], folder: string): void {
  mkdirSync(folder, { recursive: true })
  const picture = (name: string, label: string, y: (point: Point) => number) => {
    const marks = [
      Plot.ruleY([0]),
      Plot.line(points, { x: 'rows', y, stroke: '#0072b2' }),
      Plot.dot(points, { x: 'rows', y, fill: '#0072b2', r: 4 }),
    ]
    const x = { type: 'log', label: 'rows of the file', grid: true, tickFormat: '~s' } as const
    const svg = draw(
      { height: 280, marginLeft: 60, x, y: { label, grid: true, zero: true, tickFormat: '~s' }, marks },
      label,
    )
    writeFileSync(join(folder, name), `${svg}\n`)
  }
  picture('load-memory.svg', 'greatest resident memory, MB', ({ memory }) => memory)
  picture('load-speed.svg', 'rows a second', ({ rows, seconds }) => rows / seconds)
}

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
