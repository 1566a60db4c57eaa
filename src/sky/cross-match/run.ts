// Runs a cross-match and streams its pairs, by the road that the sizes suggest.
import { type CrossMatch, matchKeys, matchMeasures } from '../../model/index.ts'
import type { SkyIndex } from '../sky-index.ts'
import { clientPairs } from './client-road.ts'
import { openReader, type Server } from './connections.ts'
import { groupsOf } from './groups.ts'
import { keyValue } from './keys.ts'
import type { Pairs } from './pairs.ts'
import { countRows, type MatchCounts, type Prepared, prepareMatch, type RunOptions } from './prepare.ts'
import { partitionPairs, serverPairs } from './server-road.ts'

/** One row of the result: keys in the order of the tables' key columns. */
export interface MatchRow {
  readonly a: readonly (number | bigint | string)[]
  /** Empty for an unmatched row, and for one of a group. */
  readonly b: readonly (number | bigint | string)[]
  /** Degrees; undefined where there is no pair. */
  readonly separation: number | undefined
  /** 1 for the nearest counterpart; undefined where there is no pair. */
  readonly rank: number | undefined
  /** Number of the group, from 1, and its rows; where groups are wanted. */
  readonly group?: { readonly id: number; readonly size: number }
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
  for await (const pairs of matchPairs(server, sky, match, options, counts)) yield* rowsOf(pairs, match)
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
  if (prepared.plan.road !== 'server' || match.keep === 'groups')
    yield* outsidePairs(server, prepared, counts, options)
  else {
    await countRows(client, match, counts)
    yield* serverPairs(client, prepared)
  }
}

/** The pairs by connections of their own. */
export async function* outsidePairs(
  server: Server,
  prepared: Prepared,
  counts: MatchCounts,
  options: RunOptions,
): AsyncGenerator<Pairs> {
  const { match, plan } = prepared
  if (match.keep === 'groups') {
    const pairs: Prepared = { ...prepared, match: { ...match, keep: 'all' } }
    yield* groupsOf(outsidePairs(server, pairs, counts, options))
    return
  }
  if (plan.road === 'client') {
    yield* clientPairs(server, prepared, counts, options)
    return
  }
  await using reader = await openReader(server)
  if (plan.road === 'server') yield* serverPairs(reader.client, prepared)
  else yield* partitionPairs(server, prepared)
  await countRows(reader.client, match, counts)
}

function* rowsOf(pairs: Pairs, { keep }: CrossMatch): Generator<MatchRow> {
  const { aKeys, bKeys, aRow, bRow, separation, rank, group } = pairs
  const alone = { b: [], separation: undefined, rank: undefined }
  for (let i = 0; i < pairs.count; i++) {
    const a = aKeys.map((column) => keyValue(column, aRow[i]!))
    if (group) yield { a, ...alone, group: { id: group.id[i]!, size: group.size[i]! } }
    else if (keep === 'unmatched') yield { a, ...alone }
    else {
      const b = bKeys.map((column) => keyValue(column, bRow[i]!))
      yield { a, b, separation: separation[i]!, rank: rank[i]! }
    }
  }
}

/** Names of the columns of a result, in order. */
export function resultColumns(match: CrossMatch): string[] {
  const { a, b } = matchKeys(match)
  return [...a, ...b, ...matchMeasures(match)]
}
