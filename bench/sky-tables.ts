// Tables of positions for the benchmarks of the sky, and how their times are told.
import type { Client } from '../src/postgres/index.ts'
import type { Position } from '../src/sky/index.ts'

/** What every part is given. */
export interface SkyBench {
  /** A database of its own with nothing in it. */
  readonly url: string
  readonly runs: number
  /** Folder for plots. */
  readonly pictures: string
  /** Few rows: whether it runs at all, not how fast. */
  readonly quick: boolean
}

/**
 * A table of random positions, the same in each run: all over the sky, or within the footprint of DESI's bright survey,
 * coarsely (northern and southern galactic cap). Rows lie in the order of the numbers that the expression gives.
 */
export async function positionTable(
  client: Client,
  table: string,
  { rows, footprint, order }: { rows: number; footprint: boolean; order: string },
): Promise<void> {
  const sky =
    'SELECT 360 * random() AS ra, degrees(asin(2 * random() - 1)) AS dec FROM generate_series(1, $1::int8)'
  const desi = `SELECT CASE WHEN cap < 0.73 THEN 100 + 180 * random() ELSE 300 + 125 * random() END AS ra,
      degrees(asin(CASE WHEN cap < 0.73 THEN -0.14 + 1.12 * random() ELSE -0.3 + 0.87 * random() END)) AS dec
    FROM (SELECT random() AS cap FROM generate_series(1, $1::int8)) AS c`
  await client.query('SELECT setseed(0.5)')
  await client.query(
    `CREATE TABLE ${table} (id int8 NOT NULL, ra float8 NOT NULL, dec float8 NOT NULL, z float8)`,
  )
  await client.query(
    `INSERT INTO ${table} SELECT row_number() OVER (), ra - 360 * floor(ra / 360), dec, random()
     FROM (SELECT * FROM (${footprint ? desi : sky}) AS p ORDER BY ${order}) AS p`,
    [rows],
  )
  await client.query(`ALTER TABLE ${table} ADD PRIMARY KEY (id)`)
}

/** Centres all over the sky, each pole among them, in an order that jumps about. */
export function centres(count: number): Position[] {
  const golden = (Math.sqrt(5) - 1) / 2
  return Array.from({ length: count }, (_, i) => {
    if (i < 2) return { ra: 0, dec: i === 0 ? 90 : -90 }
    const sine = 2 * ((i * golden) % 1) - 1
    return { ra: (i * 137.50776) % 360, dec: (Math.asin(sine) * 180) / Math.PI }
  })
}

export async function seconds(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now()
  await work()
  return (performance.now() - start) / 1000
}

export function quantile(times: readonly number[], q: number): number {
  const sorted = times.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))]!
}

export const ms = (time: number): string => {
  const value = time * 1000
  return `${value < 10 ? value.toFixed(2) : value < 100 ? value.toFixed(1) : value.toFixed(0)} ms`
}

/** Whether a bar holds, as a word of the table. */
export const held = (value: number, bar: number): string => (value <= bar ? 'yes' : 'no')
