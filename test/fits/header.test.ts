// Header cards: the value forms of the standard, what departs from them, and cards written and read back.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type CardToWrite, type CardValue, type Header, writeFits } from '../../src/fits/index.ts'
import { fileOf, header, primary } from './build.ts'
import { faultOf } from './faults.ts'

async function headerOf(...cards: string[]): Promise<Header> {
  const file = await fileOf(primary(...cards))
  return file.hdus[0]!.header
}

describe('values (FITS 4.0, section 4.2)', () => {
  const forms: [card: string, value: CardValue, comment?: string][] = [
    ["A       = 'text    '           / why", 'text', 'why'],
    ["A       = '  leading blanks count'", '  leading blanks count'],
    ["A       = 'O''Hara / no comment' / yes", "O'Hara / no comment", 'yes'],
    ["A       = ''", ''],
    ["A       = '    '", ''],
    ['A       =                    T / true', true, 'true'],
    ['A       = F', false],
    ['A       =                   42', 42],
    ['A       = -0042', -42],
    ['A       = +7/comment', 7, 'comment'],
    ['A       = 9007199254740991', 9007199254740991],
    ['A       = 9007199254740993', 9007199254740993n],
    ['A       = -9223372036854775808', -9223372036854775808n],
    ['A       = 1.5E-3', 0.0015],
    ['A       = 1.0D10', 1e10],
    ['A       = .5', 0.5],
    ['A       = 5.', 5],
    ['A       = -1e5', -100000],
    ['A       = (1.0, -2.5) / complex', '(1.0, -2.5)', 'complex'],
    ['A       =', null],
    ['A       =                      / undefined', null, 'undefined'],
  ]
  test.each(forms)('%s', async (card, value, comment = '') => {
    const header = await headerOf(card)
    expect(header.get('A')).toBe(value)
    expect(header.card('A')?.comment).toBe(comment)
  })

  test('an integer of -0 stays an integer', async () => {
    expect((await headerOf('A       = -0')).card('A')?.kind).toBe('integer')
  })

  test.each(["A       = 'open", 'A       = 12abc', "A       = 'x' y", 'A       = (1,2', 'A       = 1 2'])(
    'malformed: %s',
    async (card) => {
      const header = await headerOf('GOOD    = 1', card)
      expect(header.get('GOOD')).toBe(1)
      const fault = await faultOf('FITS_CARD_MALFORMED', () => header.get('A'))
      expect(fault.place).toMatchObject({ file: 'made.fits', hdu: '#0' })
      expect(fault.message).toContain('A')
    },
  )
})

describe('cards', () => {
  test('CONTINUE joins long strings and their comments (section 4.2.1.2)', async () => {
    const header = await headerOf(
      "LONG    = 'one &' / first",
      "CONTINUE  'two &'",
      "CONTINUE  'three' / last",
      "CONTINUE  'orphan'",
      'NEXT    = 1',
    )
    expect(header.get('LONG')).toBe('one two three')
    expect(header.card('LONG')?.comment).toBe('first last')
    expect(header.get('NEXT')).toBe(1)
    expect(header.all('CONTINUE')).toEqual(["  'orphan'"])
  })

  test('an ampersand at the end of a string that does not go on is part of it', async () => {
    expect((await headerOf("A       = 'this & that &'", 'B       = 1')).get('A')).toBe('this & that &')
  })

  test('HIERARCH keywords go by their words', async () => {
    const header = await headerOf("HIERARCH ESO  DET chip = 'x y' / z", 'HIERARCH no value here')
    expect(header.get('ESO DET CHIP')).toBe('x y')
    expect(header.get('HIERARCH ESO DET CHIP')).toBe('x y')
    expect(header.get('eso det chip')).toBe('x y')
  })

  test('of duplicates the first is got and all are there', async () => {
    const header = await headerOf(
      'A       = 1',
      'A       = 2',
      'HISTORY one',
      'HISTORY = two',
      'COMMENT',
      '         blank',
    )
    expect(header.get('A')).toBe(1)
    expect(header.all('A')).toEqual([1, 2])
    expect(header.all('HISTORY')).toEqual(['one', '= two'])
    expect(header.get('B')).toBeUndefined()
  })

  test('many cards over many blocks', async () => {
    const cards = Array.from({ length: 5000 }, (_, i) => `K${String(i).padEnd(7)}= ${i}`)
    const header = await headerOf(...cards)
    expect(header.get('K4999')).toBe(4999)
  })
})

describe('headers that break off', () => {
  test('no END card', async () => {
    const text = Buffer.from('SIMPLE  =                    T'.padEnd(2880))
    const fault = await faultOf('FITS_TRUNCATED', () => fileOf(text))
    expect(fault.message).toContain('5760')
    expect(fault.message).toContain('2880')
  })

  test('no END card in a large file', async () => {
    const text = Buffer.alloc(17 * 2 ** 20, 32)
    text.write('SIMPLE  =                    T')
    expect((await faultOf('FITS_HEADER_BROKEN', () => fileOf(text))).message).toContain('16777216')
  })

  test('bytes that are no text', async () => {
    const text = primary('A       = 1')
    text[240] = 0
    expect((await faultOf('FITS_HEADER_BROKEN', () => fileOf(text))).message).toContain('byte 240')
  })

  test('a first block cut short', async () => {
    await faultOf('FITS_TRUNCATED', () => fileOf(primary().subarray(0, 1000)))
  })
})

describe('required keywords', () => {
  test.each([
    ['FITS_KEYWORD_MISSING', ['SIMPLE  =                    T', 'NAXIS   = 0']],
    ['FITS_KEYWORD_BAD', ['SIMPLE  =                    T', 'BITPIX  = 7', 'NAXIS   = 0']],
    ['FITS_KEYWORD_BAD', ['SIMPLE  =                    T', "BITPIX  = 'x'", 'NAXIS   = 0']],
    ['FITS_KEYWORD_BAD', ['SIMPLE  =                    T', 'BITPIX  = 8', 'NAXIS   = 1', 'NAXIS1  = -5']],
    ['FITS_KEYWORD_BAD', ['SIMPLE  =                    T', 'BITPIX  = 8', 'NAXIS   = 1000']],
    ['FITS_KEYWORD_BAD', ['SIMPLE  =                    T', 'BITPIX  = 8', 'NAXIS   = 0', 'EXTNAME = 5']],
    ['FITS_KEYWORD_BAD', ['SIMPLE  =                    T', 'BITPIX  = 8', 'NAXIS   = 0', 'EXTVER  = 1.5']],
    ['FITS_KEYWORD_MISSING', ['SIMPLE  =                    T', 'BITPIX  = 8', 'NAXIS   = 2', 'NAXIS1  = 1']],
  ] as const)('%s in %j', async (code, cards) => {
    await faultOf(code, () => fileOf(header(...cards)))
  })
})

describe('cards written and read back', () => {
  const printable = fc.string({
    unit: fc.integer({ min: 32, max: 126 }).map((c) => String.fromCharCode(c)),
    maxLength: 300,
  })
  const value: fc.Arbitrary<CardValue> = fc.oneof(
    printable.map((text) => text.trimEnd()),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.integer(),
    fc.bigInt({ min: -(2n ** 70n), max: 2n ** 70n }),
    fc.boolean(),
    fc.constant(null),
  )
  const keyword = fc.oneof(
    fc.stringMatching(/^[A-Z][A-Z0-9_-]{0,6}Z$/),
    fc.stringMatching(/^[A-Z]{2,5}( [A-Z0-9]{2,5}){1,3}$/),
  )

  async function roundTrip(cards: CardToWrite[]): Promise<Header> {
    const pieces: Uint8Array[] = []
    await writeFits({ write: async (bytes) => void pieces.push(bytes) }, [], { primary: cards })
    return (await fileOf(...pieces)).hdus[0]!.header
  }

  test('are the same', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(fc.tuple(keyword, value), { selector: ([k]) => k, maxLength: 20 }),
        async (cards) => {
          const taken = [
            'SIMPLE',
            'BITPIX',
            'NAXIS',
            'EXTEND',
            'HIERARCH',
            'CONTINUE',
            'COMMENT',
            'HISTORY',
            'END',
          ]
          const free = cards.filter(([k]) => !taken.includes(k))
          const header = await roundTrip(free)
          for (const [k, v] of free) {
            const back = header.get(k)
            const same =
              typeof v === 'bigint' || typeof back === 'bigint'
                ? BigInt(back as bigint) === BigInt(v as bigint)
                : Object.is(back, v)
            expect(same, `${k} = ${v}, back ${back}`).toBe(true)
          }
        },
      ),
      { numRuns: 300 },
    )
  })

  const unwritable: CardToWrite[] = [
    ['A', 'naïve'],
    ['A', 'x', 'naïve'],
    ['A', Number.NaN],
    ['A', Number.POSITIVE_INFINITY],
    ['lower', 1],
    ['COMMENT', 'line\nbreak'],
    ['WITH=SIGN', 1],
    [`${'LONG '.repeat(14)}KEYWORD`, 'text'],
    [`${'LONG '.repeat(12)}KEYWORD`, 12345678901234567890n],
  ]
  test.each(unwritable.map((card) => [card] as const))('can not be written: %s', async (card) => {
    await faultOf('FITS_CARD_UNWRITABLE', () => roundTrip([card]))
  })
})
