// Regions on every sky index and the server that has it; and the regions that are none.
import { describe, expect, test } from 'vitest'
import { box, cellRange, ellipse, galactic, moc, parseMoc, polygon, strip } from '../../src/sky/index.ts'
import { debianQ3cServer, scratchServer } from '../postgres/scratch.ts'
import { needs } from '../require.ts'
import { regionSuite } from './region-suite.ts'

regionSuite('q3c-sql', async () => scratchServer())
regionSuite('healpix', async () => scratchServer())
needs('debian-q3c')("on Debian's server", () => regionSuite('q3c', debianQ3cServer))

describe('regions that are none', () => {
  const corners =
    (...pairs: [number, number][]) =>
    () =>
      polygon(pairs.map(([ra, dec]) => ({ ra, dec })))

  test.each<[string, () => unknown, string, RegExp]>([
    [
      'a polygon that crosses itself',
      corners([0, 0], [10, 10], [10, 0], [0, 10]),
      'REGION_POLYGON',
      /edges 1 and 3/,
    ],
    ['a spike', corners([0, 0], [10, 0], [5, 0]), 'REGION_POLYGON', /cross or touch/],
    ['two vertices', corners([0, 0], [10, 0], [0, 0]), 'REGION_POLYGON', /three different vertices.*has 2/],
    [
      'a polygon around the sphere',
      corners([0, 0], [90, 1], [180, 0], [270, -1]),
      'REGION_POLYGON',
      /larger than a hemisphere/,
    ],
    ['a vertex beyond the pole', corners([0, 0], [1, 91], [2, 0]), 'REGION_POSITION', /declination is 91/],
    ['a vertex that is no number', corners([0, 0], [NaN, 1], [2, 0]), 'REGION_POSITION', /NaN/],
    ['a box upside down', () => box({ lat: [5, -5] }), 'REGION_BOX', /from 5 to -5/],
    ['a box beyond the pole', () => box({ lat: [80, 91] }), 'REGION_POSITION', /latitude is 91/],
    ['a box from nowhere', () => box({ lon: [NaN, 3], lat: [0, 1] }), 'REGION_POSITION', /longitude is NaN/],
    ['a strip beyond the pole', () => strip({ frame: galactic, lat: [-95, 0] }), 'REGION_POSITION', /-95/],
    [
      'an ellipse of negative size',
      () => ellipse({ ra: 0, dec: 0, major: 1, minor: -1 }),
      'REGION_RADIUS',
      /half axis of an ellipse is -1/,
    ],
    [
      'an ellipse on its side',
      () => ellipse({ ra: 0, dec: 0, major: 1, minor: 2 }),
      'REGION_ELLIPSE',
      /1 and 2/,
    ],
    [
      'an ellipse of a hemisphere',
      () => ellipse({ ra: 0, dec: 0, major: 90, minor: 2 }),
      'REGION_ELLIPSE',
      /90/,
    ],
    [
      'an ellipse beyond the pole',
      () => ellipse({ ra: 0, dec: 95, major: 1, minor: 1 }),
      'REGION_POSITION',
      /95/,
    ],
    ['a MOC with letters', () => parseMoc('3/1,x'), 'MOC_SYNTAX', /"x"/],
    ['a MOC without an order', () => parseMoc('1-3'), 'MOC_SYNTAX', /"1-3"/],
    ['a MOC of order 30', () => parseMoc('30/1'), 'MOC_SYNTAX', /30/],
    ['a MOC of cells that are none', () => parseMoc('0/12'), 'MOC_RANGE', /12.*order 0/],
    ['a MOC of a range backwards', () => parseMoc('3/9-8'), 'MOC_RANGE', /9 to 8/],
    ['a MOC of an empty range', () => moc([[5n, 5n]]), 'MOC_RANGE', /5 to 5/],
    ['a cell beyond the last', () => cellRange(1, 48n), 'MOC_RANGE', /48/],
  ])('%s', (_, make, code, message) => {
    expect(make).toThrow(expect.objectContaining({ code, message: expect.stringMatching(message) }))
  })

  test('a MOC in ASCII is that of its ranges', () => {
    const [a, b] = [
      parseMoc('s2/3,5-6 3/40 29/'),
      moc([cellRange(2, 3n), cellRange(2, 5n, 6n), cellRange(3, 40n)]),
    ]
    expect(a.holds({ ra: 'ra', dec: 'dec' }, 1)).toEqual(b.holds({ ra: 'ra', dec: 'dec' }, 1))
  })
})
