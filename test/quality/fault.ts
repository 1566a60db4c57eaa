// A fault put into the sample: the SQL that makes it, and the check that must name it.

export interface InjectedFault {
  readonly what: string
  /** Statements; `$row` stands for the condition of the one row to be spoilt. */
  readonly sql: string
  /** Name of the check that must fail. */
  readonly check: string
  /** How it must say it. */
  readonly says?: RegExp
  /** Whether the spoilt row must be shown with its key and its place. */
  readonly row?: boolean
}

// The sample's tables, and its one row to be spoilt, for short statements.
export const g = 'quality_sample.galaxies'
export const r = 'quality_sample.redshifts'
export const v = 'quality_sample.voids'
export const one = 'WHERE $row'
