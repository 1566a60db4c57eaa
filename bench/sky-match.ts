// Cross-matches from database to database: against the hand-written q3c_join and STILTS, pair by pair, and against the number of rows.
import { execFileSync } from 'node:child_process'
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { draw, Plot } from '../src/drawing/index.ts'
import { type Client, connect } from '../src/postgres/index.ts'
import { arcsec, type Road, roads } from '../src/sky/index.ts'
import { positionTable, type SkyBench, seconds } from './sky-tables.ts'

const child = fileURLToPath(new URL('sky-match-child.ts', import.meta.url))
const jdbc = '/usr/share/java/postgresql.jar'
const radius = `${arcsec(1)}::float8`

interface Told {
  readonly rows: number
  readonly seconds: number
  readonly road: Road
  /** Megabytes, of the matching process at most. */
  readonly memory: number
  /** Seconds of the whole process, its start included. */
  readonly whole: number
}

export async function crossMatchBench(input: SkyBench): Promise<string> {
  await using client = await connect(input.url)
  await client.query('CREATE EXTENSION IF NOT EXISTS q3c')
  const sections = [
    await againstPeers(client, input),
    await byRoad(client, input),
    await growth(client, input),
  ]
  return sections.join('\n\n')
}

function ours(url: string, a: string, b: string, into: string, road = ''): Told {
  const started = performance.now()
  const told = execFileSync(process.execPath, ['--import', 'tsx', child, url, a, b, into, road], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  return { ...JSON.parse(told), whole: (performance.now() - started) / 1000 }
}

/**
 * A partner for each of four rows in five of table a, within two arc seconds or so, and rows of its own; both tables
 * in the order of the sky, with its index.
 */
async function pairOfTables(client: Client, rows: number, footprint: boolean): Promise<void> {
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

const byHand = `CREATE TABLE public.hand AS SELECT a.id AS a_id, b.id AS b_id, q3c_dist(a.ra, a.dec, b.ra, b.dec) AS separation
  FROM public.a a, public.b b WHERE q3c_join(a.ra, a.dec, b.ra, b.dec, ${radius})`

async function againstPeers(client: Client, { url, runs, quick }: SkyBench): Promise<string> {
  const rows = quick ? 20_000 : 1_000_000
  const lines: string[] = []
  for (const footprint of [false, true]) {
    await pairOfTables(client, rows, footprint)
    const times = { hand: [] as number[], ours: [] as Told[], stilts: new Map<string, number>() }
    for (let run = 0; run < Math.max(3, runs); run++) {
      await client.query('DROP TABLE IF EXISTS public.hand; CHECKPOINT')
      times.hand.push(await seconds(() => client.query(byHand)))
      await client.query('CHECKPOINT')
      times.ours.push(ours(url, 'public.a', 'public.b', 'public.ours'))
    }
    await expectSamePairs(client)
    const pairs = times.ours[0]!.rows
    // Once each: they take several times as long as everything else.
    if (!footprint && existsSync(jdbc))
      for (const task of ['tskymatch2', 'tmatch2'] as const)
        times.stilts.set(task, await stilts(client, url, task, pairs))
    const hand = Math.min(...times.hand)
    const fastest = times.ours.reduce((best, each) => (each.seconds < best.seconds ? each : best))
    const memory = Math.max(...times.ours.map((each) => each.memory))
    const whole = Math.min(...times.ours.map((each) => each.whole))
    const ratios = times.hand.map((each, i) => each / times.ours[i]!.seconds)
    const line = (road: string, time: number, ratio: string, note = '') =>
      `| ${road} | ${time.toFixed(2)} s | ${ratio} | ${note} |`
    lines.push(
      `**${footprint ? "DESI's footprint" : 'All sky'}**: ${pairs.toLocaleString('en')} pairs, the same by every road that is listed.`,
      '',
      '| road | time | times ours | memory of the process |',
      '| --- | ---: | ---: | ---: |',
      line(`\`storeMatch\`, by the ${fastest.road}`, fastest.seconds, '1.00', `${memory.toFixed(0)} MB`),
      line(
        'hand-written `q3c_join` into a table',
        hand,
        `**${(hand / fastest.seconds).toFixed(2)}** (runs: ${ratios.map((each) => each.toFixed(2)).join(', ')})`,
      ),
      line('the same match as a process, its start included', whole, '1.00'),
      ...[...times.stilts].map(([task, time]) =>
        line(`STILTS \`${task}\`, JDBC in, CSV through \`psql\` back in`, time, (time / whole).toFixed(1)),
      ),
      '',
    )
  }
  return `### Cross-match, ${rows.toLocaleString('en')} rows with as many at 1 arcsec

From database to database: all pairs with their separations (and, by \`storeMatch\`, ranks, comments and a record) in a new table. Both tables lie in the order of the sky and have the sky index; the hand-written statement is a nested loop over it with Q3C's C functions. Runs in turns, a checkpoint before each, the best of each road. Ratios to STILTS are between whole processes; its own way of writing (\`omode=tosql\`) is slower than the one it is given here.

${lines.join('\n')}`
}

async function expectSamePairs(client: Client): Promise<void> {
  const { rows } = await client.query<{ different: bigint }>(
    `SELECT count(*) AS different FROM public.hand h FULL JOIN public.ours o USING (a_id, b_id)
     WHERE h.separation IS NULL OR o.separation IS NULL OR abs(h.separation - o.separation) > 1e-9`,
  )
  if (rows[0]!.different !== 0n)
    throw new Error(`${rows[0]!.different} pairs differ from the hand-written join`)
}

/** Seconds of STILTS from the database to a table of it. */
async function stilts(
  client: Client,
  url: string,
  task: 'tskymatch2' | 'tmatch2',
  pairs: number,
): Promise<number> {
  const { username, password, host, pathname } = new URL(url)
  const source = (table: string) =>
    `jdbc:postgresql://${host}${pathname}?user=${username}&password=${password}#SELECT id AS ${table}_id, ra, dec FROM public.${table}`
  const how =
    task === 'tskymatch2'
      ? ['ra1=ra', 'dec1=dec', 'ra2=ra', 'dec2=dec', 'error=1']
      : ['matcher=sky', 'params=1', 'values1=ra dec', 'values2=ra dec']
  const out = ['ofmt=csv-noheader', 'out=-']
  const words = [
    ...['-classpath', jdbc, '-Djdbc.drivers=org.postgresql.Driver', task],
    ...[`in1=${source('a')}`, `in2=${source('b')}`, 'join=1and2', 'find=all', ...how, ...out],
  ]
  await client.query('DROP TABLE IF EXISTS public.stilts')
  await client.query('CREATE TABLE public.stilts (a_id int8, b_id int8, separation float8)')
  // Keys and separation; tskymatch2 itself can't choose columns.
  const copy = `cut -d, -f1,4,7 | psql -qX "$0" -c '\\copy public.stilts from stdin (format csv)'`
  const time = await seconds(async () => {
    execFileSync('bash', ['-c', `set -o pipefail; stilts "$@" | ${copy}`, url, ...words], {
      stdio: ['ignore', 'ignore', 'ignore'],
    })
  })
  const { rows } = await client.query<{ count: bigint }>('SELECT count(*) FROM public.stilts')
  // STILTS keeps pairs at exactly the radius.
  if (Math.abs(Number(rows[0]!.count) - pairs) > 2)
    throw new Error(`STILTS finds ${rows[0]!.count} pairs, ${pairs} were expected`)
  return time
}

/** The roads beside each other, for the costs by which the plan is made. */
async function byRoad(client: Client, { url, quick }: SkyBench): Promise<string> {
  await pairOfTables(client, quick ? 20_000 : 1_000_000, false)
  const lines: string[] = []
  for (const rows of quick ? [100, 1000] : [1000, 10_000, 100_000, 1_000_000]) {
    await client.query(`DROP TABLE IF EXISTS public.few; CREATE TABLE public.few AS
      SELECT * FROM public.a ORDER BY hashint8(id) LIMIT ${rows}`)
    await client.query('VACUUM ANALYZE public.few')
    const time = (road: string) =>
      Math.min(...[1, 2].map(() => ours(url, 'public.few', 'public.b', 'public.ours', road).seconds))
    const times = roads.map(time)
    const { road } = ours(url, 'public.few', 'public.b', 'public.ours')
    const over = times[roads.indexOf(road)]! / Math.min(...times)
    lines.push(
      `| ${rows.toLocaleString('en')} | ${times.map((each) => `${each.toFixed(3)} s`).join(' | ')} | ${road} | ${over.toFixed(2)} |`,
    )
  }
  return `### The road that the plan takes

| rows of a | by the index on the server | over several connections | in the client | planned | its time over the least |
| ---: | ---: | ---: | ---: | --- | ---: |
${lines.join('\n')}`
}

interface Point extends Told {
  /** Rows of each table. */
  readonly size: number
}

/** Rows in no order: the first so many of the same two tables. */
async function growth(client: Client, { url, pictures, quick }: SkyBench): Promise<string> {
  const sizes = quick ? [1000, 10_000] : [10_000, 100_000, 1_000_000, 3_000_000, 10_000_000]
  await client.query('DROP TABLE IF EXISTS public.a, public.b, public.c, public.hand, public.few')
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
    const runs = Array.from({ length: size > 1_000_000 ? 2 : 3 }, () =>
      ours(url, 'public.a', 'public.b', 'public.ours', 'client'),
    )
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

From ${points.at(-3)?.size.toLocaleString('en') ?? ''} rows on the time grows as the number of rows to the power of ${slope.toFixed(2)}.

![Time against rows](benchmarks/match-time.svg)`
}

function drawGrowth(points: readonly Point[], folder: string): void {
  const axis = { type: 'log', grid: true, tickFormat: '~s' } as const
  const last = points.at(-1)!
  const linear = points.map(({ size }) => ({ size, seconds: (last.seconds / last.size) * size }))
  const svg = draw(
    {
      height: 320,
      marginLeft: 60,
      x: { ...axis, label: 'rows of each table' },
      y: { ...axis, label: 'seconds' },
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
