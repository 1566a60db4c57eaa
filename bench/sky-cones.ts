// Cones by the query builder against the hand-written query, on the C extension's index.
import { defineCatalog, float64, int64 } from '../src/model/index.ts'
import { connect } from '../src/postgres/index.ts'
import { arcmin, arcsec, chooseSkyIndex, cone, from } from '../src/sky/index.ts'
import { centres, held, ms, positionTable, quantile, type SkyBench, seconds } from './sky-tables.ts'

const made = { kind: 'absent', reason: 'made here' } as const
const declared = (table: string) =>
  defineCatalog({
    name: `public.${table}`,
    title: 'Positions',
    columns: {
      id: int64(made, 'Identifier.'),
      ra: float64(made, 'Right ascension.', { unit: 'deg' }),
      dec: float64(made, 'Declination.', { unit: 'deg' }),
      z: float64(made, 'Redshift.'),
    },
    key: ['id'],
    sky: { ra: 'ra', dec: 'dec', frame: 'icrs', index: `idx_${table}` },
  })

const radii = { '1 arcsec': arcsec(1), '1 arcmin': arcmin(1), '1 degree': 1, '10 degrees': 10 }
const bar = 1.05
/** Each centre counts with the median of so many questions: a hundredth of single ones are pauses of client and server. */
const asked = 3

export async function coneBench({ url, quick }: SkyBench): Promise<string> {
  const [rows, count] = quick ? [10_000, 30] : [1_000_000, 1000]
  await using client = await connect(url)
  const index = await chooseSkyIndex(client, 'q3c')
  for (const statement of index.install) await client.query(statement)
  const lines: string[] = []
  for (const [table, footprint] of [
    ['uniform', false],
    ['desi', true],
  ] as const) {
    const catalog = declared(table)
    await positionTable(client, table, { rows, footprint, order: 'q3c_ang2ipix(ra, dec)' })
    await client.query(`CREATE INDEX idx_${table} ON ${table} ${index.indexOn(catalog.sky!)}`)
    await client.query(`VACUUM (FREEZE, ANALYZE) ${table}`)
    const hand = `SELECT "id", "ra", "dec" FROM ${table} WHERE q3c_radial_query(ra, dec, $1, $2, $3)`
    for (const [name, radius] of Object.entries(radii)) {
      const times = { hand: [] as number[], ours: [] as number[] }
      let found = 0
      for (const [i, { ra, dec }] of centres(count).entries()) {
        const answers = { hand: 0, ours: 0 }
        const ways = {
          hand: async () => {
            answers.hand = (await client.query(hand, [ra, dec, radius])).rows.length
          },
          ours: async () => {
            const query = from(catalog, index).within(cone({ ra, dec, radius })).pick('id', 'ra', 'dec')
            answers.ours = (await query.rows(client)).length
          },
        }
        const each = { hand: [] as number[], ours: [] as number[] }
        for (let turn = 0; turn < asked; turn++) {
          // in turns, the first one now this, now that
          for (const way of (i + turn) % 2 ? (['hand', 'ours'] as const) : (['ours', 'hand'] as const))
            each[way].push(await seconds(ways[way]))
        }
        for (const way of ['hand', 'ours'] as const) times[way].push(quantile(each[way], 0.5))
        if (answers.ours < answers.hand) throw new Error(`${name} at ${ra}, ${dec}: a row is missing`)
        found += answers.ours
      }
      for (const [word, q] of [
        ['median', 0.5],
        ['p99', 0.99],
      ] as const) {
        const [hand, ours] = [quantile(times.hand, q), quantile(times.ours, q)]
        const ratio = ours / hand
        lines.push(
          `| ${table} | ${name} | ${(found / count).toPrecision(3)} | ${word} | ${ms(hand)} | ${ms(ours)} | ${ratio.toFixed(2)} | ${held(ratio, bar)} |`,
        )
      }
    }
  }
  return [
    '### Cones by the query builder, on the C extension',
    '',
    `Tables of ${rows.toLocaleString('en')} rows, all over the sky and in a footprint like DESI's, each of ${count} centres asked for ${asked} times by the hand-written \`q3c_radial_query(ra, dec, $1, $2, $3)\` and by \`from(catalog).within(cone(...))\`, in turns, rows fetched (id, ra, dec), the poles among the centres. A centre's time is the median of its ${asked}.`,
    '',
    '| table | radius | rows found, mean | | hand-written | builder | ratio | at most 1.05 |',
    '| --- | --- | ---: | --- | ---: | ---: | ---: | --- |',
    ...lines,
  ].join('\n')
}
