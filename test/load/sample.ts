// A small survey of two joined HDUs and a table that refers to it, and files for it, sound or broken as told.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  type CardToWrite,
  type ColumnToPack,
  packRows,
  type TableToWrite,
  writeFits,
} from '../../src/fits/index.ts'
import {
  card,
  defineCatalog,
  defineSurvey,
  fileNumber,
  fits,
  float32,
  float64,
  fromHdu,
  int32,
  int64,
  pathPart,
  rowNumber,
  text,
} from '../../src/model/index.ts'

export const objects = defineCatalog({
  name: 'loader_sample.objects',
  title: 'Objects',
  columns: {
    field: text(pathPart('field'), 'Field of the file.', { oneOf: ['north', 'south'], required: true }),
    ...fromHdu('META', {
      id: int64('ID', 'Identifier.'),
      ra: float64(fits('META', 'RA', { convert: { kind: 'wrap-ra' } }), 'Right ascension.', {
        unit: 'deg',
        range: { from: 0, below: 360 },
        required: true,
      }),
      class: text('CLASS', 'Class.', { oneOf: ['GALAXY', 'STAR'] }),
    }),
    ...fromHdu('PHOT', {
      mass: float32('MASS', 'Mass.', { range: { from: -20, to: 20 } }),
      depth: float64(card('DEPTH', 'PHOT'), 'Depth of the exposure.', { range: { from: 0 } }),
    }),
    source_file: int32(fileNumber(), 'File.'),
    source_row: int32(rowNumber(), 'Row.'),
  },
  key: ['id'],
  sky: { ra: 'ra', dec: 'ra', frame: 'icrs', index: 'idx_objects_sky' },
  indexes: { idx_objects_mass: { btree: ['mass'] } },
  layouts: { plain: { files: 'sample-{field}.fits', hdus: ['META', 'PHOT'], alignedBy: 'ID' } },
})

export const spectra = defineCatalog({
  name: 'loader_sample.spectra',
  title: 'Spectra of the objects',
  columns: {
    ...fromHdu('SPEC', {
      spectrum: int64('SPECTRUM', 'Identifier.'),
      object: int64('ID', 'The object.'),
    }),
    source_file: int32(fileNumber(), 'File.'),
  },
  key: ['spectrum'],
  foreignKeys: [{ columns: ['object'], references: 'loader_sample.objects', key: ['id'] }],
  layouts: { plain: { files: 'spectra-*.fits', hdus: ['SPEC'] } },
})

export const sample = defineSurvey({
  name: 'sample',
  title: 'A sample for the loader',
  schema: 'loader_sample',
  version: '1',
  catalogs: [objects, spectra],
})

/** A folder of the test, gone with it. */
export function temporaryFolder(): { path: (name: string) => string; remove: () => void } {
  const folder = mkdtempSync(join(tmpdir(), 'almagest-load-'))
  return { path: (name) => join(folder, name), remove: () => rmSync(folder, { recursive: true }) }
}

export interface SampleValues {
  readonly id: readonly (bigint | number)[]
  /** Identifiers in the second HDU, where they are to differ. */
  readonly physicalId?: readonly (bigint | number)[]
  readonly ra?: readonly number[]
  readonly class?: readonly string[]
  readonly mass?: readonly number[]
  readonly cards?: readonly CardToWrite[]
  /** Names of the HDUs. */
  readonly names?: readonly [string, string]
  /** Name of the column with the mass. */
  readonly massColumn?: string
}

const identifiers = (ids: readonly (bigint | number)[]) => BigInt64Array.from(ids, BigInt)

/** Writes a file of objects; what is not told is sound. */
export async function writeObjects(path: string, given: SampleValues): Promise<string> {
  const { id, physicalId = id, names = ['META', 'PHOT'], massColumn = 'MASS' } = given
  const each = <T>(values: readonly T[] | undefined, value: (i: number) => T) =>
    values ?? Array.from(id, (_, i) => value(i))
  const meta: ColumnToPack[] = [
    { name: 'ID', tform: 'K', values: identifiers(id) },
    { name: 'RA', tform: 'D', values: Float64Array.from(each(given.ra, (i) => i % 360)) },
    { name: 'CLASS', tform: '8A', values: [...each(given.class, () => 'GALAXY')] },
  ]
  const mass = each(given.mass, () => 10).slice(0, physicalId.length)
  const phot: ColumnToPack[] = [
    { name: 'ID', tform: 'K', values: identifiers(physicalId) },
    { name: massColumn, tform: 'E', values: Float32Array.from(mass) },
  ]
  await writeFits(path, [
    table(names[0], meta, id.length),
    table(names[1], phot, physicalId.length, given.cards ?? [['DEPTH', 22.5]]),
  ])
  return path
}

export async function writeSpectra(path: string, spectrum: readonly number[], object: readonly number[]) {
  const columns: ColumnToPack[] = [
    { name: 'SPECTRUM', tform: 'K', values: identifiers(spectrum) },
    { name: 'ID', tform: 'K', values: identifiers(object) },
  ]
  await writeFits(path, [table('SPEC', columns, spectrum.length)])
  return path
}

export function table(
  name: string,
  columns: readonly ColumnToPack[],
  rowCount: number,
  cards: readonly CardToWrite[] = [],
): TableToWrite {
  return { name, columns, rowCount, cards, rows: rowCount === 0 ? [] : [packRows(columns, 0, rowCount)] }
}

export function writeBytes(path: string, bytes: Uint8Array): string {
  writeFileSync(path, bytes)
  return path
}
