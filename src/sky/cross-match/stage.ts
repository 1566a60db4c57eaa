// Rows of a file as a table of the server, for the time of a cross-match: then every road and option serves it.
import { randomBytes } from 'node:crypto'
import { AlmagestError, type MatchTable } from '../../model/index.ts'
import { type Client, connect, quoteIdentifier, quoteQualified } from '../../postgres/index.ts'
import { parseAngle } from '../angle.ts'
import type { Server } from './connections.ts'

type Cell = number | bigint | string | boolean | null

/** What the cells of a row are: right ascension, declination, then the numbers, then the key. */
export interface StagedColumns {
  /** Name of the file, for messages and records. */
  readonly file: string
  readonly ra: string
  readonly dec: string
  /** Further columns of numbers, such as errors. The names of all but the key begin with a space in the staged table. */
  readonly numbers?: readonly string[]
  /** Empty: rows are known by their number, counted from 1, as `row`. */
  readonly key: readonly { readonly name: string; readonly integer: boolean }[]
}

/** Drop it when the match is done. */
export interface StagedTable extends AsyncDisposable {
  readonly table: MatchTable
  readonly rows: number
}

const prefix = 'match_input_'

/**
 * Copies positions and keys into an unlogged table of schema `almagest`. A text is read as an angle: a number of
 * degrees, or sexagesimal with hours of right ascension. Tables that a killed run left behind are dropped.
 *
 * @throws AlmagestError `ANGLE_SYNTAX` for a text that is no angle, with file, row and column
 */
export async function stageRows(
  server: Server,
  columns: StagedColumns,
  rows: AsyncIterable<readonly (readonly Cell[])[]>,
): Promise<StagedTable> {
  const client = await connect(server)
  const name = `almagest.${prefix}${randomBytes(6).toString('hex')}`
  const drop = async () => {
    await client.query(`DROP TABLE IF EXISTS ${quoteQualified(name)}`)
    await client.end()
  }
  try {
    await client.query('CREATE SCHEMA IF NOT EXISTS almagest')
    await dropLeftovers(client)
    await create(client, name, columns)
    const count = await fill(client, name, columns, rows)
    await client.query(`ANALYZE ${quoteQualified(name)}`)
    const key = columns.key.length === 0 ? ['row'] : columns.key.map((each) => each.name)
    const table = { table: name, ra: ` ${columns.ra}`, dec: ` ${columns.dec}`, key, file: columns.file }
    return { table, rows: count, [Symbol.asyncDispose]: drop }
  } catch (error) {
    // The first failure is the one to tell, also where the connection is gone.
    await drop().catch(() => client.end())
    throw error
  }
}

/** A run holds a lock on its table as long as it lives: what nobody holds is left over. */
async function dropLeftovers(client: Client): Promise<void> {
  const { rows } = await client.query<{ name: string; oid: string }>(
    `SELECT relname AS name, oid::text AS oid FROM pg_catalog.pg_class
     WHERE relnamespace = 'almagest'::pg_catalog.regnamespace AND relkind = 'r' AND relname LIKE $1
       AND pg_catalog.pg_has_role(relowner, 'MEMBER')`,
    [`${prefix.replaceAll('_', '\\_')}%`],
  )
  for (const { name, oid } of rows) {
    const { rows: got } = await client.query<{ free: boolean }>(
      `SELECT pg_catalog.pg_try_advisory_lock($1::bigint) AS free`,
      [oid],
    )
    if (!got[0]!.free) continue
    await client.query(`DROP TABLE IF EXISTS ${quoteIdentifier('almagest', name)}`)
    await client.query('SELECT pg_catalog.pg_advisory_unlock($1::bigint)', [oid])
  }
}

async function create(
  client: Client,
  name: string,
  { ra, dec, key, numbers = [] }: StagedColumns,
): Promise<void> {
  const keys = key.map(
    ({ name: column, integer }) => `${quoteIdentifier(column)} ${integer ? 'bigint' : 'text'}`,
  )
  // A key may well be called as another column is: those have names that no key has.
  const own = [ra, dec, ...numbers].map((each) => ` ${each}`)
  const list = [
    ...own.map((each) => `${quoteIdentifier(each)} float8`),
    ...(keys.length > 0 ? keys : ['row bigint']),
  ]
  await client.transaction(async () => {
    await client.query(`CREATE UNLOGGED TABLE ${quoteQualified(name)} (${list.join(', ')})`)
    await client.query(
      `SELECT pg_catalog.pg_advisory_lock(pg_catalog.to_regclass($1)::pg_catalog.oid::bigint)`,
      [quoteQualified(name)],
    )
  })
}

async function fill(
  client: Client,
  name: string,
  columns: StagedColumns,
  batches: AsyncIterable<readonly (readonly Cell[])[]>,
): Promise<number> {
  const copy = await client.copyIn(`COPY ${quoteQualified(name)} FROM STDIN`)
  let row = 0
  try {
    for await (const batch of batches) {
      let text = ''
      for (const [ra, dec, ...rest] of batch) {
        row++
        const position = [
          degrees(ra, 'hours', columns.file, columns.ra, row),
          degrees(dec, 'degrees', columns.file, columns.dec, row),
        ]
        const cells = [...position, ...(columns.key.length === 0 ? [...rest, row] : rest)]
        text += `${cells.map(copyText).join('\t')}\n`
      }
      await copy.write(Buffer.from(text))
    }
    return await copy.finish()
  } catch (error) {
    await copy.abort('the file could not be read')
    throw error
  }
}

function degrees(
  cell: Cell | undefined,
  unit: 'hours' | 'degrees',
  file: string,
  column: string,
  row: number,
): Cell {
  if (typeof cell !== 'string') return cell ?? null
  if (/^\s*(nan|null|-)?\s*$/i.test(cell)) return null
  try {
    return parseAngle(cell, unit)
  } catch (error) {
    if (!(error instanceof AlmagestError)) throw error
    const { code, kind, message, hint, place } = error
    throw new AlmagestError(code, kind, `${file}, row ${row}: ${message}`, hint, {
      ...place,
      file,
      row,
      column,
    })
  }
}

const escapes: Record<string, string> = { '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r' }

/** A value in COPY's text format. */
function copyText(cell: Cell): string {
  return cell === null ? '\\N' : String(cell).replace(/[\\\t\n\r]/g, (each) => escapes[each]!)
}
