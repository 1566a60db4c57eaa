// Void files of another survey, as VAST writes them elsewhere: other names, one cap, lower case, columns left out.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { galaxies as sdssGalaxies } from '../../catalogs/sdss-dr7-voids/index.ts'
import { type ColumnToPack, writeFits } from '../../src/fits/index.ts'
import { loadFiles } from '../../src/load/index.ts'
import { defineCatalog, defineSurvey, vastCatalogs, voidCatalogOrder } from '../../src/model/index.ts'
import { mapVoids } from '../../src/voids/index.ts'
import { archiveOf } from '../load/archive.ts'
import { table, temporaryFolder } from '../load/sample.ts'
import type { ScratchDatabase } from '../postgres/scratch.ts'
import { redshiftAt } from './small-releases.ts'

const { name: _name, sky: _sky, ...sameColumns } = sdssGalaxies
const galaxies = defineCatalog({
  ...sameColumns,
  name: 'slice.galaxies',
  layouts: { sample: { files: 'slice_galaxies.fits', hdus: ['#1'] } },
  selections: {},
} as never) as typeof sdssGalaxies
const voids = vastCatalogs({
  schema: 'slice',
  prefix: 'vast',
  files: 'slice_{finder}_Output.fits',
  caps: ['WHOLE'],
  spelt: { V2_VIDE: 'VIDE' },
  galaxies: { catalog: galaxies, key: 'galaxy', ra: 'ra', dec: 'dec', z: 'z' },
})
const survey = defineSurvey({
  name: 'slice',
  title: 'Made up',
  schema: 'slice',
  version: '1',
  catalogs: [galaxies, ...voidCatalogOrder(voids)],
  voids,
})

let database: ScratchDatabase
const folder = temporaryFolder()
beforeAll(async () => {
  database = await archiveOf(survey)
})
afterAll(async () => {
  await database.drop()
  folder.remove()
})

const numbers = (name: string, values: readonly number[]): ColumnToPack => ({
  name,
  tform: 'D',
  values: Float64Array.from(values),
})
const whole = (name: string, values: readonly number[]): ColumnToPack => ({
  name,
  tform: 'K',
  values: BigInt64Array.from(values, BigInt),
})

// Matter only and h = 0.7: lengths are Mpc, so a redshift lies 1 / 0.7 times as far as in Mpc/h.
const cards = [
  ['OMEGAM', 1],
  ['HP', 0.7],
] as const
const distances = [80, 100, 120, 300]

async function galaxyFile(): Promise<string> {
  const path = folder.path('slice_galaxies.fits')
  const column = (name: string, values: readonly number[]) => ({
    name,
    tform: 'E',
    values: Float32Array.from(values),
  })
  const columns = [
    column('RA', [180, 180, 180, 180]),
    column('DEC', [0, 0, 0, 0]),
    column(
      'Z',
      distances.map((each) => redshiftAt(each * 0.7)),
    ),
    column('weight', [1, 1, 1, 1]),
  ]
  await writeFits(path, [table('whatever', columns, 4)])
  return path
}

/** One void around 100 Mpc, of radius 10. */
async function holeFile(metric?: string): Promise<string> {
  const path = folder.path('slice_VoidFinder_Output.fits')
  const sphere = [numbers('x', [-100]), numbers('y', [0]), numbers('z', [0]), numbers('radius', [10])]
  const maximals = [...sphere, whole('void', [0]), numbers('ra', [-180]), numbers('dec', [0])]
  await writeFits(
    path,
    [
      table('wall', sphere, 1),
      table('holes', [...sphere, whole('void', [0])], 1),
      table('maximals', maximals, 1),
    ],
    { primary: [...cards, ...(metric ? ([['METRIC', metric]] as const) : [])] },
  )
  return path
}

/** Galaxies 0 and 1 in zone 0 of void 4, galaxy 2 in zone 1 of none; galaxy 3 is not listed. */
async function zoneFile(): Promise<string> {
  const path = folder.path('slice_VIDE_Output.fits')
  const voidColumns = [
    ...[whole('void', [4]), numbers('x', [-90]), numbers('y', [0]), numbers('z', [0])],
    ...[numbers('redshift', [0.02]), numbers('ra', [180]), numbers('dec', [0]), numbers('radius', [20])],
  ]
  const zones = [whole('zone', [0, 1]), whole('void0', [4, -1]), whole('void1', [4, -1])]
  const members = [
    ...[whole('gal', [0, 1, 2]), whole('target', [0, 1, 2]), whole('zone', [0, 0, 1])],
    ...[whole('depth', [0, 1, 0]), whole('edge', [0, 0, 0]), whole('out', [0, 0, 0])],
  ]
  await writeFits(
    path,
    [table('galzone', members, 3), table('zonevoid', zones, 2), table('voids', voidColumns, 1)],
    { primary: cards },
  )
  return path
}

test('a file made with distances of another kind is refused', async () => {
  await expect(
    loadFiles(database.url, [survey], [await holeFile('redshift')], { jobs: 1 }),
  ).rejects.toMatchObject({ code: 'LOAD_CONSTANT_INVALID', message: expect.stringContaining('METRIC') })
})

test('they load by a declaration alone, and what a file lacks is stated', async () => {
  const files = [await galaxyFile(), await holeFile(), await zoneFile()]
  const report = await loadFiles(database.url, [survey], files, { jobs: 1 })
  const layouts = report.files.flatMap(({ tables }) => tables.map(({ table, layout }) => [table, layout]))
  expect(layouts).toEqual(
    expect.arrayContaining([
      ['slice.vast_voids', 'voidfinder without EDGE, R_EFF, R_EFF_UNCERT'],
      ['slice.vast_voids', 'v2 without TOT_AREA, EDGE_AREA'],
      ['slice.vast_galaxy_zones', 'v2'],
    ]),
  )
  expect(report.rowsRejected).toBe(0)
  const summary = await mapVoids(database.client, survey)
  expect(
    summary.releases.map(({ source, cap, cosmology, pairs }) => [source, cap, cosmology, pairs]),
  ).toEqual([
    ['V2_VIDE', 'WHOLE', 'flat, omegaM 1, h 0.7, Mpc', 2],
    ['VoidFinder', 'WHOLE', 'flat, omegaM 1, h 0.7, Mpc', 1],
  ])
  const { rows } = await database.client.query<{ galaxy: bigint; source: string; edge: boolean | null }>(
    `SELECT galaxy, void_catalog_source AS source, void_at_edge AS edge FROM slice.void_galaxy_details ORDER BY 2, 1`,
  )
  expect(rows.map(({ galaxy, source, edge }) => [Number(galaxy), source, edge])).toEqual([
    [0, 'V2_VIDE', null],
    [1, 'V2_VIDE', null],
    [1, 'VoidFinder', null],
  ])
})
