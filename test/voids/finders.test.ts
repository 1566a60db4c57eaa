// Finders as folders: those there are, a new one without an edit elsewhere, and folders that are none.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import sdss from '../../catalogs/sdss-dr7-voids/index.ts'
import { defineSurvey, vastCatalogs, voidCatalogOrder, voidSources } from '../../src/model/index.ts'
import { applySurvey } from '../../src/postgres/index.ts'
import { createMapping, loadFinders, mapVoids } from '../../src/voids/index.ts'
import { gaussLegendre } from '../../src/voids/quadrature.ts'
import { scratchDatabase } from '../postgres/scratch.ts'
import { storeGalaxies, storeRelease } from './load-reference.ts'
import { galaxiesAt, zoneRelease } from './small-releases.ts'

test('every source of the void vocabulary has a finder, and the cruder sphere its own name', async () => {
  const finders = await loadFinders()
  expect([...finders.keys()].sort()).toEqual([...voidSources, 'effective_radius'].sort())
  expect([...finders.values()].map(({ membership }) => membership).sort()).toEqual(
    ['holes', 'sphere', 'zones', 'zones', 'zones'].sort(),
  )
  for (const { meaning, edgeRule } of finders.values()) {
    expect(meaning).toMatch(/^The galaxy/)
    expect(edgeRule).not.toBe('')
  }
})

describe('a folder of finders', () => {
  let folder: string
  const url = () => new URL(`${pathToFileURL(folder).href}/`)
  const add = (name: string, text: string) => {
    mkdirSync(join(folder, name))
    writeFileSync(join(folder, name, 'finder.ts'), text)
  }
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'almagest-finders-'))
    const room = new URL('../../src/voids/zone-finder.ts', import.meta.url).href
    add(
      'v2-new',
      `import { zoneFinder } from '${room}'\nexport const finder = zoneFinder('V2_NEW', 'The galaxy.')\n`,
    )
  })
  afterAll(() => rmSync(folder, { recursive: true }))

  test('a new folder is found and maps', async () => {
    const finder = (await loadFinders(url())).get('V2_NEW')!
    const mapping = createMapping([{ finder, release: zoneRelease({ source: 'V2_NEW' }) }])
    mapping.place(galaxiesAt([[1n, 180, 0, 100]]))
    expect(mapping.summaries()).toMatchObject([{ source: 'V2_NEW', pairs: 2 }])
  })

  test("a survey that names it has its column and its pairs: a folder and the survey's own, no edit elsewhere", async () => {
    const release = {
      ...{ schema: sdss.schema, prefix: 'vast', files: 'X_{finder}_{cap:NGC|SGC}.fits' },
      ...{ galaxies: sdss.voids!.galaxies, finders: { holes: ['VoidFinder'], zones: ['V2_NEW'] } },
    }
    const voids = vastCatalogs(release)
    expect(voids.voids.layouts.v2?.files).toBe('X_{finder:V2_NEW}_{cap:NGC|SGC}.fits')
    const survey = defineSurvey({
      ...sdss,
      catalogs: [sdss.voids!.galaxies.catalog, ...voidCatalogOrder(voids)],
      voids,
    })
    await using database = await scratchDatabase()
    const { client } = database
    await applySurvey(client, survey, {
      name: 'plain',
      install: [],
      indexOn: () => 'USING btree ("ra", "dec")',
    })
    await storeGalaxies(client, galaxiesAt([[1n, 180, 0, 100]]))
    await storeRelease(client, zoneRelease({ source: 'V2_NEW' }))
    const finders = new Map([...(await loadFinders()), ...(await loadFinders(url()))])
    expect(await mapVoids(client, survey, { finders })).toMatchObject({ rows: { map: 2, environments: 1 } })
    const { rows } = await client.query('SELECT v2_new FROM sdss_dr7_voids.galaxy_environments')
    expect(rows).toEqual([{ v2_new: 'void_interior' }])
    expect((await client.query('SELECT * FROM sdss_dr7_voids.void_galaxy_map')).rows.length).toBe(2)
  })

  test('a folder without a finder, and a source claimed twice, are refused by name', async () => {
    add('v2-other', "export const finder = { source: 'V2_NEW' }\n")
    await expect(loadFinders(url())).rejects.toMatchObject({
      code: 'VOIDS_FINDER',
      message: expect.stringContaining('"v2-other" claims the source "V2_NEW" a second time'),
    })
    rmSync(join(folder, 'v2-other'), { recursive: true })
    mkdirSync(join(folder, 'empty'))
    await expect(loadFinders(url())).rejects.toMatchObject({ code: 'VOIDS_FINDER', place: { path: 'empty' } })
  })
})

test('Gauss-Legendre rules are exact up to degree 2n - 1', () => {
  for (const n of [1, 2, 5, 16]) {
    const { nodes, weights } = gaussLegendre(n)
    for (let degree = 0; degree < 2 * n; degree++) {
      const sum = nodes.reduce((total, x, i) => total + weights[i]! * x ** degree, 0)
      expect(sum).toBeCloseTo(degree % 2 === 0 ? 2 / (degree + 1) : 0, 13)
    }
  }
})
