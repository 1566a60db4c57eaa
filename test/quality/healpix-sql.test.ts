// HEALPix in SQL against the generator's own, over the whole sphere with poles and edges.
import { expect, test } from 'vitest'
import { healpixNested } from '../../catalogs/desi-dr1/mock/sky.ts'
import { healpixSql } from '../../src/quality/healpix-sql.ts'
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
