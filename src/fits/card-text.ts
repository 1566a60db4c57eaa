// One keyword with its value to the 80-character cards that express it, long texts over CONTINUE cards.
import { type CardValue, cardLength } from './card.ts'
import { FitsError } from './errors.ts'

/**
 * Keyword, value, comment. A null value makes a card without value. COMMENT and HISTORY take a text. Keywords of
 * more than 8 characters or of several words become HIERARCH cards.
 */
export type CardToWrite = readonly [keyword: string, value: CardValue, comment?: string]

const valueColumn = 10
const standardKeyword = /^[A-Z0-9_-]{1,8}$/
const hierarchKeyword = /^[!-<>-~]+( [!-<>-~]+)*$/
const printable = /^[ -~]*$/

/**
 * The card lines of a keyword, each of exactly 80 characters (sections 4.1, 4.2).
 * @throws FitsError FITS_CARD_UNWRITABLE for text that isn't printable ASCII, numbers that aren't finite, or a
 *   keyword that leaves no room for its value
 */
export function cardLines([keyword, value, comment = '']: CardToWrite): string[] {
  if (!printable.test(comment)) throw unwritable(keyword, `its comment is not printable ASCII: ${comment}`)
  if (isCommentary(keyword)) return commentaryLines(keyword, value)
  const start = keyword.length <= 8 ? standardStart(keyword) : hierarchStart(keyword)
  if (typeof value === 'string') return stringLines(keyword, start, value, comment)
  const field = bareValue(keyword, value)
  const text = start.length === valueColumn ? field.padStart(20) : field
  if (start.length + text.length > cardLength) throw unwritable(keyword, `${text} leaves the card`)
  return [withComment(start + text, comment)]
}

const isCommentary = (keyword: string) => keyword === 'COMMENT' || keyword === 'HISTORY' || keyword === ''

function standardStart(keyword: string): string {
  if (standardKeyword.test(keyword)) return `${keyword.padEnd(8)}= `
  return hierarchStart(keyword)
}

function hierarchStart(keyword: string): string {
  if (hierarchKeyword.test(keyword) && keyword === keyword.toUpperCase()) return `HIERARCH ${keyword} = `
  throw unwritable(keyword, 'a keyword consists of upper-case letters, digits, - and _')
}

/** Comments begin in column 32 where the value leaves room, and are cut where the card ends; a value never is. */
const withComment = (text: string, comment: string) =>
  (comment === '' ? text : `${text.padEnd(30)} / ${comment}`).slice(0, cardLength).padEnd(cardLength)

function commentaryLines(keyword: string, value: CardValue): string[] {
  const text = value === null ? '' : String(value)
  if (!printable.test(text)) throw unwritable(keyword, `its text is not printable ASCII: ${text}`)
  const width = cardLength - 8
  const lines: string[] = []
  for (let at = 0; at === 0 || at < text.length; at += width) {
    lines.push((keyword.padEnd(8) + text.slice(at, at + width)).padEnd(cardLength))
  }
  return lines
}

function bareValue(keyword: string, value: Exclude<CardValue, string>): string {
  if (value === null) return ''
  if (typeof value === 'boolean') return value ? 'T' : 'F'
  if (typeof value === 'bigint') return value.toString()
  if (!Number.isFinite(value)) throw unwritable(keyword, `${value} is not a finite number`)
  if (Number.isSafeInteger(value) && !Object.is(value, -0)) return value.toString()
  return realText(value)
}

/** Shortest text that reads back as the same double, with a decimal point: 0.1, 1.0E-20, -0.0. */
function realText(value: number): string {
  const [mantissa, exponent] = (Object.is(value, -0) ? '-0' : value.toString().toUpperCase()).split('E')
  const point = mantissa!.includes('.') ? mantissa! : `${mantissa}.0`
  return exponent === undefined ? point : `${point}E${exponent.replace('+', '')}`
}

function stringLines(keyword: string, start: string, value: string, comment: string): string[] {
  if (!printable.test(value)) throw unwritable(keyword, `its text is not printable ASCII: ${value}`)
  const single = `${start}'${value.replaceAll("'", "''").padEnd(8)}'`
  if (single.length <= cardLength) return [withComment(single, comment)]
  return continuedLines(keyword, start, value, comment)
}

/** Pieces ending in & up to the last; a doubled quote is never divided (section 4.2.1.2). */
function continuedLines(keyword: string, start: string, value: string, comment: string): string[] {
  const lines: string[] = []
  let rest = value
  let prefix = start
  while (rest !== '' || lines.length === 0) {
    const room = cardLength - prefix.length - 3
    if (room < 2) throw unwritable(keyword, 'the keyword leaves no room for its text')
    const { piece, length } = quotedPiece(rest, room)
    rest = rest.slice(length)
    const text = `${prefix}'${piece}${rest === '' ? '' : '&'}'`
    lines.push(rest === '' ? withComment(text, comment) : text.padEnd(cardLength))
    prefix = 'CONTINUE  '
  }
  return lines
}

/** As many characters of `text` as fit in `room` with quotes doubled. */
function quotedPiece(text: string, room: number): { piece: string; length: number } {
  let piece = ''
  let length = 0
  for (const character of text) {
    const quoted = character === "'" ? "''" : character
    if (piece.length + quoted.length > room) break
    piece += quoted
    length++
  }
  return { piece, length }
}

function unwritable(keyword: string, why: string): FitsError {
  return new FitsError('FITS_CARD_UNWRITABLE', `Card ${keyword} can't be written: ${why}`, { value: keyword })
}

/** Whole header blocks from card lines: END added, filled with blanks. */
export function headerText(lines: readonly string[]): string {
  const text = lines.join('') + 'END'.padEnd(cardLength)
  return text.padEnd(Math.ceil(text.length / 2880) * 2880)
}
