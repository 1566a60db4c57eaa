// Pairs by the client's road: b in a grid, past which the rows of a stream.
import type { CrossMatch } from '../../model/index.ts'
import type { Client } from '../../postgres/index.ts'
import { bandsOf } from './bands.ts'
import { openReader, type Server, sameSnapshot } from './connections.ts'
import { type Pairs, pairMaker } from './pairs.ts'
import { countRows, type MatchCounts, type Prepared, type RunOptions } from './prepare.ts'
import { reachOf } from './reach.ts'
import {
  type Band,
  type Positions,
  type Reading,
  readingOf,
  readPositions,
  streamPositions,
} from './read-positions.ts'

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
