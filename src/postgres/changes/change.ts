// A change: a value that says what is done to one object, in which SQL, under which lock, at what risk.

import type { Delta } from './delta.ts'

/**
 * When a step runs, in order: `change`; `backfill`, in batches; then `validate` in a transaction of its own, so that scanning rows does
 * not hold the locks of `change`; `index`, one step outside any transaction each; `keys`, `validate keys`; and
 * `publish`, when everything that new views read is in its place.
 */
export const stages = ['change', 'backfill', 'validate', 'index', 'keys', 'validate keys', 'publish'] as const
export type Stage = (typeof stages)[number]

/** PostgreSQL's table locks, from the weakest to the strongest that a change takes. */
export type Lock = 'SHARE UPDATE EXCLUSIVE' | 'SHARE ROW EXCLUSIVE' | 'ACCESS EXCLUSIVE'

export interface Step {
  readonly stage: Stage
  /** Order within the stage. */
  readonly phase: number
  /** How it is done beside other work. Own objects are named without their schema. */
  readonly sql: string
  /** How it is done in one transaction with all others, when that differs; null: not at all. */
  readonly atomic?: string | null
  /** A step outside any transaction: the statement that undoes it. */
  readonly undo?: string
  /** A step of the stage `backfill`, up and down: the key by whose order rows are gone through. */
  readonly batches?: { readonly table: string; readonly key: readonly string[] }
}

export interface Change {
  /** Name of the kind: the name of its file. */
  readonly kind: string
  /** The object as the fingerprint names it. */
  readonly object: string
  readonly steps: readonly Step[]
  /** The strongest lock, and on which tables. */
  readonly lock?: Lock
  readonly tables: readonly string[]
  /**
   * What the server does with the table's rows: nothing, reads them, writes them anew under the lock; `backfill`
   * writes them in batches without it.
   */
  readonly work: 'none' | 'scan' | 'rewrite' | 'backfill'
  /** What can go wrong, in words. */
  readonly hazards: readonly string[]
  /** The data that going on loses, e.g. `column galaxies.z`. */
  readonly loses?: string
  /** How to do it without losing the data, and how to bring the data back. */
  readonly keep?: (kept: KeptPlace) => {
    readonly forward: readonly string[]
    readonly back: readonly string[]
  }
  /** For a rename: the rename back. */
  readonly inverse?: () => Change
}

/** Where kept data goes, and the schema that it comes from. */
export interface KeptPlace {
  readonly schema: string
  readonly from: string
}

/** A kind of change: finds its own in the difference of two fingerprints. */
export type FindChanges = (delta: Delta) => Change[]
