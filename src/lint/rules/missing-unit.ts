// A measured quantity without a unit, where its UCD does not say that it has none.
import type { Column } from '../../model/index.ts'
import type { Rule } from '../rule.ts'

export const rule: Rule = {
  level: 'warning',
  survey: ({ catalogs }) =>
    catalogs.flatMap(({ name, columns }) =>
      Object.entries(columns)
        .filter(([, column]) => isMeasured(column) && column.unit === undefined && !isPureNumber(column))
        .map(([column]) => ({
          where: `${name}.${column}`,
          problem: 'a floating-point column without a unit, and its UCD is not one of pure numbers',
          remedy: 'Give the unit in VOUnits, or the UCD of a quantity that has none.',
        })),
    ),
}

function isMeasured({ type }: Column): boolean {
  return /^(real|double precision)/.test(type)
}

/** UCD1+ words of quantities that are pure numbers. */
const pure =
  /^(src\.redshift|spect\.index|meta\.|arith\.|stat\.(fit|prob|probability|rank|snr|variance|likelihood|correlation|value|weight)|phys\.absorption\.opticalDepth|phys\.eccentricity|src\.(morph|ellipticity|class)|instr\.|phot\.color|obs\.|phys\.(albedo|emissivity|refractIndex)|em\.(redshift|bin))/

/** Of `stat.error;x` the unit is that of x. */
function isPureNumber({ ucd }: Column): boolean {
  const words = (ucd ?? '')
    .split(';')
    .filter((word) => !/^stat\.(error|mean|median|min|max|stdev)/.test(word))
  return words[0] !== undefined && pure.test(words[0])
}
