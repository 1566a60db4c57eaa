// A small survey with galaxies and voids, drawn at random with known properties, loaded from FITS files.

import { healpixNested } from '../../catalogs/desi-dr1/mock/sky.ts'
import type { ColumnToPack } from '../../src/fits/index.ts'
import { writeFits } from '../../src/fits/index.ts'
import { loadFiles } from '../../src/load/index.ts'
import {
  byServer,
  defineCatalog,
  defineSurvey,
  fileNumber,
  fits,
  float32,
  float64,
  fromHdu,
  int32,
  int64,
  type QualityDeclaration,
  rowNumber,
  text,
} from '../../src/model/index.ts'
import { archiveOf } from '../load/archive.ts'
import { table, temporaryFolder } from '../load/sample.ts'
import type { ScratchDatabase } from '../postgres/scratch.ts'

const provenance = () => ({
  source_file: int32(fileNumber(), 'File.', { ucd: 'meta.id' }),
  source_row: int32(rowNumber(), 'Row.', { ucd: 'meta.id' }),
})

const quality: QualityDeclaration = {
  owner: 'catalogue group',
  expect: {
    'row-count': { value: 4000, source: 'the generator' },
    nulls: { mass: 0.05 },
    footprint: [{ ra: [350, 410], dec: [-40, 60] }],
    healpix: { column: 'healpix', nside: 64, file: { pattern: 'hp(\\d\\d)', nside: 1 } },
    'sky-duplicates': { arcsec: 0.5 },
    counterpart: [
      {
        catalog: 'quality_sample.redshifts',
        on: ['id', 'id'],
        compare: [{ here: 'z', there: 'z', tolerance: 1e-6 }],
        separation: 0.1,
      },
    ],
    'scaling-relation': [
      {
        name: 'main-sequence',
        x: 'mass',
        y: 'log(sfr)',
        where: 'sfr > 0',
        slope: { value: 0.8, tolerance: 0.1, source: 'the generator' },
        at: { x: 10.5, value: 0.4, tolerance: 0.1, source: 'the generator' },
        correlation: { value: 0.9, tolerance: 0.1, source: 'the generator' },
      },
    ],
    'mass-function': [
      {
        name: 'masses',
        value: 'mass',
        edges: [9, 10, 11, 12],
        fractions: [1 / 3, 1 / 3, 1 / 3],
        tolerance: 0.05,
        source: 'the generator',
      },
    ],
  },
}

export const galaxies = defineCatalog({
  name: 'quality_sample.galaxies',
  title: 'Galaxies',
  columns: {
    ...fromHdu('META', {
      id: int64('ID', 'Identifier.', { ucd: 'meta.id;meta.main' }),
      ra: float64('RA', 'Right ascension.', {
        unit: 'deg',
        ucd: 'pos.eq.ra;meta.main',
        range: { from: 0, below: 360 },
        required: true,
      }),
      dec: float64('DEC', 'Declination.', {
        unit: 'deg',
        ucd: 'pos.eq.dec;meta.main',
        range: { from: -90, to: 90 },
        required: true,
      }),
      z: float64('Z', 'Redshift.', { ucd: 'src.redshift', range: { above: -0.01, below: 10 } }),
      class: text('CLASS', 'Class.', { oneOf: ['GALAXY', 'QSO'], ucd: 'src.class' }),
      healpix: int32('HEALPIX', 'HEALPix pixel.', { ucd: 'pos.healpix' }),
    }),
    ...fromHdu('PHOT', {
      mass: float32('MASS', 'Mass.', { unit: 'log(solMass)', ucd: 'phys.mass' }),
      mass_error: float32(
        fits('PHOT', 'MASS_IVAR', { convert: { kind: 'ivar-to-error' } }),
        'Standard error of mass.',
        { ucd: 'stat.error;phys.mass' },
      ),
      sfr: float32('SFR', 'Star formation rate.', {
        unit: 'solMass/yr',
        ucd: 'phys.SFR',
        range: { from: 0 },
      }),
      mag: float32('MAG', 'Magnitude.', { unit: 'mag', ucd: 'phot.mag;em.opt.R' }),
    }),
    ...provenance(),
  },
  key: ['id'],
  sky: { ra: 'ra', dec: 'dec', frame: 'icrs', index: 'idx_galaxies_sky' },
  layouts: { plain: { files: 'galaxies-hp*.fits', hdus: ['META', 'PHOT'], alignedBy: 'ID' } },
  quality,
})

export const redshifts = defineCatalog({
  name: 'quality_sample.redshifts',
  title: 'Redshifts of the same galaxies',
  columns: fromHdu('RED', {
    id: int64('ID', 'Identifier.', { ucd: 'meta.id' }),
    ra: float64('RA', 'Right ascension.', { unit: 'deg', ucd: 'pos.eq.ra', range: { from: 0, below: 360 } }),
    dec: float64('DEC', 'Declination.', { unit: 'deg', ucd: 'pos.eq.dec', range: { from: -90, to: 90 } }),
    z: float64('Z', 'Redshift.', { ucd: 'src.redshift' }),
  }),
  key: ['id'],
  foreignKeys: [{ columns: ['id'], references: 'quality_sample.galaxies', key: ['id'] }],
  sky: { ra: 'ra', dec: 'dec', frame: 'icrs', index: 'idx_redshifts_sky' },
  layouts: { plain: { files: 'redshifts.fits', hdus: ['RED'] } },
})

export const voids = defineCatalog({
  name: 'quality_sample.voids',
  title: 'Voids',
  columns: {
    ...fromHdu('VOIDS', {
      void_index: int64('VOID', 'Index.', { ucd: 'meta.id' }),
      finder: text('FINDER', 'Finder.', { oneOf: ['A', 'B'], required: true, ucd: 'meta.id' }),
      radius: float64('RADIUS', 'Radius.', { ucd: 'phys.size.radius', range: { above: 0 }, required: true }),
    }),
    created: int32(byServer('nobody'), 'Filled by nobody.'),
    ...provenance(),
  },
  key: ['finder', 'void_index'],
  layouts: { plain: { files: 'voids.fits', hdus: ['VOIDS'] } },
  quality: {
    expect: {
      'void-statistics': {
        finder: 'finder',
        radius: 'radius',
        counts: { A: { value: 200, source: 'the generator' }, B: { value: 100, source: 'the generator' } },
        meanRadius: { A: { value: 15, tolerance: 1, source: 'the generator' } },
        medianRadius: { B: { value: 20, tolerance: 1.5, source: 'the generator' } },
        ratios: [{ of: 'A', to: 'B', value: 2, tolerance: 0.1, source: 'the generator' }],
      },
    },
  },
})

export const survey = defineSurvey({
  name: 'quality-sample',
  title: 'A sample for the checks',
  schema: 'quality_sample',
  version: '1',
  catalogs: [galaxies, redshifts, voids],
})

export const tables = survey.catalogs.map((catalog) => ({ survey, catalog }))

/** Mulberry32: a small generator of uniform numbers in [0, 1). */
export function randomFrom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}

/** Files of 4,000 galaxies in the sample's footprint and 300 voids, loaded; constraints dropped if told. */
export async function loadedSample(
  seed: number,
  { constraints = true }: { constraints?: boolean } = {},
): Promise<ScratchDatabase & { remove(): Promise<void> }> {
  const folder = temporaryFolder()
  const database = await archiveOf(survey)
  await loadFiles(database.url, [survey], await writeSample(seed, folder.path))
  if (!constraints) {
    const { rows } = await database.client.query<{ sql: string }>(
      `SELECT format('ALTER TABLE %s DROP CONSTRAINT %I CASCADE', conrelid::regclass, conname) AS sql
       FROM pg_constraint WHERE connamespace = 'quality_sample'::regnamespace ORDER BY contype <> 'f'`,
    )
    for (const { sql } of rows)
      await database.client.query(sql.replace('DROP CONSTRAINT', 'DROP CONSTRAINT IF EXISTS'))
    const { rows: required } = await database.client.query<{ sql: string }>(
      `SELECT format('ALTER TABLE %s ALTER %I DROP NOT NULL', attrelid::regclass, attname) AS sql
       FROM pg_attribute JOIN pg_class ON oid = attrelid
       WHERE relnamespace = 'quality_sample'::regnamespace AND relkind = 'r' AND attnotnull AND attnum > 0`,
    )
    for (const { sql } of required) await database.client.query(sql)
  }
  const remove = async () => {
    await database.drop()
    folder.remove()
  }
  return { ...database, remove }
}

async function writeSample(seed: number, path: (name: string) => string): Promise<string[]> {
  const random = randomFrom(seed)
  const byPixel = new Map<number, Drawn[]>()
  const all: Drawn[] = []
  for (let i = 0; i < 4000; i++) {
    const drawn = draw(random, i)
    const face = healpixNested(1, drawn.ra, drawn.dec)
    byPixel.set(face, [...(byPixel.get(face) ?? []), drawn])
    all.push(drawn)
  }
  const paths: string[] = []
  for (const [face, rows] of [...byPixel].sort(([a], [b]) => a - b)) {
    paths.push(await writeGalaxies(path(`galaxies-hp${String(face).padStart(2, '0')}.fits`), rows))
  }
  await writeFits(path('redshifts.fits'), [table('RED', positions(all), all.length)])
  const sizes = Array.from({ length: 300 }, (_, i) => (i < 200 ? 10 + 10 * random() : 15 + 10 * random()))
  const columns: ColumnToPack[] = [
    { name: 'VOID', tform: 'K', values: BigInt64Array.from(sizes, (_, i) => BigInt(i)) },
    { name: 'FINDER', tform: '1A', values: sizes.map((_, i) => (i < 200 ? 'A' : 'B')) },
    { name: 'RADIUS', tform: 'D', values: Float64Array.from(sizes) },
  ]
  await writeFits(path('voids.fits'), [table('VOIDS', columns, sizes.length)])
  return [...paths, path('redshifts.fits'), path('voids.fits')]
}

type Drawn = { id: bigint; ra: number; dec: number; z: number; mass: number; sfr: number; mag: number }

function draw(random: () => number, i: number): Drawn {
  const [low, high] = [-40, 60].map((dec) => Math.sin((dec * Math.PI) / 180)) as [number, number]
  const mass = 9 + 3 * random()
  return {
    id: (9010n << 42n) | (BigInt(Math.floor(random() * 2 ** 20)) << 22n) | BigInt(i),
    ra: (350 + 60 * random()) % 360,
    dec: (Math.asin(low + (high - low) * random()) * 180) / Math.PI,
    z: 0.05 + 0.3 * random(),
    mass,
    sfr: 10 ** (0.8 * (mass - 10.5) + 0.4 + 0.5 * (random() - 0.5)),
    mag: 15 + 5 * random(),
  }
}

const positions = (rows: readonly Drawn[]): ColumnToPack[] => [
  { name: 'ID', tform: 'K', values: BigInt64Array.from(rows, ({ id }) => id) },
  { name: 'RA', tform: 'D', values: Float64Array.from(rows, ({ ra }) => ra) },
  { name: 'DEC', tform: 'D', values: Float64Array.from(rows, ({ dec }) => dec) },
  { name: 'Z', tform: 'D', values: Float64Array.from(rows, ({ z }) => z) },
]

async function writeGalaxies(path: string, rows: readonly Drawn[]): Promise<string> {
  const pixels = rows.map(({ ra, dec }) => healpixNested(64, ra, dec))
  const meta: ColumnToPack[] = [
    ...positions(rows),
    { name: 'CLASS', tform: '6A', values: rows.map((_, i) => (i % 50 === 0 ? 'QSO' : 'GALAXY')) },
    { name: 'HEALPIX', tform: 'J', values: Int32Array.from(pixels) },
  ]
  // One mass in fifty was not measured.
  const measured = (i: number) => i % 50 !== 7
  const phot: ColumnToPack[] = [
    { name: 'ID', tform: 'K', values: BigInt64Array.from(rows, ({ id }) => id) },
    {
      name: 'MASS',
      tform: 'E',
      values: Float32Array.from(rows, (row, i) => (measured(i) ? row.mass : Number.NaN)),
    },
    { name: 'MASS_IVAR', tform: 'E', values: Float32Array.from(rows, (_, i) => (measured(i) ? 100 : 0)) },
    { name: 'SFR', tform: 'E', values: Float32Array.from(rows, ({ sfr }) => sfr) },
    { name: 'MAG', tform: 'E', values: Float32Array.from(rows, ({ mag }) => mag) },
  ]
  await writeFits(path, [table('META', meta, rows.length), table('PHOT', phot, rows.length)])
  return path
}
