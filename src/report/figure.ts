// What a figure is: panels drawn as SVG, a caption, and the same numbers as a table.

export type Cell = string | number | null

export interface Table {
  readonly columns: readonly string[]
  readonly rows: readonly (readonly Cell[])[]
}

export interface Panel {
  /** Part of a file's name: letters, digits and hyphens. */
  readonly id: string
  readonly title: string
  /** A whole SVG document. */
  readonly svg: string
}

export interface Figure {
  readonly id: string
  readonly title: string
  /** One or more sentences: what is drawn, of what, with which errors. */
  readonly caption: string
  /** What the colours mean: a word and its colour. */
  readonly legend: readonly (readonly [word: string, colour: string])[]
  readonly panels: readonly Panel[]
  readonly table: Table
}

/** A table as CSV (RFC 4180), NULL as an empty field. */
export function csvOf({ columns, rows }: Table): string {
  const field = (cell: Cell) => {
    const text = cell === null ? '' : String(cell)
    return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
  }
  return [columns, ...rows].map((row) => `${row.map(field).join(',')}\r\n`).join('')
}
