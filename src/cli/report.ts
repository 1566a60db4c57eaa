// What a command says: tables and lines for people, or one JSON value with --json.
import Table from 'cli-table3'

/** JSON text with bigint as a number where a double holds it exactly, otherwise as a string. */
export function toJson(value: unknown): string {
  return JSON.stringify(
    value,
    (_, each) => {
      if (typeof each !== 'bigint') return each
      return Number.isSafeInteger(Number(each)) ? Number(each) : each.toString()
    },
    2,
  )
}

/** Rows under headings, numbers to the right. */
export function table(headings: readonly string[], rows: readonly (readonly unknown[])[]): string {
  const numeric = headings.map((_, i) => rows.length > 0 && rows.every((row) => isNumeric(row[i])))
  const drawn = new Table({
    head: [...headings],
    colAligns: numeric.map((each) => (each ? 'right' : 'left')),
    style: { head: [], border: [], compact: true },
  })
  drawn.push(...rows.map((row) => row.map(cell)))
  return drawn.toString()
}

/** A whole number with thousands separated, e.g. 6,445,927. */
export function count(value: number | bigint): string {
  return value.toLocaleString('en-US')
}

export function seconds(value: number): string {
  return value < 1 ? `${(value * 1000).toFixed(1)} ms` : `${value.toFixed(1)} s`
}

function isNumeric(value: unknown): boolean {
  return (
    value == null ||
    typeof value === 'number' ||
    typeof value === 'bigint' ||
    /^-?[\d,.]+( m?s)?$/.test(String(value))
  )
}

function cell(value: unknown): string {
  if (value === null || value === undefined) return ''
  return value instanceof Date ? value.toISOString() : String(value)
}
