// Whether one object stands twice under different identifiers: rows closer on the sky than a few tenths of an arcsecond.
import { quoteIdentifier, quoteQualified, type Row } from '../../postgres/index.ts'
import { type CheckKind, counted, type RunContext } from '../check.ts'
import { separationSql } from './counterpart.ts'

export const kind: CheckKind = {
  finds: 'pairs of rows closer on the sky than the declared distance, across RA 0 and at the poles too',
  limits:
    'needs `expect.sky-duplicates`; reads the table four times, once for each of the shifted grids that together miss no pair',
  derive: ({ catalog: { name, sky, quality } }) => {
    const arcsec = quality?.expect?.['sky-duplicates']?.arcsec
    if (!sky || arcsec === undefined) return []
    const [ra, dec] = [`${quoteIdentifier(sky.ra)}::float8`, `${quoteIdentifier(sky.dec)}::float8`]
    const size = (2 * arcsec) / 3600
    const known = `${ra} >= 0 AND ${ra} <= 360 AND ${dec} >= -90 AND ${dec} <= 90`
    // Cells are two distances wide: a pair lies in one cell of at least one of the grids shifted by half a cell.
    const grids = [0, 0.5].flatMap((raShift) =>
      [0, 0.5].map((decShift) => {
        const row = `floor((${dec} + 90) / ${size} + ${decShift})`
        const pole = `least(89.999999, greatest(abs(${row} * ${size} - 90), abs((${row} - 1) * ${size} - 90)))`
        const cells = `greatest(1, floor(360 * cos(radians(${pole})) / ${size}))`
        const column = `floor(${ra} / 360 * ${cells} + ${raShift})`
        const wrapped = `(${column} - ${cells} * floor(${column} / ${cells}))`
        return `SELECT array_agg(ctid) AS rows FROM ${quoteQualified(name)} WHERE ${known} GROUP BY ${row}, ${wrapped} HAVING count(*) > 1`
      }),
    )
    const table = quoteQualified(name)
    const alias = (of: string, column: string) => `${of}.${quoteIdentifier(column)}::float8`
    const distance = separationSql(
      alias('a', sky.ra),
      alias('a', sky.dec),
      alias('b', sky.ra),
      alias('b', sky.dec),
    )
    const pairs = `WITH cells AS MATERIALIZED (${grids.join(' UNION ALL ')}), near AS (
  SELECT DISTINCT x AS one, y AS other FROM cells, unnest(rows) AS x, unnest(rows) AS y WHERE x < y)
SELECT one, other FROM near JOIN ${table} AS a ON a.ctid = one JOIN ${table} AS b ON b.ctid = other WHERE ${distance} < ${arcsec}`
    return [
      {
        name: 'sky-duplicates',
        about: `no two rows are closer than ${arcsec} arcseconds`,
        columns: [sky.ra, sky.dec],
        sql: pairs,
        run: async ({ client }: RunContext) => {
          const { rows } = await client.query<Row & { n: number }>(
            `SELECT count(*)::float8 AS n FROM (${pairs}) AS pairs`,
          )
          const failing = rows[0]!.n
          if (failing === 0) return { state: 'pass', failing, message: 'no two rows are that close' }
          const rowsSql = `SELECT t.* FROM ${table} AS t WHERE ctid IN (SELECT unnest(ARRAY[one, other]) FROM (${pairs}) AS pairs)`
          return {
            state: 'fail',
            failing,
            message: `${counted(failing, 'pair')} of rows closer than ${arcsec} arcseconds`,
            rowsSql,
          }
        },
      },
    ]
  },
}
