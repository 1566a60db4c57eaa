// The mock's columns are those of the release's data model, name by name.
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import {
  emissionLines,
  fastspecColumns,
  metadataColumns,
  specphotColumns,
} from '../../catalogs/desi-dr1/mock/columns.ts'
import { needs, sharedFolder } from '../require.ts'

needs('shared')("the release's data model", () => {
  const lines = (file: string) =>
    readFileSync(`${sharedFolder}/design/desi/${file}`, 'utf8')
      .trim()
      .split('\n')
      .map((line) => line.split('\t'))

  /** Columns of version 3.0 in files of the main survey: name, format, unit as the code writes it. */
  function model(hdu: string): (readonly [string, string, string | undefined])[] {
    const [head, ...rows] = lines('fastspecfit_columns.tsv')
    const at = (name: string) => head!.indexOf(name)
    return rows
      .filter((row) => row[at('hdu')] === hdu)
      .filter(
        (row) =>
          !row[at('version')]!.includes('v2.1 only') && !(row[at('notes')] ?? '').includes('not in main'),
      )
      .map((row) => [row[at('name')]!, row[at('tform')]!, row[at('unit_code')] || undefined] as const)
  }

  /** Widths that depend on the file; the model gives those of another survey, or none. */
  const widths: Record<string, [string, string]> = {
    SURVEY: ['3A', '4A'],
    TILEID_LIST: ['?A', '40A'],
    ZWARN: ['B?', 'B'],
    ZWARN_RR: ['B?', 'B'],
  }

  test.each([
    ['METADATA', metadataColumns],
    ['SPECPHOT', specphotColumns],
    ['FASTSPEC', fastspecColumns],
  ] as const)('%s', (hdu, columns) => {
    const expected = model(hdu).map(([name, tform, unit]) => {
      const width = widths[name]
      return { name, tform: width?.[0] === tform ? width[1] : tform, ...(unit === undefined ? {} : { unit }) }
    })
    // ZWARN_RR is not in the documented order; it stands behind the column it belongs to.
    const order = (name: string) => (name === 'ZWARN_RR' ? 1 : 0)
    const documented = [...columns].sort((a, b) => order(a.name) - order(b.name))
    expect(documented).toEqual(expected)
  })

  test('emission lines with their wavelengths', () => {
    const expected = lines('emlines_v3.tsv').map(([name, wavelength]) => ({
      name: name!.toUpperCase(),
      wavelength: Number(wavelength),
    }))
    expect(emissionLines).toEqual(expected)
  })
})
