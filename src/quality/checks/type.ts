// Whether each column has the type that the catalogue declares.
import type { CheckKind } from '../check.ts'

const inServersWords: Readonly<Record<string, string>> = {
  serial: 'integer',
  timestamp: 'timestamp without time zone',
}

export const kind: CheckKind = {
  finds:
    'a column that is missing or has another type than declared, e.g. positions kept in single precision',
  limits: 'types only; `almagest drift` compares the rest of a schema',
  derive: ({ catalog }) => [
    {
      name: 'type',
      about: 'every column is there and has its declared type',
      columns: [],
      sql: `SELECT attname, format_type(atttypid, atttypmod) FROM pg_attribute WHERE attrelid = '${catalog.name}'::regclass`,
      run: async ({ facts }) => {
        const wrong = Object.entries(catalog.columns).flatMap(([name, { type }]) => {
          const found = facts.columns.get(name)?.type
          const expected = inServersWords[type] ?? type
          return found === expected ? [] : [`${name} is ${found ?? 'missing'}, declared ${expected}`]
        })
        if (wrong.length > 0) return { state: 'fail', message: wrong.join('; ') }
        return { state: 'pass', message: `${Object.keys(catalog.columns).length} columns as declared` }
      },
    },
  ],
}
