// Runs a cross-match and streams its pairs, by the road that the sizes suggest.
import { type Client, connect, readCopy } from '../../postgres/index.ts'
import type { SkyIndex } from '../sky-index.ts'
import { bandsOf } from './bands.ts'
import type { CrossMatch, Keep } from './declaration.ts'
import { type KeyColumn, keyValue } from './keys.ts'
import { type Pairs, pairMaker } from './pairs.ts'
import { keyColumns, pairsSql } from './pairs-sql.ts'
import { countRows, type MatchCounts, type Prepared, prepareMatch, type RunOptions } from './prepare.ts'
import {
  type Band,
  type Positions,
  type Reading,
  readingOf,
  readPositions,
  streamPositions,
} from './read-positions.ts'
import { largestErrorSql, largestRadiusSql } from './side-sql.ts'

export type Server = string | { connectionUrl: string }

/** Rows of b that fit into about 300 MB: positions, keys and the grid take 60 bytes each; texts take more. */
const rowsThatFit = ({ b }: Prepared): number => (b.keyTypes.includes('text') ? 1_500_000 : 4_000_000)

/**
 * Pairs by the client's road: b is read, and the rows of a pass by; the server sends them meanwhile over a second
 * connection, of the same snapshot.
 */
export async function* clientPairs(
  server: Server,
  prepared: Prepared,
  counts: MatchCounts,
  options: RunOptions = {},
): AsyncGenerator<Pairs> {
  const { match, a, b } = prepared
  await using first = await openReader(server)
  await using second = await openReader(server)
  await sameSnapshot(first.client, second.client)
  const { reach, otherError } = await reachOf(first.client, match)
  const rowsInMemory = options.rowsInMemory ?? rowsThatFit(prepared)
  const bands = await bandsOf(first.client, match, b.rows, rowsInMemory, reach)
  for (const { own, readA, readB, rowsOfB } of bands) {
    const readingB = readingOf(match, 'b', b.keyTypes, { band: readB })
    if (match.self && !own) {
      const reading = readingOf(match, 'a', a.keyTypes, { otherError })
      const both = await readPositions(second.client, reading, rowsOfB)
      const maker = pairMaker(match, both, reach)
      yield* maker.add(both)
      yield* maker.rest()
      takeCounts(counts, both, both)
      continue
    }
    const readingA = readingOf(match, 'a', a.keyTypes, { band: readA, otherError })
    yield* passBy(
      match,
      reach,
      own,
      await readBoth(first.client, second.client, readingA, readingB, rowsOfB),
      counts,
    )
  }
  if (bands.length > 1) await countRows(first.client, match, counts)
}

/** Reads b whole, and the beginning of a, which the server goes on to send. */
async function readBoth(
  first: Client,
  second: Client,
  readingA: Reading,
  readingB: Reading,
  rowsOfB: number,
) {
  const rowsOfA = streamPositions(first, readingA)
  const begun = rowsOfA.next()
  begun.catch(() => {})
  try {
    return { begun, rowsOfA, b: await readPositions(second, readingB, rowsOfB) }
  } catch (error) {
    await rowsOfA.return(undefined)
    throw error
  }
}

/** The rows of a pass by those of b. */
async function* passBy(
  match: CrossMatch,
  reach: number,
  own: Band | undefined,
  { begun, rowsOfA, b }: Awaited<ReturnType<typeof readBoth>>,
  counts: MatchCounts,
): AsyncGenerator<Pairs> {
  try {
    const maker = pairMaker(match, b, reach, own)
    let rows = 0
    let skipped = 0
    for (let next = await begun; !next.done; next = await rowsOfA.next()) {
      rows += next.value.rows
      skipped = next.value.skipped
      yield* maker.add(next.value)
    }
    yield* maker.rest()
    takeCounts(counts, { rows, skipped }, b)
  } finally {
    await rowsOfA.return(undefined)
  }
}

type Counted = Pick<Positions, 'rows' | 'skipped'>

function takeCounts(counts: MatchCounts, a: Counted, b: Counted): void {
  Object.assign(counts, { aRows: a.rows, aSkipped: a.skipped, bRows: b.rows, bSkipped: b.skipped })
}

/** The largest radius of any row, and the largest error of b, degrees. */
async function reachOf(client: Client, match: CrossMatch): Promise<{ reach: number; otherError: number }> {
  const { radius, deviation, b } = match
  if (typeof radius === 'number' && deviation === undefined) return { reach: radius, otherError: 0 }
  const error = deviation === undefined ? '0::float8' : `coalesce(${largestErrorSql(b)}, 0)`
  const { rows } = await client.query<{ reach: number; error: number }>(
    `SELECT ${largestRadiusSql(match, 'error')} AS reach, error FROM (SELECT ${error} AS error) b`,
  )
  // Radii of rows are rounded up likewise.
  return { reach: Math.min(180, rows[0]!.reach * (1 + 1e-8) + 1e-11), otherError: rows[0]!.error }
}

/**
 * A connection for COPY out. It ends with a round trip: after the last byte of a COPY the server has still to
 * say that it is done, and closing before that counts as a lost connection.
 */
async function openReader(server: Server): Promise<{ client: Client } & AsyncDisposable> {
  const client = await connect(server)
  return {
    client,
    async [Symbol.asyncDispose]() {
      await client.query('ROLLBACK').catch(() => {})
      await client.end()
    },
  }
}

/** Both transactions see the same rows, whatever others change meanwhile. */
async function sameSnapshot(first: Client, second: Client): Promise<void> {
  await first.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY')
  const { rows } = await first.query<{ id: string }>('SELECT pg_catalog.pg_export_snapshot() AS id')
  await second.query(
    `BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET TRANSACTION SNAPSHOT '${rows[0]!.id}'`,
  )
}

/** Pairs by the server's road. */
async function* serverPairs(client: Client, { match, sky, a, b }: Prepared): AsyncGenerator<Pairs> {
  const unmatched = match.keep === 'unmatched'
  const keyTypes = [...a.keyTypes, ...(unmatched ? [] : b.keyTypes)]
  const types = [...keyTypes, ...(unmatched ? [] : (['double precision', 'integer'] as const))]
  const sql = `COPY (${pairsSql(match, sky, a, b)}) TO STDOUT (FORMAT binary)`
  for await (const { rows, columns } of readCopy(client.copyOut(sql), types)) {
    const keys = keyTypes.map((type, i) => fromCopy(type, columns[i]!.values))
    const each = Int32Array.from({ length: rows }, (_, i) => i)
    const nothing = new Int32Array(rows).fill(-1)
    yield {
      count: rows,
      aKeys: keys.slice(0, a.keyTypes.length),
      bKeys: keys.slice(a.keyTypes.length),
      aRow: each,
      bRow: unmatched ? nothing : each,
      separation: unmatched ? new Float64Array(rows) : (columns.at(-2)!.values as Float64Array),
      rank: unmatched ? new Int32Array(rows) : (columns.at(-1)!.values as Int32Array),
    }
  }
}

function fromCopy(type: KeyColumn['type'], values: unknown): KeyColumn {
  if (type === 'text') return { type, strings: values as string[] }
  if (type === 'integer') return { type, words: values as Int32Array }
  const words = new Int32Array((values as BigInt64Array).buffer)
  // Typed arrays have the machine's order, low word first.
  for (let i = 0; i < words.length; i += 2) [words[i], words[i + 1]] = [words[i + 1]!, words[i]!]
  return { type, words }
}

/** One row of the result: keys in the order of the tables' key columns. */
export interface MatchRow {
  readonly a: readonly (number | bigint | string)[]
  /** Empty for an unmatched row. */
  readonly b: readonly (number | bigint | string)[]
  /** Degrees; undefined for an unmatched row. */
  readonly separation: number | undefined
  /** 1 for the nearest counterpart; undefined for an unmatched row. */
  readonly rank: number | undefined
}

/**
 * Streams the pairs of a cross-match; their order is not defined. `counts` is filled in when they are through.
 * ```ts
 * for await (const { a, b, separation } of matchRows(archive.server, archive.sky, match)) ...
 * ```
 */
export async function* matchRows(
  server: Server,
  sky: SkyIndex,
  match: CrossMatch,
  options: RunOptions = {},
  counts?: MatchCounts,
): AsyncGenerator<MatchRow> {
  for await (const pairs of matchPairs(server, sky, match, options, counts)) yield* rowsOf(pairs, match.keep)
}

/** The pairs in batches, by whichever road. */
export async function* matchPairs(
  server: Server,
  sky: SkyIndex,
  match: CrossMatch,
  options: RunOptions = {},
  counts: MatchCounts = { aRows: 0, bRows: 0, aSkipped: 0, bSkipped: 0 },
): AsyncGenerator<Pairs> {
  await using reader = await openReader(server)
  const { client } = reader
  const prepared = await prepareMatch(client, sky, match, options)
  options.onPlan?.(prepared.plan)
  if (prepared.plan.road === 'client') yield* clientPairs(server, prepared, counts, options)
  else {
    await countRows(client, match, counts)
    yield* serverPairs(client, prepared)
  }
}

function* rowsOf(pairs: Pairs, keep: Keep): Generator<MatchRow> {
  const { aKeys, bKeys, aRow, bRow, separation, rank } = pairs
  for (let i = 0; i < pairs.count; i++) {
    const a = aKeys.map((column) => keyValue(column, aRow[i]!))
    if (keep === 'unmatched') yield { a, b: [], separation: undefined, rank: undefined }
    else {
      const b = bKeys.map((column) => keyValue(column, bRow[i]!))
      yield { a, b, separation: separation[i]!, rank: rank[i]! }
    }
  }
}

/** Names of the columns of a result, in order. */
export function resultColumns(match: CrossMatch): string[] {
  const { a, b } = keyColumns(match)
  return match.keep === 'unmatched' ? a : [...a, ...b, 'separation', 'rank']
}
