// Distances and times against astropy.cosmology, against closed forms, and in their limits.
import { execFileSync } from 'node:child_process'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  angularDiameterDistance,
  type CosmologyParameters,
  comovingDistance,
  cosmology,
  describeCosmology,
  lookbackTime,
  luminosityDistance,
  SPEED_OF_LIGHT,
  transverseComovingDistance,
} from '../../src/voids/index.ts'
import { needs } from '../require.ts'

const hubbleDistance = SPEED_OF_LIGHT / 100
const relative = (a: number, b: number) => Math.abs(a - b) / Math.max(Math.abs(b), Number.MIN_VALUE)

describe('closed forms', () => {
  const redshift = fc.double({ min: 1e-9, max: 1100, noNaN: true })

  test('Einstein-de Sitter: 2 c/H0 (1 - 1/sqrt(1+z)), lookback 2/3 (1 - (1+z)^-3/2)', () => {
    const model = cosmology({ omegaM: 1 })
    fc.assert(
      fc.property(redshift, (z) => {
        const distance = -2 * hubbleDistance * Math.expm1(-0.5 * Math.log1p(z))
        const time = (-2 / 3) * model.hubbleTime * Math.expm1(-1.5 * Math.log1p(z))
        expect(relative(comovingDistance(model, z), distance)).toBeLessThan(1e-12)
        expect(relative(lookbackTime(model, z), time)).toBeLessThan(1e-12)
      }),
    )
  })

  test('de Sitter: c/H0 z', () => {
    const model = cosmology({ omegaM: 0 })
    fc.assert(
      fc.property(redshift, (z) => {
        expect(relative(comovingDistance(model, z), hubbleDistance * z)).toBeLessThan(1e-12)
      }),
    )
  })

  test('Milne: the transverse distance is c/H0 z (1 + z/2) / (1 + z)', () => {
    const model = cosmology({ omegaM: 0, omegaDE: 0 })
    fc.assert(
      fc.property(redshift, (z) => {
        const expected = (hubbleDistance * z * (1 + z / 2)) / (1 + z)
        expect(relative(transverseComovingDistance(model, z), expected)).toBeLessThan(1e-12)
      }),
    )
  })

  test('zero redshift is zero distance; luminosity and angular distance differ by (1+z)^2', () => {
    const model = cosmology({ omegaM: 0.3, omegaDE: 0.5 })
    expect(comovingDistance(model, 0)).toBe(0)
    expect(lookbackTime(model, 0)).toBe(0)
    expect(luminosityDistance(model, 1) / angularDiameterDistance(model, 1)).toBeCloseTo(4, 12)
  })

  test('lengths in Mpc are those in Mpc/h over h; times know the true h', () => {
    const [small, true_] = [
      cosmology({ omegaM: 0.3, h: 0.7 }),
      cosmology({ omegaM: 0.3, h: 0.7, lengthUnit: 'Mpc' }),
    ]
    expect(comovingDistance(true_, 0.5) * 0.7).toBeCloseTo(comovingDistance(small, 0.5), 9)
    expect(lookbackTime(true_, 0.5)).toBe(lookbackTime(small, 0.5))
  })
})

describe('refused', () => {
  test.each([
    [{ omegaM: -0.1 }, 'omegaM = -0.1'],
    [{ omegaM: Number.NaN }, 'omegaM = NaN'],
    [{ omegaM: 0.3, h: 0 }, 'h = 0'],
    [{ omegaM: 0.3, w: Infinity }, 'w = Infinity'],
    [{ omegaM: 0.3, tcmb: -1 }, 'tcmb = -1'],
    [{ omegaM: 0.3, omegaDE: Number.NaN }, 'omegaDE = NaN'],
  ])('parameters %o', (parameters, message) => {
    expect(() => cosmology(parameters)).toThrow(expect.objectContaining({ code: 'COSMOLOGY_PARAMETER' }))
    expect(() => cosmology(parameters)).toThrow(message)
  })

  test.each([-1e-9, Number.NaN, Infinity])('redshift %s', (z) => {
    expect(() => comovingDistance(cosmology({ omegaM: 0.3 }), z)).toThrow(
      expect.objectContaining({ code: 'COSMOLOGY_REDSHIFT' }),
    )
  })

  test('a model that bounces before the redshift is reached', () => {
    const model = cosmology({ omegaM: 0.1, omegaDE: 3 })
    expect(() => comovingDistance(model, 5)).toThrow(expect.objectContaining({ code: 'QUADRATURE_DIVERGED' }))
  })
})

test('a description names what differs from the default', () => {
  expect(describeCosmology(cosmology({ omegaM: 0.26 }))).toBe('flat, omegaM 0.26, h 1, Mpc/h')
  expect(
    describeCosmology(
      cosmology({ omegaM: 0.3, omegaDE: 0.6, w: -0.9, h: 0.7, tcmb: 2.7, lengthUnit: 'Mpc' }),
    ),
  ).toBe('omegaDE 0.6, omegaM 0.3, w -0.9, h 0.7, Tcmb 2.7 K, Neff 3.04, Mpc')
})

/** The same quantities from astropy, one row per (parameters, z). */
const oracle = `
import json, sys
from astropy import cosmology as ac
rows = []
for p, z in json.load(sys.stdin):
    common = dict(H0=100 * p['h'], Om0=p['omegaM'], Tcmb0=p['tcmb'], Neff=p['neff'])
    flat = 'omegaDE' not in p
    if not flat:
        common['Ode0'] = p['omegaDE']
    if p['w'] == -1:
        m = (ac.FlatLambdaCDM if flat else ac.LambdaCDM)(**common)
    else:
        m = (ac.FlatwCDM if flat else ac.wCDM)(**common, w0=p['w'])
    row = [m.comoving_distance(z).value, m.comoving_transverse_distance(z).value,
           m.luminosity_distance(z).value, m.angular_diameter_distance(z).value, m.lookback_time(z).value]
    rows.append([None if value != value else value for value in row])
json.dump(rows, sys.stdout)
`

needs('astropy')('astropy.cosmology', () => {
  // Four digits and no bias towards extremes: astropy's elliptic integrals lose themselves near degenerate models.
  const number = (min: number, max: number) =>
    fc.noBias(fc.integer({ min: min * 1e4, max: max * 1e4 })).map((scaled) => scaled / 1e4)
  const parameters = fc.record(
    {
      omegaM: number(0.05, 1),
      h: number(0.4, 1.2),
      w: fc.oneof(fc.constant(-1), number(-1.5, -0.4)),
      tcmb: fc.oneof(fc.constant(0), number(1, 4)),
      neff: number(0, 5),
      omegaDE: number(0.01, 1.1),
    },
    { requiredKeys: ['omegaM', 'h', 'w', 'tcmb', 'neff'] },
  )
  const redshift = fc.oneof(number(0.001, 0.3), number(0.3, 10))

  test('agrees to 1e-9 over 400 random models, flat and curved, with and without radiation', () => {
    const cases = fc.sample(fc.tuple(parameters, redshift), { numRuns: 400, seed: 20090710 })
    const answer = execFileSync('/usr/bin/python3', ['-c', oracle], { input: JSON.stringify(cases) })
    const rows = JSON.parse(answer.toString()) as (number | null)[][]
    expect(cases.filter(([p]) => 'omegaDE' in p).length).toBeGreaterThan(100)
    for (const [i, [p, z]] of cases.entries()) {
      const model = cosmology({ ...(p as CosmologyParameters), lengthUnit: 'Mpc' })
      if (rows[i]![0] === null) {
        // No big bang: the expansion rate squared turns negative before z.
        expect(() => comovingDistance(model, z)).toThrow(
          expect.objectContaining({ code: 'QUADRATURE_DIVERGED' }),
        )
        continue
      }
      const ours = [
        comovingDistance(model, z),
        transverseComovingDistance(model, z),
        luminosityDistance(model, z),
        angularDiameterDistance(model, z),
        lookbackTime(model, z),
      ]
      ours.forEach((value, k) => {
        expect(relative(value, rows[i]![k]!), JSON.stringify({ p, z, k })).toBeLessThan(1e-9)
      })
    }
  })
})
