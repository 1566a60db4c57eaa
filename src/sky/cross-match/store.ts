// A cross-match stored as a table: keys of both sides, separation, rank, and a record of how it was made.
import {
  AlmagestError,
  type CrossMatch,
  type MatchDeclaration,
  matchKeys,
  matchMeasures,
  nameOf,
  withinText,
} from '../../model/index.ts'
import { type Client, connect, quoteIdentifier, quoteLiteral, quoteQualified } from '../../postgres/index.ts'
import type { SkyIndex } from '../sky-index.ts'
import type { Server } from './connections.ts'
import { copyPairs } from './copy-pairs.ts'
import { pairsSql } from './pairs-sql.ts'
import { countRows, type MatchCounts, type Prepared, prepareMatch, type RunOptions } from './prepare.ts'
import { ensureRecord, makeRoom, recordMatch, type StoredMatch } from './record.ts'
import { outsidePairs, resultColumns } from './run.ts'

export interface StoreOptions extends RunOptions {
  /** Drop an earlier cross-match of that name; another table is never dropped. */
  readonly replace?: boolean
  /** Add the primary key, and foreign keys to the matched tables (which need unique keys of the same types), not to files. */
  readonly constraints?: boolean
}

/**
 * Runs a cross-match and stores its result as a table, in one transaction: columns `a_KEY` and `b_KEY`,
 * `separation` (degrees) and `rank` (1 is the nearest), or `group_id` and `group_size`. What was matched, how and when goes to
 * `almagest.cross_match`.
 *
 * @param table  `schema.table` to make; the schema must exist
 * @throws AlmagestError `MATCH_SCHEMA`, `MATCH_TABLE_EXISTS`, and as {@link prepareMatch}
 */
export async function storeMatch(
  server: Server,
  sky: SkyIndex,
  match: CrossMatch,
  table: string,
  options: StoreOptions = {},
): Promise<StoredMatch> {
  const start = performance.now()
  await using client = await connect(server)
  await checkSchema(client, table)
  const prepared = await prepareMatch(client, sky, match, options)
  await ensureRecord(client)
  return await client.transaction(async () => {
    const dropEarlier = await makeRoom(client, table, match, options.replace ?? false)
    const counts: MatchCounts = { aRows: 0, bRows: 0, aSkipped: 0, bSkipped: 0 }
    const rows = await fill(client, server, prepared, { table, fresh: true }, counts, options)
    await dropEarlier()
    await client.query(commentsSql(match, table))
    if (options.constraints) await client.query(constraintsSql(match, table))
    const seconds = (performance.now() - start) / 1000
    const stored = { table, rows, seconds, plan: prepared.plan, ...counts }
    await recordMatch(client, prepared, stored)
    return stored
  })
}

/**
 * Runs a declared cross-match, and puts its pairs in place of those that its table has, in one transaction: who reads
 * the table meanwhile sees the earlier ones. The run goes to `almagest.cross_match`.
 *
 * @throws AlmagestError `MATCH_TABLE_MISSING` where the table isn't there yet, and as {@link prepareMatch}
 */
export async function fillMatch(
  server: Server,
  sky: SkyIndex,
  { match, catalog }: MatchDeclaration,
  options: RunOptions = {},
): Promise<StoredMatch> {
  const start = performance.now()
  await using client = await connect(server)
  const table = catalog.name
  const name = quoteQualified(table)
  const there = await client.query(`SELECT WHERE pg_catalog.to_regclass($1) IS NOT NULL`, [name])
  if (there.rowCount === 0) {
    throw new AlmagestError(
      'MATCH_TABLE_MISSING',
      'usage',
      `the database has no table ${table} for the cross-match`,
      'create it as declared: almagest apply',
      { value: table },
    )
  }
  const prepared = await prepareMatch(client, sky, match, options)
  await ensureRecord(client)
  return await client.transaction(async () => {
    await client.query(`DELETE FROM ${name}`)
    const counts: MatchCounts = { aRows: 0, bRows: 0, aSkipped: 0, bSkipped: 0 }
    const into = { table, fresh: false }
    const rows = await fill(client, server, prepared, into, counts, options)
    await client.query(`ANALYZE ${name}`)
    const seconds = (performance.now() - start) / 1000
    const stored = { table, rows, seconds, plan: prepared.plan, ...counts }
    await recordMatch(client, prepared, stored)
    return stored
  })
}

/** @returns rows written */
async function fill(
  client: Client,
  server: Server,
  prepared: Prepared,
  { table, fresh }: { table: string; fresh: boolean },
  counts: MatchCounts,
  options: RunOptions,
): Promise<number> {
  const { match, sky, a, b, plan } = prepared
  const name = quoteQualified(table)
  const columns = resultColumns(match)
    .map((column) => quoteIdentifier(column))
    .join(', ')
  // Groups are of all pairs, which only the client has together.
  if (plan.road === 'server' && match.keep !== 'groups') {
    const pairs = pairsSql(match, sky, a, b)
    const { rowCount } = await client.query(
      fresh ? `CREATE TABLE ${name} AS ${pairs}` : `INSERT INTO ${name} (${columns}) ${pairs}`,
    )
    await countRows(client, match, counts)
    return rowCount
  }
  if (fresh) await client.query(createSql(prepared, name))
  // Frozen rows need no second writing later; allowed where the table is of this transaction.
  const format = `FORMAT binary${fresh ? ', FREEZE' : ''}`
  const copy = await client.copyIn(`COPY ${name} (${columns}) FROM STDIN (${format})`)
  try {
    return await copyPairs(copy, outsidePairs(server, prepared, counts, options))
  } catch (error) {
    await copy.abort('the cross-match failed')
    throw error
  }
}

function createSql({ match, a, b }: Prepared, name: string): string {
  const names = matchKeys(match)
  const columns = [
    ...names.a.map((column, i) => `${quoteIdentifier(column)} ${a.keyTypes[i]}`),
    ...names.b.map((column, i) => `${quoteIdentifier(column)} ${b.keyTypes[i]}`),
    ...matchMeasures(match).map(
      (each) => `${each} ${each === 'separation' ? 'double precision' : 'integer'}`,
    ),
  ]
  return `CREATE TABLE ${name} (${columns.join(', ')})`
}

function commentsSql(match: CrossMatch, table: string): string {
  const { a, b, keep } = match
  const within = withinText(match)
  const pairs = `Cross-match of ${nameOf(a)} (a) with ${nameOf(b)} (b) within ${within}: ${keep}`
  const texts: Partial<Record<typeof keep, string>> = {
    unmatched: `Rows of ${nameOf(a)} without a row of ${nameOf(b)} within ${within}`,
    groups: `Groups of rows of ${nameOf(a)} that lie within ${within} of each other, or of others of their group`,
  }
  const name = quoteQualified(table)
  const comments = matchMeasures(match).map((each) => `COMMENT ON COLUMN ${name}.${each} IS '${about[each]}'`)
  return [`COMMENT ON TABLE ${name} IS ${quoteLiteral(texts[keep] ?? pairs)}`, ...comments].join(';')
}

const about: Record<string, string> = {
  separation: 'Separation [deg]',
  rank: 'Place of the row of b among those kept for the row of a, nearest first',
  group_id: 'Number of the group, in the order of their lowest keys',
  group_size: 'Rows in the group',
}

/** A name without a schema would go where the search path leads, and the schema is not ours to make. */
async function checkSchema(client: Client, table: string): Promise<void> {
  const [schema = '', name] = table.split('.')
  const { rows } = await client.query<{ there: boolean }>(
    'SELECT EXISTS (SELECT FROM pg_catalog.pg_namespace WHERE nspname = $1) AS there',
    [schema],
  )
  if (name && rows[0]!.there) return
  throw new AlmagestError(
    'MATCH_SCHEMA',
    'usage',
    name ? `the database has no schema ${schema} for ${table}` : `the name ${table} has no schema`,
    name
      ? `make it: CREATE SCHEMA ${quoteIdentifier(schema)}`
      : `write schema.table, such as public.${table}`,
    { value: table },
  )
}

function constraintsSql(match: CrossMatch, table: string): string {
  const names = matchKeys(match)
  const list = (columns: readonly string[]) => `(${columns.map((each) => quoteIdentifier(each)).join(', ')})`
  const primary = match.keep === 'all' ? [...names.a, ...names.b] : names.a
  const clauses = [`ADD PRIMARY KEY ${list(primary)}`]
  const refer = (columns: string[], { table: to, key, file }: CrossMatch['a']) =>
    file === undefined &&
    clauses.push(`ADD FOREIGN KEY ${list(columns)} REFERENCES ${quoteQualified(to)} ${list(key)}`)
  refer(names.a, match.a)
  if (names.b.length > 0) refer(names.b, match.b)
  return `ALTER TABLE ${quoteQualified(table)} ${clauses.join(', ')}`
}
