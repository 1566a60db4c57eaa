// Whether rows are to the bit what their FITS files say, read again from the files whose SHA-256 the ledger has.
import { createHash } from 'node:crypto'
import { createReadStream, existsSync, statSync } from 'node:fs'
import { type Cell, decodeColumn, fileSource, openFits, rowBlocks, tableLayout } from '../../fits/index.ts'
import { type Column, type Source, sourceIn } from '../../model/index.ts'
import { quoteIdentifier, quoteQualified, type Row } from '../../postgres/index.ts'
import { type CheckKind, counted, type RunContext, type Verdict } from '../check.ts'
import type { LoadedFileFacts } from '../table-facts.ts'

/** Rows compared of a table, about. */
const wantedRows = 4000
/** SHA-256 is computed of so many bytes in all, small files first; of the others the size is compared. */
const hashedBytes = 2 ** 28

export const kind: CheckKind = {
  finds:
    'values that are not what the FITS file says: changed since, or wrongly converted; files changed or gone',
  limits:
    'compares all of a small table and some 4000 rows of a large one; SHA-256 of 256 MiB of files, small ones first, of the others the size; skipped where no file is at hand; text, vectors and columns without a FITS column are left out',
  derive: ({ facts }) => {
    const { fileColumn, rowColumn } = facts
    if (fileColumn === undefined || rowColumn === undefined) return []
    return [
      {
        name: 'round-trip',
        about: 'rows are to the bit what their FITS files say',
        columns: [fileColumn, rowColumn.name],
        run: compareWithFiles,
      },
    ]
  },
}

async function compareWithFiles(context: RunContext): Promise<Verdict> {
  const { client, catalog, facts, onlyFiles } = context
  const wanted = facts.files.filter(({ id }) => !onlyFiles || onlyFiles.includes(id))
  if (wanted.length === 0) return { state: 'skipped', message: 'there is no file to compare with' }
  const there = wanted.filter(({ path }) => existsSync(path))
  if (there.length === 0) return { state: 'skipped', message: 'none of the files is at hand' }
  const changed: string[] = []
  let hashed = 0
  for (const file of [...there].sort((a, b) => a.bytes - b.bytes)) {
    const sameSize = statSync(file.path).size === file.bytes
    hashed += file.bytes
    if (!sameSize || (hashed <= hashedBytes && (await sha256(file.path)) !== file.sha256))
      changed.push(file.name)
  }
  if (changed.length > 0)
    return { state: 'fail', message: `no longer the content that was loaded: ${changed.join(', ')}` }
  const total = wanted.reduce((sum, { rowsLoaded }) => sum + rowsLoaded, 0)
  const percent = Math.min(100, (100 * wantedRows) / Math.max(1, total))
  const sample = percent < 100 ? ` TABLESAMPLE SYSTEM (${percent})` : ''
  const { rows } = await client.query<Row>(
    `SELECT * FROM ${quoteQualified(catalog.name)}${sample} WHERE ${quoteIdentifier(facts.fileColumn!)} = ANY($1)`,
    [there.map(({ id }) => id)],
  )
  const wrong: string[] = []
  let values = 0
  let failing: string[] = []
  for (const file of there) {
    const own = rows.filter((row) => row[facts.fileColumn!] === file.id)
    const found = await compareFile(context, file, own)
    values += found.values
    wrong.push(...found.wrong)
    failing = failing.concat([...found.rows].map((row) => `(${file.id}, ${row})`))
  }
  if (wrong.length === 0 && values === 0) return { state: 'skipped', message: 'no value was compared' }
  const absent = wanted.length - there.length
  const files = `${counted(there.length, 'file')}${absent > 0 ? `, ${absent} are not at hand` : ''}`
  if (wrong.length === 0)
    return { state: 'pass', message: `${values} values as in ${files}`, numbers: { values } }
  const pair = `(${quoteIdentifier(facts.fileColumn!)}, ${quoteIdentifier(facts.rowColumn!.name)})`
  return {
    state: 'fail',
    failing: failing.length,
    message: `${counted(failing.length, 'row')} not as in the file: ${wrong.slice(0, 3).join('; ')}`,
    where: `${pair} IN (${failing.slice(0, 100).join(', ')})`,
  }
}

async function compareFile({ catalog, facts }: RunContext, file: LoadedFileFacts, rows: readonly Row[]) {
  const layout = catalog.layouts[file.layout]
  const found = { values: 0, wrong: [] as string[], rows: new Set<number>() }
  if (!layout) return found
  const { name: rowColumn, first } = facts.rowColumn!
  const place = (row: Row) => (row[rowColumn] as number) - first
  const tell = (row: Row, what: string) => {
    found.wrong.push(what)
    found.rows.add(row[rowColumn] as number)
  }
  const fits = await openFits(await fileSource(file.path))
  try {
    const read = Object.entries(catalog.columns).flatMap(([name, column]) => {
      const source = sourceIn(catalog, layout, name)
      const plain = source.kind === 'fits' && source.element === undefined && facts.columns.has(name)
      const lacking = source.kind === 'fits' && file.without.includes(source.column)
      return plain && !lacking && isScalarNumber(column) ? [{ name, column, source }] : []
    })
    for (const hduName of new Set(read.map(({ source }) => source.hdu))) {
      const hdu = fits.hdus.find(({ name, kind }) => name === hduName && kind === 'bintable')
      if (!hdu) continue
      const table = tableLayout(fits, hdu)
      const columns = read.flatMap(({ source, ...column }) => {
        const field = source.hdu === hduName ? table.column(source.column) : undefined
        return field && !field.heap && field.repeat === 1 ? [{ ...column, source, field }] : []
      })
      const isThere = (row: Row) => place(row) >= 0 && place(row) < table.rowCount
      for (const row of rows.filter((each) => !isThere(each)))
        tell(row, `${file.name} has no row ${row[rowColumn]}`)
      for (const run of runsOf(rows.filter(isThere), place)) {
        const from = place(run[0]!)
        for await (const block of rowBlocks(fits, table, { from, to: from + run.length })) {
          const those = run.slice(block.firstRow - from, block.firstRow - from + block.rowCount)
          for (const { name, column, source, field } of columns) {
            const cells = decodeColumn(table, field, block)
            found.values += cells.length
            those.forEach((row, i) => {
              const expected = expectedValue(source, column, cells[i]!)
              const stored = storedValue(row[name], column)
              if (same(stored, expected)) return
              const at = `${file.name} ${hduName} row ${place(row) + 1}`
              tell(row, `${name} is ${stored}, ${at} says ${expected}`)
            })
          }
        }
      }
    }
  } finally {
    await fits.close()
  }
  return found
}

/** A real comes as the shortest decimal that names it. */
const storedValue = (value: unknown, { type }: Column) =>
  type === 'real' && value !== null ? Math.fround(value as number) : value

/** Rows in the order of the file, those that follow one another together: sampled pages of a table are such runs. */
function runsOf(rows: readonly Row[], place: (row: Row) => number): Row[][] {
  const runs: Row[][] = []
  for (const row of [...rows].sort((a, b) => place(a) - place(b))) {
    const last = runs.at(-1)
    if (last && place(last.at(-1)!) + 1 === place(row)) last.push(row)
    else runs.push([row])
  }
  return runs
}

const isScalarNumber = ({ type }: Column) =>
  ['bigint', 'integer', 'smallint', 'double precision', 'real'].includes(type)

/** -0 is not 0 here; a bigint equals the number of its value. */
const same = (a: unknown, b: unknown) =>
  Object.is(a, b) || (a !== null && b !== null && typeof a !== typeof b && String(a) === String(b))

/** What the declared conversion makes of a FITS value, computed apart from the loader. */
function expectedValue({ convert, nulls }: Source & { kind: 'fits' }, { type }: Column, cell: Cell): unknown {
  if (cell === null || (typeof cell !== 'number' && typeof cell !== 'bigint')) return cell
  if (Number.isNaN(cell) || nulls?.includes(Number(cell))) return null
  const round = type === 'real' ? Math.fround : (value: number) => value
  switch (convert?.kind) {
    case undefined:
      return type === 'bigint' || typeof cell === 'bigint' ? BigInt(cell) : round(cell)
    case 'wrap-ra': {
      const ra = Number(cell)
      const wrapped = round(ra - 360 * Math.floor(ra / 360))
      return wrapped >= 360 ? 0 : ra >= 0 && ra < 360 ? round(ra) : wrapped
    }
    case 'scale':
      return round(Number(cell) * convert.factor)
    case 'ivar-to-error':
      return cell === 0 ? null : round(1 / Math.sqrt(Number(cell)))
  }
}

async function sha256(path: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(path, { highWaterMark: 2 ** 20 })) hash.update(chunk as Buffer)
  return hash.digest('hex')
}
