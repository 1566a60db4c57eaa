// A survey whose files pass the loader and may fail the checks, as a catalogue folder for the command line and as files.
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type ColumnToPack, writeFits } from '../../src/fits/index.ts'
import {
  defineCatalog,
  defineSurvey,
  fileNumber,
  float64,
  fromHdu,
  int32,
  int64,
  rowNumber,
} from '../../src/model/index.ts'
import { table } from './sample.ts'

const provenance = {
  source_file: int32(fileNumber(), 'File.', { ucd: 'meta.id' }),
  source_row: int32(rowNumber(), 'Row.', { ucd: 'meta.id' }),
}

export const galaxies = defineCatalog({
  name: 'gated_sample.gated_galaxies',
  title: 'Galaxies',
  columns: {
    ...fromHdu('META', {
      id: int64('ID', 'Identifier.', { ucd: 'meta.id;meta.main' }),
      ra: float64('RA', 'Right ascension.', {
        unit: 'deg',
        ucd: 'pos.eq.ra;meta.main',
        range: { from: 0, below: 360 },
      }),
      dec: float64('DEC', 'Declination.', {
        unit: 'deg',
        ucd: 'pos.eq.dec;meta.main',
        range: { from: -90, to: 90 },
      }),
      z: float64('Z', 'Redshift.', { ucd: 'src.redshift' }),
    }),
    ...provenance,
  },
  key: ['id'],
  duplicates: { keep: 'first', reason: 'files overlap at their borders' },
  sky: { ra: 'ra', dec: 'dec', frame: 'icrs', index: 'idx_gated_sky' },
  indexes: { idx_gated_z: { btree: ['z'] } },
  layouts: { plain: { files: 'gated-*.fits', hdus: ['META'] } },
  quality: { owner: 'the galaxy group' },
})

export const lines = defineCatalog({
  name: 'gated_sample.gated_lines',
  title: 'Emission lines of the galaxies',
  columns: {
    ...fromHdu('LINES', {
      line: int64('LINE', 'Identifier.', { ucd: 'meta.id' }),
      galaxy: int64('ID', 'The galaxy.', { ucd: 'meta.id' }),
    }),
    ...provenance,
  },
  key: ['line'],
  foreignKeys: [{ columns: ['galaxy'], references: 'gated_sample.gated_galaxies', key: ['id'] }],
  layouts: { plain: { files: 'lines-*.fits', hdus: ['LINES'] } },
})

export const gated = defineSurvey({
  name: 'gated',
  title: 'A sample for the gate',
  schema: 'gated_sample',
  version: '1',
  catalogs: [galaxies, lines],
})

export default gated

/** Makes a folder for `--catalogs` with the survey in it; `change` is put before its export as text of a module. */
export function gatedFolder(folder: string, change = 'export default survey'): string {
  const own = fileURLToPath(import.meta.url)
  mkdirSync(join(folder, 'gated'), { recursive: true })
  writeFileSync(
    join(folder, 'gated', 'index.mts'),
    `import survey from ${JSON.stringify(own)}\nimport { defineCatalog, defineSurvey } from ${JSON.stringify(join(dirname(own), '../../src/model/index.ts'))}\n${change}\n`,
  )
  return folder
}

export interface GatedRows {
  readonly first: number
  readonly rows: number
  /** Positions in radians: every value is in range, and only a check tells. */
  readonly radians?: boolean
  readonly z?: number
}

export async function writeGalaxies(
  path: string,
  { first, rows, radians = false, z = 0.1 }: GatedRows,
): Promise<string> {
  const unit = radians ? Math.PI / 180 : 1
  const each = Array.from({ length: rows }, (_, i) => i)
  const columns: ColumnToPack[] = [
    { name: 'ID', tform: 'K', values: BigInt64Array.from(each, (i) => BigInt(first + i)) },
    { name: 'RA', tform: 'D', values: Float64Array.from(each, (i) => ((i * 37.1) % 350) * unit) },
    { name: 'DEC', tform: 'D', values: Float64Array.from(each, (i) => (((i * 17.3) % 160) - 80) * unit) },
    { name: 'Z', tform: 'D', values: Float64Array.from(each, (i) => z + i / 1e6) },
  ]
  mkdirSync(dirname(path), { recursive: true })
  await writeFits(path, [table('META', columns, rows)])
  return path
}

export async function writeLines(path: string, galaxies: readonly number[], first = 1): Promise<string> {
  const columns: ColumnToPack[] = [
    { name: 'LINE', tform: 'K', values: BigInt64Array.from(galaxies, (_, i) => BigInt(first + i)) },
    { name: 'ID', tform: 'K', values: BigInt64Array.from(galaxies, BigInt) },
  ]
  await writeFits(path, [table('LINES', columns, galaxies.length)])
  return path
}
