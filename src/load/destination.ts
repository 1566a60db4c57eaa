// Where the rows of a file go: into the tables, or into staging, tables of the same shape beside them.
import type { Catalog, Survey } from '../model/index.ts'
import { quoteIdentifier, quoteQualified, stagingSchema } from '../postgres/index.ts'
import { fileColumnOf } from './file-column.ts'

export interface Destination {
  readonly staged: boolean
  /** Where a catalogue's rows are put. */
  place(catalog: Catalog): { readonly schema: string; readonly table: string }
  /**
   * FROM item with those rows of the table that will still be there: without those of files that are to be replaced.
   * @param columns  those that are asked for; it has the column of the file as well
   */
  staying(name: string, columns: readonly string[]): string
  /** FROM item with all rows against which keys and references of the file are held. */
  rowsOf(name: string, columns: readonly string[]): string
}

/** The tables themselves: readers see the rows with the commit. */
export const tables: Destination = {
  staged: false,
  place: (catalog) => catalog,
  staying: quoteQualified,
  rowsOf: quoteQualified,
}

/** Files of the tables whose place a staged file, or the file of that number, is to take. */
const replacedFiles = (fileId: number) => `SELECT before.file_id FROM almagest.load_file AS before
  JOIN almagest.load_file AS next USING (survey, name)
  WHERE before.state = 'loaded' AND (next.state = 'staged' OR next.file_id = ${fileId})`

/**
 * Staging: keys and references are held against what will be there once all that is staged is published.
 * @param fileId  the file under way
 */
export function staging(survey: Survey, fileId: number): Destination {
  const schema = stagingSchema(survey)
  const columnOf = (name: string) => fileColumnOf(survey.catalogs.find((each) => each.name === name)!)
  // No more columns than needed: a loader may not read all.
  const listOf = (columns: readonly string[]) =>
    [...new Set(columns)].map((column) => quoteIdentifier(column)).join(', ')
  const staying = (name: string, columns: readonly string[]) => {
    const column = columnOf(name)
    if (!column) return quoteQualified(name)
    const file = quoteIdentifier(column)
    const list = listOf([...columns, column])
    return `(SELECT ${list} FROM ${quoteQualified(name)} WHERE ${file} IS NULL OR ${file} NOT IN (${replacedFiles(fileId)}))`
  }
  return {
    staged: true,
    place: ({ table }) => ({ schema, table }),
    staying,
    rowsOf: (name, columns) => {
      const column = columnOf(name)
      if (!column) return quoteQualified(name)
      const twin = quoteIdentifier(schema, name.slice(name.indexOf('.') + 1))
      const list = listOf([...columns, column])
      return `(SELECT ${list} FROM ${staying(name, columns)} AS staying UNION ALL SELECT ${list} FROM ${twin})`
    },
  }
}
