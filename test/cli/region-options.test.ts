// Regions as typed: each becomes the region that the library makes of the numbers; coverage maps from astropy's files.
import { execFileSync } from 'node:child_process'
import { describe, expect, test } from 'vitest'
import { type RegionOptions, readRegion } from '../../src/cli/region-options.ts'
import {
  type Area,
  box,
  type Cone,
  cellRange,
  cone,
  ecliptic,
  ellipse,
  galactic,
  icrs,
  moc,
  polygon,
  type Region,
  separation,
  strip,
  toIcrs,
} from '../../src/sky/index.ts'
import { needs } from '../require.ts'
import { temporaryFolder } from './almagest.ts'

const read = (options: Partial<RegionOptions>) => readRegion({ frame: icrs, ...options })
const sql = (region: Region | undefined) => (region as Area).holds({ ra: 'ra', dec: 'dec' }, 1)

test('a cone: degrees, sexagesimal, units, frames', async () => {
  expect(await read({ cone: '194.5,-27.98,5' })).toEqual(cone({ ra: 194.5, dec: -27.98, radius: 5 }))
  const [ra, dec] = [15 * (12 + 59 / 60 + 48.7 / 3600), 27 + 58 / 60 + 50 / 3600]
  expect(await read({ cone: `12:59:48.7, +27:58:50, 30'` })).toEqual(cone({ ra, dec, radius: 0.5 }))
  expect(await read({ cone: `12h59m48.7s,27d58m50s,3.6"` })).toEqual(cone({ ra, dec, radius: 0.001 }))
  expect(await read({ cone: '12 30 00,5,1arcmin' })).toEqual(cone({ ra: 187.5, dec: 5, radius: 1 / 60 }))
  // longitudes of other frames are degrees; Sgr A* is the centre of the galaxy, nearly
  const centre = (await read({ cone: '359:56:39.5,-00:02:46.3,1', frame: galactic })) as Cone
  expect(separation(centre, { ra: 266.41684, dec: -29.00781 })).toBeLessThan(1e-4)
})

test('the others', async () => {
  expect(sql(await read({ box: '350,10,-5,5' }))).toEqual(sql(box({ lon: [350, 10], lat: [-5, 5] })))
  expect(sql(await read({ box: '23:20:00,0:40:00,-5,5' }))).toEqual(
    sql(box({ lon: [350, 10], lat: [-5, 5] })),
  )
  expect(sql(await read({ strip: '-5,5', frame: galactic }))).toEqual(
    sql(strip({ frame: galactic, lat: [-5, 5] })),
  )
  expect(sql(await read({ polygon: '10,10 20,10  15,20' }))).toEqual(
    sql(
      polygon([
        { ra: 10, dec: 10 },
        { ra: 20, dec: 10 },
        { ra: 15, dec: 20 },
      ]),
    ),
  )
  const plain = { ra: 10, dec: 20, major: 2, minor: 1, angle: 30 }
  expect(sql(await read({ ellipse: '10,20,2,1,30' }))).toEqual(sql(ellipse(plain)))
  expect(sql(await read({ moc: '1/3,5-6 2/40' }))).toEqual(
    sql(moc([cellRange(1, 3n), cellRange(1, 5n, 6n), cellRange(2, 40n)])),
  )
  expect(await read({})).toBeUndefined()
})

test("an ellipse's angle counts from the frame's own north", async () => {
  const frame = ecliptic()
  const centre = toIcrs({ lon: 120, lat: 40 }, frame)
  const region = (await read({ ellipse: '120,40,2,0.01,0', frame })) as Area
  // along the frame's meridian, where a thin ellipse lies
  const [along, across] = [
    { lon: 120, lat: 41.5 },
    { lon: 121.5, lat: 40 },
  ].map((each) => toIcrs(each, frame))
  const relation = ({ ra, dec }: typeof centre) => {
    const [l, b] = [(ra * Math.PI) / 180, (dec * Math.PI) / 180]
    return region.relation([Math.cos(l) * Math.cos(b), Math.sin(l) * Math.cos(b), Math.sin(b)], 1e-9)
  }
  expect([centre, along!, across!].map(relation)).toEqual(['inside', 'inside', 'outside'])
})

needs('astropy')('coverage maps from FITS files', () => {
  const write = (path: string, numbers: readonly string[], cards: Record<string, string>) =>
    execFileSync('/usr/bin/python3', [
      '-c',
      `import sys, json, numpy as np
from astropy.io import fits
path, numbers, cards = sys.argv[1], json.loads(sys.argv[2]), json.loads(sys.argv[3])
hdu = fits.BinTableHDU.from_columns([fits.Column('UNIQ', 'K', array=np.array([int(n) for n in numbers]))])
for key, value in cards.items(): hdu.header[key] = value
fits.HDUList([fits.PrimaryHDU(), hdu]).writeto(path, overwrite=True)`,
      path,
      JSON.stringify(numbers),
      JSON.stringify(cards),
    ])
  const expected = sql(moc([cellRange(0, 7n), cellRange(3, 100n, 101n), cellRange(29, 5n)]))
  const uniq = [4 + 7, 4 * 64 + 100, 4 * 64 + 101, 4n ** 30n + 5n].map(String)

  test('UNIQ numbers and ranges are the same map', async () => {
    using folder = temporaryFolder()
    const path = `${folder.path}/map.fits`
    write(path, uniq, { ORDERING: 'NUNIQ', COORDSYS: 'C', MOCORDER: '29' })
    expect(sql(await read({ moc: path }))).toEqual(expected)
    const ranges = [cellRange(0, 7n), cellRange(3, 100n, 101n), cellRange(29, 5n)].flat().map(String)
    write(path, ranges, { ORDERING: 'RANGE', MOCDIM: 'SPACE', COORDSYS: 'C' })
    expect(sql(await read({ moc: path }))).toEqual(expected)
  })

  describe('is refused', () => {
    test.each<[string, Record<string, string>, string[], RegExp]>([
      ['galactic cells', { ORDERING: 'NUNIQ', COORDSYS: 'G' }, uniq, /COORDSYS/],
      ['a map of times', { ORDERING: 'RANGE', MOCDIM: 'TIME' }, uniq, /MOCDIM/],
      ['another table', {}, uniq, /ORDERING/],
      ['a number that is none', { ORDERING: 'NUNIQ' }, ['3'], /UNIQ/],
    ])('%s', async (_, cards, numbers, message) => {
      using folder = temporaryFolder()
      const path = `${folder.path}/map.fits`
      write(path, numbers, cards)
      await expect(read({ moc: path })).rejects.toMatchObject({
        code: expect.stringMatching(/^MOC_/),
        message: expect.stringMatching(message),
      })
    })
  })
})
