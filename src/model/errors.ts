/** Where in the user's world something went wrong; every part is optional because not every fault has each. */
export interface FaultPlace {
  file?: string
  hdu?: string
  /** Row number within the HDU, counted from 1 as FITS and TOPCAT count. */
  row?: number
  column?: string
  /** Offending value, already as text. */
  value?: string
  /** Path within a catalogue definition, e.g. `columns.ra.unit`. */
  path?: string
}

/** Process exit codes by the kind of fault; documented in docs/errors.md. */
export const exitCodes = {
  usage: 2,
  data: 3,
  rejects: 4,
  server: 5,
  environment: 6,
  catalog: 7,
  check: 8,
  defect: 70,
  interrupted: 130,
} as const

export type FaultKind = keyof typeof exitCodes

/** The one error type that reaches the user: what was wrong, where, and what to do about it. */
export class AlmagestError extends Error {
  override readonly name = 'AlmagestError'
  /**
   * @param code  stable identifier such as `FITS_TRUNCATED`, listed in docs/errors.md
   * @param kind  decides the exit code
   * @param hint  one sentence telling the user what to do
   */
  constructor(
    readonly code: string,
    readonly kind: FaultKind,
    message: string,
    readonly hint: string,
    readonly place: FaultPlace = {},
    options?: { cause?: unknown },
  ) {
    super(message, options)
  }
}
