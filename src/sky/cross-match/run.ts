// Runs a cross-match and streams its pairs, by the road that the sizes suggest.
import { type Client, connect, readCopy } from '../../postgres/index.ts'
import type { SkyIndex } from '../sky-index.ts'
import { bandsOf } from './bands.ts'
import type { CrossMatch, Keep } from './declaration.ts'
import { type KeyColumn, keyValue } from './keys.ts'
import { type Pairs, pairsOf } from './pairs.ts'
import { keyColumns, pairsSql } from './pairs-sql.ts'
import { countRows, type MatchCounts, type Prepared, prepareMatch, type RunOptions } from './prepare.ts'
import { readPositions } from './read-positions.ts'

export type Server = string | { connectionUrl: string }

/** Pairs by the client's road: both tables read at once over two connections, of one snapshot. */
export async function* clientPairs(
  server: Server,
  prepared: Prepared,
  counts: MatchCounts,
  { rowsInMemory = 6_000_000 }: RunOptions = {},
): AsyncGenerator<Pairs> {
  const { match, a, b } = prepared
  await using first = await openReader(server)
  await using second = await openReader(server)
  await sameSnapshot(first.client, second.client)
  const radius = typeof match.radius === 'number' ? undefined : match.radius
  const bands = await bandsOf(first.client, match, a.rows + b.rows, rowsInMemory)
  for (const { own, readA, readB } of bands) {
    const one = match.self && !own
    const [left, other] = await Promise.all([
      readPositions(first.client, match.a, a, radius, readA),
      one ? undefined : readPositions(second.client, match.b, b, undefined, readB),
    ])
    const right = other ?? left
    if (bands.length === 1) {
      Object.assign(counts, { aRows: left.rows, bRows: right.rows })
      Object.assign(counts, { aSkipped: left.skipped, bSkipped: right.skipped })
    }
    yield* pairsOf(match, left, right, own)
  }
  if (bands.length > 1) await countRows(first.client, match, counts)
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
