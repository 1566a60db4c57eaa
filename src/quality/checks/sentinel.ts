// Whether numbers that stand for "no value" were taken for values.
import { sourceIn } from '../../model/index.ts'
import { quoteIdentifier } from '../../postgres/index.ts'
import { type Check, type CheckKind, rowRule } from '../check.ts'
import { numericColumns } from '../scan.ts'
import { byExtremes } from '../screen.ts'

/** Numbers that surveys write for "no value". */
const usual = [-99, -999, -9999, -99999, 1e20, -1e20, 1e30, -1e30]

export const kind: CheckKind = {
  finds:
    'numbers that stand for "no value" (-99, -999, -9999, ±1e20, ...) taken for values, and zeros whose inverse variance is 0, that is, which were not measured',
  limits:
    'a genuine value that equals one of them fails too: declare the column under `sentinel`; identifiers are left out',
  derive: ({ catalog }) => {
    const columns = numericColumns(catalog)
    const values = columns.flatMap((name): Check[] => {
      const { ucd = '', range, source } = catalog.columns[name]!
      const read = typeof source !== 'string' && source.kind === 'fits'
      if (!read || catalog.key.includes(name) || ucd.startsWith('meta.')) return []
      const given = catalog.quality?.expect?.sentinel?.[name] ?? usual
      const column = quoteIdentifier(name)
      if (given.length === 0 || (range?.from ?? range?.above ?? -Infinity) >= 1e30) return []
      const isReal = catalog.columns[name]!.type === 'real'
      const rounded = isReal ? Math.fround : Number
      const list = given.map((value) => (isReal ? `${value}::real` : `${value}::float8`)).join(', ')
      return [
        rowRule({
          name: `sentinel:${name}`,
          about: `${name} holds no number that stands for "no value"`,
          columns: [name],
          failing: `${column} IN (${list})`,
          screen: byExtremes(name, (low, high) =>
            given.every((value) => rounded(value) < low || rounded(value) > high),
          ),
          says: (rows) => `${rows} with a number in ${name} that stands for "no value"`,
        }),
      ]
    })
    return [...values, ...columns.flatMap((name) => unmeasured(catalog, name))]
  },
}

/** A zero whose error is missing because the inverse variance was 0. */
function unmeasured(catalog: Parameters<CheckKind['derive']>[0]['catalog'], name: string): Check[] {
  const error = `${name}_error`
  const layouts = Object.values(catalog.layouts)
  const fromVariance = layouts.some((layout) => {
    const source = catalog.columns[error] && sourceIn(catalog, layout, error)
    return source?.kind === 'fits' && source.convert?.kind === 'ivar-to-error'
  })
  if (!fromVariance) return []
  return [
    rowRule({
      name: `sentinel:${name}:unmeasured`,
      about: `a ${name} of 0 was measured`,
      columns: [name, error],
      // What is seldom true and soon told comes first.
      failing: `${quoteIdentifier(error)} IS NULL AND ${quoteIdentifier(name)} = 0${catalog.columns[name]!.type === 'real' ? '::real' : ''}`,
      says: (rows) => `${rows} with a ${name} of 0 without inverse variance: not measured`,
      low: 'warn',
    }),
  ]
}
