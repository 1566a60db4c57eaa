// What is expected of a table's content beyond its types and ranges, who answers for it, and which faults are known.

export type Severity = 'warn' | 'fail'

/** A number that was published or measured, with where it comes from. */
export interface Expected {
  readonly value: number
  /** Greatest allowed difference; 0 unless said. */
  readonly tolerance?: number
  /** Who says so: a paper, a release note, a file. */
  readonly source: string
}

/** A fault that is known and tolerated until a day: then it counts again. */
export interface AcceptedException {
  /** Name of the check, e.g. `range:z`. */
  readonly check: string
  readonly reason: string
  /** Last day on which it holds, YYYY-MM-DD. */
  readonly until: string
  /** Most failing rows that are tolerated; any number where absent. */
  readonly rows?: number
}

/** A part of the sky: RA runs upwards from the first number to the second and may pass 360. Degrees. */
export interface SkyBox {
  readonly ra: readonly [from: number, to: number]
  readonly dec: readonly [from: number, to: number]
}

/** SQL over the table's columns, e.g. `log(sfr)`, wherever a check takes an expression. */
export type SqlExpression = string

/** Rows of the files of a release, by file name. */
export interface PublishedRows {
  readonly files: Readonly<Record<string, number>>
  readonly source: string
}

/** Numbers that are about certain files alone. */
interface OfRelease {
  /**
   * File name pattern: the numbers are those of these files of the survey's release, are asked of their rows alone, and
   * only where all of them are loaded as released.
   */
  readonly release?: string
}

export interface ScalingRelation extends OfRelease {
  readonly name: string
  readonly x: SqlExpression
  readonly y: SqlExpression
  /** Rows that count; all of them where absent. */
  readonly where?: SqlExpression
  /** Slope of the least-squares line of y on x. */
  readonly slope?: Expected
  /** Value of that line at `x`. */
  readonly at?: Expected & { readonly x: number }
  /** Pearson's correlation. */
  readonly correlation?: Expected
}

export interface BinnedFractions extends OfRelease {
  readonly name: string
  readonly value: SqlExpression
  readonly where?: SqlExpression
  /** Edges of the bins, one more than fractions; a bin holds its lower edge. */
  readonly edges: readonly number[]
  readonly fractions: readonly number[]
  /** Greatest allowed difference of any fraction. */
  readonly tolerance: number
  readonly source: string
}

export interface VoidStatistics extends OfRelease {
  /** Column that names the finder, and the one with the radius. */
  readonly finder: string
  readonly radius: string
  readonly counts?: Readonly<Record<string, Expected>>
  readonly meanRadius?: Readonly<Record<string, Expected>>
  readonly medianRadius?: Readonly<Record<string, Expected>>
  /** Numbers of voids of `of` over those of `to`. */
  readonly ratios?: readonly (Expected & { readonly of: string; readonly to: string })[]
}

/** Another catalogue that says something about the same objects. */
export interface CounterpartCatalog {
  readonly catalog: string
  /** Column here, column there. */
  readonly on: readonly [here: string, there: string]
  readonly compare: readonly {
    readonly here: string
    readonly there: string
    readonly tolerance: number
  }[]
  /** Greatest separation of the positions in arcseconds; both catalogues declare `sky`. */
  readonly separation?: number
}

/** What each kind of check is told, by the name of the kind; a kind of one's own has a name of its own. */
export interface Expectations {
  /** Of the whole table, or of each file of the release that is loaded. */
  readonly 'row-count'?: Expected | PublishedRows
  /** Greatest fraction of NULLs by column. */
  readonly nulls?: Readonly<Record<string, number>>
  /** Values that stand for "no value" by column; an empty list where all values are genuine. */
  readonly sentinel?: Readonly<Record<string, readonly number[]>>
  readonly footprint?: readonly SkyBox[]
  /** Column with the nested HEALPix pixel of a row's position, and the part of file names that names one. */
  readonly healpix?: {
    readonly column?: string
    readonly nside?: number
    readonly file?: { readonly pattern: string; readonly nside: number }
  }
  readonly 'sky-duplicates'?: { readonly arcsec: number }
  readonly counterpart?: readonly CounterpartCatalog[]
  readonly 'scaling-relation'?: readonly ScalingRelation[]
  readonly 'mass-function'?: readonly BinnedFractions[]
  readonly 'void-statistics'?: VoidStatistics
  /** Profile to compare with, and the least differences that count: Kolmogorov-Smirnov, stability index, fraction of NULLs. */
  readonly drift?: {
    readonly profile?: string
    readonly ks?: number
    readonly psi?: number
    readonly nulls?: number
  }
  readonly [kind: string]: unknown
}

export interface QualityDeclaration {
  /** Who is asked when a check fails. */
  readonly owner?: string
  /** By the name of a check or of its kind; checks fail unless said. */
  readonly severity?: Readonly<Record<string, Severity>>
  readonly exceptions?: readonly AcceptedException[]
  readonly expect?: Expectations
}
