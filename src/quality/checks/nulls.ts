// How many values are missing: NULLs against what is expected, and NaN, which tables hold nowhere.
import { quoteIdentifier } from '../../postgres/index.ts'
import { type Check, type CheckKind, rowRule } from '../check.ts'
import { byExtremes, nullsOf } from '../screen.ts'

export const kind: CheckKind = {
  finds:
    'NaN in a table (missing values are NULL there), more NULLs than expected, and columns whose values are lost in one file but not in others',
  limits: 'fractions are compared only where the catalogue declares them under `nulls`',
  derive: ({ catalog, facts }) =>
    Object.entries(catalog.columns).flatMap(([name, { type, source }]): Check[] => {
      const column = quoteIdentifier(name)
      const most = catalog.quality?.expect?.nulls?.[name]
      const isFloat = type === 'double precision' || type === 'real'
      const filled = typeof source !== 'string' && source.kind !== 'server' && source.kind !== 'absent'
      const nan = rowRule({
        name: `nulls:${name}:nan`,
        about: `${name} is never NaN`,
        columns: [name],
        failing: `${column} = 'NaN'`,
        screen: byExtremes(name, (_, high) => !Number.isNaN(high)),
        says: (rows) => `${rows} with NaN in ${name}; a missing value is NULL`,
      })
      const census: Check = {
        name: `nulls:${name}`,
        about: most === undefined ? `${name} is lost in no file` : `at most ${most} of ${name} is NULL`,
        columns: [name],
        aggregates: { nulls: nullsOf(name) },
        judge: ({ rows, total, files }) => {
          const nulls = total.nulls ?? 0
          const numbers = { rows, nulls }
          const where = `${column} IS NULL`
          if (most !== undefined && nulls > most * rows) {
            const message = `${nulls} of ${rows} values are NULL, more than the fraction ${most}`
            return { state: 'fail', failing: nulls, message, where, numbers }
          }
          const lost = files.filter((each) => each.rows >= 20 && each.measures.nulls === each.rows)
          const kept = files.filter((each) => each.rows >= 20 && each.measures.nulls! < each.rows)
          const sameLayout = (id: number) => {
            const file = facts.files.find((each) => each.id === id)
            return file && [file.layout, ...file.without].join()
          }
          const layouts = new Set(kept.map(({ file }) => sameLayout(file)))
          const odd = lost.filter(({ file }) => layouts.has(sameLayout(file)))
          if (odd.length === 0)
            return { state: 'pass', message: `${nulls} of ${rows} are NULL`, failing: 0, numbers }
          const names = odd.map(
            ({ file }) => facts.files.find(({ id }) => id === file)?.name ?? 'rows of no file',
          )
          const message = `${name} is NULL in every row of ${names.join(', ')}, and not in other files`
          const failing = odd.reduce((sum, each) => sum + each.rows, 0)
          return {
            state: 'fail',
            failing,
            message,
            where: `${where} AND ${fileIn(facts.fileColumn, odd)}`,
            numbers,
          }
        },
      }
      return [...(isFloat ? [nan] : []), ...(filled || most !== undefined ? [census] : [])]
    }),
}

function fileIn(column: string | undefined, files: readonly { readonly file: number }[]): string {
  if (column === undefined) return 'true'
  return `coalesce(${quoteIdentifier(column)}, 0) IN (${files.map(({ file }) => file).join(', ')})`
}
