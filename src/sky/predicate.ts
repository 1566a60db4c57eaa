// Pieces of SQL: a position as expressions, a condition with its parameters.

/** SQL expressions of a position in degrees: quoted columns, parameters or constants. */
export interface PositionSql {
  readonly ra: string
  readonly dec: string
}

/** A value of a parameter; an array becomes an array of the server. */
export type Parameter = number | bigint | readonly number[] | readonly bigint[]

/** SQL of a condition and the values of its parameters, in order. */
export interface Predicate {
  readonly sql: string
  readonly parameters: readonly Parameter[]
}
