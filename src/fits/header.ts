// One header: its cards from the blocks of 2880 bytes up to END, long strings joined, and look-up by keyword.
import { type Card, type CardValue, cardLength, parseCard, parseValue } from './card.ts'
import { FitsError, type FitsPlace } from './errors.ts'
import type { ByteSource } from './source.ts'
import { truncated } from './source.ts'

/** All sizes in FITS are multiples of this many bytes (section 3.1). */
export const blockBytes = 2880

/** Longest header accepted, in bytes; 999 columns with ten cards each need under 1 MB. */
const longestHeader = 16 * 2 ** 20

const firstRead = 10 * blockBytes

export interface Header {
  /** In the order of the file, CONTINUE cards joined to theirs, without END. */
  readonly cards: readonly Card[]
  /**
   * Value of the first card with this keyword: null where it has no value, undefined where there is none.
   * Integers beyond 2^53 are bigints. HIERARCH keywords go by their words: `get('ESO DET CHIP')`.
   * @throws FitsError FITS_CARD_MALFORMED when that card's value follows no rule
   */
  get(keyword: string): CardValue | undefined
  /** The first card with this keyword. */
  card(keyword: string): Card | undefined
  /** Values of all cards with this keyword, e.g. HISTORY. */
  all(keyword: string): CardValue[]
}

/** A header over given cards; `place` is what errors name. */
export function makeHeader(cards: readonly Card[], place: FitsPlace): Header {
  const first = new Map<string, Card>()
  for (const card of cards) if (!first.has(card.keyword)) first.set(card.keyword, card)
  const find = (keyword: string) => first.get(keyword.toUpperCase().replace(/^HIERARCH +/, ''))
  return {
    cards,
    card: find,
    get(keyword) {
      const card = find(keyword)
      if (card?.kind === 'malformed') throw malformed(card, place)
      return card?.value
    },
    all: (keyword) =>
      cards.filter((card) => card.keyword === keyword.toUpperCase()).map((card) => card.value),
  }
}

function malformed(card: Card, place: FitsPlace): FitsError {
  const value = String(card.value)
  return new FitsError('FITS_CARD_MALFORMED', `The value of ${card.keyword} is not a FITS value: ${value}`, {
    ...place,
    value,
  })
}

/** Reads the header that begins at byte `from`; `end` is where the data begins. */
export async function readHeader(
  source: ByteSource,
  from: number,
  place: FitsPlace,
): Promise<{ header: Header; end: number }> {
  const lines: string[] = []
  let at = from
  let chunk = firstRead
  for (;;) {
    const to = Math.min(at + chunk, at + Math.floor((source.size - at) / blockBytes) * blockBytes)
    if (to <= at) throw truncated(source.name, at + blockBytes, source.size, `the header at byte ${from}`)
    const text = latin1(await source.read(at, to))
    const used = collectLines(text, lines, at, place)
    if (used !== undefined) {
      return { header: makeHeader(joinCards(lines), place), end: at + used }
    }
    if (to - from >= longestHeader) throw tooLong(to - from, place)
    at = to
    chunk = Math.min(chunk * 4, 1 << 20)
  }
}

const latin1 = (bytes: Uint8Array) =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1')

/** Adds the card lines of `text`; answers how many bytes the header takes of it once END is met. */
function collectLines(text: string, lines: string[], at: number, place: FitsPlace): number | undefined {
  for (let i = 0; i < text.length; i += cardLength) {
    const line = text.slice(i, i + cardLength)
    const keyword = line.slice(0, 8)
    if (keyword === 'END     ') return Math.ceil((i + cardLength) / blockBytes) * blockBytes
    if (!/^[ -~]{8}/.test(keyword)) throw notText(at + i, place)
    lines.push(line)
  }
  return undefined
}

/** Parses the lines and joins long strings: a string ending in & goes on in the CONTINUE card (section 4.2.1.2). */
function joinCards(lines: readonly string[]): Card[] {
  const cards: Card[] = []
  for (const line of lines) {
    const last = cards.at(-1)
    const more = last && continuation(last, line)
    if (more) cards[cards.length - 1] = more
    else cards.push(parseCard(line))
  }
  return cards
}

function continuation(last: Card, line: string): Card | undefined {
  if (!line.startsWith('CONTINUE  ')) return undefined
  if (last.kind !== 'string' || typeof last.value !== 'string' || !last.value.endsWith('&')) return undefined
  const next = parseValue(line.slice(10))
  if (next.kind !== 'string') return undefined
  const comment = [last.comment, next.comment].filter((part) => part !== '').join(' ')
  return { ...last, value: last.value.slice(0, -1) + next.value, comment }
}

const tooLong = (bytes: number, place: FitsPlace) =>
  new FitsError(
    'FITS_HEADER_BROKEN',
    `The header has no END card within ${bytes} bytes; at most ${longestHeader} are read`,
    place,
  )

const notText = (at: number, place: FitsPlace) =>
  new FitsError(
    'FITS_HEADER_BROKEN',
    `The header card at byte ${at} does not begin with printable text`,
    place,
  )
