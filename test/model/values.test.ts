// Ranges, file name patterns, nearest names and conditions.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { editDistance, inRange, matchFile, nearest, showRange } from '../../src/model/index.ts'

describe('ranges', () => {
  test('include closed ends and exclude open ones', () => {
    expect([0, 359.999, 360, -1e-300].map((v) => inRange({ from: 0, below: 360 }, v))).toEqual([
      true,
      true,
      false,
      false,
    ])
    expect([0, 1].map((v) => inRange({ above: 0, to: 1 }, v))).toEqual([false, true])
  })

  test('hold no NaN, not even without ends', () => {
    for (const range of [{}, { from: 0 }, { above: 0 }, { to: 0 }, { below: 0 }]) {
      expect(inRange(range, Number.NaN)).toBe(false)
      expect(inRange(range, range.to === 0 || range.below === 0 ? -1 : 1)).toBe(true)
    }
  })

  test('hold infinities only where an end is absent', () => {
    expect(inRange({ from: 0 }, Infinity)).toBe(true)
    expect(inRange({ from: 0, to: 1e308 }, Infinity)).toBe(false)
  })

  test.each([
    [{ from: 0, below: 360 }, '[0, 360)'],
    [{ above: -0.01, to: 10 }, '(-0.01, 10]'],
    [{ to: 90 }, '(-inf, 90]'],
    [{}, '(-inf, inf)'],
  ])('%o is written %s', (range, shown) => expect(showRange(range)).toBe(shown))
})

describe('file name patterns', () => {
  const pattern = 'DESIVAST_BGS_{finder:VoidFinder|V2_VIDE}_{cap:NGC|SGC}.fits'

  test('capture parts, whatever folder the file is in, packed or not', () => {
    const parts = { finder: 'V2_VIDE', cap: 'SGC' }
    expect(matchFile(pattern, 'DESIVAST_BGS_V2_VIDE_SGC.fits')).toEqual(parts)
    expect(matchFile(pattern, '/data/x/DESIVAST_BGS_V2_VIDE_SGC.fits.gz')).toEqual(parts)
  })

  test.each([
    'DESIVAST_BGS_V2_ZOBOV_NGC.fits',
    'DESIVAST_BGS_V2_VIDE_NGC.fits.part',
    'xDESIVAST_BGS_V2_VIDE_NGC.fits',
    'DESIVAST_BGS_V2_VIDE_NGCxfits',
    'DESIVAST_BGS_V2_VIDE_.fits',
  ])('do not match %s', (name) => expect(matchFile(pattern, name)).toBeUndefined())

  test('a star matches anything, nothing too; a bare part anything but nothing', () => {
    expect(matchFile('a*.fits', 'a.fits')).toEqual({})
    expect(matchFile('a*.fits', 'a-b.c.fits')).toEqual({})
    expect(matchFile('a{x}.fits', 'a.fits')).toBeUndefined()
    expect(matchFile('a{x}-{y}.fits', 'a1-2.fits')).toEqual({ x: '1', y: '2' })
  })

  test('everything outside braces and stars means itself', () => {
    const literal = fc.string().filter((each) => !/[*{}/]/.test(each))
    fc.assert(
      fc.property(literal, literal, (text, other) => {
        expect(matchFile(text, text)).toEqual({})
        if (other !== text && other !== `${text}.gz`) expect(matchFile(text, other)).toBeUndefined()
      }),
    )
  })

  test('a captured part comes back as it was put in', () => {
    const word = fc.stringMatching(/^[A-Za-z0-9_]{1,8}$/)
    fc.assert(
      fc.property(word, word, (a, b) => {
        expect(matchFile('f-{a}-x-{b}.fits', `f-${a}-x-${b}.fits`)).toEqual({ a, b })
      }),
    )
  })
})

describe('the nearest name', () => {
  const known = ['targetid', 'ra', 'dec', 'logmstar']

  test.each([
    ['targetID', 'targetid'],
    ['logmsatr', 'logmstar'],
    ['decl', 'dec'],
    ['redshift', undefined],
    ['', undefined],
  ])('to "%s" is %s', (word, found) => expect(nearest(word, known)).toBe(found))

  test('edit distance is a metric, bounded by the lengths', () => {
    const word = fc.string({ maxLength: 8 })
    fc.assert(
      fc.property(word, word, word, (a, b, c) => {
        const d = editDistance(a, b)
        expect(editDistance(b, a)).toBe(d)
        expect(d === 0).toBe(a === b)
        expect(d).toBeLessThanOrEqual(Math.max(a.length, b.length))
        expect(d).toBeGreaterThanOrEqual(Math.abs(a.length - b.length))
        expect(editDistance(a, c)).toBeLessThanOrEqual(d + editDistance(b, c))
      }),
    )
  })

  test('edit distance of known pairs', () => {
    // Wagner and Fischer's and the textbook pairs.
    expect(editDistance('kitten', 'sitting')).toBe(3)
    expect(editDistance('Saturday', 'Sunday')).toBe(3)
  })
})
