// One header card: 80 characters to keyword, value and comment (FITS 4.0, section 4).

export type CardValue = string | number | bigint | boolean | null

/**
 * - `undefined`: the keyword stands there without a value (section 4.1.2.3); its value is null
 * - `complex`: the value is kept as its text, e.g. `(1.0, -2.5)`
 * - `commentary`: COMMENT, HISTORY, blank keyword and other cards without a value indicator; the value is the text
 * - `malformed`: a value that follows no rule; the value is its text, and asking the header for it is an error
 */
export type CardKind =
  | 'string'
  | 'integer'
  | 'real'
  | 'logical'
  | 'complex'
  | 'undefined'
  | 'commentary'
  | 'malformed'

export interface Card {
  /** Upper case; of a HIERARCH card the words between HIERARCH and `=`, e.g. `ESO DET CHIP`. */
  readonly keyword: string
  readonly kind: CardKind
  readonly value: CardValue
  readonly comment: string
}

export const cardLength = 80

const integerForm = /^[+-]?\d+$/
const realForm = /^[+-]?(\d+\.?\d*|\.\d+)([ED][+-]?\d+)?$/
const complexForm = /^\(([^,()]*),([^,()]*)\)$/

/** Parses one card of 80 characters. CONTINUE cards come out as `commentary`; the header joins them. */
export function parseCard(text: string): Card {
  const keyword = text.slice(0, 8).trimEnd()
  if (keyword === 'HIERARCH') return parseHierarch(text)
  if (text.slice(8, 10) !== '= ' || isCommentary(keyword)) return commentary(keyword, text.slice(8))
  return { keyword, ...parseValue(text.slice(10)) }
}

const isCommentary = (keyword: string) => keyword === 'COMMENT' || keyword === 'HISTORY' || keyword === ''

function commentary(keyword: string, text: string): Card {
  return { keyword, kind: 'commentary', value: text.trimEnd(), comment: '' }
}

function parseHierarch(text: string): Card {
  const equals = text.indexOf('=')
  if (equals < 0) return commentary('HIERARCH', text.slice(8))
  const keyword = text.slice(8, equals).trim().replace(/ +/g, ' ').toUpperCase()
  return { keyword, ...parseValue(text.slice(equals + 1)) }
}

/** Value and comment from the characters after the value indicator. */
export function parseValue(field: string): Omit<Card, 'keyword'> {
  const text = field.trimStart()
  return text.startsWith("'") ? parseString(text) : parseBare(text)
}

function parseString(text: string): Omit<Card, 'keyword'> {
  let end = 1
  for (;;) {
    end = text.indexOf("'", end)
    if (end < 0) return { kind: 'malformed', value: text.trimEnd(), comment: '' }
    if (text[end + 1] !== "'") break
    end += 2
  }
  const rest = text.slice(end + 1).trimStart()
  if (rest !== '' && !rest.startsWith('/')) return { kind: 'malformed', value: text.trimEnd(), comment: '' }
  const value = text.slice(1, end).replaceAll("''", "'").trimEnd()
  return { kind: 'string', value, comment: rest.slice(1).trim() }
}

function parseBare(text: string): Omit<Card, 'keyword'> {
  const slash = text.indexOf('/')
  const word = (slash < 0 ? text : text.slice(0, slash)).trim()
  const comment = slash < 0 ? '' : text.slice(slash + 1).trim()
  if (word === '') return { kind: 'undefined', value: null, comment }
  if (word === 'T' || word === 'F') return { kind: 'logical', value: word === 'T', comment }
  if (integerForm.test(word)) return { kind: 'integer', value: exactInteger(word), comment }
  const upper = word.toUpperCase()
  if (realForm.test(upper)) return { kind: 'real', value: Number(upper.replace('D', 'E')), comment }
  if (isComplex(upper)) return { kind: 'complex', value: word, comment }
  return { kind: 'malformed', value: word, comment }
}

function isComplex(word: string): boolean {
  const parts = complexForm.exec(word)
  return parts?.slice(1).every((part) => realForm.test(part.trim())) ?? false
}

/** A number where it is exact (up to 2^53), else a bigint. */
function exactInteger(word: string): number | bigint {
  const value = Number(word)
  return Number.isSafeInteger(value) ? value : BigInt(word.replace(/^\+/, ''))
}
