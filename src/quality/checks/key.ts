// Whether keys identify one row each.
import { quoteIdentifier, quoteLiteral, quoteQualified } from '../../postgres/index.ts'
import { type CheckKind, counted, type OwnCheck, type RunContext } from '../check.ts'

/** So many keys are named by the statement that shows their rows, which need not look for them again. */
const fewKeys = 20

export const kind: CheckKind = {
  finds: 'two rows of one key, where no valid constraint of the server excludes them',
  limits:
    'where the server has a valid unique constraint it is trusted and nothing is read; always the whole table',
  derive: ({ catalog }) =>
    [catalog.key, ...catalog.unique].map((columns, i): OwnCheck => {
      const names = columns.map((column) => quoteIdentifier(column)).join(', ')
      const known = columns.map((column) => `${quoteIdentifier(column)} IS NOT NULL`).join(' AND ')
      const table = quoteQualified(catalog.name)
      const twice = `SELECT ${names} FROM ${table} WHERE ${known} GROUP BY ${names} HAVING count(*) > 1`
      return {
        name: i === 0 ? 'key' : `key:${columns.join('-')}`,
        about: `(${columns.join(', ')}) stands in one row`,
        columns,
        sql: twice,
        run: async ({ client, facts }: RunContext) => {
          const constraint = ['p', 'u']
            .map((c) => facts.constraints.get(`${c}:${columns.join()}`))
            .find(Boolean)
          if (constraint)
            return { state: 'pass', message: `the server's constraint ${constraint} excludes it` }
          const texts = columns.map((column) => `${quoteIdentifier(column)}::text`)
          const { rows } = await client.query<{ keys: number; n: number; some: string[][] | null }>(
            `SELECT count(*)::float8 AS keys, coalesce(sum(n), 0)::float8 AS n,
               array_agg(key) FILTER (WHERE place <= ${fewKeys}) AS some FROM
             (SELECT count(*) AS n, ARRAY[${texts}] AS key, row_number() OVER () AS place FROM ${table}
              WHERE ${known} GROUP BY ${names} HAVING count(*) > 1) AS twice`,
          )
          const { keys, n, some } = rows[0]!
          if (keys === 0) return { state: 'pass', failing: 0, message: 'no key stands in two rows' }
          const named = () => some!.map((key) => `(${key.map(quoteLiteral).join(', ')})`).join(', ')
          const which = keys <= fewKeys ? named() : twice
          return {
            state: 'fail',
            failing: n,
            message: `${counted(keys, 'key')} in more than one row, ${n} rows together`,
            rowsSql: `SELECT * FROM ${table} WHERE (${names}) IN (${which}) ORDER BY ${names}`,
          }
        },
      }
    }),
}
