// The catalogue of sums by environment, from which means over millions of galaxies are had at once.
import type { Catalog } from './catalog.ts'
import { type Column, float64, int32, int64, text } from './column.ts'
import { defineCatalog } from './define-catalog.ts'
import { byServer } from './source.ts'
import type { GalaxyProperties } from './survey.ts'
import { environments } from './void-map.ts'

/** Bins of `environment_summary` to a dex of stellar mass and to a redshift of 1. */
export const summaryBins = { mass: 4, redshift: 50 } as const

const mapped = byServer('map-voids')

/** The summed columns of a property: its name in them, and what it is. */
const summed = (name: string, what: string): Record<string, Column> => ({
  [`with_${name}`]: int64(mapped, `Galaxies with ${what}.`, { ucd: 'meta.number', required: true }),
  [`sum_${name}`]: float64(mapped, `Sum of ${what}.`, { ucd: 'stat.value', required: true }),
  [`sum_${name}_squared`]: float64(mapped, `Sum of the squares of ${what}.`, {
    ucd: 'stat.value',
    required: true,
  }),
})

export function summaryCatalog(
  schema: string,
  sources: readonly string[],
  { sfr, dn4000 }: GalaxyProperties,
): Catalog {
  const bin = (what: string, parts: number) =>
    int32(mapped, `Bin of ${what}: the whole part, downwards, of ${parts} times its value.`, {
      ucd: 'meta.number',
    })
  return defineCatalog({
    name: `${schema}.environment_summary`,
    title:
      'Galaxies with a mass and a redshift by environment, mass and redshift, and sums of what they are like',
    columns: {
      void_catalog_source: text(mapped, 'Void finder.', { ucd: 'meta.id;meta.dataset', oneOf: sources }),
      environment: text(mapped, "Where the galaxies stand with respect to the finder's voids.", {
        ucd: 'meta.code.class',
        oneOf: environments,
      }),
      mass_bin: bin('the decimal logarithm of the stellar mass', summaryBins.mass),
      redshift_bin: bin('the redshift', summaryBins.redshift),
      galaxies: int64(mapped, 'Galaxies in the bin.', { ucd: 'meta.number', required: true }),
      sum_log_mass: float64(mapped, 'Sum of the logarithms of their masses.', {
        ucd: 'stat.value',
        required: true,
      }),
      sum_log_mass_squared: float64(mapped, 'Sum of the squares of the same.', {
        ucd: 'stat.value',
        required: true,
      }),
      ...(sfr === undefined
        ? {}
        : summed('log_sfr', 'the decimal logarithm of a star formation rate above 0')),
      ...(dn4000 === undefined ? {} : summed('dn4000', 'a break at 4000 Angstrom above 0')),
    } as Record<string, Column>,
    key: ['void_catalog_source', 'environment', 'mass_bin', 'redshift_bin'],
  }) as Catalog
}
