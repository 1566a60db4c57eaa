// Keywords with a required type: integers within bounds, texts and reals, or a typed fault that names the HDU.
import { FitsError, type FitsPlace } from './errors.ts'
import type { Header } from './header.ts'

function bad(keyword: string, value: unknown, rule: string, place: FitsPlace): FitsError {
  return new FitsError(
    'FITS_KEYWORD_BAD',
    `${keyword} = ${value} in ${place.hdu ?? 'a header'}; it must be ${rule}`,
    {
      ...place,
      value: String(value),
    },
  )
}

/**
 * An integer keyword of at least `least`.
 * @param absent  value where the keyword is not there or has no value; without it the keyword is required
 */
export function integerKeyword(
  header: Header,
  keyword: string,
  place: FitsPlace,
  least: number,
  absent?: number,
): number {
  const value = header.get(keyword) ?? absent
  if (value === undefined) throw missing(keyword, place)
  if (typeof value !== 'number' || !Number.isInteger(value) || value < least) {
    throw bad(keyword, value, `an integer from ${least} to 2^53`, place)
  }
  return value
}

/** A text keyword without its outer blanks, or undefined where absent or without a value. */
export function textKeyword(header: Header, keyword: string, place: FitsPlace): string | undefined {
  const value = header.get(keyword)
  if (value === undefined || value === null) return undefined
  if (typeof value !== 'string') throw bad(keyword, value, 'a text in quotes', place)
  return value.trim()
}

/** A number keyword (integer or real), or `absent`. */
export function numberKeyword(
  header: Header,
  keyword: string,
  place: FitsPlace,
  absent: number,
): number | bigint {
  const value = header.get(keyword) ?? absent
  if (typeof value !== 'number' && typeof value !== 'bigint') throw bad(keyword, value, 'a number', place)
  return value
}

function missing(keyword: string, place: FitsPlace): FitsError {
  return new FitsError('FITS_KEYWORD_MISSING', `${place.hdu ?? 'The header'} has no ${keyword}`, place)
}
