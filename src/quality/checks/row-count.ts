// Whether the table has the rows that its files gave it, and as many as the release is published with.
import { quoteIdentifier } from '../../postgres/index.ts'
import type { Check, CheckKind } from '../check.ts'

export const kind: CheckKind = {
  finds:
    'rows lost or doubled since the load (each file against the ledger, a file loaded twice, rows of no file) and a count other than the published one',
  limits: 'needs the whole table: skipped on samples',
  derive: ({ catalog, facts }) => {
    const expected = catalog.quality?.expect?.['row-count']
    const checks: Check[] = []
    if (expected) {
      const { value, tolerance = 0, source } = expected
      checks.push({
        name: 'row-count',
        about: `${value}${tolerance ? ` ± ${tolerance}` : ''} rows (${source})`,
        columns: [],
        aggregates: {},
        evenEmpty: true,
        judge: ({ rows, share, onlyFiles }) => {
          if (share < 1 || onlyFiles) return { state: 'skipped', message: 'only a part of the table is read' }
          const numbers = { rows, expected: value }
          if (Math.abs(rows - value) <= tolerance) return { state: 'pass', message: `${rows} rows`, numbers }
          return { state: 'fail', message: `${rows} rows, expected ${value} (${source})`, numbers }
        },
      })
    }
    const { fileColumn, files } = facts
    if (fileColumn === undefined) return checks
    checks.push({
      name: 'row-count:files',
      about: 'each file has as many rows in the table as it gave when it was loaded',
      columns: [fileColumn],
      aggregates: {},
      evenEmpty: true,
      judge: ({ files: found, share, onlyFiles }) => {
        if (share < 1) return { state: 'skipped', message: 'only a part of the table is read' }
        const expected = files.filter(({ id }) => !onlyFiles || onlyFiles.includes(id))
        if (expected.length === 0 && found.length === 0)
          return { state: 'skipped', message: 'the ledger has no file of this table' }
        const counts = new Map(found.map(({ file, rows }) => [file, rows]))
        const wrong = found
          .filter(({ file }) => !files.some(({ id }) => id === file))
          .map(({ file, rows }) => ({ file, says: `${rows} rows of no loaded file (number ${file})` }))
        for (const { id, name, rowsLoaded } of expected) {
          const rows = counts.get(id) ?? 0
          if (rows !== rowsLoaded)
            wrong.push({ file: id, says: `${name} gave ${rowsLoaded} rows, ${rows} are there` })
        }
        if (wrong.length === 0) return { state: 'pass', message: `${expected.length} files as loaded` }
        const numbers = wrong.map(({ file }) => file).join(', ')
        return {
          state: 'fail',
          message: wrong.map(({ says }) => says).join('; '),
          where: `coalesce(${quoteIdentifier(fileColumn)}, 0) IN (${numbers})`,
        }
      },
    })
    return checks
  },
}
