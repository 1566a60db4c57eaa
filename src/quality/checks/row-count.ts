// Whether the table has the rows that its files gave it, and as many as the release is published with.

import type { PublishedRows } from '../../model/index.ts'
import { quoteIdentifier } from '../../postgres/index.ts'
import { type Check, type CheckKind, counted, type ScanCheck, type Subject } from '../check.ts'
import { releaseFiles } from '../release-files.ts'

export const kind: CheckKind = {
  finds:
    'rows lost or doubled since the load (each file against the ledger, a file loaded twice, rows of no file) and a count other than the published one, of the table or of each file of a release',
  limits:
    'needs the whole table: skipped on samples; published rows of files are asked of files with the name and size of the released ones, not of mocks',
  derive: (subject) => {
    const { catalog, facts } = subject
    const expected = catalog.quality?.expect?.['row-count']
    const checks: Check[] = []
    if (expected && 'files' in expected) checks.push(publishedRows(subject, expected))
    else if (expected) {
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
          .map(({ file, rows }) => ({
            file,
            says: `${counted(rows, 'row')} of no loaded file (number ${file})`,
          }))
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

/** Each loaded file of the release has the rows that it was published with: of part of a release, too. */
function publishedRows(subject: Subject, { files: published, source }: PublishedRows): ScanCheck {
  const { catalog, facts } = subject
  const { names, loaded, differing, lacks } = releaseFiles(subject, Object.keys(published))
  return {
    name: 'row-count',
    about: `each file of the release has as many rows as published (${source})`,
    columns: facts.fileColumn === undefined ? [] : [facts.fileColumn],
    aggregates: {},
    evenEmpty: true,
    judge: ({ files, share, onlyFiles }) => {
      if (share < 1) return { state: 'skipped', message: 'only a part of the table is read' }
      if (loaded.length === 0) return { state: 'skipped', message: lacks ?? 'the release has no such file' }
      const counts = new Map(files.map(({ file, rows }) => [file, rows]))
      const wanted = loaded.filter(({ id }) => !onlyFiles || onlyFiles.includes(id))
      const found = wanted.map(({ id, name, rejects }) => {
        // A target of another file that stands in the table already was left out as declared; it is not lost.
        const elsewhere = catalog.duplicates ? (rejects['duplicate-key'] ?? 0) : 0
        const refused = Object.values(rejects).reduce((sum, rows) => sum + rows, 0) - elsewhere
        return { name, rows: (counts.get(id) ?? 0) + elsewhere, refused }
      })
      const wrong = found
        .filter(({ name, rows }) => rows !== published[name])
        .map(({ name, rows, refused }) => {
          const loss = refused > 0 ? ` (${refused} were refused, see the ledger)` : ''
          return `${name} has ${rows} rows, ${published[name]} were published${loss}`
        })
      // Beside files of the release one of its names and another size is a damaged or a foreign one.
      wrong.push(...(onlyFiles ? [] : differing))
      const rows = found.reduce((sum, each) => sum + each.rows, 0)
      const numbers = { files: wanted.length, rows }
      if (wrong.length > 0) return { state: 'fail', message: `${wrong.join('; ')} (${source})`, numbers }
      const part = lacks === undefined ? `all ${names.length}` : `${loaded.length} of ${names.length}`
      return {
        state: 'pass',
        message: `${part} files of the release are loaded, ${rows} rows as published`,
        numbers,
      }
    },
  }
}
