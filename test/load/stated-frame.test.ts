// RADESYS and EQUINOX against the catalogue: a contradiction is refused, silence and agreement are not.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type CardToWrite, writeFits } from '../../src/fits/index.ts'
import { ensureLedger, loadFiles } from '../../src/load/index.ts'
import { defineCatalog, defineSurvey, float64, fromHdu, int64 } from '../../src/model/index.ts'
import type { ScratchDatabase } from '../postgres/scratch.ts'
import { archiveOf } from './archive.ts'
import { table, temporaryFolder } from './sample.ts'

const stars = defineCatalog({
  name: 'framed.stars',
  title: 'Stars',
  columns: fromHdu('STARS', {
    id: int64('ID', 'Identifier.'),
    ra: float64('RA', 'Right ascension.', { unit: 'deg' }),
    dec: float64('DEC', 'Declination.', { unit: 'deg' }),
  }),
  key: ['id'],
  sky: { ra: 'ra', dec: 'dec', frame: 'icrs', index: 'idx_stars' },
  layouts: {
    plain: { files: 'stars-*.fits', hdus: ['STARS'] },
    known: { files: 'known-*.fits', hdus: ['STARS'], ignoreFrame: 'The release notes correct the header.' },
  },
})
const survey = defineSurvey({
  name: 'framed',
  title: 'Frames',
  schema: 'framed',
  version: '1',
  catalogs: [stars],
})
const folder = temporaryFolder()
let database: ScratchDatabase

beforeAll(async () => {
  database = await archiveOf(survey)
  await ensureLedger(database.client)
})
afterAll(async () => {
  await database.drop()
  folder.remove()
})

let files = 0
async function load(cards: CardToWrite[], primaryCards: CardToWrite[] = [], kind = 'stars') {
  const id = ++files
  const path = folder.path(`${kind}-${id}.fits`)
  const columns = [
    { name: 'ID', tform: 'K', values: BigInt64Array.of(BigInt(id)) },
    { name: 'RA', tform: 'D', values: Float64Array.of(id) },
    { name: 'DEC', tform: 'D', values: Float64Array.of(id) },
  ]
  await writeFits(path, [table('STARS', columns, 1, cards)], { primary: primaryCards })
  return loadFiles(database.url, [survey], [path])
}

describe('is refused', () => {
  test.each<[string, CardToWrite[], CardToWrite[], RegExp]>([
    ['FK5', [['RADESYS', 'FK5']], [], /RADESYS FK5, but framed\.stars declares.*ICRS/],
    ['FK4 by its old keyword', [['RADECSYS', 'fk4 ']], [], /RADESYS FK4/],
    ['an equinox of 1950', [['EQUINOX', 1950]], [], /EQUINOX 1950 without RADESYS, which means FK4/],
    ['an equinox alone', [['EQUINOX', 2000]], [], /means FK5/],
    [
      'ICRS with an equinox',
      [
        ['RADESYS', 'ICRS'],
        ['EQUINOX', 1975],
      ],
      [],
      /contradict each other/,
    ],
    ['FK5 in the primary header', [], [['RADESYS', 'FK5']], /RADESYS FK5/],
    [
      "the column's own",
      [
        ['RADESYS', 'ICRS'],
        ['RADE2A', 'FK5'],
      ],
      [],
      /RADESYS FK5/,
    ],
  ])('%s', async (_, cards, primary, message) => {
    await expect(load(cards, primary)).rejects.toMatchObject({
      code: 'LOAD_FRAME',
      message: expect.stringMatching(message),
      place: { hdu: 'STARS', column: 'RA' },
    })
  })
})

describe('is loaded', () => {
  test.each<[string, CardToWrite[], CardToWrite[], string?]>([
    ['no statement', [], []],
    ['ICRS', [['RADESYS', 'ICRS']], []],
    [
      'ICRS with the usual 2000',
      [
        ['RADESYS', 'ICRS'],
        ['EQUINOX', 2000],
      ],
      [],
    ],
    ['ICRS below an FK5 image', [['RADESYS', 'ICRS']], [['RADESYS', 'FK5']]],
    ['a header known to be wrong', [['RADESYS', 'FK5']], [], 'known'],
  ])('%s', async (_, cards, primary, kind) => {
    const [report] = await load(cards, primary, kind).then((each) => ('files' in each ? each.files : each))
    expect(report).toMatchObject({ outcome: 'loaded' })
  })
})
