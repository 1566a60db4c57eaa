// What a survey's mock is: files of the survey's real layout with a known truth, generated from a seed.

/** Card ORIGIN in the primary header of every file of a mock: it tells the file from a released one. */
export const mockOrigin = 'almagest mock'

/** Values of one block of rows; text is padded by the writer to the column's width. */
export type MockValues =
  | BigInt64Array
  | Int32Array
  | Int16Array
  | Uint8Array
  | Float32Array
  | Float64Array
  | readonly string[]

export interface MockColumn {
  readonly name: string
  readonly tform: string
  readonly unit?: string
}

export interface MockHdu {
  readonly name: string
  readonly cards: readonly (readonly [keyword: string, value: string | number | boolean | null])[]
  readonly columns: readonly MockColumn[]
  readonly rowCount: number
  /** Values of the rows [from, to), one entry per column, row-major within a vector column. */
  values(from: number, to: number): readonly MockValues[]
}

export interface MockFile {
  readonly name: string
  readonly cards: readonly (readonly [keyword: string, value: string | number | boolean | null])[]
  readonly hdus: readonly MockHdu[]
}

/** What must come out when the mock's files are loaded and mapped. */
export interface MockTruth {
  /** Rows that each table must hold. */
  readonly loaded: Readonly<Record<string, number>>
  /** Rows that must be rejected, by table and rule. */
  readonly rejected: readonly { readonly table: string; readonly rule: string; readonly rows: number }[]
  /** Rows that the table of each declared cross-match must hold once it is filled. */
  readonly matched?: Readonly<Record<string, number>>
  /** Distinct loaded galaxies inside voids, and (galaxy, void) pairs, by source and cap. */
  readonly inVoids: readonly {
    readonly source: string
    readonly cap: string
    readonly voids: number
    readonly galaxies: number
    readonly pairs: number
  }[]
}

export interface SurveyMock {
  /** @param galaxies number of galaxy rows over all files; the same seed gives the same bytes */
  generate(options: { galaxies: number; seed: number }): { files: readonly MockFile[]; truth: MockTruth }
}
