// Whether rows refer to rows that are there.
import { quoteIdentifier, quoteQualified } from '../../postgres/index.ts'
import { type CheckKind, counted, type OwnCheck, type RunContext } from '../check.ts'

export const kind: CheckKind = {
  finds:
    'orphans: rows that refer to a row that is not there, where no valid constraint of the server excludes them',
  limits:
    'where the server has a valid foreign key it is trusted and nothing is read; always the whole table',
  derive: ({ catalog }) =>
    catalog.foreignKeys.map(({ columns, references, key }): OwnCheck => {
      const own = columns.map((column) => `o.${quoteIdentifier(column)}`)
      const known = own.map((column) => `${column} IS NOT NULL`).join(' AND ')
      const same = own.map((column, i) => `r.${quoteIdentifier(key[i]!)} = ${column}`).join(' AND ')
      const orphans = `FROM ${quoteQualified(catalog.name)} AS o WHERE ${known} AND NOT EXISTS (SELECT FROM ${quoteQualified(references)} AS r WHERE ${same})`
      return {
        name: `foreign-key:${columns.join('-')}:${references.split('.').at(-1)}`,
        about: `(${columns.join(', ')}) refers to a row of ${references}`,
        columns,
        sql: `SELECT o.* ${orphans}`,
        run: async ({ client, facts }: RunContext) => {
          const constraint = facts.constraints.get(`f:${columns.join()}`)
          if (constraint)
            return { state: 'pass', message: `the server's constraint ${constraint} excludes it` }
          const { rows } = await client.query<{ n: number }>(`SELECT count(*)::float8 AS n ${orphans}`)
          const failing = rows[0]!.n
          if (failing === 0) return { state: 'pass', failing, message: 'no orphans' }
          const message = `${counted(failing, 'row')} without the row of ${references} that is referred to`
          return { state: 'fail', failing, message, rowsSql: `SELECT o.* ${orphans}` }
        },
      }
    }),
}
