// Whether two catalogues say the same of the same object.
import { quoteIdentifier, quoteQualified, type Row } from '../../postgres/index.ts'
import type { CheckKind, OwnCheck, RunContext } from '../check.ts'

export const kind: CheckKind = {
  finds: 'objects whose values or positions differ between two catalogues of the survey beyond a tolerance',
  limits:
    'needs `expect.counterpart`; objects that only one catalogue has are the matter of foreign-key; always whole tables',
  derive: ({ catalog, survey }) =>
    (catalog.quality?.expect?.counterpart ?? []).map(
      ({ catalog: other, on, compare, separation }): OwnCheck => {
        const there = survey.catalogs.find(({ name }) => name === other)
        const differ = compare.map(
          ({ here, there: column, tolerance }) =>
            `abs(a.${quoteIdentifier(here)} - b.${quoteIdentifier(column)}) > ${tolerance}`,
        )
        if (separation !== undefined && catalog.sky && there?.sky) {
          const [a, b] = [catalog.sky, there.sky]
          differ.push(
            `${separationSql(`a.${quoteIdentifier(a.ra)}`, `a.${quoteIdentifier(a.dec)}`, `b.${quoteIdentifier(b.ra)}`, `b.${quoteIdentifier(b.dec)}`)} > ${separation}`,
          )
        }
        const from = `FROM ${quoteQualified(catalog.name)} AS a JOIN ${quoteQualified(other)} AS b ON a.${quoteIdentifier(on[0])} = b.${quoteIdentifier(on[1])}`
        const where = `WHERE ${differ.join(' OR ')}`
        const sky = separation !== undefined && catalog.sky ? [catalog.sky.ra, catalog.sky.dec] : []
        return {
          name: `counterpart:${other.split('.').at(-1)}`,
          about: `${other} says the same of the same objects`,
          columns: [...compare.map(({ here }) => here), ...sky],
          sql: `SELECT a.* ${from} ${where}`,
          run: async ({ client }: RunContext) => {
            const { rows } = await client.query<Row & { n: number; failing: number }>(
              `SELECT count(*)::float8 AS n, count(*) FILTER (${where})::float8 AS failing ${from}`,
            )
            const { n, failing } = rows[0]!
            if (n === 0) return { state: 'skipped', message: `no object is in both catalogues` }
            if (failing === 0) return { state: 'pass', failing, message: `${n} objects agree` }
            const message = `${failing} of ${n} objects differ from ${other}`
            return { state: 'fail', failing, message, rowsSql: `SELECT a.* ${from} ${where}` }
          },
        }
      },
    ),
}

/** Separation in arcseconds by the haversine formula (Sinnott 1984, Sky & Telescope 68, 159); SQL of degrees. */
export function separationSql(ra1: string, dec1: string, ra2: string, dec2: string): string {
  const half = (a: string, b: string) => `sin(radians((${a} - ${b}) / 2)) ^ 2`
  return `(7200 * degrees(asin(sqrt(least(1, ${half(dec1, dec2)} + cos(radians(${dec1})) * cos(radians(${dec2})) * ${half(ra1, ra2)})))))`
}
