// TFORM and TDIM of binary-table columns: type code, repeat count, width in bytes, shape (section 7.3).
import { FitsError, type FitsPlace } from './errors.ts'

/** Type codes of binary-table columns, Table 18 of the standard. */
export type TypeCode = 'L' | 'X' | 'B' | 'I' | 'J' | 'K' | 'A' | 'E' | 'D' | 'C' | 'M' | 'P' | 'Q'

/** Codes that a variable-length array may hold: all but P and Q. */
export type ElementCode = Exclude<TypeCode, 'P' | 'Q'>

/** How elements lie in memory: bytes of a word (what byte order applies to) and words of an element. */
export const elementForm: Readonly<Record<TypeCode, { wordBytes: 1 | 2 | 4 | 8; words: 1 | 2 }>> = {
  L: { wordBytes: 1, words: 1 },
  X: { wordBytes: 1, words: 1 },
  B: { wordBytes: 1, words: 1 },
  A: { wordBytes: 1, words: 1 },
  I: { wordBytes: 2, words: 1 },
  J: { wordBytes: 4, words: 1 },
  K: { wordBytes: 8, words: 1 },
  E: { wordBytes: 4, words: 1 },
  D: { wordBytes: 8, words: 1 },
  C: { wordBytes: 4, words: 2 },
  M: { wordBytes: 8, words: 2 },
  P: { wordBytes: 4, words: 2 },
  Q: { wordBytes: 8, words: 2 },
}

export interface ColumnFormat {
  readonly code: TypeCode
  readonly repeat: number
  /** For P and Q: what the arrays hold, and the greatest length where the TFORM states it. */
  readonly heap?: { readonly code: ElementCode; readonly maxLength?: number }
  /** For `rAw`: length w of the substrings that the r characters divide into. */
  readonly substring?: number
}

/** Bytes that `count` elements of a type take; bits (X) pack eight to a byte. */
export function bytesOf(code: TypeCode, count: number): number {
  if (code === 'X') return Math.ceil(count / 8)
  const { wordBytes, words } = elementForm[code]
  return count * words * wordBytes
}

const tformGrammar = /^(\d{0,15})([LXBIJKAEDCMPQ])(.*)$/
const heapGrammar = /^([LXBIJKAEDCM])(?:\((\d{0,15})\))?/

/**
 * Parses a TFORM such as `E`, `10A`, `1PD(300)`.
 * @throws FitsError FITS_TFORM_BAD
 */
export function parseTform(tform: string, place: FitsPlace = {}): ColumnFormat {
  const parts = tformGrammar.exec(tform.trim())
  if (!parts) throw badTform(tform, place)
  const repeat = parts[1] === '' ? 1 : Number(parts[1])
  const code = parts[2] as TypeCode
  const rest = parts[3]!
  if (code === 'A') return textFormat(repeat, parts[1] === '', rest)
  if (code !== 'P' && code !== 'Q') return { code, repeat }
  const heap = heapGrammar.exec(rest)
  if (!heap || repeat > 1) throw badTform(tform, place)
  const maxLength = heap[2] ? { maxLength: Number(heap[2]) } : {}
  return { code, repeat, heap: { code: heap[1] as ElementCode, ...maxLength } }
}

/** `Aw` is a common slip for `wA`, taken as such; in `rAw` the r characters are substrings of w. */
function textFormat(repeat: number, repeatAbsent: boolean, rest: string): ColumnFormat {
  const width = Number(/^\d{1,15}/.exec(rest)?.[0] ?? 0)
  if (width === 0) return { code: 'A', repeat }
  if (repeatAbsent) return { code: 'A', repeat: width }
  return width < repeat ? { code: 'A', repeat, substring: width } : { code: 'A', repeat }
}

function badTform(tform: string, place: FitsPlace): FitsError {
  const where = place.column === undefined ? '' : ` of column ${place.column}`
  return new FitsError('FITS_TFORM_BAD', `"${tform}" is not a format${where}`, { ...place, value: tform })
}

/**
 * Parses a TDIM such as `(3,4)`, first axis fastest.
 * @throws FitsError FITS_TDIM_BAD when it isn't of that form or holds more than `most` elements
 */
export function parseTdim(tdim: string, most: number, place: FitsPlace): number[] {
  const parts = /^\s*\(\s*(\d+(?:\s*,\s*\d+)*)\s*\)\s*$/.exec(tdim)
  const dim = parts ? parts[1]!.split(',').map(Number) : []
  const elements = dim.reduce((product, axis) => product * axis, 1)
  if (dim.length > 0 && dim.length <= 999 && !dim.includes(0) && elements <= most) return dim
  const message = parts
    ? `TDIM ${tdim} of column ${place.column} has ${elements} elements, the column ${most}`
    : `TDIM "${tdim}" of column ${place.column} is not of the form (n,m,...)`
  throw new FitsError('FITS_TDIM_BAD', message, { ...place, value: tdim })
}
