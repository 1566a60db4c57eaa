// One cell of the matrix that a proof gives: what was tried, what was expected, what happened.
export interface Cell {
  readonly role: string
  readonly object: string
  readonly action: string
  readonly expected: string
  readonly observed: string
  /** SQLSTATE of the first statement that failed. */
  readonly sqlState: string | null
  readonly holds: boolean
}
