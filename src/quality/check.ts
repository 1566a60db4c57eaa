// What a check is, what it is given and what it answers.
import type { Catalog, Severity, Survey } from '../model/index.ts'
import type { Client } from '../postgres/index.ts'
import type { TableFacts } from './table-facts.ts'

/**
 * pass; warn: a fault that is tolerated or of low severity; fail; error: the check itself could not be done; skipped:
 * there was nothing to check, and the message says why.
 */
export type State = 'pass' | 'warn' | 'fail' | 'error' | 'skipped'

/** The table under test, and what the database knows of it. */
export interface Subject {
  readonly catalog: Catalog
  readonly survey: Survey
  readonly facts: TableFacts
}

/** An SQL aggregate, and how its values over the files of a table become one value. */
export interface Aggregate {
  readonly sql: string
  readonly merge: 'sum' | 'min' | 'max'
}

/** Values of a check's aggregates; NULL where no row had a value. */
export type Measures<N extends string = string> = Readonly<Record<N, number | null>>

/** Number of the file in the ledger (0: rows of no file), and what was measured of its rows. */
export interface FileMeasures {
  readonly file: number
  readonly rows: number
  readonly measures: Measures
}

/** Something cheaper than a check's own aggregates that can tell that no row is at fault. */
export interface Screen {
  readonly aggregates: Readonly<Record<string, Aggregate>>
  /** Whether no row of this file is at fault: the check's aggregates stand as 0. Else they are computed after all. */
  clears(file: FileMeasures): boolean
}

/** What the scan of the table found for one check. */
export interface Scanned {
  readonly rows: number
  readonly total: Measures
  readonly files: readonly FileMeasures[]
  /** Share of the table that was read, 1 for all of it. */
  readonly share: number
  /** Loaded files to which the run is restricted. */
  readonly onlyFiles: readonly number[] | undefined
}

export interface FailingRow {
  /** The key and the columns of the check, as text. */
  readonly values: Readonly<Record<string, string | null>>
  /** Where the row stands in its FITS file; row counted from 1. */
  readonly file?: string
  readonly hdu?: string
  readonly row?: number
}

/** Shares of values by bin, as expected and as found: a figure of the report. */
export interface DistributionFigure {
  /** What is distributed. */
  readonly label: string
  /** Edges of the bins, one more than shares. */
  readonly edges: readonly number[]
  readonly expected: readonly number[]
  readonly found: readonly number[]
  /** Greatest allowed difference of a share, where it is stated. */
  readonly tolerance?: number
}

/** A straight line through (x, y). */
export interface Line {
  readonly x: number
  readonly y: number
  readonly slope: number
}

/** Two quantities against each other, with the line that was fitted and the one that is expected: a figure of the report. */
export interface RelationFigure {
  readonly x: string
  readonly y: string
  /** Some of the rows that were fitted. */
  readonly points: readonly (readonly [x: number, y: number])[]
  readonly found: Line
  /** The expected line, and what its slope and its value at x may differ by; none where only a correlation is expected. */
  readonly expected?: Line & { readonly slopeTolerance: number; readonly tolerance: number }
}

export interface Verdict {
  readonly state: 'pass' | 'warn' | 'fail' | 'skipped'
  readonly message: string
  /** Number of failing rows, where rows fail. */
  readonly failing?: number
  /** SQL condition that failing rows meet: some of them are shown. */
  readonly where?: string
  /** A whole query for them instead: a row of it has the columns of the table. */
  readonly rowsSql?: string
  /** Numbers behind the message, for the report. */
  readonly numbers?: Readonly<Record<string, number | string | null>>
  readonly figure?: DistributionFigure
  readonly relation?: RelationFigure
}

export interface RunContext extends Subject {
  readonly client: Client
  /** Share of the table to be read, 1 for all of it. */
  readonly share: number
  /** Loaded files to which the run is restricted. */
  readonly onlyFiles: readonly number[] | undefined
}

interface CheckBase {
  /** The kind, and after a colon what it is about: `range:z`. */
  readonly name: string
  /** What must hold, as a sentence. */
  readonly about: string
  readonly columns: readonly string[]
  readonly severity?: Severity
}

/** Answers from aggregates that the one scan of the table computes along with those of all other checks. */
export interface ScanCheck extends CheckBase {
  readonly aggregates: Readonly<Record<string, Aggregate>>
  readonly screen?: Screen
  /** Whether it has an answer for a table without rows; other checks are skipped there. */
  readonly evenEmpty?: true
  judge(scanned: Scanned): Verdict
  /** Asks the failing rows what happened to them: a sentence for the message. */
  explain?(context: RunContext, verdict: Verdict): Promise<string | undefined>
  /** Asks for rows to be drawn with the verdict. */
  illustrate?(context: RunContext, verdict: Verdict): Promise<Verdict>
}

/** Asks the database by itself. */
export interface OwnCheck extends CheckBase {
  /** The query that it makes, for the report. */
  readonly sql?: string
  run(context: RunContext): Promise<Verdict>
}

export type Check = ScanCheck | OwnCheck

/** One kind of check: `kind` of a file in checks/, which bears its name. */
export interface CheckKind {
  /** What it finds, as a sentence for the documentation. */
  readonly finds: string
  /** What it can't find, and what it costs, as a sentence. */
  readonly limits: string
  /** The checks of this kind that follow from a table's declaration. */
  derive(subject: Subject): readonly Check[]
}

/** A number with what it counts: `1 row`, `3 rows`. */
export const counted = (count: number, what: string) => `${count} ${what}${count === 1 ? '' : 's'}`

/** A check that every row meets unless `failing`, an SQL condition, is true of it. */
export function rowRule(
  rule: CheckBase & {
    readonly failing: string
    /** SQL condition that tells in less time that a row is not at fault. */
    readonly unless?: string
    readonly screen?: Screen
    /** What is wrong with the rows that are counted here: `1 row`, `3 rows`. */
    says(rows: string): string
    readonly low?: 'warn'
  },
): ScanCheck {
  const { failing, unless, says, low, ...base } = rule
  const condition = unless === undefined ? failing : `CASE WHEN ${unless} THEN false ELSE ${failing} END`
  return {
    ...base,
    aggregates: { failing: { sql: `count(*) FILTER (WHERE ${condition})`, merge: 'sum' } },
    judge: ({ total, rows }) => {
      const count = total.failing ?? 0
      if (count === 0) return { state: 'pass', message: `all ${rows} rows`, failing: 0 }
      return { state: low ?? 'fail', message: says(counted(count, 'row')), failing: count, where: failing }
    },
  }
}
