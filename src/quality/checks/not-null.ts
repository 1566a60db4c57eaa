// Whether required columns have a value in every row.
import { isRequired } from '../../model/index.ts'
import { quoteIdentifier } from '../../postgres/index.ts'
import { type CheckKind, rowRule } from '../check.ts'
import { nullsOf } from '../screen.ts'

export const kind: CheckKind = {
  finds: 'rows without a value where one is required, key columns included',
  limits: 'none: every row of the scan is looked at',
  derive: ({ catalog }) =>
    Object.keys(catalog.columns)
      .filter((name) => isRequired(catalog, name))
      .map((name) =>
        rowRule({
          name: `not-null:${name}`,
          about: `${name} has a value in every row`,
          columns: [name],
          failing: `${quoteIdentifier(name)} IS NULL`,
          screen: { aggregates: { nulls: nullsOf(name) }, clears: ({ measures }) => measures.nulls === 0 },
          says: (rows) => `${rows} without ${name}`,
        }),
      ),
}
