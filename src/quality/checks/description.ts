// Whether each column carries its description in the database.
import type { CheckKind } from '../check.ts'

export const kind: CheckKind = {
  finds: 'columns without a description in the database, which users of other tools read there',
  limits: 'whether there is one, not whether it is right',
  derive: ({ catalog }) => [
    {
      name: 'description',
      about: 'every column has a description in the database',
      columns: [],
      severity: 'warn',
      sql: `SELECT attname, col_description(attrelid, attnum) FROM pg_attribute WHERE attrelid = '${catalog.name}'::regclass`,
      run: async ({ facts }) => {
        const bare = [...facts.columns].filter(([, { comment }]) => !comment?.trim()).map(([name]) => name)
        if (bare.length > 0) return { state: 'fail', message: `without a description: ${bare.join(', ')}` }
        return { state: 'pass', message: `${facts.columns.size} columns are described` }
      },
    },
  ],
}
