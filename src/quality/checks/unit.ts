// Whether values are of the size that their unit and meaning allow anywhere in the sky.
import type { Column } from '../../model/index.ts'
import { quoteIdentifier } from '../../postgres/index.ts'
import { type CheckKind, rowRule } from '../check.ts'
import { byExtremes } from '../screen.ts'

interface Plausible {
  readonly from: number
  readonly to: number
  readonly otherwise: string
}

/** Limits that no object passes: absolute magnitudes of quasars and the faintest sources; log of masses and luminosities. */
function plausible({ unit = '', ucd = '' }: Column): Plausible | undefined {
  if (ucd.includes('stat.')) return undefined
  if (unit === 'mag') return { from: -40, to: 40, otherwise: 'fluxes are no magnitudes' }
  if (/^log\(|^'dex'/.test(unit)) return { from: -100, to: 100, otherwise: 'a linear value is no logarithm' }
  if (ucd.startsWith('src.redshift')) return { from: -0.1, to: 20, otherwise: 'a velocity is no redshift' }
  return undefined
}

export const kind: CheckKind = {
  finds: 'magnitudes that are fluxes, logarithms that are linear values, redshifts that are velocities',
  limits: 'by size alone: fluxes that are all between -40 and 40 pass for magnitudes',
  derive: ({ catalog }) =>
    Object.entries(catalog.columns).flatMap(([name, column]) => {
      const limits = plausible(column)
      if (!limits || !['real', 'double precision'].includes(column.type)) return []
      const value = quoteIdentifier(name)
      return [
        rowRule({
          name: `unit:${name}`,
          about: `${name} has the size of a value in ${column.unit ?? 'its meaning'}: ${limits.from} to ${limits.to}`,
          columns: [name],
          failing: `${value} < ${limits.from} OR ${value} > ${limits.to}`,
          screen: byExtremes(name, (low, high) => low >= limits.from && high <= limits.to),
          says: (rows) => `${rows} with a ${name} beyond ${limits.from} to ${limits.to}: ${limits.otherwise}`,
        }),
      ]
    }),
}
