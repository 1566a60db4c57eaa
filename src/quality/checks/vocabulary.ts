// Whether words are of the declared vocabulary.
import { quoteIdentifier, quoteLiteral } from '../../postgres/index.ts'
import { type CheckKind, rowRule } from '../check.ts'

export const kind: CheckKind = {
  finds: 'words that the catalogue does not declare: other spellings, trailing blanks, new classes',
  limits: 'none: every row of the scan is looked at',
  derive: ({ catalog }) =>
    Object.entries(catalog.columns).flatMap(([name, { oneOf }]) =>
      oneOf
        ? [
            rowRule({
              name: `vocabulary:${name}`,
              about: `${name} is one of ${oneOf.join(', ')}`,
              columns: [name],
              failing: `${quoteIdentifier(name)} NOT IN (${oneOf.map(quoteLiteral).join(', ')})`,
              says: (rows) => `${rows} with another ${name}`,
            }),
          ]
        : [],
    ),
}
