// Cells of the formats that are text, separated by commas, a text in quotes where it must be.
import { type ColumnValues, elementTypes } from '../columns.ts'
import type { Batch } from '../rows.ts'
import { doubleText, momentText, type NumberWords, singleText } from '../value-text.ts'

/** How a format spells its cells. */
export interface CellStyle {
  readonly numbers: NumberWords
  readonly booleans: readonly [no: string, yes: string]
  /** The text of an array's cell before it is quoted. */
  array(elements: readonly (string | null)[]): string
}

type CellText = (row: number) => string

/** The rows of a batch as lines; NULL is a cell with nothing in it, an empty text is `""`. */
export function textLines(names: readonly string[], batch: Batch, style: CellStyle): string {
  const cells = batch.columns.map((column, i) => nullable(column, cellText(names[i]!, column, style)))
  let lines = ''
  for (let row = 0; row < batch.rows; row++) {
    for (const [i, cell] of cells.entries()) lines += i === 0 ? cell(row) : `,${cell(row)}`
    lines += '\n'
  }
  return lines
}

const nullable =
  ({ nulls }: ColumnValues, text: CellText): CellText =>
  (row) =>
    nulls[row] ? '' : text(row)

function cellText(name: string, { type, values }: ColumnValues, style: CellStyle): CellText {
  switch (type) {
    case 'boolean':
      return (row) => style.booleans[values[row] as 0 | 1]
    case 'text':
      return (row) => quotedWhereNeeded(values[row] as string)
    case 'timestamp':
      return (row) => momentText(values[row] as bigint, name)
    case 'real[]':
    case 'double precision[]':
    case 'bigint[]': {
      const element = numberText(elementTypes[type], style.numbers)
      return (row) => {
        const cell = values[row] as readonly (number | bigint | null)[]
        return quoted(style.array(cell.map((value) => (value === null ? null : element(value)))))
      }
    }
    default: {
      const text = numberText(type, style.numbers)
      return (row) => text(values[row] as number | bigint)
    }
  }
}

function numberText(type: ColumnValues['type'], words: NumberWords): (value: number | bigint) => string {
  if (type === 'real') return (value) => singleText(value as number, words)
  if (type === 'double precision') return (value) => doubleText(value as number, words)
  return String
}

/** Quotes keep blanks at the ends, separators and line ends within, and tell an empty text from none. */
const quotedWhereNeeded = (text: string) => (/^$|[",\r\n#]|^\s|\s$/.test(text) ? quoted(text) : text)

const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`
