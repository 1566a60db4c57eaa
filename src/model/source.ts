// Where a column's values come from when a file is loaded.

/** What happens to a FITS value between the file and the database; always declared, never implied. */
export type Conversion =
  /** Right ascension brought into [0, 360) degrees; out-of-range inputs are counted. */
  | { readonly kind: 'wrap-ra' }
  /** `value * factor`, with the reason and the formula's source. */
  | { readonly kind: 'scale'; readonly factor: number; readonly reason: string }
  /** Inverse variance to standard error, 1/sqrt(ivar); 0 (not measured) becomes NULL. */
  | { readonly kind: 'ivar-to-error' }

export type Source =
  /**
   * A column of a FITS table; `nulls` are sentinel values that mean "no value". NaN always becomes NULL. Of a vector
   * column `element` picks one, counted from 1 in the order of the file. A file may lack the column where `optional`
   * says why: all its rows have NULL then, and the report of the load says so.
   */
  | {
      readonly kind: 'fits'
      readonly hdu: string
      readonly column: string
      readonly element?: number
      readonly convert?: Conversion
      readonly nulls?: readonly number[]
      readonly optional?: string
    }
  /** The value of an image's pixel, or its place along the axis NAXISn, counted from 0; only in layouts of pixels. */
  | { readonly kind: 'pixel'; readonly hdu: string }
  | { readonly kind: 'axis'; readonly hdu: string; readonly axis: number }
  /** A card of a header; a card without a value gives NULL. */
  | { readonly kind: 'card'; readonly hdu: string; readonly keyword: string }
  /** A `{part}` of the file name pattern; `words` says what a part stands for, where that is not the part itself. */
  | { readonly kind: 'path'; readonly part: string; readonly words?: Readonly<Record<string, string>> }
  /** The same word in every row of every file. */
  | { readonly kind: 'constant'; readonly value: string }
  /** The ledger's number of the file, or the row's number within its HDU (from `first`, 1 unless said). */
  | { readonly kind: 'file' }
  | { readonly kind: 'row'; readonly first: number }
  /** Filled by the server (a default, a serial) or by a later step named in `by`. */
  | { readonly kind: 'server'; readonly by: string }
  /** This layout has no such value: NULL, for the reason given. */
  | { readonly kind: 'absent'; readonly reason: string }

export const fits = (
  hdu: string,
  column: string,
  extra: { element?: number; convert?: Conversion; nulls?: readonly number[]; optional?: string } = {},
): Source => ({ kind: 'fits', hdu, column, ...extra })
export const pixel = (hdu: string): Source => ({ kind: 'pixel', hdu })
export const pixelAxis = (hdu: string, axis: number): Source => ({ kind: 'axis', hdu, axis })
export const card = (keyword: string, hdu = 'PRIMARY'): Source => ({ kind: 'card', hdu, keyword })
export const pathPart = (part: string, words?: Readonly<Record<string, string>>): Source =>
  words ? { kind: 'path', part, words } : { kind: 'path', part }
export const constant = (value: string): Source => ({ kind: 'constant', value })
export const fileNumber = (): Source => ({ kind: 'file' })
export const rowNumber = (first = 1): Source => ({ kind: 'row', first })
export const byServer = (by: string): Source => ({ kind: 'server', by })
export const absent = (reason: string): Source => ({ kind: 'absent', reason })
