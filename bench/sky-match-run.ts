// Tables with partners, and one cross-match of them in a process of its own, for the benchmarks of cross-matches.
import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { Client } from '../src/postgres/index.ts'
import { arcsec, type Road } from '../src/sky/index.ts'
import { positionTable } from './sky-tables.ts'

const child = fileURLToPath(new URL('sky-match-child.ts', import.meta.url))

export interface Told {
  readonly rows: number
  readonly seconds: number
  readonly road: Road
  /** Megabytes, of the matching process at most. */
  readonly memory: number
  /** Seconds of the whole process, its start included. */
  readonly whole: number
}

export interface OurMatch {
  readonly a?: string
  readonly b?: string
  /** Default: the one that the plan takes. */
  readonly road?: Road
  /** Name of the sky index. */
  readonly sky?: string
  /** Degrees; default: one arc second. */
  readonly radius?: number
}

/** All pairs into the table `public.ours`. */
export function ours(
  url: string,
  { a = 'public.a', b = 'public.b', road, sky = 'q3c', radius = arcsec(1) }: OurMatch = {},
): Told {
  const started = performance.now()
  const words = [
    '--import',
    'tsx',
    child,
    url,
    a,
    b,
    'public.ours',
    sky,
    `${radius}`,
    ...(road ? [road] : []),
  ]
  const told = execFileSync(process.execPath, words, {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  return { ...JSON.parse(told), whole: (performance.now() - started) / 1000 }
}

/**
 * A partner for each of four rows in five of table a, within two arc seconds or so, and rows of its own; both tables
 * in the order of the sky, with its index.
 */
export async function pairOfTables(client: Client, rows: number, footprint: boolean): Promise<void> {
  const order = 'q3c_ang2ipix(ra, dec)'
  await client.query('DROP TABLE IF EXISTS public.a, public.b, public.c')
  await positionTable(client, 'public.a', { rows, footprint, order })
  await positionTable(client, 'public.c', { rows: rows / 5, footprint, order: 'random()' })
  await client.query(`CREATE TABLE public.b AS SELECT 10000000000 + row_number() OVER () AS id, ra, dec FROM
    (SELECT * FROM (SELECT mod((ra + ${arcsec(2)} * (random() - 0.5) / cos(radians(dec)) + 360)::numeric, 360)::float8 AS ra,
       greatest(-90, least(90, dec + ${arcsec(2)} * (random() - 0.5))) AS dec FROM public.a WHERE id % 5 > 0
     UNION ALL SELECT ra, dec FROM public.c) p ORDER BY ${order}) p`)
  for (const table of ['public.a', 'public.b']) {
    await client.query(`CREATE INDEX ON ${table} (q3c_ang2ipix(ra, dec))`)
    await client.query(`VACUUM ANALYZE ${table}`)
  }
}
