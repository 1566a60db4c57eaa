// The lab's queries on a table of the size of DESI DR1, against hand-written SQL on the lab's own indexes.
import desi, { fastspecfit, voids } from '../catalogs/desi-dr1/index.ts'
import { applySurvey, type Client, connect, secondaryIndexes } from '../src/postgres/index.ts'
import { chooseSkyIndex, cone, from, type Position, type SkyIndex } from '../src/sky/index.ts'
import { summarise } from '../src/voids/environment-summary.ts'
import { ms, quantile, type SkyBench, seconds } from './sky-tables.ts'

const schema = fastspecfit.schema
const sqlOf = (name: string) => desi.examples!.find((each) => each.name === name)!.sql

/** What the lab would write without the summary that the mapping keeps. */
const voidWallByHand = `SELECT voidfinder AS environment, count(*) AS galaxies, avg(logmstar::float8) AS mean_logmstar,
    avg(log(sfr::float8)) FILTER (WHERE sfr > 0) AS mean_log_sfr, avg(dn4000::float8) FILTER (WHERE dn4000 > 0) AS mean_dn4000
  FROM ${schema}.galaxy_environments JOIN ${schema}.fastspecfit_iron USING (targetid)
  WHERE voidfinder IN ('void_interior', 'wall') AND logmstar >= 6 AND logmstar < 13
  GROUP BY voidfinder ORDER BY voidfinder`

interface Query {
  readonly what: string
  /** Seconds that the lab wants it to take at most. */
  readonly target: number
  readonly hand: string
  /** What is set before the hand-written query, and reset after it. */
  readonly without?: string
  readonly ours: string
  readonly repeat: number
}

const queries: readonly Query[] = [
  {
    what: 'mass range, 10^11.4 to 10^11.5',
    target: 0.05,
    hand: sqlOf('mass-range'),
    // the lab has an index on the mass, and none with the columns asked for
    without: 'enable_indexonlyscan',
    ours: sqlOf('mass-range'),
    repeat: 10,
  },
  { what: 'void against wall', target: 0.2, hand: voidWallByHand, ours: sqlOf('void-wall'), repeat: 3 },
  {
    what: 'galaxies of the ten largest voids',
    target: 0.5,
    hand: sqlOf('association'),
    ours: sqlOf('association'),
    repeat: 10,
  },
  {
    what: 'statistics of 100,000 rows',
    target: 1,
    hand: sqlOf('statistics'),
    ours: sqlOf('statistics'),
    repeat: 10,
  },
]

export async function labBench({ url, quick }: SkyBench): Promise<string> {
  const rows = quick ? 20_000 : 6_445_927
  await using client = await connect(url)
  const index = await chooseSkyIndex(client, 'q3c')
  const made = await seconds(() => makeTables(client, index, rows))
  const lines = [...(await cones(client, index, quick ? 20 : 500))]
  for (const each of queries) lines.push(await compare(client, each))
  return [
    '### The lab’s queries on 6.4 million galaxies',
    '',
    `${rows.toLocaleString('en')} galaxies made on the server with the columns, keys and indexes of \`desi-dr1\` (in ${made.toFixed(0)} s), in sky order, after VACUUM. *Hand-written* is the lab's SQL with the lab's indexes: no covering index on the mass, no \`environment_summary\`. *Server* is what EXPLAIN (ANALYZE, TIMING OFF) says of the query of the column before; the other times end when the client has all rows. Medians, the cones' 95th percentiles.`,
    '',
    '|  | rows | hand-written | Almagest | ratio | server | target | met |',
    '| --- | ---: | ---: | ---: | ---: | ---: | ---: | --- |',
    ...lines,
  ].join('\n')
}

async function compare(
  client: Client,
  { what, target, hand, without, ours, repeat }: Query,
): Promise<string> {
  const times = { hand: [] as number[], ours: [] as number[] }
  let rows = 0
  const ways = {
    hand: async () => {
      if (without) await client.query(`SET ${without} = off`)
      times.hand.push(await seconds(() => client.query(hand)))
      if (without) await client.query(`RESET ${without}`)
    },
    ours: async () => {
      times.ours.push(
        await seconds(async () => {
          rows = (await client.query(ours)).rows.length
        }),
      )
    },
  }
  for (let i = 0; i < repeat; i++) {
    for (const way of i % 2 ? (['hand', 'ours'] as const) : (['ours', 'hand'] as const)) await ways[way]()
  }
  const [byHand, median] = [quantile(times.hand, 0.5), quantile(times.ours, 0.5)]
  const server = await serverTime(client, ours)
  return line(what, rows, byHand, median, server, target)
}

const line = (what: string, rows: number, hand: number, ours: number, server: number, target: number) =>
  `| ${what} | ${rows.toLocaleString('en')} | ${ms(hand)} | ${ms(ours)} | ${(ours / hand).toFixed(3)} | ${ms(server)} | ${ms(target)} | ${ours <= target ? 'yes' : server <= target ? 'on the server' : 'no'} |`

async function serverTime(client: Client, sql: string, parameters: unknown[] = []): Promise<number> {
  const { rows } = await client.query<{
    'QUERY PLAN': [{ 'Execution Time': number; 'Planning Time': number }]
  }>(`EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) ${sql}`, parameters)
  const { 'Execution Time': execution, 'Planning Time': planning } = rows[0]!['QUERY PLAN'][0]
  return (execution + planning) / 1000
}

/** Cones of 1 degree about galaxies, by the builder and by hand; 95th percentiles. */
async function cones(client: Client, index: SkyIndex, count: number): Promise<string[]> {
  const { rows: centres } = await client.query<Pick<Position, 'ra' | 'dec'>>(
    `SELECT ra, dec FROM ${fastspecfit.name} TABLESAMPLE SYSTEM (1) LIMIT $1`,
    [count],
  )
  const hand = `SELECT targetid, ra, dec, z, logmstar FROM ${fastspecfit.name} WHERE q3c_radial_query(ra, dec, $1, $2, 1)`
  const times = { hand: [] as number[], ours: [] as number[], server: [] as number[] }
  let found = 0
  for (const { ra, dec } of centres) {
    times.hand.push(await seconds(() => client.query(hand, [ra, dec])))
    const query = from(fastspecfit, index)
      .within(cone({ ra, dec, radius: 1 }))
      .pick('targetid', 'ra', 'dec', 'z', 'logmstar')
    times.ours.push(
      await seconds(async () => {
        found += (await query.rows(client)).length
      }),
    )
    const { text, parameters } = query.sql()
    times.server.push(await serverTime(client, text, parameters))
  }
  const p95 = (list: number[]) => quantile(list, 0.95)
  return [
    line(
      `cones of 1 degree about ${centres.length} galaxies, p95`,
      Math.round(found / centres.length),
      p95(times.hand),
      p95(times.ours),
      p95(times.server),
      0.1,
    ),
  ]
}

/** The survey's tables with galaxies, environments, voids and pairs in about the numbers of DESI DR1. */
async function makeTables(client: Client, index: SkyIndex, rows: number): Promise<void> {
  await applySurvey(client, desi, index)
  // keys are built with the rows, other indexes afterwards; what refers to what is known
  await client.query(
    'SET session_replication_role = replica; SET synchronous_commit = off; SELECT setseed(0.5)',
  )
  const indexes = secondaryIndexes(fastspecfit, index)
  for (const { drop } of indexes) await client.query(drop)
  const normal = 'sqrt(-2 * ln(1 - random())) * cos(2 * pi() * random())'
  await client.query(
    `INSERT INTO ${fastspecfit.name} (targetid, ra, dec, z, logmstar, sfr, vdisp, age, av, dn4000, survey, program, healpix,
       spectype, zwarn, deltachi2, tauv, logmstar_error, sfr_error, vdisp_error, age_error, tauv_error, dn4000_error, source_file, source_row)
     SELECT 39627000000000000 + row_number() OVER (), ra - 360 * floor(ra / 360), dec, 0.005 + 0.45 * random() * sqrt(random()),
       10.6 + 0.5 * ${normal}, power(10, ${normal} * 0.7), 100 + 50 * random(), 1 + 10 * random(), random(), 1.4 + 0.2 * ${normal},
       'main', CASE WHEN random() < 0.8 THEN 'bright' ELSE 'dark' END, (49000 * random())::int4, 'GALAXY', 0, 1000 * random(), random(),
       0.1 * random(), random(), 20 * random(), random(), 0.1 * random(), 0.01 * random(), 1, (row_number() OVER ())::int4
     FROM (SELECT * FROM (
       SELECT CASE WHEN cap < 0.73 THEN 100 + 180 * random() ELSE 300 + 125 * random() END AS ra,
         degrees(asin(CASE WHEN cap < 0.73 THEN -0.14 + 1.12 * random() ELSE -0.3 + 0.87 * random() END)) AS dec
       FROM (SELECT random() AS cap FROM generate_series(1, $1::int8)) AS c) AS p ORDER BY q3c_ang2ipix(ra, dec)) AS p`,
    [rows],
  )
  for (const { create } of indexes) await client.query(create)
  await client.query(
    `INSERT INTO ${voids.voids.name} (void_catalog_source, cap, void_index, ra_center, dec_center, radius)
     SELECT 'VoidFinder', 'NGC', i, 360 * random(), 60 * random(), 10 + 20 * random() FROM generate_series(1, 10754) AS i`,
  )
  const word = (column: string) =>
    `(ARRAY['void_interior', 'wall', 'wall', 'wall', 'void_shell', 'surface', 'edge', 'outside'])[1 + floor(8 * random())::int4] AS ${column}`
  await client.query(
    `INSERT INTO ${voids.environments.name} (targetid, voidfinder, v2_revolver, v2_vide, v2_zobov)
     SELECT targetid, ${['voidfinder', 'v2_revolver', 'v2_vide', 'v2_zobov'].map(word).join(', ')} FROM ${fastspecfit.name} WHERE z < 0.24`,
  )
  await client.query(
    `INSERT INTO ${voids.map.name} (targetid, void_id)
     SELECT targetid, 1 + mod(source_row::int8 / 300 + source_row % 2, 10754) FROM ${fastspecfit.name} WHERE z < 0.24 AND source_row % 3 > 0`,
  )
  await client.query('RESET session_replication_role')
  for (const { name } of [fastspecfit, voids.environments, voids.map, voids.voids])
    await client.query(`VACUUM (FREEZE, ANALYZE) ${name}`)
  await client.transaction(() => summarise(client, voids))
}
