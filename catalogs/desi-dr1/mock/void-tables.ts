// Tables of the void files: columns from words, values row by row.
import type { MockColumn, MockHdu, MockValues } from '../../../src/model/index.ts'

/** DESIVAST's spelling of Mpc/h. */
const length = 'Mpc h-1'

/** Columns from words of the form NAME:TFORM, with the units of the named ones. */
export function columns(words: string, units: Readonly<Record<string, string>> = {}): MockColumn[] {
  return words.split(' ').map((word) => {
    const [name = '', tform = ''] = word.split(':')
    const unit = units[name]
    return { name, tform, ...(unit === undefined ? {} : { unit }) }
  })
}

export const lengths = (names: string) => Object.fromEntries(names.split(' ').map((name) => [name, length]))

/** An HDU whose values are computed row by row. */
export function table(
  name: string,
  count: readonly [keyword: string, value: number],
  columns: readonly MockColumn[],
  rowCount: number,
  row: (index: number) => readonly number[],
): MockHdu {
  return {
    name,
    cards: [count],
    columns,
    rowCount,
    values(from, to) {
      const rows = Array.from({ length: to - from }, (_, i) => row(from + i))
      return columns.map(
        ({ tform }, c): MockValues =>
          tform === 'K'
            ? BigInt64Array.from(rows, (values) => BigInt(values[c]!))
            : Float64Array.from(rows, (values) => values[c]!),
      )
    },
  }
}
