// The mock's files on disk: read back by our reader and by astropy, the same bytes from the same seed.
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import survey from '../../catalogs/desi-dr1/index.ts'
import { writeMock } from '../../src/cli/write-mock.ts'
import { fileSource, openFits, tableLayout } from '../../src/fits/index.ts'
import { matchFile } from '../../src/model/index.ts'
import { needs, sdssFolder } from '../require.ts'

const folder = mkdtempSync(join(tmpdir(), 'almagest-mock-'))
const options = { galaxies: 1500, seed: 11 }
const progress: number[] = []
const generated = survey.mock!.generate(options)

beforeAll(async () => {
  await writeMock(survey.mock!, join(folder, 'a'), options, (_, done, total) => progress.push(done / total))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const sums = (name: string) =>
  readdirSync(join(folder, name)).map((file) => [
    file,
    createHash('sha256')
      .update(readFileSync(join(folder, name, file)))
      .digest('hex'),
  ])

describe('the files', () => {
  test('are the twenty of the release and the truth', () => {
    const names = readdirSync(join(folder, 'a'))
    expect(names).toHaveLength(21)
    const layouts = survey.catalogs.flatMap((catalog) => Object.values(catalog.layouts))
    const unknown = names.filter((name) => !layouts.some((layout) => matchFile(layout.files, name)))
    expect(unknown).toEqual(['truth.json'])
  })

  test('hold the truth that the generator states', () => {
    expect(JSON.parse(readFileSync(join(folder, 'a', 'truth.json'), 'utf8'))).toEqual(generated.truth)
  })

  test('told how far their writing was, up to the end', () => {
    expect(progress.at(-1)).toBe(1)
    expect(progress).toEqual([...progress].sort((a, b) => a - b))
  })

  test('have the HDUs, columns, units and cards of the release', async () => {
    for (const file of generated.files) {
      const source = await fileSource(join(folder, 'a', file.name))
      const fits = await openFits(source)
      expect(fits.hdus.slice(1).map((hdu) => hdu.name)).toEqual(file.hdus.map((hdu) => hdu.name))
      for (const [i, hdu] of file.hdus.entries()) {
        const layout = tableLayout(fits, fits.hdus[i + 1]!)
        expect(layout.rowCount).toBe(hdu.rowCount)
        expect(layout.columns.map(({ name, unit }) => [name, unit])).toEqual(
          hdu.columns.map(({ name, unit }) => [name, unit]),
        )
      }
      await fits.close()
    }
  })

  test('have the same bytes when written again', async () => {
    await writeMock(survey.mock!, join(folder, 'b'), options)
    expect(sums('b')).toEqual(sums('a'))
    rmSync(join(folder, 'b'), { recursive: true })
  })
})

needs('astropy')('the files in astropy', () => {
  const script = `
import glob, json, sys, warnings
import numpy as np
from astropy.io import fits
from astropy.utils.exceptions import AstropyUserWarning
# A wrong checksum is only a warning to astropy.
warnings.simplefilter('error', AstropyUserWarning)
out = {}
for path in sorted(glob.glob(sys.argv[1] + '/*.fits')):
    with fits.open(path, checksum=True) as f:
        f.verify('exception')
        out[path.rsplit('/', 1)[1]] = {
            'primary': {k: (None if isinstance(v, fits.card.Undefined) else v) for k, v in f[0].header.items()},
            'hdus': [[h.name, h.header['NAXIS2'], len(h.columns), h.columns.names, h.columns.formats, h.columns.units] for h in f[1:]],
            'sums': {h.name: float(np.nansum(h.data['RA' if 'RA' in h.columns.names else h.columns.names[0]], dtype=float)) for h in f[1:]},
            'unchecked': [h.name for h in f if 'CHECKSUM' not in h.header],
        }
json.dump(out, sys.stdout)`
  interface Seen {
    primary: Record<string, unknown>
    hdus: [string, number, number, string[], string[], string[]][]
    sums: Record<string, number>
    unchecked: string[]
  }
  let seen: Record<string, Seen>

  beforeAll(() => {
    const answer = execFileSync('/usr/bin/python3', ['-c', script, join(folder, 'a')], {
      maxBuffer: 1 << 28,
    })
    seen = JSON.parse(answer.toString())
  })

  test('have the HDUs and as many columns and rows', () => {
    for (const file of generated.files) {
      expect(seen[file.name]!.hdus.map(([name, rows, columns]) => [name, rows, columns])).toEqual(
        file.hdus.map((hdu) => [hdu.name, hdu.rowCount, hdu.columns.length]),
      )
    }
    const widths = seen['fastspec-iron-main-bright-nside1-hp02.fits']!.hdus.map(([, , columns]) => columns)
    expect(widths).toEqual([54, 127, 887])
  })

  test('have the formats and units', () => {
    for (const file of generated.files) {
      for (const [i, hdu] of file.hdus.entries()) {
        const [, , , , formats, units] = seen[file.name]!.hdus[i]!
        expect(formats.map((format) => format.replace(/^1(?!A)/, ''))).toEqual(
          hdu.columns.map((each) => each.tform),
        )
        expect(units.map((unit) => unit || undefined)).toEqual(hdu.columns.map((each) => each.unit))
      }
    }
  })

  test('state the cosmology and the limits in the void files', () => {
    const { primary } = seen['DESIVAST_BGS_VOLLIM_VoidFinder_NGC.fits']!
    expect(primary).toMatchObject({ OMEGAM: 0.315, HP: 1, ZLIML: 0, ZLIMU: 0.24, MMR: null })
    expect(seen['DESIVAST_BGS_VOLLIM_V2_VIDE_SGC.fits']!.primary).toMatchObject({
      OMEGAM: 0.315,
      MAGLIM: null,
    })
  })

  test('hold the values that the generator made', () => {
    for (const file of generated.files) {
      for (const hdu of file.hdus) {
        const named = hdu.columns.findIndex((each) => each.name === 'RA')
        const values = Array.from(
          hdu.values(0, hdu.rowCount)[Math.max(0, named)]! as ArrayLike<number>,
          Number,
        )
        const sum = values.reduce((total, value) => total + (Number.isNaN(value) ? 0 : value), 0)
        const read = seen[file.name]!.sums[hdu.name]!
        expect(Math.abs(read - sum) <= 1e-12 * Math.abs(sum), `${file.name} ${hdu.name}`).toBe(true)
      }
    }
  })

  test('have checksums in every HDU', () => {
    expect(Object.values(seen).flatMap((file) => file.unchecked)).toEqual([])
  })
})

needs('shared')("the void files have VAST's own HDUs, names and formats", () => {
  test.each([
    ['DESIVAST_BGS_VOLLIM_V2_REVOLVER_SGC.fits', 'SDSSDR7_VOLLIM_V2_REVOLVER_NGC.fits'],
    ['DESIVAST_BGS_VOLLIM_V2_ZOBOV_NGC.fits', 'SDSSDR7_VOLLIM_V2_ZOBOV_NGC.fits'],
    ['DESIVAST_BGS_VOLLIM_VoidFinder_NGC.fits', 'SDSSDR7_VOLLIM_VoidFinder_NGC.fits'],
  ])('%s as %s', async (made, real) => {
    const shape = async (path: string) => {
      const file = await openFits(await fileSource(path))
      const tables = file.hdus.slice(1).map((hdu) => {
        const columns = tableLayout(file, hdu).columns.map(({ name, code, unit }) => [name, code, !!unit])
        return [hdu.name, columns]
      })
      await file.close()
      return tables
    }
    expect(await shape(join(folder, 'a', made))).toEqual(await shape(join(sdssFolder, real)))
  })
})
