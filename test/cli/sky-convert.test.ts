// `almagest sky convert` beside what astropy 5.2.1 gives; galactic longitudes differ by its definition in FK5.
import { expect, test } from 'vitest'
import { almagest } from './almagest.ts'

const convert = async (...words: string[]) => {
  const { code, out, err } = await almagest(['sky', 'convert', ...words, '--json'], {})
  expect(code, err).toBe(0)
  return JSON.parse(out)
}

test('a sexagesimal position in another equinox, in degrees and sexagesimal', async () => {
  expect(await convert('12:59:48.7,+27:58:50', '--to', 'fk5:1975')).toMatchObject({
    frame: 'fk5:1975',
    text: '12:58:36.384 +28:06:54.44',
  })
  const galactic = await convert('12:59:48.7,+27:58:50', '--to', 'galactic')
  expect(Math.abs(galactic.lat - 87.957721739)).toBeLessThan(1e-5)
  const back = await convert(`${galactic.lon},${galactic.lat}`, '--from', 'galactic')
  expect(back.text).toBe('12:59:48.700 +27:58:50.00')
})

test("Barnard's star sixteen years later, in the equinox of 1975", async () => {
  const star = [
    '269.452,4.693',
    '--motion=-801.6,10362.4,547,-110.5',
    '--epochs',
    '2000,2016',
    '--to',
    'fk5:1975',
  ]
  const { lon, lat, pmlon, pmlat } = await convert(...star)
  expect(Math.hypot(lon - 269.1397029551, lat - 4.7408192965)).toBeLessThan(1e-8)
  expect(Math.hypot(pmlon + 777.9315869, pmlat - 10384.8484004)).toBeLessThan(0.01)
})

test.each([
  ['REGION_POSITION', ['10,95']],
  ['ANGLE_SYNTAX', ['10,north']],
  ['FRAME_UNKNOWN', ['10,5', '--to', 'galctic']],
  ['OPTION_INVALID', ['10,5', '--motion', '1,2']],
  ['OPTION_INVALID', ['10,5', '--epochs', '2000,2016']],
  ['OPTION_INVALID', ['10,5', '--motion', '1', '--epochs', '2000,2016']],
  ['OPTION_INVALID', ['10,5', '--motion', '1,x', '--epochs', '2000,2016']],
  ['OPTION_INVALID', ['10,5', '--motion', '1,2', '--epochs', '2000']],
])('%s of %j', async (code, words) => {
  const ended = await almagest(['sky', 'convert', ...words], {})
  expect(ended.code).toBe(2)
  expect(ended.err).toContain(code)
})
