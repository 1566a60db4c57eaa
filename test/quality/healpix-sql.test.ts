// HEALPix in SQL against the generator's own, over the whole sphere with poles and edges.
import { expect, test } from 'vitest'
import { healpixNested } from '../../catalogs/desi-dr1/mock/sky.ts'
import { healpixSql, surelyInPixelSql } from '../../src/quality/healpix-sql.ts'
import { scratchDatabase } from '../postgres/scratch.ts'
import { randomFrom } from './sample.ts'

test.each([1, 2, 64, 256])('nside %i', async (nside) => {
  await using database = await scratchDatabase()
  const random = randomFrom(nside)
  const drawn = Array.from({ length: 3000 }, () => [
    360 * random(),
    (Math.asin(2 * random() - 1) * 180) / Math.PI,
  ])
  const places = [...drawn, [0, 90], [359.999, -90], [0, 0.001], [45, 41.9], [315, -41.9]] as [
    number,
    number,
  ][]
  const { rows } = await database.client.query<{ pixel: number }>(
    `SELECT ${healpixSql(nside, 'ra', 'dec')} AS pixel
     FROM unnest($1::float8[], $2::float8[]) WITH ORDINALITY AS t(ra, dec, i) ORDER BY i`,
    [places.map(([ra]) => ra), places.map(([, dec]) => dec)],
  )
  expect(rows.map(({ pixel }) => pixel)).toEqual(places.map(([ra, dec]) => healpixNested(nside, ra, dec)))
})

test.each([1, 2, 8, 16, 64])(
  'what is surely in a pixel is in it, and all else is not, nside %i',
  async (nside) => {
    await using database = await scratchDatabase()
    const random = randomFrom(nside + 1)
    const places = Array.from({ length: 3000 }, () => {
      const [ra, dec] = [360 * random(), (Math.asin(2 * random() - 1) * 180) / Math.PI]
      const own = healpixNested(nside, ra, dec)
      // Neighbours in number are neighbours on the sky: the hardest to tell from the own pixel.
      // Numbers that no pixel has come from a column that was read wrongly.
      const pixels = 12 * nside * nside
      const others = [own, own ^ 1, own ^ 2, own ^ 3, (own + 1) % pixels, own + pixels, own - pixels]
      const stated = others[Math.floor(others.length * random())]!
      return { ra, dec, own, stated }
    })
    const { rows } = await database.client.query<{ sure: boolean; certain: boolean }>(
      `SELECT coalesce(${surelyInPixelSql(nside, 'ra', 'dec', 'stated')}, false) AS sure,
       coalesce(${surelyInPixelSql(nside, 'ra', 'dec', 'own')}, false) AS certain
     FROM unnest($1::float8[], $2::float8[], $3::int[], $4::int[]) WITH ORDINALITY AS t(ra, dec, own, stated, i) ORDER BY i`,
      [
        places.map(({ ra }) => ra),
        places.map(({ dec }) => dec),
        places.map(({ own }) => own),
        places.map(({ stated }) => stated),
      ],
    )
    const wrong = places.filter(({ own, stated }, i) => rows[i]!.sure && own !== stated)
    expect(wrong).toEqual([])
    // Nobody of 3,000 lies within 1e-10 of an edge.
    expect(rows.filter(({ certain }) => !certain)).toEqual([])
  },
)
