// Selections as SQL: with literals, so that PostgreSQL can prove that a partial index covers a query.
import type { Catalog, Condition } from '../model/index.ts'
import { AlmagestError, nearest } from '../model/index.ts'
import { quoteIdentifier, quoteLiteral } from './identifiers.ts'

/** The selection's conditions joined by AND. @throws AlmagestError `SELECTION_UNKNOWN` */
export function selectionSql(catalog: Catalog, selection: string): string {
  const conditions = catalog.selections[selection]
  if (!conditions) {
    const known = Object.keys(catalog.selections)
    const found = nearest(selection, known)
    throw new AlmagestError(
      'SELECTION_UNKNOWN',
      'usage',
      `${catalog.name} has no selection "${selection}"${found ? `; did you mean "${found}"?` : ''}`,
      known.length ? `Its selections are: ${known.join(', ')}.` : 'It declares no selections.',
    )
  }
  return conditions.map(conditionSql).join(' AND ')
}

/**
 * e.g. `"z" >= 0.01 AND "z" <= 0.24`. No BETWEEN: the server keeps it as a nested AND, whose own text it would
 * read back as a flat one.
 */
export function conditionSql(condition: Condition): string {
  const column = quoteIdentifier(condition.column)
  switch (condition.is) {
    case 'between':
      return `${column} >= ${condition.low} AND ${column} <= ${condition.high}`
    case 'null':
      return `${column} IS NULL`
    case 'not null':
      return `${column} IS NOT NULL`
    default:
      return `${column} ${condition.is} ${typeof condition.value === 'string' ? quoteLiteral(condition.value) : condition.value}`
  }
}
