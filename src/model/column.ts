// A column: its type, meaning, unit, valid values and origin.
import type { Range } from './range.ts'
import type { Source } from './source.ts'

/** The SQL types a catalogue may use, in PostgreSQL's own canonical spelling (`serial` is its shorthand). */
export type SqlType =
  | 'bigint'
  | 'integer'
  | 'smallint'
  | 'serial'
  | 'double precision'
  | 'real'
  | 'text'
  | 'boolean'
  | 'timestamp'
  | 'real[]'
  | 'double precision[]'
  | 'bigint[]'
  | 'bytea'

/** Who may read the values: everybody admitted, the collaboration, or the owner alone. */
export type Sensitivity = 'public' | 'collaboration' | 'restricted'

/** What readers see who may not read the values: nothing, values rounded to so many decimals, or a salted hash. */
export type Mask = 'null' | 'hash' | { readonly decimals: number }

export interface ColumnOptions {
  /** VOUnits 1.1 string; absent for dimensionless values. */
  readonly unit?: string
  /** UCD1+ words joined by `;`. */
  readonly ucd?: string
  readonly range?: Range
  /** NOT NULL: a row without a value is rejected. Key columns are required without saying so. */
  readonly required?: boolean
  /** SQL expression for DEFAULT. */
  readonly default?: string
  readonly sensitivity?: Sensitivity
  /** How a view shows the column to those who may not read it; without it no view shows it. */
  readonly mask?: Mask
  /**
   * SQL over the table's other columns that gives rows which were there before the column their value, e.g.
   * `av / 1.0857`: filled in batches by a migration.
   */
  readonly backfill?: string
  /** The column's former name: a database that still has it renames it, and keeps its values. */
  readonly renamed?: string
}

export interface Column<Value = unknown, Required extends boolean = boolean> extends ColumnOptions {
  readonly type: SqlType
  readonly source: Source | string
  readonly description: string
  readonly required: Required
  readonly sensitivity: Sensitivity
  /** The column of which this one holds the values sealed, see {@link encrypted}. */
  readonly encrypts?: Column
  /** Controlled vocabulary, enforced by a CHECK constraint. */
  readonly oneOf?: readonly string[]
  /** Carries the value's TypeScript type; never set. */
  readonly $value?: Value
}

type Given = ColumnOptions & { readonly oneOf?: readonly string[] }
type IsRequired<O> = O extends { readonly required: true } ? true : false

function builder<Value>(type: SqlType) {
  return <const O extends ColumnOptions = Record<never, never>>(
    source: Source | string,
    description: string,
    options?: O,
  ): Column<Value, IsRequired<O>> => column(type, source, description, options ?? {})
}

function column<Value, R extends boolean>(
  type: SqlType,
  source: Source | string,
  description: string,
  options: Given,
): Column<Value, R> {
  const required = (options.required ?? false) as R
  return Object.freeze({ sensitivity: 'public', ...options, type, source, description, required })
}

/**
 * Column builders. The first argument is a FITS column's name (within `fromHdu`) or a `Source`, the second
 * the description. `int64` values are bigint: a double holds only 53 bits of a TARGETID.
 */
export const int64 = builder<bigint>('bigint')
export const int32 = builder<number>('integer')
export const int16 = builder<number>('smallint')
export const serial = builder<number>('serial')
export const float64 = builder<number>('double precision')
export const float32 = builder<number>('real')
export const boolean = builder<boolean>('boolean')
export const timestamp = builder<Date>('timestamp')
export const float32s = builder<number[]>('real[]')
export const float64s = builder<number[]>('double precision[]')
export const int64s = builder<bigint[]>('bigint[]')

/** Text; with `oneOf` its row type is the union of the words. */
export function text<const O extends Given = Record<never, never>>(
  source: Source | string,
  description: string,
  options?: O,
): Column<O extends { readonly oneOf: readonly (infer W)[] } ? W : string, IsRequired<O>> {
  return column('text', source, description, options ?? {})
}

/** Types that can be sealed. */
export const encryptable: readonly SqlType[] = [
  'text',
  'boolean',
  'bigint',
  'integer',
  'smallint',
  'real',
  'double precision',
]

/**
 * A column that is sealed on the client's side before it is sent: the server stores bytes that it can't read. Range and
 * vocabulary are checked before; nothing can be searched by it. Restricted unless it says otherwise.
 * ```ts
 * proposer: encrypted(text('PROPOSER', 'Who proposed it.'))
 * ```
 */
export function encrypted<R extends boolean>(column: Column<unknown, R>): Column<Uint8Array, R> {
  const { range: _, oneOf: __, ...rest } = column
  const sensitivity = column.sensitivity === 'public' ? 'restricted' : column.sensitivity
  return Object.freeze({ ...rest, sensitivity, type: 'bytea', encrypts: column }) as Column<Uint8Array, R>
}

/** Gives every column whose source is a bare FITS column name the HDU it stands in. */
export function fromHdu<C extends Record<string, Column>>(hdu: string, columns: C): C {
  const located = Object.entries(columns).map(([name, each]) => {
    const { source } = each
    return [
      name,
      typeof source === 'string'
        ? Object.freeze({ ...each, source: { kind: 'fits', hdu, column: source } })
        : each,
    ]
  })
  return Object.fromEntries(located) as C
}
