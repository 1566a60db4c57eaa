// The real SDSS void catalogues: every file loads, every row is accounted for, values are those of the truth.
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, test } from 'vitest'
import survey from '../../catalogs/sdss-dr7-voids/index.ts'
import { type LoadReport, loadFiles } from '../../src/load/index.ts'
import type { ScratchDatabase } from '../postgres/scratch.ts'
import { needs, sdssFolder } from '../require.ts'
import { archiveOf } from './archive.ts'

const files = [
  'vollim_dr7_cbp_102709.fits',
  'SDSSDR7_VOLLIM_VoidFinder_NGC.fits',
  'SDSSDR7_VOLLIM_V2_REVOLVER_NGC.fits',
  'SDSSDR7_VOLLIM_V2_VIDE_NGC.fits',
  'SDSSDR7_VOLLIM_V2_ZOBOV_NGC.fits',
].map((name) => `${sdssFolder}/${name}`)

needs('shared')('SDSS DR7 void catalogues', () => {
  let database: ScratchDatabase
  let report: LoadReport
  beforeAll(async () => {
    database = await archiveOf(survey)
    report = await loadFiles(database.url, [survey], files, { jobs: 2 })
  })
  afterAll(() => database.drop())

  const query = async (sql: string) => (await database.client.query(sql)).rows

  // Row counts of the README of the reference data.
  test('every row of every HDU is in its table', () => {
    const read = report.files.map(({ tables }) =>
      tables.map(({ table, rowsRead }) => [table.slice(15), rowsRead]),
    )
    const v2 = (voids: number) => [
      ['vast_releases', 1],
      ['vast_voids', voids],
      ['vast_zones', 620],
      ['vast_galaxy_zones', 120_606],
    ]
    expect(read).toEqual([
      [['galaxies', 120_606]],
      [
        ['vast_releases', 1],
        ['vast_voids', 900],
        ['vast_holes', 45_252],
      ],
      v2(437),
      v2(321),
      v2(437),
    ])
    expect(report.rowsRejected).toBe(0)
    expect(report.rowsLoaded).toBe(report.rowsRead)
  })

  test('galaxies are those of the truth, row by row', async () => {
    const rows = await query('SELECT galaxy, ra, dec, z FROM sdss_dr7_voids.galaxies ORDER BY galaxy')
    const truth = csv('truth_voidfinder.csv.gz')
    expect(rows.length).toBe(truth.length)
    const wrong = truth.filter(({ row, ra, dec, z }, i) => {
      const loaded = rows[i]!
      return (
        loaded.galaxy !== BigInt(row!) ||
        Math.fround(Number(ra)) !== Math.fround(loaded.ra as number) ||
        Math.fround(Number(dec)) !== Math.fround(loaded.dec as number) ||
        Math.fround(Number(z)) !== Math.fround(loaded.z as number)
      )
    })
    expect(wrong).toEqual([])
  })

  test('galaxy zones are those of the truth, -1 being NULL', async () => {
    const rows = await query(
      `SELECT galaxy_index, galaxy, zone, depth, edge, outside FROM sdss_dr7_voids.vast_galaxy_zones
       WHERE void_catalog_source = 'V2_VIDE' ORDER BY galaxy_index`,
    )
    const noneIsNull = (text: string | undefined) => (text === '-1' ? null : Number(text))
    const truth = csv('truth_v2.csv.gz')
    expect(rows.length).toBe(truth.length)
    const wrong = truth.filter(({ row, zone, depth, edge, out }, i) => {
      const loaded = rows[i]!
      return (
        loaded.galaxy_index !== BigInt(row!) ||
        loaded.galaxy !== BigInt(row!) ||
        (loaded.zone === null ? null : Number(loaded.zone)) !== noneIsNull(zone) ||
        loaded.depth !== noneIsNull(depth) ||
        loaded.edge !== Number(edge) ||
        loaded.outside !== Number(out)
      )
    })
    expect(wrong).toEqual([])
  })

  // The README gives 563, 325 and 12 voids for EDGE 0, 1 and 2.
  test('voids by edge', async () => {
    expect(
      await query(
        'SELECT edge, count(*)::int AS n FROM sdss_dr7_voids.vast_voids WHERE edge IS NOT NULL GROUP BY 1 ORDER BY 1',
      ),
    ).toEqual([
      { edge: 0, n: 563 },
      { edge: 1, n: 325 },
      { edge: 2, n: 12 },
    ])
  })

  // The README: VoidFinder with Omega_M 0.26, V2 with 0.3, h 1, limits as rounded in the headers.
  test('cosmologies come from the cards of each file', async () => {
    const rows = await query(
      'SELECT void_catalog_source AS s, omega_m, hubble FROM sdss_dr7_voids.vast_releases ORDER BY omega_m, 1',
    )
    expect(rows).toEqual([
      { s: 'VoidFinder', omega_m: 0.26, hubble: 1 },
      { s: 'V2_REVOLVER', omega_m: 0.3, hubble: 1 },
      { s: 'V2_VIDE', omega_m: 0.3, hubble: 1 },
      { s: 'V2_ZOBOV', omega_m: 0.3, hubble: 1 },
    ])
  })

  test('the ledger has the checksums of SHA256SUMS', async () => {
    const sums = new Map(
      readFileSync(`${sdssFolder}/SHA256SUMS`, 'utf8')
        .trim()
        .split('\n')
        .map((line) => line.split(/ [ *]/).toReversed() as [string, string]),
    )
    const rows = await query('SELECT name, sha256, state FROM almagest.load_file ORDER BY file_id')
    expect(rows.length).toBe(5)
    for (const { name, sha256, state } of rows) {
      expect([name, sha256, state]).toEqual([name, sums.get(name as string), 'loaded'])
    }
  })

  test('loading again does nothing', async () => {
    const again = await loadFiles(database.url, [survey], files)
    expect(again.files.map(({ outcome }) => outcome)).toEqual(files.map(() => 'already loaded'))
    expect(again.rowsRead).toBe(0)
    expect(again.files.map(({ tables }) => tables.length)).toEqual([1, 3, 4, 4, 4])
  })

  needs('astropy')('beside astropy', () => {
    test('right ascensions of the void centres are wrapped, all else is the same', async () => {
      const script = `
import json, sys
from astropy.io import fits
with fits.open(sys.argv[1]) as f:
    d = f['MAXIMALS'].data
    print(json.dumps([[int(r['VOID']), float(r['X']), float(r['Y']), float(r['Z']), float(r['RA']) % 360,
        float(r['DEC']), float(r['R_EFF']), float(r['R_EFF_UNCERT']), int(r['EDGE'])] for r in d]))`
      const python = execFileSync('/usr/bin/python3', ['-c', script, files[1]!], { maxBuffer: 1 << 26 })
      const expected = JSON.parse(python.toString())
      const rows = await query(
        `SELECT void_index::int, x, y, z, ra_center, dec_center, r_eff, r_eff_error, edge
         FROM sdss_dr7_voids.vast_voids WHERE void_catalog_source = 'VoidFinder' ORDER BY source_row`,
      )
      expect(rows.map((row) => Object.values(row))).toEqual(expected)
    })
  })
})

function csv(name: string): Record<string, string>[] {
  const [head = '', ...lines] = gunzipSync(readFileSync(`${sdssFolder}/${name}`))
    .toString()
    .trim()
    .split('\n')
  const columns = head.split(',')
  return lines.map((line) => {
    const cells = line.split(',')
    return Object.fromEntries(columns.map((column, i) => [column, cells[i]!]))
  })
}
