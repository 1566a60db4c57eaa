// What a catalogue is: one table's declaration, and the row type that follows from it.
import type { Column } from './column.ts'
import type { QualityDeclaration } from './quality.ts'
import type { ColumnConditions, Condition } from './selection.ts'
import type { Source } from './source.ts'

export type Columns = Readonly<Record<string, Column>>

export interface ForeignKey {
  readonly columns: readonly string[]
  /** Qualified name of the catalogue referred to, and its key columns. */
  readonly references: string
  readonly key: readonly string[]
}

export interface Index {
  readonly btree: readonly string[]
  /** Columns kept beside the sorted ones: a query of them all reads the index alone, where autovacuum has been. */
  readonly include?: readonly string[]
  /** Name of a selection: the index is partial. */
  readonly only?: string
}

/**
 * How a table that outgrows one is divided; the key, and every unique list, must name the column. A row's partition
 * follows from the value alone, and every value has one.
 */
export type Partition = (
  | /** Below the first bound, between each two, from the last on: redshift, HEALPix pixels in nested order. */
  { readonly by: 'range'; readonly column: string; readonly bounds: readonly number[] }
  /** A partition for each name with its values, e.g. programs, and one for all others. */
  | {
      readonly by: 'list'
      readonly column: string
      readonly values: Readonly<Record<string, readonly (string | number)[]>>
    }
  /** So many partitions of about equal size. */
  | { readonly by: 'hash'; readonly column: string; readonly parts: number }
) & {
  /** How each of them is divided in turn, by another column: programs by HEALPix pixel. */
  readonly within?: Partition
}

export interface Sky {
  readonly ra: string
  readonly dec: string
  readonly frame: 'icrs'
  /** Name of the sky index; which backend serves it is the deployment's choice. */
  readonly index: string
  /** Name of a further index, on HEALPix numbers of order 29 (nested): for exchange with MOC, HATS and TAP. */
  readonly healpix?: string
}

/** One way in which the survey's files hold the table. */
export interface Layout {
  /** File name pattern: see file-pattern.ts. */
  readonly files: string
  /** HDUs that must be there; those that hold tables are joined row by row. */
  readonly hdus: readonly string[]
  /** FITS column that must hold the same value in every joined HDU at each row. */
  readonly alignedBy?: string
  /**
   * `table`: a row per FITS row; `file`: one row per file, from cards and the file's name; `pixels`: a row per
   * pixel of the only HDU, an image, in the order of the file (NAXIS1 fastest).
   */
  readonly rows?: 'table' | 'file' | 'pixels'
  /** Why the frame that the headers state (RADESYS, EQUINOX) is not believed; without it a contradiction is a fault. */
  readonly ignoreFrame?: string
  /** Sources that differ in this layout from those declared with the columns. */
  readonly columns?: Readonly<Record<string, Source>>
}

/**
 * What becomes of a row whose key another file has given already, where a survey is known to repeat keys from file
 * to file. A key that appears twice in one file is a fault of that file all the same.
 */
export interface DuplicateRule {
  /** The row that was loaded first stays; the others go to the table of rejects. */
  readonly keep: 'first'
  /** Why keys appear twice, and what the user gets: stands with every row that was left out. */
  readonly reason: string
  /**
   * Parts of the file's name (`{part}` of the layouts) that files without a common key share. Files that differ in one
   * of them are never loaded at the same time, so that which row is the first doesn't hang on the speed of a connection;
   * where absent, no two files are.
   */
  readonly uniqueWithin?: readonly string[]
}

export interface CatalogDefinition<
  C extends Columns = Columns,
  K extends keyof C & string = keyof C & string,
> {
  /** `schema.table` */
  readonly name: string
  readonly title: string
  /** The table's former name within the schema: a database that still has it renames it, and keeps its rows. */
  readonly renamed?: string
  readonly columns: C
  readonly key: readonly K[]
  readonly unique?: readonly (readonly (keyof C & string)[])[]
  /** Without it a key that another file has given is a fault. */
  readonly duplicates?: DuplicateRule
  readonly foreignKeys?: readonly ForeignKey[]
  readonly sky?: Sky
  readonly partition?: Partition
  readonly indexes?: Readonly<Record<string, Index>>
  readonly selections?: Readonly<
    Record<string, (c: Readonly<Record<keyof C & string, ColumnConditions>>) => Condition[]>
  >
  readonly layouts?: Readonly<Record<string, Layout>>
  /** What is expected of the content, for `almagest check`. */
  readonly quality?: QualityDeclaration
}

export interface Catalog<C extends Columns = Columns, K extends string = string>
  extends Omit<
    CatalogDefinition<C>,
    'selections' | 'key' | 'unique' | 'foreignKeys' | 'indexes' | 'layouts'
  > {
  readonly schema: string
  readonly table: string
  readonly key: readonly K[]
  readonly unique: readonly (readonly string[])[]
  readonly foreignKeys: readonly ForeignKey[]
  readonly indexes: Readonly<Record<string, Index>>
  readonly selections: Readonly<Record<string, readonly Condition[]>>
  readonly layouts: Readonly<Record<string, Layout>>
}

type ValueOf<Col> = Col extends Column<infer V, infer R> ? (R extends true ? V : V | null) : never

/** The row type of a catalogue: bigint for 64-bit integers, unions for vocabularies, null where allowed. */
export type RowOf<T> =
  T extends Catalog<infer C, infer K>
    ? { [N in keyof C]: N extends K ? NonNullable<ValueOf<C[N]>> : ValueOf<C[N]> }
    : never

/** A column that must hold a value: declared so, or part of the key. */
export function isRequired(catalog: Catalog, column: string): boolean {
  return catalog.key.includes(column) || catalog.columns[column]?.required === true
}

/** Where a column's values come from in a layout. */
export function sourceIn(catalog: Catalog, layout: Layout, column: string): Source {
  const source = layout.columns?.[column] ?? catalog.columns[column]?.source
  if (source === undefined || typeof source === 'string')
    return { kind: 'absent', reason: 'no source declared' }
  return source
}
