// Named selections: conditions on columns as data, used alike by partial indexes and by queries.

export type Condition =
  | { readonly column: string; readonly is: 'between'; readonly low: number; readonly high: number }
  | { readonly column: string; readonly is: '=' | '<' | '<=' | '>' | '>='; readonly value: number | string }
  | { readonly column: string; readonly is: 'null' | 'not null' }

export interface ColumnConditions {
  /** Both ends included, as SQL's BETWEEN. */
  between(low: number, high: number): Condition
  equals(value: number | string): Condition
  below(value: number): Condition
  atMost(value: number): Condition
  above(value: number): Condition
  atLeast(value: number): Condition
  isNull(): Condition
  isNotNull(): Condition
}

/** The conditions that can be put on the column `name`. */
export function conditionsOn(column: string): ColumnConditions {
  return {
    between: (low, high) => ({ column, is: 'between', low, high }),
    equals: (value) => ({ column, is: '=', value }),
    below: (value) => ({ column, is: '<', value }),
    atMost: (value) => ({ column, is: '<=', value }),
    above: (value) => ({ column, is: '>', value }),
    atLeast: (value) => ({ column, is: '>=', value }),
    isNull: () => ({ column, is: 'null' }),
    isNotNull: () => ({ column, is: 'not null' }),
  }
}
