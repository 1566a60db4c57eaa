// Whether values lie in their declared ranges.
import { type Range, showRange } from '../../model/index.ts'
import { quoteIdentifier } from '../../postgres/index.ts'
import { type CheckKind, rowRule } from '../check.ts'
import { byExtremes } from '../screen.ts'

export const kind: CheckKind = {
  finds: 'values outside the range that the catalogue declares; NaN lies in no range',
  limits: 'none: every row of the scan is looked at',
  derive: ({ catalog }) =>
    Object.entries(catalog.columns).flatMap(([name, { range, unit, type }]) => {
      if (!range || type.endsWith('[]')) return []
      const shown = `${showRange(range)}${unit ? ` ${unit}` : ''}`
      return [
        rowRule({
          name: `range:${name}`,
          about: `${name} lies in ${shown}`,
          columns: [name],
          failing: outside(quoteIdentifier(name), range),
          screen: byExtremes(name, (low, high) => within(low, high, range)),
          says: (rows) => `${rows} with ${name} outside ${shown}`,
        }),
      ]
    }),
}

const within = (low: number, high: number, { from, above, to, below }: Range) =>
  (from === undefined || low >= from) &&
  (above === undefined || low > above) &&
  (to === undefined || high <= to) &&
  (below === undefined || high < below) &&
  !Number.isNaN(high)

/** PostgreSQL sorts NaN above all numbers; a range without an upper end needs it named. */
function outside(column: string, { from, above, to, below }: Range): string {
  const ends = [
    from === undefined ? '' : `${column} < ${from}`,
    above === undefined ? '' : `${column} <= ${above}`,
    to === undefined ? '' : `${column} > ${to}`,
    below === undefined ? '' : `${column} >= ${below}`,
    to === undefined && below === undefined ? `${column}::float8 = 'NaN'` : '',
  ]
  return ends.filter((end) => end !== '').join(' OR ')
}
