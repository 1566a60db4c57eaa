// Plain-SQL Q3C against the C extension on the same rows: index build, cones, join, as ratios of one run.
//
// DATABASE_URL names a server that has the C extension; the tables go into a schema that the run drops.
// Usage: DATABASE_URL=... npm run bench:sky -- [rows]
import { type Client, connect } from '../src/postgres/index.ts'
import { arcmin, arcsec, chooseSkyIndex, cone, q3cSqlScript, type SkyIndex } from '../src/sky/index.ts'

const rows = Number(process.argv[2] ?? 1_000_000)
const url = process.env.DATABASE_URL
if (!url) throw new Error('set DATABASE_URL to a server that has the Q3C extension in C')

await using client = await connect(url)
const schema = 'almagest_bench_sky'

async function seconds(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now()
  await work()
  return (performance.now() - start) / 1000
}

const quantile = (times: number[], q: number): number =>
  times.sort((a, b) => a - b)[Math.min(times.length - 1, Math.floor(q * times.length))]!

function report(what: string, c: number, plain: number, limit: string): void {
  const milliseconds = (s: number) => `${(s * 1000).toFixed(2)} ms`
  console.log(
    [what.padEnd(34), milliseconds(c), milliseconds(plain), (plain / c).toFixed(2), limit].join('\t'),
  )
}

/** Times of one cone each about random centres, in order of the centres. */
async function cones(
  client: Client,
  sql: (centre: [number, number]) => [string, unknown[]],
): Promise<number[]> {
  const times: number[] = []
  for (let i = 0; i < 300; i++) {
    const [text, parameters] = sql([
      (i * 137.508) % 360,
      (Math.asin(((i * 0.618034) % 1) * 2 - 1) * 180) / Math.PI,
    ])
    times.push(await seconds(() => client.query(text, parameters)))
  }
  return times
}

async function compareCones(index: SkyIndex, name: string, radius: number): Promise<void> {
  const radial = (prefix: string) => async () =>
    await cones(client, ([ra, dec]) => [
      `SELECT count(*) FROM sky WHERE ${prefix}q3c_radial_query(ra, dec, $1::float8, $2::float8, $3::float8)`,
      [ra, dec, radius],
    ])
  const ranges = () =>
    cones(client, ([ra, dec]) => {
      const { sql, parameters } = index.region({ ra: 'ra', dec: 'dec' }, cone({ ra, dec, radius }))
      return [`SELECT count(*) FROM sky WHERE ${sql}`, [...parameters]]
    })
  const [c, plain, ours] = [await radial('public.')(), await radial('plain_q3c.')(), await ranges()]
  for (const q of [0.5, 0.99]) {
    report(`cone ${name}, quantile ${q}`, quantile(c, q), quantile(plain, q), '<= 3')
    report(`  ranges from the client, C index`, quantile(c, q), quantile(ours, q), '<= 1.05')
  }
}

await client.query(`DROP SCHEMA IF EXISTS ${schema} CASCADE; CREATE SCHEMA ${schema}`)
await client.query('DROP SCHEMA IF EXISTS plain_q3c CASCADE; CREATE SCHEMA plain_q3c')
try {
  const index = await chooseSkyIndex(client, 'q3c')
  for (const statement of index.install) await client.query(statement)
  await client.query(q3cSqlScript('plain_q3c'))
  await client.query(`SET search_path = ${schema}, public`)
  await client.query(
    `CREATE TABLE sky AS SELECT 360 * random() AS ra, degrees(asin(2 * random() - 1)) AS dec FROM generate_series(1, ${rows})`,
  )
  await client.query(
    'CREATE TABLE other AS SELECT ra + (random() - 0.5) / 3600 AS ra, dec + (random() - 0.5) / 3600 AS dec FROM sky LIMIT 200000',
  )
  await client.query('ANALYZE sky; ANALYZE other')
  console.log(`${rows} rows\tC\tplain\tratio\ttarget`)
  const build = (name: string, prefix: string) =>
    seconds(() => client.query(`CREATE INDEX ${name} ON sky (${prefix}q3c_ang2ipix(ra, dec))`))
  report('index build', await build('by_c', 'public.'), await build('by_sql', 'plain_q3c.'), '<= 3')
  await client.query('ANALYZE sky')
  await compareCones(index, '1 arcsec', arcsec(1))
  await compareCones(index, '1 arcmin', arcmin(1))
  await compareCones(index, '1 degree', 1)
  await compareCones(index, '10 degrees', 10)
  const join = (prefix: string, radius: number, limit: number) =>
    seconds(() =>
      client.query(
        `SELECT count(*) FROM (SELECT * FROM other LIMIT ${limit}) o JOIN sky s ON ${prefix}q3c_join(o.ra, o.dec, s.ra, s.dec, ${radius})`,
      ),
    )
  report(
    'join, 1 arcsec, 200,000 outer rows',
    await join('public.', arcsec(1), 200_000),
    await join('plain_q3c.', arcsec(1), 200_000),
    '<= 5',
  )
  report(
    'join, 1 degree, 2,000 outer rows',
    await join('public.', 1, 2000),
    await join('plain_q3c.', 1, 2000),
    '<= 5',
  )
} finally {
  await client.query(`DROP SCHEMA ${schema} CASCADE; DROP SCHEMA plain_q3c CASCADE`)
}
