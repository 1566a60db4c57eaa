// Cross-matches from database to database against the number of rows: time, memory, and the plot of both.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { draw, Plot } from '../src/drawing/index.ts'
import { connect } from '../src/postgres/index.ts'
import { arcsec } from '../src/sky/index.ts'
import { ours, type Told } from './sky-match-run.ts'
import type { SkyBench } from './sky-tables.ts'

interface Point extends Told {
  /** Rows of each table. */
  readonly size: number
}

/** Rows in no order: the first so many of the same two tables. */
export async function matchGrowthBench({ url, pictures, quick }: SkyBench): Promise<string> {
  await using client = await connect(url)
  await client.query('CREATE EXTENSION IF NOT EXISTS q3c')
  const sizes = quick ? [1000, 10_000] : [10_000, 100_000, 1_000_000, 3_000_000, 10_000_000]
  await client.query(`CREATE UNLOGGED TABLE public.every_a AS SELECT i::int8 AS id, 360 * random() AS ra,
    degrees(asin(2 * random() - 1)) AS dec FROM generate_series(1, ${sizes.at(-1)}) i`)
  await client.query(`CREATE UNLOGGED TABLE public.every_b AS SELECT id, ra,
    greatest(-90, least(90, dec + ${arcsec(2.5)} * (random() - 0.5))) AS dec FROM public.every_a`)
  const points: Point[] = []
  for (const size of sizes) {
    for (const side of ['a', 'b']) {
      await client.query(`DROP TABLE IF EXISTS public.${side}; CREATE UNLOGGED TABLE public.${side} AS
        SELECT * FROM public.every_${side} LIMIT ${size}`)
      await client.query(`VACUUM ANALYZE public.${side}`)
    }
    await client.query('CHECKPOINT')
    const runs = Array.from({ length: size > 1_000_000 ? 2 : 3 }, () => ours(url, { road: 'client' }))
    const best = runs.reduce((least, each) => (each.seconds < least.seconds ? each : least))
    points.push({ ...best, size, memory: Math.max(...runs.map((each) => each.memory)) })
  }
  drawGrowth(points, pictures)
  const lines = points.map(
    ({ size, rows, seconds: time, memory }) =>
      `| ${size.toLocaleString('en')} | ${rows.toLocaleString('en')} | ${time.toFixed(2)} s | ${((time / size) * 1e9).toFixed(0)} | ${memory.toFixed(0)} MB |`,
  )
  const [logs, times] = [points, points].map((each, i) =>
    each.slice(-3).map((point) => Math.log(i === 0 ? point.size : point.seconds)),
  ) as [number[], number[]]
  const slope = (times.at(-1)! - times[0]!) / (logs.at(-1)! - logs[0]!)
  return `### Time and memory of a cross-match against the number of rows

All pairs within 1 arc second, all sky, rows in no order, no index, into a new table; the greatest resident memory of the matching process (bar: 500 MB). More than four million rows of the second table are matched in bands of declination.

| rows of each table | pairs | time | ns a row | memory at most |
| ---: | ---: | ---: | ---: | ---: |
${lines.join('\n')}

From ${points.slice(-3)[0]!.size.toLocaleString('en')} rows on the time grows as the number of rows to the power of ${slope.toFixed(2)}.

![Time against rows](benchmarks/match-time.svg)`
}

function drawGrowth(points: readonly Point[], folder: string): void {
  const axis = { type: 'log', grid: true } as const
  const last = points.at(-1)!
  const linear = points.map(({ size }) => ({ size, seconds: (last.seconds / last.size) * size }))
  const svg = draw(
    {
      height: 320,
      marginLeft: 60,
      x: { ...axis, label: 'rows of each table', tickFormat: '~s' },
      y: { ...axis, label: 'seconds', tickFormat: '~g' },
      marks: [
        Plot.line(linear, { x: 'size', y: 'seconds', stroke: '#999999', strokeDasharray: '4 3' }),
        Plot.line(points, { x: 'size', y: 'seconds', stroke: '#0072b2' }),
        Plot.dot(points, { x: 'size', y: 'seconds', fill: '#0072b2', r: 4 }),
      ],
    },
    'Seconds of a cross-match against rows; dashed: in proportion to the rows',
  )
  writeFileSync(join(folder, 'match-time.svg'), `${svg}\n`)
}
