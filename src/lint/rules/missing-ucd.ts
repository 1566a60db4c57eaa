// A column whose meaning no program can read.
import type { Rule } from '../rule.ts'

export const rule: Rule = {
  level: 'warning',
  survey: ({ catalogs }) =>
    catalogs.flatMap(({ name, columns }) =>
      Object.entries(columns)
        .filter(([, { ucd }]) => ucd === undefined)
        .map(([column]) => ({
          where: `${name}.${column}`,
          problem: 'no UCD: programs cannot tell what the column measures',
          remedy: 'Give the nearest UCD1+ word, e.g. meta.id, phot.flux, pos.eq.ra.',
        })),
    ),
}
