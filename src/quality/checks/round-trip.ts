// Whether rows are to the bit what their FITS files say, read again from the files whose SHA-256 the ledger has.
import { createHash } from 'node:crypto'
import { createReadStream, existsSync, statSync } from 'node:fs'
import { type Cell, decodeColumn, fileSource, openFits, rowBlocks, tableLayout } from '../../fits/index.ts'
import { type Column, type Source, sourceIn } from '../../model/index.ts'
import { quoteIdentifier, quoteQualified, type Row } from '../../postgres/index.ts'
import type { CheckKind, RunContext, Verdict } from '../check.ts'
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
  const { client, catalog, facts } = context
  const there = facts.files.filter(({ path }) => existsSync(path))
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
  const total = facts.files.reduce((sum, { rowsLoaded }) => sum + rowsLoaded, 0)
  const percent = Math.min(100, (100 * wantedRows) / Math.max(1, total))
  const sample = percent < 100 ? ` TABLESAMPLE SYSTEM (${percent})` : ''
  const { rows } = await client.query<Row>(`SELECT * FROM ${quoteQualified(catalog.name)}${sample}`)
  const wrong: string[] = []
  let values = 0
  let failing: string[] = []
  for (const file of there) {
    const own = rows.filter((row) => row[facts.fileColumn!] === file.id)
    const found = await compareFile(context, file, own)
    values += found.values
    wrong.push(...found.wrong)
    failing = failing.concat(found.rows.map((row) => `(${file.id}, ${row})`))
  }
  if (wrong.length === 0)
    return { state: 'pass', message: `${values} values as in ${there.length} files`, numbers: { values } }
  const pair = `(${quoteIdentifier(facts.fileColumn!)}, ${quoteIdentifier(facts.rowColumn!.name)})`
  return {
    state: 'fail',
    failing: failing.length,
    message: `${failing.length} rows differ from their files: ${wrong.slice(0, 3).join('; ')}`,
    where: `${pair} IN (${failing.slice(0, 100).join(', ')})`,
  }
}

async function compareFile({ catalog, facts }: RunContext, file: LoadedFileFacts, rows: readonly Row[]) {
  const layout = catalog.layouts[file.layout]
  const found = { values: 0, wrong: [] as string[], rows: [] as number[] }
  if (!layout) return found
  const fits = await openFits(await fileSource(file.path))
  try {
    const columns = Object.entries(catalog.columns).flatMap(([name, column]) => {
      const source = sourceIn(catalog, layout, name)
      const plain = source.kind === 'fits' && source.element === undefined && facts.columns.has(name)
      return plain && isScalarNumber(column) ? [{ name, column, source }] : []
    })
    const tables = new Map(
      [...new Set(columns.map(({ source }) => source.hdu))].flatMap((name) => {
        const hdu = fits.hdus.find((each) => each.name === name && each.kind === 'bintable')
        return hdu ? [[name, tableLayout(fits, hdu)] as const] : []
      }),
    )
    for (const row of rows) {
      const number = row[facts.rowColumn!.name] as number
      const from = number - facts.rowColumn!.first
      for (const [hdu, table] of tables) {
        if (from < 0 || from >= table.rowCount) {
          found.wrong.push(`${file.name} has no row ${number}`)
          found.rows.push(number)
          continue
        }
        for await (const block of rowBlocks(fits, table, { from, to: from + 1 })) {
          for (const { name, column, source } of columns.filter((each) => each.source.hdu === hdu)) {
            const field = table.column(source.column)
            if (field.heap || field.repeat !== 1) continue
            const expected = expectedValue(source, column, decodeColumn(table, field, block)[0]!)
            const stored =
              column.type === 'real' && row[name] !== null ? Math.fround(row[name] as number) : row[name]
            found.values++
            if (same(stored, expected)) continue
            found.wrong.push(`${name} is ${stored}, ${file.name} ${hdu} row ${from + 1} says ${expected}`)
            if (found.rows.at(-1) !== number) found.rows.push(number)
          }
        }
      }
    }
  } finally {
    await fits.close()
  }
  return found
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
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer)
  return hash.digest('hex')
}
