// Unit strings are accepted as the VOUnits grammar says, and as astropy reads them.
import { execFileSync } from 'node:child_process'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { unitFault } from '../../src/model/index.ts'
import { needs } from '../require.ts'

describe('VOUnits', () => {
  // From the standard: its grammar (appendix C.4), its tables of known units, and its examples.
  test.each([
    ...[
      'deg',
      'solMass/yr',
      'km.s**-1',
      '10**-17erg.s**-1.cm**-2',
      '1e-17erg',
      'm**(1/2)',
      'm**(1.5)',
      '%',
      '1',
    ],
    ...[
      'erg/(s.cm**2)',
      'log(Hz)',
      'sqrt(m.s)',
      'MiB',
      'Gyr',
      "Mpc/'h'",
      "k'jupiterMass'",
      'unknown',
      'dadeg',
    ],
    ...['10**(-17)W', '0.1nm', '(m)'],
  ])('%s is valid', (unit) => expect(unitFault(unit)).toBeUndefined())

  test.each([
    ['', 'a unit is expected at ""'],
    ['km/s/Mpc', 'only one unit may follow "/"; write a/(b.c)'],
    ['m/s.kg', 'only one unit may follow "/"; write a/(b.c)'],
    ["(Mpc/'h')**2", 'a power belongs to one unit; write a**2/b**2'],
    ['m^2', '"^2" is left over'],
    ['10 m', 'a unit is expected at " m"'],
    ['10**(3m', 'a unit is expected at "**(3m"'],
    ['km s-1', '" s-1" is left over'],
    ['(m', 'a ")" is missing'],
    ['dex', '"dex" is not known'],
    ['kdB', '"kdB" is not known; did you mean "dB"?'],
    ['solmass', '"solmass" is not known; did you mean "solMass"?'],
    ['Angstroem', '"Angstroem" is not known; did you mean "Angstrom"?'],
    ["'1h'", `a unit is expected at "'1h'"`],
  ])('%s is not: %s', (unit, problem) => {
    const fault = unitFault(unit)
    expect(fault?.startsWith(`unit "${unit}" is no VOUnit: `)).toBe(true)
    expect(fault).toContain(problem)
  })
})

needs('astropy')('units against astropy', () => {
  const script = `
import json, sys, warnings
import astropy.units as u
def valid(text):
    with warnings.catch_warnings():
        warnings.simplefilter('error')
        warnings.filterwarnings('ignore', message='.*has been deprecated.*')
        try:
            u.Unit(text, format='vounit')
            return True
        except Exception:
            return False
json.dump([valid(text) for text in json.load(sys.stdin)], sys.stdout)`

  test('products, quotients and powers of prefixed and misspelt units', () => {
    const word = fc.constantFrom(
      ...[
        'm',
        'km',
        'Mpc',
        'deg',
        'mdeg',
        'solMass',
        'ksolMass',
        'erg',
        'Angstrom',
        'mAngstrom',
        'AU',
        'kAU',
      ],
      ...[
        'dB',
        'kdB',
        'mas',
        'MiB',
        'Kibit',
        'Kim',
        'Jy',
        'mJy',
        'parsec',
        'Solmass',
        'jansky',
        'furlong',
        'yr',
        'cy',
      ],
    )
    const power = fc.constantFrom('', '', '**2', '**-1', '**(1/2)', '**(-2)', '**x')
    const term = fc.tuple(word, power).map((parts) => parts.join(''))
    const unit = fc.oneof(
      term,
      fc.tuple(term, fc.constantFrom('.', '/'), term).map((parts) => parts.join('')),
      fc.tuple(term, term, term).map(([a, b, c]) => `${a}/(${b}.${c})`),
      fc.tuple(term, term, term).map((parts) => parts.join('/')),
      term.map((each) => `sqrt(${each})`),
      term.map((each) => `(${each}`),
    )
    const units = fc.sample(unit, { numRuns: 600, seed: 1 })
    const answer = execFileSync('/usr/bin/python3', ['-c', script], { input: JSON.stringify(units) })
    const accepted: boolean[] = JSON.parse(answer.toString())
    const differing = units.filter((each, i) => (unitFault(each) === undefined) !== accepted[i])
    expect(differing).toEqual([])
    const share = accepted.filter(Boolean).length / units.length
    expect(share).toBeGreaterThan(0.1)
    expect(share).toBeLessThan(0.9)
  })
})
