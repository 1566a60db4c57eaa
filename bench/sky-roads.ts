// The roads of a cross-match beside each other, and the costs by which the plan chooses between them.
import { connect } from '../src/postgres/index.ts'
import { arcsec, chooseSkyIndex, healpixInstall, matchCosts, type Road, roads } from '../src/sky/index.ts'
import { ours, pairOfTables } from './sky-match-run.ts'
import type { SkyBench } from './sky-tables.ts'

/** The size by which few rows are told from many. */
const few = 1000

export async function matchRoadBench({ url, quick }: SkyBench): Promise<string> {
  const most = quick ? 20_000 : 1_000_000
  await using client = await connect(url)
  await client.query('CREATE EXTENSION IF NOT EXISTS q3c')
  await pairOfTables(client, most, false)
  await client.query(healpixInstall())
  for (const name of ['q3c-sql', 'healpix']) {
    const index = await chooseSkyIndex(client, name)
    for (const statement of index.install) await client.query(statement)
    const on = index.indexOn({ ra: 'ra', dec: 'dec', frame: 'icrs', index: name })
    await client.query(`CREATE INDEX ON public.b ${on}`)
  }
  await client.query('VACUUM ANALYZE public.b')
  const sizes = [few, 10_000, 100_000, most].filter((size) => size <= most)
  for (const size of sizes) {
    await client.query(
      `CREATE TABLE public.a${size} AS SELECT * FROM public.a ORDER BY hashint8(id) LIMIT ${size}`,
    )
    await client.query(`VACUUM ANALYZE public.a${size}`)
  }
  await client.query(`CREATE TABLE public.few_b AS SELECT * FROM public.b ORDER BY hashint8(id) LIMIT ${few}`)
  await client.query('VACUUM ANALYZE public.few_b')
  const time = (
    size: number,
    road: Road,
    { sky = 'q3c', b = 'public.b', runs = 2, radius = arcsec(1) } = {},
  ) =>
    Math.min(
      ...Array.from(
        { length: runs },
        () => ours(url, { a: `public.a${size}`, b, road, sky, radius }).seconds,
      ),
    )

  const lines: string[] = []
  const times = new Map<number, Record<Road, number>>()
  for (const size of sizes) {
    const each = {
      server: time(size, 'server'),
      partitions: time(size, 'partitions'),
      client: time(size, 'client'),
    }
    times.set(size, each)
    const { road } = ours(url, { a: `public.a${size}` })
    const all = roads.map((name) => each[name])
    const over = each[road] / Math.min(...all)
    lines.push(
      `| ${size.toLocaleString('en')} | ${all.map((seconds) => `${seconds.toFixed(3)} s`).join(' | ')} | ${road} | ${over.toFixed(2)} |`,
    )
  }

  const [least, greatest] = [times.get(few)!, times.get(most)!]
  const slope = (road: Road) => (greatest[road] - least[road]) / (most - few)
  const lookUp = (sky: string): number => {
    if (sky === 'q3c') return slope('server')
    const some = sizes.at(-2)!
    return (time(some, 'server', { sky }) - time(few, 'server', { sky })) / (some - few)
  }
  const wide = 0.5
  const met = 6 * Math.sin((wide * Math.PI) / 360) ** 2 * most
  const meeting = time(few, 'server', { radius: wide }) - least.server
  const opened = time(few, 'client', { b: 'public.few_b' })
  const micro = (seconds: number) => `${(seconds * 1e6).toFixed(2)} µs`
  const milli = (seconds: number) => `${(seconds * 1e3).toFixed(0)} ms`
  const { opening, row, faster } = matchCosts
  const cost = (what: string, planned: string, measured: string) => `| ${what} | ${planned} | ${measured} |`
  const costs = [
    cost('server, before the first row', milli(opening.server), milli(least.server - few * lookUp('q3c'))),
    cost(
      'several connections, before the first row',
      milli(opening.partitions),
      milli(least.partitions - few * slope('partitions')),
    ),
    cost('client, before the first row', milli(opening.client), milli(opened)),
    ...Object.entries(matchCosts.lookUp).map(([sky, planned]) =>
      cost(`look-up in an index of ${sky}`, micro(planned), micro(lookUp(sky))),
    ),
    cost('row met by a look-up (0.5 degrees)', micro(matchCosts.met), micro(meeting / few / met)),
    cost(
      'look-ups over several connections, times faster',
      `${faster}`,
      (slope('server') / slope('partitions')).toFixed(2),
    ),
    cost('row of a in the client', micro(row.a), micro(slope('client'))),
    cost('row of b in the client', micro(row.b), micro((least.client - opened) / (most - few))),
  ]
  return `### The road that the plan takes

So many rows of a, in no order, with ${most.toLocaleString('en')} of b at 1 arcsec, into a table; the least of two runs.

| rows of a | by the index on the server | over several connections | in the client | planned | its time over the least |
| ---: | ---: | ---: | ---: | --- | ---: |
${lines.join('\n')}

The costs by which it is planned, and what they are by these runs:

| cost | in the plan | measured |
| --- | ---: | ---: |
${costs.join('\n')}`
}
