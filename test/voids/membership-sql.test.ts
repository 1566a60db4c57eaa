// The SQL road on releases checked by hand: it agrees with the map, and tells a pair too many and one too few.
import { expect, test } from 'vitest'
import sdss from '../../catalogs/sdss-dr7-voids/index.ts'
import { applySurvey } from '../../src/postgres/index.ts'
import { checkMembership, mapVoids } from '../../src/voids/index.ts'
import { scratchDatabase } from '../postgres/scratch.ts'
import { storeGalaxies, storeRelease } from './load-reference.ts'
import { galaxiesAt, holeRelease, zoneRelease } from './small-releases.ts'

test('the same pairs; what is missing or added in the map is told', async () => {
  await using database = await scratchDatabase()
  const { client } = database
  await applySurvey(client, sdss, { name: 'plain', install: [], indexOn: () => 'USING btree ("ra", "dec")' })
  // In one hole of void 7, in both, in neither; near the surface at 90 Mpc/h; without a redshift.
  const distances = [92, 102, 80, 90.0012, { z: Number.NaN }] as const
  await storeGalaxies(client, galaxiesAt(distances.map((at, i) => [BigInt(i + 1), 180, 0, at] as const)))
  await storeRelease(client, holeRelease())
  await storeRelease(client, zoneRelease())
  await mapVoids(client, sdss)
  const same = await checkMembership(client, sdss)
  // Galaxies 1 and 2 in void 7; in V2 galaxy 1 in two voids and 2 in one. Galaxy 4 is 1.2e-3 inside by the exact
  // distance, but within the tolerance where VoidFinder puts it.
  expect(same).toEqual({ stored: 5, inSql: 6, onlyStored: 0, onlyInSql: 0, undecided: 1 })
  const map = 'sdss_dr7_voids.void_galaxy_map'
  const ofVoid = `(SELECT void_id FROM sdss_dr7_voids.vast_voids WHERE void_catalog_source = 'VoidFinder' AND void_index = 7)`
  await client.query('TRUNCATE sdss_dr7_voids.void_galaxy_details')
  await client.query(`DELETE FROM ${map} WHERE galaxy = 2 AND void_id = ${ofVoid}`)
  expect(await checkMembership(client, sdss)).toMatchObject({ onlyStored: 0, onlyInSql: 1 })
  await client.query(`INSERT INTO ${map} VALUES (3, ${ofVoid})`)
  expect(await checkMembership(client, sdss)).toMatchObject({ onlyStored: 1, onlyInSql: 1 })
})
