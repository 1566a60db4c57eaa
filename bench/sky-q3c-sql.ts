// Q3C in plain SQL against the C extension, on the same rows of the same server.
import { type Client, connect } from '../src/postgres/index.ts'
import { arcmin, arcsec, chooseSkyIndex, type SkyIndex } from '../src/sky/index.ts'
import { centres, held, ms, positionTable, quantile, type SkyBench, seconds } from './sky-tables.ts'

const radii = { '1 arcsec': arcsec(1), '1 arcmin': arcmin(1), '1 degree': 1, '10 degrees': 10 }

export async function q3cSqlBench({ url, runs, quick }: SkyBench): Promise<string> {
  const [rows, others, count] = quick ? [10_000, 2000, 20] : [1_000_000, 200_000, 200]
  await using client = await connect(url)
  const lines: string[] = []
  const line = (what: string, c: number, sql: number, bar: number) =>
    lines.push(
      `| ${what} | ${ms(c)} | ${ms(sql)} | ${(sql / c).toFixed(2)} | ${bar} | ${held(sql / c, bar)} |`,
    )
  // the plain SQL stands in its own schema where the extension is installed first
  const indexes = [await install(client, 'q3c'), await install(client, 'q3c-sql')] as const
  const tables = ['by_c', 'by_sql'] as const
  for (const table of tables)
    await positionTable(client, table, { rows, footprint: false, order: 'q3c_ang2ipix(ra, dec)' })
  await client.query('SELECT setseed(0.25)')
  await client.query(
    `CREATE TABLE other AS SELECT ra + (random() - 0.5) / 3600 AS ra, dec + (random() - 0.5) / 3600 AS dec FROM by_c ORDER BY random() LIMIT ${others}`,
  )
  await client.query('CREATE TABLE in_order AS SELECT * FROM other ORDER BY q3c_ang2ipix(ra, dec)')
  for (const table of ['other', 'in_order']) await client.query(`VACUUM (FREEZE, ANALYZE) ${table}`)

  const best = async (work: (index: SkyIndex, table: string) => Promise<number>, repeat = runs) => {
    const times: [number, number] = [Infinity, Infinity]
    for (let run = 0; run < repeat; run++) {
      for (const which of run % 2 ? ([1, 0] as const) : ([0, 1] as const))
        times[which] = Math.min(times[which], await work(indexes[which], tables[which]))
    }
    return times
  }
  const build = async (index: SkyIndex, table: string) => {
    await client.query(`DROP INDEX IF EXISTS idx_${table}`)
    const sky = { ra: 'ra', dec: 'dec', frame: 'icrs', index: `idx_${table}` } as const
    return seconds(() => client.query(`CREATE INDEX idx_${table} ON ${table} ${index.indexOn(sky)}`))
  }
  line('index build', ...(await best(build, 3 * runs)), 3)
  for (const table of tables) await client.query(`VACUUM (FREEZE, ANALYZE) ${table}`)

  const centre = { ra: '$1::float8', dec: '$2::float8' }
  for (const [name, radius] of Object.entries(radii)) {
    const times: [number[], number[]] = [[], []]
    for (const [i, { ra, dec }] of centres(count).entries()) {
      for (const which of i % 2 ? ([1, 0] as const) : ([0, 1] as const)) {
        const within = indexes[which].within({ ra: 'ra', dec: 'dec' }, centre, '$3::float8')
        const text = `SELECT count(*) FROM ${tables[which]} WHERE ${within}`
        times[which].push(await seconds(() => client.query(text, [ra, dec, radius])))
      }
    }
    for (const [word, q] of [
      ['median', 0.5],
      ['p99', 0.99],
    ] as const)
      line(`cone of ${name}, ${word}`, quantile(times[0], q), quantile(times[1], q), 3)
  }
  const joins = [
    ['1 arcsec', arcsec(1), 1],
    ['1 arcmin', arcmin(1), 1],
    ['0.01 degrees', 0.01, 1],
    ['1 degree', 1, 100],
  ] as const
  for (const [name, radius, oneOf] of joins) {
    for (const [order, from] of [
      ['random', 'other'],
      ['sky', 'in_order'],
    ] as const) {
      let counted: unknown
      const join = async (index: SkyIndex, table: string) => {
        const on = index.matches({ ra: 'o.ra', dec: 'o.dec' }, { ra: 's.ra', dec: 's.dec' }, `${radius}`)
        let answer: unknown
        const time = await seconds(async () => {
          const { rows } = await client.query<{ n: bigint }>(
            `SELECT count(*) AS n FROM (SELECT * FROM ${from} LIMIT ${others / oneOf}) AS o JOIN ${table} AS s ON ${on}`,
          )
          answer = rows[0]!.n
        })
        counted ??= answer
        if (counted !== answer)
          throw new Error(`join of ${name}: ${counted} pairs by one, ${answer} by the other`)
        return time
      }
      const outer = `${(others / oneOf).toLocaleString('en')} outer rows in ${order} order`
      line(`q3c_join, ${name}, ${outer}`, ...(await best(join)), 5)
    }
  }
  return [
    '### Q3C in plain SQL against the C extension',
    '',
    `The same server and the same ${rows.toLocaleString('en')} rows (all over the sky, in sky order), the plain SQL in a schema of its own; the index the best of ${3 * runs} builds and each join of ${runs} runs, in turns, cones of ${count} centres by \`q3c_radial_query\`.`,
    '',
    '|  | C extension | plain SQL | ratio | at most | holds |',
    '| --- | ---: | ---: | ---: | ---: | --- |',
    ...lines,
  ].join('\n')
}

async function install(client: Client, name: string): Promise<SkyIndex> {
  const index = await chooseSkyIndex(client, name)
  for (const statement of index.install) await client.query(statement)
  return index
}
