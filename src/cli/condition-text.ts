// Conditions as typed on the command line: "z >= 0.1", "z between 0.1 and 0.2", "cap = NGC", "av is null".
import { type Catalog, type Condition, columnNamed, type SqlType } from '../model/index.ts'
import { invalid } from './numbers.ts'

const form = /^\s*(\w+)\s*(?:(=|<=|>=|<|>)\s*(.+?)|between\s+(\S+)\s+and\s+(\S+)|is\s+(not\s+)?null)\s*$/i

/**
 * Reads a condition on a column of the catalogue.
 * @throws AlmagestError `OPTION_INVALID` for another form or a value that isn't of the column's type,
 *   `COLUMN_UNKNOWN` with the nearest name
 */
export function readCondition(catalog: Catalog, text: string): Condition {
  const match = form.exec(text)
  if (!match)
    throw invalid(
      '--where',
      text,
      'COLUMN (=|<|<=|>|>=) VALUE, COLUMN between A and B, or COLUMN is [not] null',
    )
  const [, column = '', operator, value, low, high, not] = match
  const { type } = columnNamed(catalog, column)
  if (operator) return { column, is: operator as '=', value: readValue(type, value!) }
  if (low !== undefined) {
    return { column, is: 'between', low: readNumber(text, low), high: readNumber(text, high!) }
  }
  return { column, is: not ? 'not null' : 'null' }
}

function readValue(type: SqlType, text: string): number | string {
  const bare = text.replace(/^'(.*)'$/s, '$1')
  // A 64-bit integer stays text: as a double it could become another number.
  if (type === 'text' || type === 'timestamp' || type === 'boolean') return bare
  if (type === 'bigint' && /^-?\d+$/.test(bare)) return bare
  return readNumber(text, bare)
}

function readNumber(whole: string, text: string): number {
  const value = Number(text)
  if (text.trim() === '' || !Number.isFinite(value)) throw invalid('--where', whole, 'a number there')
  return value
}
