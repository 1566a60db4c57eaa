// Frames and space motions: astropy and the IAU's SOFA are the oracle; names and faults.
import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  atEpoch,
  convert,
  type Direction,
  ecliptic,
  fk5,
  frameName,
  galactic,
  icrs,
  type Motion,
  motionInFrame,
  parseAngle,
  parseFrame,
  separation,
  supergalactic,
} from '../../src/sky/index.ts'
import { needs } from '../require.ts'
import { uniformPositions } from './positions.ts'

/** Micro-arcseconds between directions. */
const apart = (a: Direction, b: Direction) =>
  separation({ ra: a.lon, dec: a.lat }, { ra: b.lon, dec: b.lat }) * 3.6e9

const edges = [
  [0, 90],
  [200, -90],
  [0, 0],
  [359.9999999, 1e-9],
  [192.85948, 27.12825],
  [12.85948, -27.12825],
  [270, 66.56],
  [266.405, -28.936],
].map(([ra, dec]) => ({ ra: ra!, dec: dec! }))
const points = [...edges, ...uniformPositions(400, 21)]

// Barnard's star, Proxima (Gaia DR3 / SIMBAD) and a still galaxy.
const stars: (Motion & { to: number })[] = [
  {
    ra: 269.4520769586187,
    dec: 4.6933649665767,
    pmra: -801.551,
    pmdec: 10362.394,
    parallax: 546.976,
    radialVelocity: -110.51,
    epoch: 2000,
    to: 2050,
  },
  {
    ra: 217.4289422216058,
    dec: -62.6794901899972,
    pmra: -3781.741,
    pmdec: 769.465,
    parallax: 768.0665,
    radialVelocity: -22.204,
    epoch: 2016,
    to: 1991.25,
  },
  { ra: 10, dec: 89.9999, pmra: 3, pmdec: 400, parallax: 100, radialVelocity: 0, epoch: 2000, to: 2040 },
]
const text = ['00h42m44.330s +41d16m07.50s', '12 59 48.7 +27 58 50', '23:59:59.999 -00:00:00.001']

needs('astropy')('beside astropy', () => {
  const script = fileURLToPath(new URL('./frames_astropy.py', import.meta.url))
  const request = { ra: points.map((p) => p.ra), dec: points.map((p) => p.dec), stars, text }
  const answer = JSON.parse(
    execFileSync('/usr/bin/python3', [script], { input: JSON.stringify(request) }).toString(),
  )
  const expected = (name: string): Direction[] =>
    answer[name].lon.map((lon: number, i: number) => ({ lon, lat: answer[name].lat[i] }))
  const worst = (name: string, ours: (direction: Direction) => Direction) =>
    Math.max(
      ...expected(name).map((each, i) => apart(each, ours({ lon: points[i]!.ra, lat: points[i]!.dec }))),
    )

  test.each(['fk5', 'fk5:1975.5', 'fk5:2100', 'ecliptic', 'ecliptic:1950', 'galactic'])(
    '%s agrees within a micro-arcsecond',
    (name) => {
      expect(worst(name, (direction) => convert(direction, icrs, parseFrame(name)))).toBeLessThan(0.01)
    },
  )

  test('supergalactic agrees within a micro-arcsecond, from the same galactic frame', () => {
    expect(
      worst('supergalactic of galactic', (direction) => convert(direction, galactic, supergalactic)),
    ).toBeLessThan(0.01)
  })

  test("astropy's galactic frame is another by up to 35 milliarcseconds: it is defined in FK5", () => {
    const difference = worst('astropy galactic', (direction) => convert(direction, icrs, galactic))
    expect(difference).toBeGreaterThan(1_000)
    expect(difference).toBeLessThan(35_000)
  })

  test('stars move as in astropy, but for the time of light', () => {
    for (const [i, star] of stars.entries()) {
      const moved = atEpoch(star, star.to)
      const reference = answer.stars[i]
      const off = apart({ lon: moved.ra, lat: moved.dec }, { lon: reference.ra, lat: reference.dec })
      expect(off).toBeLessThan(i === 0 ? 350 : 5)
      expect(moved.pmra).toBeCloseTo(reference.pmra, i === 0 ? 1 : 2)
      expect(moved.pmdec).toBeCloseTo(reference.pmdec, i === 0 ? 1 : 2)
      expect(moved.parallax).toBeCloseTo(reference.parallax, 2)
      expect(moved.radialVelocity).toBeCloseTo(reference.radialVelocity, 2)
      const { pmlon, pmlat } = motionInFrame(star, galactic)
      expect(pmlon).toBeCloseTo(reference.pml, 2)
      expect(pmlat).toBeCloseTo(reference.pmb, 2)
    }
  })

  test('sexagesimal text is read as astropy reads it', () => {
    const halves = text.map((each) => /^(.*?[^ +-])\s+([+-].*)$/.exec(each)!)
    for (const [i, [, ra, dec]] of halves.entries()) {
      const ours = { lon: parseAngle(ra!, 'hours'), lat: parseAngle(dec!, 'degrees') }
      expect(apart(ours, { lon: answer.text.lon[i], lat: answer.text.lat[i] })).toBeLessThan(0.01)
    }
  })
})

describe('frames', () => {
  const frames = [icrs, fk5(), fk5(1950), galactic, supergalactic, ecliptic(), ecliptic(2015.5)]

  test('there and back is where one was', () => {
    const direction = fc.record({
      lon: fc.double({ min: -720, max: 720, noNaN: true }),
      lat: fc.double({ min: -90, max: 90, noNaN: true }),
    })
    const frame = fc.constantFrom(...frames)
    fc.assert(
      fc.property(direction, frame, frame, (from, a, b) => {
        const back = convert(convert(from, a, b), b, a)
        expect(apart(back, from)).toBeLessThan(0.01)
        expect(back.lon >= 0 && back.lon < 360).toBe(true)
      }),
    )
  })

  test('names are read and written', () => {
    for (const frame of frames) expect(parseFrame(frameName(frame))).toEqual(frame)
    expect(parseFrame(' GAL ')).toBe(galactic)
    expect(parseFrame('FK5:J1975')).toEqual(fk5(1975))
  })

  test.each([
    ['galatic', /no frame "galatic"/, /galactic/],
    ['icrs:2000', /no equinox/, /./],
    ['fk4', /no frame/, /fk5/],
    ['fk5:99', /1000 to 3000/, /./],
    ['', /no frame/, /./],
  ])('"%s" is refused', (name, message, hint) => {
    expect(() => parseFrame(name)).toThrow(
      expect.objectContaining({
        code: 'FRAME_UNKNOWN',
        message: expect.stringMatching(message),
        hint: expect.stringMatching(hint),
      }),
    )
  })

  test('directions off the sphere and epochs that are none are refused', () => {
    for (const direction of [
      { lon: 0, lat: 90.1 },
      { lon: NaN, lat: 0 },
      { lon: 0, lat: NaN },
    ])
      expect(() => convert(direction, icrs, galactic)).toThrow(
        expect.objectContaining({ code: 'REGION_POSITION' }),
      )
    expect(() => atEpoch(stars[0]!, NaN)).toThrow(expect.objectContaining({ code: 'EPOCH_INVALID' }))
  })

  test('a motion over the pole goes on beyond it', () => {
    const moved = atEpoch({ ra: 10, dec: 89.9999, pmra: 0, pmdec: 36_000, epoch: 2000 }, 2020)
    expect(moved.ra).toBeCloseTo(190, 6)
    expect(moved.dec).toBeCloseTo(90 - 0.1999, 5)
    expect(moved.pmdec).toBeCloseTo(-36_000, 0)
  })
})
